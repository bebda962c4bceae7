package org.heliograph.signaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins somebody else's rendezvous. One thread connects, sends what waits and pings; when the
 * connection is lost it connects again, after half a second at first and half a minute at most.
 */
public final class WebSocketSignaler implements Signaler {
  private static final Logger log = LoggerFactory.getLogger(WebSocketSignaler.class);
  private static final int WAITING = 512;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration PING_EVERY = Duration.ofSeconds(15);
  private static final Duration SILENCE = Duration.ofSeconds(45);
  private static final Duration STEP = Duration.ofSeconds(10);
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final URI url;
  private final HttpClient http;
  private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING);
  private final Refusals refusals = new Refusals();
  private final RepeatedLog warnings = new RepeatedLog(log);
  private final Thread thread;
  private volatile Receiver receiver;
  private volatile boolean connected;

  /** What was being sent when the connection broke; the next one begins with it. */
  private String unsent;

  private volatile boolean closed;

  /**
   * @param rendezvous the rendezvous' address, without a query
   * @param name the name to join under
   * @param token the invitation for that name
   * @param fingerprint SHA-256 of the certificate that a {@code wss} rendezvous must show; empty
   *     for one that Java trusts anyway
   */
  public WebSocketSignaler(
      URI rendezvous, String name, String token, Optional<String> fingerprint) {
    this.url =
        URI.create(
            rendezvous
                + "?peer="
                + URLEncoder.encode(name, StandardCharsets.UTF_8)
                + "&access_token="
                + URLEncoder.encode(token, StandardCharsets.UTF_8));
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(STEP);
    fingerprint.map(PinnedCertificate::context).ifPresent(builder::sslContext);
    this.http = builder.build();
    this.thread = Thread.ofVirtual().name("heliograph-signaling").unstarted(this::run);
  }

  @Override
  public void start(Receiver receiver) {
    this.receiver = receiver;
    thread.start();
  }

  @Override
  public void send(Envelope envelope) throws SignalingException {
    if (!waiting.offer(EnvelopeCodec.write(envelope))) {
      throw new SignalingException(
          "The rendezvous at " + place() + " cannot be reached, and too much waits for it.");
    }
  }

  @Override
  public Optional<String> unavailable() {
    return connected
        ? Optional.empty()
        : Optional.of("The rendezvous at " + place() + " cannot be reached.");
  }

  private String place() {
    return url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      try {
        Listener listener = new Listener();
        WebSocket socket =
            http.newWebSocketBuilder()
                .connectTimeout(STEP)
                .buildAsync(url, listener)
                .get(STEP.toSeconds() + 1, TimeUnit.SECONDS);
        pause = FIRST_PAUSE;
        try {
          connected = true;
          log.info("Joined the rendezvous at {}", place());
          receiver.availability(true);
          carry(socket, listener);
        } finally {
          connected = false;
          socket.abort();
          receiver.availability(false);
        }
        if (closed) {
          return;
        }
        if (listener.replaced) {
          log.error("Another connection has taken this name at {}; this one stays away", place());
          return;
        }
      } catch (ExecutionException | TimeoutException cause) {
        log.warn("The rendezvous at {} cannot be reached: {}", place(), explain(cause));
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException | Error failure) {
        log.error("The connection to the rendezvous at {} failed", place(), failure);
      }
      try {
        Thread.sleep(pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis())));
      } catch (InterruptedException _) {
        return;
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  /** Sends what waits, until the connection is lost. */
  private void carry(WebSocket socket, Listener listener)
      throws InterruptedException, ExecutionException, TimeoutException {
    long pingAt = System.nanoTime() + PING_EVERY.toNanos();
    while (!(closed && waiting.isEmpty() && unsent == null) && listener.gone.getCount() > 0) {
      if (System.nanoTime() - listener.heardAtNanos > SILENCE.toNanos()) {
        log.warn("The rendezvous at {} is silent", place());
        return;
      }
      if (System.nanoTime() - pingAt >= 0) {
        await(socket.sendPing(ByteBuffer.allocate(0)));
        pingAt = System.nanoTime() + PING_EVERY.toNanos();
      }
      if (unsent == null) {
        unsent = waiting.poll(200, TimeUnit.MILLISECONDS);
      }
      if (unsent != null) {
        await(socket.sendText(unsent, true));
        unsent = null;
      }
    }
    if (closed) {
      await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
    }
  }

  private static void await(CompletableFuture<WebSocket> step)
      throws InterruptedException, ExecutionException, TimeoutException {
    step.get(STEP.toSeconds(), TimeUnit.SECONDS);
  }

  private static String explain(Exception cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    if (root instanceof WebSocketHandshakeException refused) {
      int status = refused.getResponse().statusCode();
      return status == 401 ? "the invitation is not valid for this name" : "status " + status;
    }
    return root.toString();
  }

  /** Sends what waits, such as that calls are over, where that is possible at once. */
  @Override
  public void close() {
    closed = true;
    try {
      if (!connected || !thread.join(LAST_WORDS)) {
        thread.interrupt();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    http.shutdownNow();
  }

  private void arrived(String text) {
    try {
      ObjectNode json = Json.parseObject(text);
      if (json.path("type").asText().equals("error")) {
        refusedByRendezvous(json);
      } else {
        refusals.deliver(EnvelopeCodec.parse(text), receiver, this);
      }
    } catch (JsonProcessingException wrong) {
      refused("not JSON", Json.explain(wrong));
    } catch (EnvelopeException refused) {
      refused(refused.code().name(), refused.getMessage());
    }
  }

  private void refusedByRendezvous(ObjectNode error) {
    String message = ForeignText.line(error.path("message").asText());
    if (error.path("code").asText().equals("peer_unreachable")) {
      receiver.undeliverable(error.path("channel_id").asText(), error.path("to").asText());
    } else {
      warnings.warn(place(), "refusal", "The rendezvous has refused an envelope: " + message);
    }
  }

  private void refused(String cause, String why) {
    warnings.warn(place(), cause, "Refused a message of the rendezvous: " + why);
  }

  private final class Listener implements WebSocket.Listener {
    private final CountDownLatch gone = new CountDownLatch(1);
    private final StringBuilder text = new StringBuilder();
    private boolean oversized;
    private volatile long heardAtNanos = System.nanoTime();
    private volatile boolean replaced;

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heardAtNanos = System.nanoTime();
      oversized |= text.length() + data.length() > Envelope.SIZE_LIMIT;
      if (!oversized) {
        text.append(data);
      }
      if (last) {
        if (oversized) {
          refused("too long", "It is too long.");
        } else {
          arrived(text.toString());
        }
        text.setLength(0);
        oversized = false;
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      heardAtNanos = System.nanoTime();
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
      heardAtNanos = System.nanoTime();
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      replaced = code == Rendezvous.CLOSE_REPLACED;
      gone.countDown();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable cause) {
      gone.countDown();
    }
  }
}
