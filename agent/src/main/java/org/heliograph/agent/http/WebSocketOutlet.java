package org.heliograph.agent.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.heliograph.signaling.Rendezvous;

/**
 * A server's WebSocket as a way out: one message in flight, the others in a bounded queue. Once it
 * is closed from here, the client has a second to answer that (RFC 6455 7.1.1).
 */
final class WebSocketOutlet implements Rendezvous.Outlet {
  private static final int MESSAGES = 512;
  private static final int CHARACTERS = 1 << 20;
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final Session session;
  private final Queue<String> waiting = new ArrayDeque<>();
  private int waitingCharacters;
  private boolean sending;
  private volatile boolean closing;

  WebSocketOutlet(Session session) {
    this.session = session;
  }

  @Override
  public boolean send(String text) {
    if (closing) {
      return true;
    }
    synchronized (waiting) {
      if (waiting.size() >= MESSAGES || waitingCharacters + text.length() > CHARACTERS) {
        return false;
      }
      waiting.add(text);
      waitingCharacters += text.length();
      if (sending) {
        return true;
      }
      sending = true;
    }
    sendNext();
    return true;
  }

  private void sendNext() {
    String next;
    synchronized (waiting) {
      next = waiting.poll();
      if (next == null) {
        sending = false;
        return;
      }
      waitingCharacters -= next.length();
    }
    session.sendText(next, Callback.from(this::sendNext, _ -> session.disconnect()));
  }

  @Override
  public void close(int code, String reason) {
    closing = true;
    session.close(code, reason, Callback.NOOP);
    Executor afterwards =
        CompletableFuture.delayedExecutor(
            CLOSING.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread);
    afterwards.execute(session::disconnect);
  }

  /** Whether it is closed from here and counts no more, though the client may not have answered. */
  boolean isClosing() {
    return closing;
  }
}
