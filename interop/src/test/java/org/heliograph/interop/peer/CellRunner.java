package org.heliograph.interop.peer;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.List;
import org.heliograph.peer.PeerConfiguration;

/**
 * Runs cells. A remote peer serves all cells of its stack that follow one another; after a cell
 * that failed, a new one is started.
 */
final class CellRunner implements AutoCloseable {
  private RemoteStack stack;
  private RemotePeer remote;

  /** Runs a cell; aborts the test, with the reason, where this machine or the stack cannot. */
  void run(Cell cell) throws IOException {
    boolean passed = false;
    RemotePeer other = remoteOf(cell.stack());
    try (Call call = new Call(new PeerConfiguration(List.of(), true), other)) {
      cell.scenario().play(call, cell.offerer());
      passed = true;
    } finally {
      if (!passed) {
        close();
      }
    }
  }

  private RemotePeer remoteOf(RemoteStack wanted) throws IOException {
    if (remote == null || stack != wanted) {
      close();
      String whyNot = wanted.whyNot();
      if (!whyNot.isEmpty()) {
        abort(whyNot);
      }
      remote = wanted.start();
      stack = wanted;
    }
    return remote;
  }

  @Override
  public void close() {
    if (remote != null) {
      remote.close();
      remote = null;
    }
  }
}
