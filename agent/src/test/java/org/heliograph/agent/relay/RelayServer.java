package org.heliograph.agent.relay;

import io.javalin.Javalin;
import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** A real server with one call, {@code one}, on a free port of the loopback address. */
final class RelayServer implements AutoCloseable {
  /** Has a permit for each time that the sender was asked for a key frame. */
  final Semaphore keyFrameRequests = new Semaphore(0);

  /** Has a permit for each time that the last subscriber has left; without time only. */
  final Semaphore idle = new Semaphore(0);

  final MediaRelay relay;
  private final Javalin server;

  /** A server whose relay takes no notice of how long a test takes. */
  static RelayServer withoutTime() {
    return new RelayServer(false);
  }

  static RelayServer inRealTime() {
    return new RelayServer(true);
  }

  private RelayServer(boolean time) {
    relay =
        time
            ? new MediaRelay(keyFrameRequests::release)
            : new MediaRelay(keyFrameRequests::release, () -> 0, task -> idle::release);
    server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.concurrency.useVirtualThreads = true;
              config.routes.ws("/media/{channel}", MediaSocket.endpoint(this::relay));
              config.routes.get("/video/{channel}", ProgressiveVideo.endpoint(this::relay));
            });
    server.start(InetAddress.getLoopbackAddress().getHostAddress(), 0);
  }

  URI webSocket(String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  URI http(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  @Override
  public void close() {
    server.stop();
  }

  private Optional<MediaRelay> relay(String channel) {
    return channel.equals("one") ? Optional.of(relay) : Optional.empty();
  }
}
