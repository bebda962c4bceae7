package org.heliograph.agent.http;

import io.javalin.http.Context;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;

/**
 * Sees at once that the client of an answer that goes on has closed its connection. HTTP/1.1 reads
 * nothing from it while a request is being answered, and so learns of a close only by writing, and
 * not by the first time. The selector that waits for the connection anyway waits for something to
 * be read as well, which costs nothing until it comes. Who has closed his half only is taken to be
 * gone, as proxies do.
 *
 * <p>The connection serves no further request: what comes in the meantime is read and of no use.
 */
final class ClientWatch implements Callback, AutoCloseable {
  /** What is read at a time. */
  private static final int BYTES = 512;

  private final EndPoint client;
  private final Runnable whenGone;
  private boolean over;

  private ClientWatch(EndPoint client, Runnable whenGone) {
    this.client = client;
    this.whenGone = whenGone;
  }

  /**
   * Begins, before anything of the answer is written.
   *
   * @param whenGone called once, on a thread that it must not block, and not after {@link #close}
   */
  static ClientWatch begin(Context context, Runnable whenGone) {
    context.header("Connection", "close");
    EndPoint client =
        ServletContextRequest.getServletContextRequest(context.req())
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint();
    ClientWatch watch = new ClientWatch(client, whenGone);
    watch.await();
    return watch;
  }

  private synchronized void await() {
    if (!client.isOpen()) {
      gone(new ClosedChannelException());
    } else if (!over) {
      boolean _ = client.tryFillInterested(this);
    }
  }

  @Override
  public void succeeded() {
    ByteBuffer octets = ByteBuffer.allocate(BYTES).flip();
    try {
      int read;
      do {
        octets.clear().flip();
        read = client.fill(octets);
      } while (read > 0);
      if (read == 0) {
        await();
      } else {
        gone(new EOFException("the client has closed its connection"));
      }
    } catch (Exception broken) {
      gone(broken);
    }
  }

  @Override
  public void failed(Throwable closed) {
    gone(closed);
  }

  /** A write that waits for the client ends too. */
  private void gone(Throwable cause) {
    client.close(cause);
    synchronized (this) {
      if (!over) {
        over = true;
        whenGone.run();
      }
    }
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  public synchronized void close() {
    over = true;
  }
}
