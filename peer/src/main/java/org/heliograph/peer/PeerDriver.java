package org.heliograph.peer;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.heliograph.peer.media.MediaFrame;

/** Gives a {@link PeerConnection} sockets, a clock and the thread that drives it. */
public final class PeerDriver implements AutoCloseable {
  private PeerDriver() {}

  /**
   * Opens a connection's sockets and starts its thread.
   *
   * @throws IOException if no address can be bound
   */
  public static PeerDriver open(PeerConfiguration configuration, PeerListener listener)
      throws IOException {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Runs a step on the connection's thread. The future fails with what the step throws, and with
   * {@link IllegalStateException} when the driver is closed.
   */
  public <T> CompletableFuture<T> call(Function<PeerConnection, T> step) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Sends a frame, from any thread; never blocks. Dropped when the transceiver does not send or the
   * connection is not up.
   */
  public void send(Transceiver transceiver, MediaFrame frame) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * The monotonic clock that frames to be sent are timed on, in nanoseconds; {@link
   * System#nanoTime()}.
   */
  public static long nanoTime() {
    return System.nanoTime();
  }

  /**
   * Ends the connection, its thread and its sockets; returns when they are gone. Does nothing the
   * second time.
   */
  @Override
  public void close() {
    throw new UnsupportedOperationException("not built yet");
  }
}
