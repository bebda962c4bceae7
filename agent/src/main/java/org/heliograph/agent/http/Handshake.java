package org.heliograph.agent.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.websocket.WsConfig;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/** What a request for a WebSocket must be (RFC 6455 4.2.1), and what answers one that is not so. */
final class Handshake {
  private static final String VERSION = "13";
  private static final int KEY_BYTES = 16;

  private Handshake() {}

  /** Adds a WebSocket's route; whoever asks for it without an upgrade is told. */
  static void route(RoutesConfig routes, String path, Consumer<WsConfig> socket) {
    routes.ws(path, socket);
    routes.get(
        path,
        context -> {
          throw upgradeRequired(context);
        });
  }

  /** Refuses a handshake that is none; without, Jetty fails with 405 or 500. */
  static void check(Context context) {
    if (!context.req().getMethod().equals("GET")
        || !"websocket".equalsIgnoreCase(context.header("Upgrade"))
        || !upgrades(context.header("Connection"))
        || !VERSION.equals(context.header("Sec-WebSocket-Version"))) {
      throw upgradeRequired(context);
    }
    if (!isKey(Optional.ofNullable(context.header("Sec-WebSocket-Key")).orElse(""))) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.BAD_REQUEST,
              "bad_request",
              "The WebSocket's handshake has no usable Sec-WebSocket-Key.",
              "It is " + KEY_BYTES + " random bytes in Base64 (RFC 6455)."));
    }
  }

  private static boolean upgrades(String connection) {
    return connection != null
        && Arrays.stream(connection.split(","))
            .anyMatch(option -> option.strip().equalsIgnoreCase("upgrade"));
  }

  private static boolean isKey(String text) {
    try {
      return Base64.getDecoder().decode(text.strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static ProblemException upgradeRequired(Context context) {
    context.header("Upgrade", "websocket");
    context.header("Sec-WebSocket-Version", VERSION);
    return new ProblemException(
        Problem.of(
            HttpStatus.UPGRADE_REQUIRED,
            "upgrade_required",
            "There is a WebSocket at " + context.path() + ", and this asks for none.",
            "Open it as a WebSocket of version "
                + VERSION
                + "; a proxy on the way must hand on the fields Upgrade and Connection."));
  }
}
