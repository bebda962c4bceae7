package org.heliograph.agent.log;

import java.io.Serial;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** Brings what is logged through SLF4J to {@link Log}. */
public final class LogProvider implements SLF4JServiceProvider {
  private final Map<String, LogLogger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new NOPMDCAdapter();

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, LogLogger::new);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0";
  }

  @Override
  public void initialize() {}

  /** A logger of one name, which shows the last part of it. */
  private static final class LogLogger extends LegacyAbstractLogger {
    @Serial private static final long serialVersionUID = 1L;

    private final String shownName;

    LogLogger(String name) {
      this.name = name;
      this.shownName = name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public boolean isTraceEnabled() {
      return Log.isEnabled(name, Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return Log.isEnabled(name, Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return Log.isEnabled(name, Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return Log.isEnabled(name, Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return Log.isEnabled(name, Level.ERROR);
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String message, Object[] arguments, Throwable thrown) {
      Log.write(level, shownName, MessageFormatter.basicArrayFormat(message, arguments), thrown);
    }
  }
}
