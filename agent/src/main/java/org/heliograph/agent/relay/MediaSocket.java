package org.heliograph.agent.relay;

import io.javalin.websocket.WsConfig;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The WebSocket routes {@code /api/call/media/{channel}} and {@code /api/call/self/{channel}}. */
public final class MediaSocket {
  private MediaSocket() {}

  /**
   * A route whose path has the parameter {@code channel}.
   *
   * @param relays finds a call's relay; empty where there is no such call, which closes the socket
   *     with code 4404
   */
  public static Consumer<WsConfig> endpoint(Function<String, Optional<MediaRelay>> relays) {
    return ws ->
        ws.onConnect(
            context -> {
              if (relays.apply(context.pathParam("channel")).isEmpty()) {
                context.closeSession(4404, "no such call");
              }
            });
  }
}
