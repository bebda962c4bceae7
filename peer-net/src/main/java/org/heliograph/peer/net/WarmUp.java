package org.heliograph.peer.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;

/**
 * A call of this process with itself, in memory and in no time: two connections, and a sound from
 * one to the other. It loads and compiles what a first call needs (cryptography above all), so that
 * a program which does this when it starts answers its first offer as fast as the later ones.
 */
public final class WarmUp {
  private static final Duration TICK = Duration.ofMillis(5);
  private static final int MAX_TICKS = 2_000;

  /** A 20 ms Opus packet of silence: table of contents, then nothing that has to be decoded. */
  private static final byte[] OPUS_SILENCE = {(byte) 0xF8, (byte) 0xFF, (byte) 0xFE};

  private final Queue<Runnable> network = new ArrayDeque<>();
  private final Side caller = new Side(50_001);
  private final Side callee = new Side(50_002);
  private long nowNanos;

  private WarmUp() {}

  /**
   * Makes the call and hangs up. Takes a second or two in a new process, on the caller's thread.
   *
   * @return whether the sound arrived: whether this Java runtime has all that a call needs
   */
  public static boolean run() {
    WarmUp call = new WarmUp();
    call.caller.other = call.callee;
    call.callee.other = call.caller;
    return call.make();
  }

  private boolean make() {
    Transceiver sound =
        caller.connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV);
    caller.connection.addTransceiver(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
    SessionDescription offer = caller.connection.createOffer();
    caller.connection.setLocalDescription(offer);
    callee.connection.setRemoteDescription(offer);
    SessionDescription answer = callee.connection.createAnswer();
    callee.connection.setLocalDescription(answer);
    caller.connection.setRemoteDescription(answer);
    for (int tick = 0; tick < MAX_TICKS && !callee.hasHeard; tick++) {
      nowNanos += TICK.toNanos();
      caller.connection.handleTimeout(nowNanos);
      callee.connection.handleTimeout(nowNanos);
      for (Runnable arrival = network.poll(); arrival != null; arrival = network.poll()) {
        arrival.run();
      }
      MediaFrame frame =
          new MediaFrame(
              MediaFormat.OPUS, nowNanos, TICK.toNanos(), true, ByteBuffer.wrap(OPUS_SILENCE));
      caller.connection.send(nowNanos, sound, frame);
    }
    caller.connection.close(nowNanos);
    callee.connection.close(nowNanos);
    return callee.hasHeard;
  }

  private final class Side implements PeerListener {
    private final InetSocketAddress address;
    private final PeerConnection connection;
    private Side other;
    private boolean hasHeard;

    Side(int port) {
      // Nothing is bound to it, and nothing leaves this object.
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      connection =
          new PeerConnection(
              PeerConfiguration.defaults().withLoopback(true),
              this,
              this::send,
              nowNanos,
              Instant.now());
      connection.addLocalAddress(nowNanos, address);
      connection.endOfLocalAddresses(nowNanos);
    }

    private void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      ByteBuffer copy = ByteBuffer.allocate(datagram.remaining());
      copy.put(datagram.duplicate()).flip();
      network.add(() -> other.connection.handleDatagram(nowNanos, other.address, address, copy));
    }

    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      network.add(() -> other.connection.addIceCandidate(candidate));
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      hasHeard = true;
    }
  }
}
