package org.heliograph.agent.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.heliograph.relay.CloseReason;
import org.heliograph.relay.MediaFormat;
import org.heliograph.relay.MediaRelay;
import org.heliograph.relay.SubscriberSink;
import org.heliograph.relay.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The route {@code GET /api/call/video/{channel}}: live WebM as one endless HTTP body, for {@code
 * <video src>}.
 *
 * <p>A body holds one WebM stream, since no player goes on after a second init segment: where the
 * tracks or the picture's size change the body ends, and the page asks again. A client that falls
 * behind is cut off at once: it could only be sent what begins with another init segment.
 */
public final class ProgressiveVideo {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressiveVideo.class);

  private ProgressiveVideo() {}

  /**
   * A route whose path has the parameter {@code channel}. Its handler blocks the request's thread
   * for as long as the client watches: let the server use virtual threads.
   *
   * @param relays finds a call's relay; where it is empty the handler throws {@link
   *     NotFoundResponse}
   */
  public static Handler endpoint(Function<String, Optional<MediaRelay>> relays) {
    return context -> {
      MediaRelay relay =
          relays
              .apply(context.pathParam("channel"))
              .orElseThrow(() -> new NotFoundResponse("There is no such call."));
      serve(relay, context);
    };
  }

  private static void serve(MediaRelay relay, Context context) {
    var body = new Body();
    Optional<Subscription> subscription = relay.subscribe(MediaFormat.WEBM, body);
    if (subscription.isEmpty()) {
      throw new ServiceUnavailableResponse("The call is over, or too many are watching it.");
    }
    context.disableCompression();
    context.contentType("video/webm");
    context.header("Cache-Control", "no-store");
    try {
      body.writeTo(context.res());
    } catch (IOException | InterruptedException e) {
      LOG.debug("A progressive video ends: {}", e.getMessage());
    } finally {
      subscription.get().cancel();
    }
  }

  /** Hands the clusters from the relay's threads to the request's thread. */
  private static final class Body implements SubscriberSink {
    private sealed interface Part {}

    private record Bytes(ByteBuffer bytes, Runnable written) implements Part {}

    private record End() implements Part {}

    // No more than the outbox's messages in flight, and an end or two.
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private boolean described;
    private Thread writer;

    @Override
    public void text(String message, Runnable sent) {
      sent.run(); // a file has no room for it
    }

    @Override
    public void description(String message, Runnable sent) {
      if (described) {
        parts.add(new End());
      }
      described = true;
      sent.run();
    }

    @Override
    public void binary(ByteBuffer message, Runnable sent) {
      parts.add(new Bytes(message, sent));
    }

    @Override
    public boolean canBeginAnew() {
      return false;
    }

    @Override
    public void close(CloseReason reason) {
      parts.add(new End());
      if (!reason.equals(CloseReason.ENDED)) {
        interruptWriter();
      }
    }

    /** What has come goes at once, and what came meanwhile goes together. */
    private void writeTo(HttpServletResponse response) throws IOException, InterruptedException {
      setWriter(Thread.currentThread());
      try {
        response.flushBuffer(); // the client knows what it gets, though no key frame has come yet
        OutputStream output = response.getOutputStream();
        Part next = parts.take();
        while (next instanceof Bytes(ByteBuffer bytes, Runnable written)) {
          output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
          if (parts.isEmpty()) {
            output.flush();
          }
          written.run();
          next = parts.take();
        }
      } finally {
        setWriter(null);
        Thread.interrupted(); // meant for this body, not for what the thread does next
      }
    }

    private synchronized void setWriter(Thread thread) {
      writer = thread;
    }

    // A write to a client that takes nothing blocks until then.
    private synchronized void interruptWriter() {
      if (writer != null) {
        writer.interrupt();
      }
    }
  }
}
