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

  final MediaRelay relay = new MediaRelay(keyFrameRequests::release);
  private final Javalin server;

  RelayServer() {
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
