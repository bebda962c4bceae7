package org.heliograph.agent.http;

import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener's socket. Where the process may open no more files, the connection that has waited
 * longest makes room for the one that comes, and the log has a line a minute of it.
 */
final class AcceptingConnector extends ServerConnector {
  private static final Logger log = LoggerFactory.getLogger(AcceptingConnector.class);

  /** After one was closed: its descriptor is free in a moment. */
  private static final Duration SOON = Duration.ofMillis(50);

  private static final Duration LATER = Duration.ofSeconds(1);

  private final ConnectionBounds connections;
  private final RepeatedLog warnings = new RepeatedLog(log);

  /**
   * @param tls null for none
   */
  AcceptingConnector(
      Server server,
      HttpConfiguration http,
      SslContextFactory.Server tls,
      ConnectionBounds bounds) {
    super(server, tls, new HttpConnectionFactory(http));
    this.connections = bounds;
  }

  @Override
  protected boolean handleAcceptFailure(Throwable failure) {
    if (!isRunning() || !(failure instanceof IOException) || !isOpen()) {
      return super.handleAcceptFailure(failure);
    }
    warnings.warn(
        "",
        "accept",
        "No connection to port "
            + getLocalPort()
            + " can be accepted: "
            + failure.getMessage()
            + ". If too many files are open, raise the limit of them (ulimit -n).");
    try {
      Thread.sleep(connections.makeRoom(LATER) ? SOON : LATER);
      return true;
    } catch (InterruptedException stopping) {
      return false;
    }
  }
}
