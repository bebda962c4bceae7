package org.heliograph.agent.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.heliograph.agent.life.Usage;

/**
 * Tells of every request to a server while it lasts, an event stream's for as long as that is open,
 * and of every WebSocket. A connection on which nothing is asked is none: clients keep it in case
 * they need it again. Whoever comes too late is not let in.
 */
final class UseCount extends Handler.Wrapper implements Connection.Listener {
  private final Usage usage;

  /** To stand before everything that answers, and to be a bean of every connector. */
  UseCount(Usage usage) {
    this.usage = usage;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!usage.begin()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      Response.writeError(
          request, response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, "The agent leaves.");
      return true;
    }
    Request.addCompletionListener(request, _ -> usage.end());
    return super.handle(request, response, callback);
  }

  @Override
  public void onOpened(Connection connection) {
    // The request for it is still counted, so that the agent has not left.
    if (connection instanceof WebSocketConnection && !usage.begin()) {
      connection.close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    if (connection instanceof WebSocketConnection) {
      usage.end();
    }
  }
}
