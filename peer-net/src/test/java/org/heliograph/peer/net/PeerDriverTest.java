package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PacketObserver;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.SignalingState;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two drivers over loopback, in real time. */
@Timeout(60)
class PeerDriverTest {
  private static final PeerConfiguration LOOPBACK = new PeerConfiguration(List.of(), true);

  /** One side, which passes its candidates on to the other. */
  private static final class Side implements PeerListener, AutoCloseable {
    final CountDownLatch connected = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    final BlockingQueue<ByteBuffer> received = new ArrayBlockingQueue<>(10_000);
    final AtomicReference<Side> other = new AtomicReference<>();
    final List<IceCandidateInit> candidates = new CopyOnWriteArrayList<>();
    final BlockingQueue<IceCandidateInit> early = new ArrayBlockingQueue<>(100);
    final List<InetAddress> addresses = new CopyOnWriteArrayList<>();
    final PeerDriver driver;

    Side() throws IOException {
      driver = PeerDriver.open(LOOPBACK, this);
    }

    /** On a machine with one address, which may become another one. */
    Side(String address) throws IOException {
      addresses.add(InetAddress.ofLiteral(address));
      driver = PeerDriver.open(LOOPBACK, this, () -> addresses);
    }

    /** Whether it has told a candidate at an address. */
    boolean told(String address) {
      return candidates.stream().anyMatch(known -> known.candidate().contains(address + ' '));
    }

    void moveTo(String address) {
      addresses.set(0, InetAddress.ofLiteral(address));
    }

    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      candidates.add(candidate);
      early.add(candidate);
      passCandidates();
    }

    private void passCandidates() {
      Side to = other.get();
      for (IceCandidateInit next; to != null && (next = early.poll()) != null; ) {
        IceCandidateInit candidate = next;
        var _ =
            to.driver.call(
                connection -> {
                  connection.addIceCandidate(candidate);
                  return null;
                });
      }
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      if (state == PeerConnectionState.CONNECTED) {
        connected.countDown();
      } else if (state == PeerConnectionState.CLOSED) {
        closed.countDown();
      }
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      received.add(frame.payload());
    }

