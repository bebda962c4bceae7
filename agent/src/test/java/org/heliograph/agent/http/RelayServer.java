package org.heliograph.agent.http;

import io.javalin.Javalin;
import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.heliograph.relay.MediaRelay;

/**
 * A real server with one call, {@code one}, on a free port of the loopback address. The call's
 * state is what each WebSocket is greeted with.
 */
final class RelayServer implements AutoCloseable {
  /** Has a permit for each time that the sender was asked for a key frame. */
  final Semaphore keyFrameRequests;

  /** Has a permit for each time that the last subscriber has left; without time only. */
  final Semaphore idle;

  final MediaRelay relay;
  private final Javalin server;

  /** A server whose relay takes no notice of how long a test takes. */
  static RelayServer withoutTime() {
    return withClock(() -> 0, _ -> {});
  }

  /** A server whose relay's time is that of a clock, and passes when its task is run. */
  static RelayServer withClock(LongSupplier clock, Consumer<Runnable> tick) {
    var idle = new Semaphore(0);
    var requests = new Semaphore(0);
    MediaRelay.Ticker ticker =
        task -> {
          tick.accept(task);
          return idle::release;
        };
    return new RelayServer(new MediaRelay(requests::release, clock, ticker), requests, idle);
  }

  static RelayServer inRealTime() {
    var requests = new Semaphore(0);
    return new RelayServer(new MediaRelay(requests::release), requests, new Semaphore(0));
  }

  private RelayServer(MediaRelay relay, Semaphore keyFrameRequests, Semaphore idle) {
    this.relay = relay;
    this.keyFrameRequests = keyFrameRequests;
    this.idle = idle;
    relay.state("connected");
    server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.concurrency.useVirtualThreads = true;
              config.routes.ws(
                  "/media/{channel}",
                  MediaSocket.endpoint(this::relay, (_, _) -> Optional.empty()));
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
