package org.heliograph.agent.http;

import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsConnectContext;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.heliograph.relay.CloseReason;
import org.heliograph.relay.MediaFormat;
import org.heliograph.relay.MediaRelay;
import org.heliograph.relay.PageMessage;
import org.heliograph.relay.SubscriberSink;
import org.heliograph.relay.Subscription;

/**
 * The WebSocket routes {@code /api/call/media/{channel}} and {@code /api/call/self/{channel}}
 * (docs/media-protocol.md).
 *
 * <p>Encoded media cannot be compressed further: the server that has these routes should switch
 * permessage-deflate off.
 */
public final class MediaSocket {
  /** Keeps a connection alive while nothing is sent, and finds out that a page is gone. */
  private static final long PING_SECONDS = 10;

  /** Who reads nothing gets no close frame either, and some never answer one. */
  private static final Executor WHEN_DEAF = CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS);

  private final Function<String, Optional<MediaRelay>> relays;
  private final BiFunction<String, String, Optional<MediaRelay>> tracks;
  private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();

  private MediaSocket(
      Function<String, Optional<MediaRelay>> relays,
      BiFunction<String, String, Optional<MediaRelay>> tracks) {
    this.relays = relays;
    this.tracks = tracks;
  }

  /**
   * A route whose path has the parameter {@code channel}.
   *
   * @param relays finds a call's relay; empty where there is no such call, which closes the socket
   *     with code 4404
   * @param tracks finds the relay of one of a call's tracks, where the query names one; empty as
   *     well
   */
  public static Consumer<WsConfig> endpoint(
      Function<String, Optional<MediaRelay>> relays,
      BiFunction<String, String, Optional<MediaRelay>> tracks) {
    var socket = new MediaSocket(relays, tracks);
    return ws -> {
      ws.onConnect(socket::connected);
      ws.onMessage(
          context ->
              socket.subscription(context.sessionId()).ifPresent(s -> s.page(context.message())));
      ws.onBinaryMessage(context -> new SessionSink(context.session).close(CloseReason.NO_BINARY));
      ws.onClose(context -> socket.gone(context.sessionId()));
      ws.onError(context -> socket.gone(context.sessionId()));
    };
  }

  private void connected(WsConnectContext context) {
    context.session.setMaxTextMessageSize(PageMessage.MAX_LENGTH);
    SubscriberSink sink = new SessionSink(context.session);
    String channel = context.pathParam("channel");
    Optional<MediaRelay> relay = relays.apply(channel);
    if (relay.isEmpty()) {
      sink.close(CloseReason.NO_CALL);
      return;
    }
    String track = context.queryParam("track");
    if (track != null) {
      relay = tracks.apply(channel, track);
    }
    if (relay.isEmpty()) {
      sink.close(CloseReason.NO_TRACK);
      return;
    }
    Optional<MediaFormat> format =
        MediaFormat.of(context.queryParam("format"), context.queryParam("sound"));
    if (format.isEmpty()) {
      sink.close(CloseReason.BAD_FORMAT);
      return;
    }
    context.enableAutomaticPings(PING_SECONDS, TimeUnit.SECONDS);
    relay
        .get()
        .subscribe(format.get(), sink)
        .ifPresent(subscription -> subscriptions.put(context.sessionId(), subscription));
    if (!context.session.isOpen()) {
      gone(context.sessionId()); // it may have closed before it was in the map
    }
  }

  private Optional<Subscription> subscription(String sessionId) {
    return Optional.ofNullable(subscriptions.get(sessionId));
  }

  private void gone(String sessionId) {
    Optional.ofNullable(subscriptions.remove(sessionId)).ifPresent(Subscription::cancel);
  }

  /** A WebSocket; its callbacks tell when a message has left. */
  private record SessionSink(Session session) implements SubscriberSink {
    @Override
    public void text(String message, Runnable sent) {
      session.sendText(message, counted(sent));
    }

    @Override
    public void binary(ByteBuffer message, Runnable sent) {
      session.sendBinary(message, counted(sent));
    }

    @Override
    public void close(CloseReason reason) {
      session.close(reason.code(), reason.text(), Callback.NOOP);
      WHEN_DEAF.execute(session::disconnect); // frees what it was given
    }

    // A message that cannot leave has left the queue all the same; the route is told of the error.
    private static Callback counted(Runnable sent) {
      return Callback.from(sent, failure -> sent.run());
    }
  }
}
