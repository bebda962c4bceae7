package org.heliograph.interop.peer;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.heliograph.interop.bench.PathBetween;
import org.heliograph.interop.lab.Coturn;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.PeerConfiguration;

/**
 * Runs cells. A remote peer serves all cells of its stack that follow one another; after a cell
 * that failed, a new one is started.
 */
final class CellRunner implements AutoCloseable {
  private RemoteStack stack;
  private RemotePeer remote;
  private Coturn coturn;

  /** Runs a cell; aborts the test, with the reason, where this machine or the stack cannot. */
  void run(Cell cell) throws IOException {
    boolean passed = false;
    RemotePeer other = remoteOf(cell.stack());
    Optional<PathBetween> path =
        cell.scenario().needsPath() ? Optional.of(new PathBetween(1)) : Optional.empty();
    try (Call call = new Call(configurationFor(cell.scenario()), other, path)) {
      cell.scenario().play(call, cell.offerer());
      passed = true;
    } finally {
      if (!passed) {
        closeRemote();
      }
    }
  }

  private PeerConfiguration configurationFor(Scenario scenario) {
    if (scenario.relayTransport().isEmpty()) {
      return new PeerConfiguration(List.of(), true);
    }
    if (coturn == null) {
      coturn = Coturn.start();
    }
    String url = coturn.url(scenario.relayTransport().orElseThrow());
    IceServer server = new IceServer(List.of(url), Coturn.USER, Coturn.PASSWORD);
    return new PeerConfiguration(List.of(server), true)
        .withIceTransportPolicy(IceTransportPolicy.RELAY)
        .withIceCertificateAuthorities(coturn.certificate());
  }

  private RemotePeer remoteOf(RemoteStack wanted) throws IOException {
    if (remote == null || stack != wanted) {
      closeRemote();
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
    closeRemote();
    if (coturn != null) {
      coturn.close();
      coturn = null;
    }
  }

  private void closeRemote() {
    if (remote != null) {
      remote.close();
      remote = null;
    }
  }
}
