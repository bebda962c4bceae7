package org.heliograph.agent.http;

import java.util.ArrayDeque;
import java.util.Queue;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.heliograph.agent.signal.Rendezvous;

/** A server's WebSocket as a way out: one message in flight, the others in a bounded queue. */
final class WebSocketOutlet implements Rendezvous.Outlet {
  private static final int MESSAGES = 512;
  private static final int CHARACTERS = 1 << 20;

  private final Session session;
  private final Queue<String> waiting = new ArrayDeque<>();
  private int waitingCharacters;
  private boolean sending;

  WebSocketOutlet(Session session) {
    this.session = session;
  }

  @Override
  public boolean send(String text) {
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
    session.close(code, reason, Callback.NOOP);
  }
}
