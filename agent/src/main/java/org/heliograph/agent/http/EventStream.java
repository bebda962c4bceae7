package org.heliograph.agent.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One client's server-sent events (WHATWG HTML 9.2). Whoever has an event offers it without
 * waiting; the request's own thread writes. A client that falls too far behind is cut off: it comes
 * back and is told how things stand.
 */
final class EventStream {
  private static final int QUEUE = 256;

  /** Tells nginx, and those who took it over from there, to hand on what comes as it comes. */
  static final String UNBUFFERED = "X-Accel-Buffering";

  private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = {};

  private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(QUEUE);
  private final Duration heartbeat;
  private volatile boolean ended;

  /**
   * @param heartbeat how long nothing is written at most
   */
  EventStream(Duration heartbeat) {
    this.heartbeat = heartbeat;
  }

  /** Queues an event; the stream ends where the client has too many waiting. */
  void offer(String name, String data) {
    offer(name, data, "");
  }

  /** Queues an event with an id, from which the client can go on later. */
  void offer(String name, String data, String id) {
    StringBuilder event = new StringBuilder();
    if (!id.isEmpty()) {
      event.append("id: ").append(id).append('\n');
    }
    event.append("event: ").append(name).append('\n');
    event.append("data: ").append(data).append("\n\n");
    if (!waiting.offer(event.toString().getBytes(StandardCharsets.UTF_8))) {
      end();
    }
  }

  /** Ends the stream when the client has what waits for it. */
  void finish() {
    if (!waiting.offer(END)) {
      end();
    }
  }

  /** Ends the stream at once. */
  void end() {
    ended = true;
    var _ = waiting.offer(END);
  }

  /** Writes events until the client goes or the stream ends; blocks the request's thread. */
  void run(Context context) {
    context
        .contentType("text/event-stream")
        .header("Cache-Control", "no-store")
        .header(UNBUFFERED, "no");
    try (ClientWatch _ = ClientWatch.begin(context, this::end)) {
      OutputStream out = context.res().getOutputStream();
      out.write(HEARTBEAT);
      out.flush();
      while (!ended) {
        byte[] next = waiting.poll(heartbeat.toMillis(), TimeUnit.MILLISECONDS);
        if (next != null && next.length == 0) {
          return;
        }
        out.write(next == null ? HEARTBEAT : next);
        if (waiting.isEmpty()) {
          out.flush();
        }
      }
    } catch (IOException clientGone) {
      ended = true;
    } catch (InterruptedException interrupted) {
      ended = true;
      Thread.currentThread().interrupt();
    }
  }
}
