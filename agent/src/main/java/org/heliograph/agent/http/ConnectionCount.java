package org.heliograph.agent.http;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.heliograph.agent.life.Usage;

/** Tells of every connection to a server that it is there, and of none that comes too late. */
final class ConnectionCount implements Connection.Listener {
  private final Usage usage;

  private ConnectionCount(Usage usage) {
    this.usage = usage;
  }

  /** Counts a server's connections from now on. */
  static void begin(Server server, Usage usage) {
    ConnectionCount count = new ConnectionCount(usage);
    for (Connector connector : server.getConnectors()) {
      connector.addBean(count);
    }
  }

  @Override
  public void onOpened(Connection connection) {
    if (!usage.connected()) {
      connection.close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    usage.disconnected();
  }
}