    Transceiver add(MediaKind kind) {
      return driver
          .call(connection -> connection.addTransceiver(kind, TransceiverDirection.SENDRECV))
          .join();
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  private static void negotiate(Side alice, Side bob) {
    SessionDescription offer =
        alice
            .driver
            .call(
                connection -> {
                  SessionDescription made = connection.createOffer();
                  connection.setLocalDescription(made);
                  return made;
                })
            .join();
    SessionDescription answer =
        bob.driver
            .call(
                connection -> {
                  connection.setRemoteDescription(offer);
                  SessionDescription made = connection.createAnswer();
                  connection.setLocalDescription(made);
                  return made;
                })
            .join();
    alice
        .driver
        .call(
            connection -> {
              connection.setRemoteDescription(answer);
              return null;
            })
        .join();
    alice.other.set(bob);
    bob.other.set(alice);
    alice.passCandidates();
    bob.passCandidates();
  }

  private static void connect(Side alice, Side bob) throws InterruptedException {
    negotiate(alice, bob);
    alice.connected.await();
    bob.connected.await();
  }

  private static MediaFrame sound(int number) {
    ByteBuffer packet = ByteBuffer.allocate(40).put(0, (byte) 0xF8).putInt(1, number);
    return new MediaFrame(
        MediaFormat.OPUS, PeerDriver.nanoTime(), Duration.ofMillis(20).toNanos(), true, packet);
  }

  @Test
  void framesGoFromOneToTheOther() throws Exception {
    try (Side alice = new Side();
        Side bob = new Side()) {
      Transceiver hers = alice.add(MediaKind.AUDIO);
      bob.add(MediaKind.AUDIO);
      connect(alice, bob);

      for (int i = 0; i < 20; i++) {
        MediaFrame frame = sound(i);
        alice.driver.send(hers, frame);
        assertThat(bob.received.take()).isEqualTo(frame.payload());
      }
    }
  }

  @Test
  void aCallGoesOnWhenTheMachineGetsAnotherAddress() throws Exception {
    try (Side alice = new Side("127.0.0.2");
        Side bob = new Side("127.0.0.3")) {
      Transceiver hers = alice.add(MediaKind.AUDIO);
      bob.add(MediaKind.AUDIO);
      connect(alice, bob);
      alice.driver.send(hers, sound(-1));
      bob.received.take();

      alice.moveTo("127.0.0.4");
      for (int i = 0; !alice.told("127.0.0.4"); i++) {
        alice.driver.send(hers, sound(i));
        bob.received.poll(20, TimeUnit.MILLISECONDS);
      }
      bob.received.clear();

      int later = 1 << 20;
      ByteBuffer arrived = null;
      for (int i = later; arrived == null || arrived.getInt(1) < later; i++) {
        alice.driver.send(hers, sound(i));
        arrived = bob.received.poll(20, TimeUnit.MILLISECONDS);
      }
    }
  }

  @Test
  void closingTellsTheOtherSideAndFreesEverything() throws Exception {
    try (Side bob = new Side()) {
      Side alice = new Side();
      alice.add(MediaKind.AUDIO);
      connect(alice, bob);
      Thread thread = alice.driver.call(connection -> Thread.currentThread()).join();

      alice.close();
      alice.close();

      assertThat(thread.isAlive()).isFalse();
      bob.closed.await();
      assertThatThrownBy(() -> alice.driver.call(PeerConnection::createOffer).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
      alice.driver.send(bob.add(MediaKind.AUDIO), sound(0));
    }
  }

  @Test
  void aStepThatThrowsFailsItsFutureAndNothingElse() throws Exception {
    try (Side alice = new Side()) {
      CompletableFuture<Object> future =
          alice.driver.call(
              connection -> {
                throw new IllegalArgumentException("no");
              });

      assertThatThrownBy(future::get).hasCauseInstanceOf(IllegalArgumentException.class);
      assertThat(alice.driver.call(PeerConnection::signalingState).get())
          .isEqualTo(SignalingState.STABLE);
    }
  }

  /** What a connection told before it ended. */
  private static final class Ending implements PeerListener {
    final List<String> reasons = new CopyOnWriteArrayList<>();
    final List<PeerConnectionState> states = new CopyOnWriteArrayList<>();
    Runnable onNegotiationNeeded = () -> {};

    @Override
    public void onFailed(String reason) {
      reasons.add(reason);
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      states.add(state);
    }

    @Override
    public void onNegotiationNeeded() {
      onNegotiationNeeded.run();
    }
  }

  @Test
  void anErrorInAStepEndsTheConnectionInWords() throws Exception {
    Ending ending = new Ending();
    try (PeerDriver driver = PeerDriver.open(LOOPBACK, ending)) {
      Thread thread = driver.call(connection -> Thread.currentThread()).join();
      CompletableFuture<Object> step =
          driver.call(
              connection -> {
                throw new OutOfMemoryError("a test's");
              });

      assertThatThrownBy(step::get).hasCauseInstanceOf(OutOfMemoryError.class);
      thread.join();
      assertThat(ending.reasons).singleElement().asString().contains("OutOfMemoryError: a test's");
      assertThat(ending.states)
          .containsExactly(PeerConnectionState.FAILED, PeerConnectionState.CLOSED);
      assertThatThrownBy(() -> driver.call(PeerConnection::createOffer).get())
          .hasCauseInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anErrorInAListenerEndsTheConnectionInWords() throws Exception {
    Ending ending = new Ending();
    ending.onNegotiationNeeded =
        () -> {
          throw new StackOverflowError();
        };
    try (PeerDriver driver = PeerDriver.open(LOOPBACK, ending)) {
      Thread thread = driver.call(connection -> Thread.currentThread()).join();
      var _ =
          driver.call(
              connection ->
                  connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV));
      thread.join();

      assertThat(ending.reasons).singleElement().asString().contains("StackOverflowError");
      assertThat(ending.states).endsWith(PeerConnectionState.CLOSED);
    }
  }

  @Test
  void aTimerThatFailsEachTimeKeepsNothingFromItsTurn() throws Exception {
    try (Side alice = new Side();
        Side bob = new Side()) {
      Transceiver hers = alice.add(MediaKind.AUDIO);
      bob.add(MediaKind.AUDIO);
      connect(alice, bob);
      CountDownLatch failures = new CountDownLatch(3);
      alice
          .driver
          .call(
              connection -> {
                connection.observePackets(
                    (now, direction, rtcp, local, remote, packet) -> {
                      if (rtcp && direction == PacketObserver.Direction.SENT) {
                        failures.countDown();
                        throw new IllegalStateException("a report cannot be sent");
                      }
                    });
                return null;
              })
          .join();

      // The first report follows the first packet.
      alice.driver.send(hers, sound(-1));
      bob.received.take();
      failures.await();

      for (int i = 0; i < 20; i++) {
        MediaFrame frame = sound(i);
        alice.driver.send(hers, frame);
        assertThat(bob.received.take()).isEqualTo(frame.payload());
        assertThat(alice.driver.call(PeerConnection::signalingState).join())
            .isEqualTo(SignalingState.STABLE);
      }
    }
  }

  @Test
  void aListenerMayCallBackAndClose() throws Exception {
    CompletableFuture<SignalingState> seen = new CompletableFuture<>();
    AtomicReference<PeerDriver> driver = new AtomicReference<>();
    PeerListener listener =
        new PeerListener() {
          @Override
          public void onNegotiationNeeded() {
            PeerDriver own = driver.get();
            var _ =
                own.call(
                    connection -> {
                      connection.setLocalDescription(connection.createOffer());
                      return seen.complete(connection.signalingState());
                    });
            own.close();
          }
        };
    driver.set(PeerDriver.open(LOOPBACK, listener));
    Thread thread = driver.get().call(connection -> Thread.currentThread()).join();

    driver
        .get()
        .call(
            connection -> connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV))
        .join();

    assertThat(seen.get()).isEqualTo(SignalingState.HAVE_LOCAL_OFFER);
    thread.join();
    driver.get().close();
  }

  @Test
  void aListenerThatThrowsDoesNotEndTheCall() throws Exception {
    CountDownLatch thrown = new CountDownLatch(1);
    PeerListener listener =
        new PeerListener() {
          @Override
          public void onSignalingStateChange(SignalingState state) {
            thrown.countDown();
            throw new IllegalStateException("a listener's mistake");
          }
        };
    try (PeerDriver driver = PeerDriver.open(LOOPBACK, listener)) {
      driver
          .call(
              connection -> {
                connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV);
                connection.setLocalDescription(connection.createOffer());
                return null;
              })
          .get();
      thrown.await();

      assertThat(driver.call(PeerConnection::signalingState).get())
          .isEqualTo(SignalingState.HAVE_LOCAL_OFFER);
    }
  }

  @Test
  void stepsThatWaitWhenItClosesAreRefused() throws Exception {
    Side alice = new Side();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    var first =
        alice.driver.call(
            connection -> {
              running.countDown();
              try {
                return goOn.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    running.await();
    var waiting = alice.driver.call(PeerConnection::signalingState);
    Thread closer = Thread.startVirtualThread(alice::close);
    while (closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    closer.join();

    assertThat(first.get()).isTrue();
    assertThatThrownBy(waiting::get).hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void framesBeyondTheQueueAreDroppedAndAKeyFrameIsAskedFor() throws Exception {
    CompletableFuture<Transceiver> asked = new CompletableFuture<>();
    PeerListener listener =
        new PeerListener() {
          @Override
          public void onKeyFrameRequested(Transceiver transceiver) {
            asked.complete(transceiver);
          }
        };
    try (PeerDriver driver = PeerDriver.open(LOOPBACK, listener)) {
      Transceiver video =
          driver
              .call(
                  connection ->
                      connection.addTransceiver(MediaKind.VIDEO, TransceiverDirection.SENDRECV))
              .join();
      CountDownLatch full = new CountDownLatch(1);
      var busy =
          driver.call(
              connection -> {
                try {
                  return full.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      for (int i = 0; i <= PeerDriver.MAX_WAITING_FRAMES; i++) {
        driver.send(video, sound(i));
      }
      full.countDown();

      assertThat(busy.get()).isTrue();
      assertThat(asked.get()).isEqualTo(video);
    }
  }

  @Test
  void nothingRunsWhileNothingIsDue() throws Exception {
    try (Side alice = new Side()) {
      alice.driver.call(PeerConnection::signalingState).join();
      assertThat(alice.driver.call(PeerConnection::nextTimeoutNanos).join()).isEmpty();
    }
  }

  @Test
  void twoHundredConnectionsLeaveNoThreadBehind() throws Exception {
    for (int i = 0; i < 200; i++) {
      new Side().close();
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("heliograph-peer-"));
  }
}
