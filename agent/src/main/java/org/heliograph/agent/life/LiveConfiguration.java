package org.heliograph.agent.life;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.config.Configuration;
import org.heliograph.agent.log.Log;
import org.heliograph.text.Cause;
import org.heliograph.text.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration of a running agent. What is changed in its file holds as soon as the file is
 * written, as far as the agent can take it; of the rest it says that it must be started anew. A
 * file that is wrong changes nothing.
 */
public final class LiveConfiguration implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LiveConfiguration.class);

  /** What was read, and from where; empty for a configuration that stays. */
  private record Read(ConfigSource source, Configuration configuration) {}

  private final List<Consumer<AgentConfig>> listeners = new CopyOnWriteArrayList<>();
  private Optional<Read> read;
  private volatile AgentConfig config;
  private String problem;
  private Set<ConfigKey> needRestart = EnumSet.noneOf(ConfigKey.class);
  private final Optional<FileWatch> watch;

  private LiveConfiguration(Optional<Read> read, AgentConfig config, Optional<FileWatch> watch) {
    this.read = read;
    this.config = config;
    this.watch = watch;
  }

  /**
   * Reads a configuration.
   *
   * @throws ConfigException if it is wrong
   */
  public static LiveConfiguration of(ConfigSource source) throws ConfigException {
    // First, so that no change can be missed in between.
    Optional<FileWatch> watch = source.file().flatMap(LiveConfiguration::watchFile);
    try {
      Configuration configuration = source.read();
      return new LiveConfiguration(
          Optional.of(new Read(source, configuration)), configuration.config(), watch);
    } catch (ConfigException | RuntimeException failure) {
      watch.ifPresent(FileWatch::close);
      throw failure;
    }
  }

  /** A configuration that stays as it is. */
  public static LiveConfiguration fixed(AgentConfig config) {
    return new LiveConfiguration(Optional.empty(), config, Optional.empty());
  }

  private static Optional<FileWatch> watchFile(Path file) {
    try {
      return Optional.of(FileWatch.begin(file));
    } catch (IOException why) {
      warnOfUnwatchable(file, why);
      return Optional.empty();
    }
  }

  private static void warnOfUnwatchable(Path file, IOException why) {
    log.warn(
        "Changes of {} are not noticed by themselves ({}); \"heliograph config reload\" takes"
            + " them.",
        file,
        Cause.words(why));
  }

  /** Takes from now on what is changed in the file, and what was since it was read. */
  public void watch() {
    watch.ifPresent(
        each ->
            each.tell(
                new FileWatch.Listener() {
                  @Override
                  public void changed() {
                    reloadAndLog();
                  }

                  @Override
                  public void unwatchable(IOException why) {
                    warnOfUnwatchable(each.file(), why);
                  }
                }));
  }

  /** What holds now. */
  public AgentConfig config() {
    return config;
  }

  /** Tells of each configuration that holds from now on. */
  public void onChange(Consumer<AgentConfig> listener) {
    listeners.add(listener);
  }

  private void reloadAndLog() {
    try {
      reload();
    } catch (ConfigException wrong) {
      log.warn("The changed configuration is wrong, and what held goes on to hold: {}", problem);
    }
  }

  /**
   * Takes what has changed.
   *
   * @return {@code changed} (each with {@code key}, {@code value}, {@code effect}) and {@code
   *     need_restart} (keys)
   * @throws ConfigException if it is wrong; then what held goes on to hold
   */
  public synchronized ObjectNode reload() throws ConfigException {
    ObjectNode report = Json.object();
    ArrayNode changes = report.putArray("changed");
    if (read.isPresent()) {
      Configuration old = read.get().configuration();
      Configuration next;
      try {
        Configuration wanted = read.get().source().read();
        next = old.withLiveValuesOf(wanted);
        needRestart = next.differences(wanted);
        problem = null;
      } catch (ConfigException wrong) {
        problem = wrong.getMessage();
        throw wrong;
      }
      Set<ConfigKey> changed = old.differences(next);
      if (!changed.isEmpty()) {
        read = Optional.of(new Read(read.get().source(), next));
        config = next.config();
        Log.setLevel(config.logLevel());
        listeners.forEach(listener -> listener.accept(config));
      }
      for (ConfigKey key : changed) {
        log.info("{} = {} holds {}", key.path(), next.shown(key), key.effect().words());
        ObjectNode change = changes.addObject();
        change.put("key", key.path());
        change.put("value", next.shown(key));
        change.put("effect", key.effect().name().toLowerCase(Locale.ROOT));
      }
    }
    if (!needRestart.isEmpty()) {
      log.info("These hold only after a restart: {}", paths(needRestart));
    }
    paths(needRestart).forEach(report.putArray("need_restart")::add);
    return report;
  }

  private static List<String> paths(Set<ConfigKey> keys) {
    return keys.stream().map(ConfigKey::path).toList();
  }

  /** Where it comes from, what is wrong with it, what of it waits for a restart. */
  public synchronized ObjectNode state() {
    ObjectNode state = Json.object();
    read.flatMap(each -> each.source().file())
        .ifPresent(file -> state.put("file", file.toString()));
    if (problem != null) {
      state.put("problem", problem);
    }
    paths(needRestart).forEach(state.putArray("need_restart")::add);
    return state;
  }

  @Override
  public void close() {
    watch.ifPresent(FileWatch::close);
  }
}
