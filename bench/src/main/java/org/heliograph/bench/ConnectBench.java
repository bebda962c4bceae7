package org.heliograph.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.net.PeerDriver;

/**
 * How long two connections take to connect over this machine's own addresses, signalling without
 * delay: from the making of the offer until both are up, ICE and DTLS included.
 */
public final class ConnectBench {
  private static final int USUAL_CALLS = 150;
  private static final long LIMIT_SECONDS = 20;

  /** This share of the calls warms up. */
  private static final int WARM_UP_ONE_IN = 3;

  private static final class Side implements PeerListener {
    private final CountDownLatch up = new CountDownLatch(1);
    private final PeerDriver driver;
    private Side other;

    // Guarded by this.
    private final List<IceCandidateInit> early = new ArrayList<>();
    private boolean described;

    Side() throws IOException {
      driver = PeerDriver.open(new PeerConfiguration(List.of(), true), this);
    }

    @Override
    public synchronized void onIceCandidate(IceCandidateInit candidate) {
      if (described) {
        give(candidate);
      } else {
        early.add(candidate);
      }
    }

    /** The other side has this one's description, and takes its candidates from now on. */
    synchronized void onDescribed() {
      described = true;
      early.forEach(this::give);
    }

    private void give(IceCandidateInit candidate) {
      var _ =
          other.driver.call(
              peer -> {
                peer.addIceCandidate(candidate);
                return null;
              });
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      if (state == PeerConnectionState.CONNECTED) {
        up.countDown();
      }
    }

    SessionDescription offer() {
      return driver
          .call(
              peer -> {
                for (MediaKind kind : MediaKind.values()) {
                  peer.addTransceiver(kind, TransceiverDirection.SENDRECV);
                }
                SessionDescription offer = peer.createOffer();
                peer.setLocalDescription(offer);
                return offer;
              })
          .join();
    }

    SessionDescription answer(SessionDescription offer) {
      return driver
          .call(
              peer -> {
                peer.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer.sdp()));
                SessionDescription answer = peer.createAnswer();
                peer.setLocalDescription(answer);
                return answer;
              })
          .join();
    }

    void accept(SessionDescription answer) {
      driver
          .call(
              peer -> {
                peer.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer.sdp()));
                return null;
              })
          .join();
    }

    void awaitUp() throws InterruptedException {
      if (!up.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("not connected within " + LIMIT_SECONDS + " s");
      }
    }
  }

  private ConnectBench() {}

  /** Takes the number of calls; a third of them warms up. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int calls = arguments.length > 0 ? Integer.parseInt(arguments[0]) : USUAL_CALLS;
    double[] millis = new double[calls];
    for (int i = 0; i < calls; i++) {
      millis[i] = connect();
    }
    double[] measured = Arrays.copyOfRange(millis, calls / WARM_UP_ONE_IN, calls);
    Arrays.sort(measured);
    System.out.printf(
        Locale.ROOT,
        "from the offer until both sides are up, ms, of %d calls: p25 %.1f, p50 %.1f, p75 %.1f, p95"
            + " %.1f%n",
        measured.length,
        measured[measured.length / 4],
        measured[measured.length / 2],
        measured[measured.length * 3 / 4],
        measured[measured.length * 95 / 100]);
  }

  private static double connect() throws IOException, InterruptedException {
    Side alice = new Side();
    Side bob = new Side();
    alice.other = bob;
    bob.other = alice;
    try {
      long begun = System.nanoTime();
      SessionDescription offer = alice.offer();
      SessionDescription answer = bob.answer(offer);
      alice.onDescribed();
      alice.accept(answer);
      bob.onDescribed();
      alice.awaitUp();
      bob.awaitUp();
      return (System.nanoTime() - begun) / 1e6;
    } finally {
      alice.driver.close();
      bob.driver.close();
    }
  }
}
