package org.heliograph.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.Network;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;
import org.heliograph.peer.srtp.SrtpVerdict;

/**
 * What a packet costs on its whole way through a {@link PeerConnection}, on one core: datagrams in
 * to frames out, and frames in to datagrams out. Two connections in virtual time, in slices of a
 * tenth of a second: the sender makes a slice's datagrams (counted as sending), the receiver takes
 * them (counted as receiving), and what it answers goes back to the sender (counted as sending).
 * Nothing is left out but the sockets: demultiplexing, SRTP, header extensions, transport-wide
 * feedback, NACK bookkeeping, reordering, depacketizing, reports, pacing and estimation are all in.
 */
public final class ConnectionBench {
  private static final long SLICE_NANOS = 100_000_000;
  private static final long TRAVEL_NANOS = 10_000_000;
  private static final long PICTURE_NANOS = 33_333_333;
  private static final long SOUND_NANOS = 20_000_000;

  /** 2 Mbit/s at 30 pictures a second. */
  private static final int PICTURE_BYTES = 8_300;

  private static final int SOUND_BYTES = 80;
  private static final int KEY_FRAME_EVERY = 300;
  private static final int MAX_DATAGRAMS = 2_000;
  private static final int MAX_DATAGRAM = 1_500;
  private static final int MEAN_DATAGRAM = 900;

  private static final int WARM_UP_SECONDS = 600;
  private static final int MEASURED_SECONDS = 600;
  private static final int ROUNDS = 5;
  private static final int CIPHER_PACKETS = 50_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Datagrams on their way: buffers that are used again and again, and when each arrives. */
  private static final class Wire implements Network {
    private final ByteBuffer[] datagrams = new ByteBuffer[MAX_DATAGRAMS];
    private final long[] sentNanos = new long[MAX_DATAGRAMS];
    private int count;
    private long nowNanos;

    Wire() {
      Arrays.setAll(datagrams, _ -> ByteBuffer.allocate(MAX_DATAGRAM));
    }

    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      sentNanos[count] = nowNanos;
      datagrams[count++]
          .clear()
          .put(0, datagram, datagram.position(), datagram.remaining())
          .limit(datagram.remaining());
    }
  }

  /** One side: its connection, the wire that leaves it, and what it was handed. */
  private static final class Side implements PeerListener {
    private final Wire wire = new Wire();
    private final InetSocketAddress address;
    private final PeerConnection connection;
    private final List<IceCandidateInit> candidates = new ArrayList<>();
    private long frames;
    private long payloadBytes;

    Side(int port) {
      address = new InetSocketAddress("192.0.2.1", port);
      connection = new PeerConnection(PeerConfiguration.defaults(), this, wire, 0, Instant.EPOCH);
      connection.addLocalAddress(0, address);
      connection.endOfLocalAddresses(0);
    }

    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      candidates.add(candidate);
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      frames++;
      payloadBytes += frame.payload().remaining();
    }

    /** Does what is due up to an instant, each thing at its time, as a driver would. */
    void runUntil(long nanos) {
      OptionalLong next = connection.nextTimeoutNanos();
      while (next.isPresent() && next.getAsLong() <= nanos) {
        wire.nowNanos = Math.max(wire.nowNanos, next.getAsLong());
        connection.handleTimeout(wire.nowNanos);
        next = connection.nextTimeoutNanos();
      }
      wire.nowNanos = Math.max(wire.nowNanos, nanos);
    }

    /** Takes everything that the other side has sent. */
    void takeFrom(Side other) {
      Wire in = other.wire;
      for (int i = 0; i < in.count; i++) {
        long arrives = in.sentNanos[i] + TRAVEL_NANOS;
        if (arrives > wire.nowNanos) {
          runUntil(arrives);
        }
        connection.handleDatagram(wire.nowNanos, address, other.address, in.datagrams[i]);
      }
      in.count = 0;
    }
  }

  /** The costs of one direction of work; the time is the processor's, whatever else it does. */
  private static final class Cost {
    private long nanos;
    private long bytes;

    void begin() {
      bytes -= THREADS.getCurrentThreadAllocatedBytes();
      nanos -= THREADS.getCurrentThreadCpuTime();
    }

    void end() {
      nanos += THREADS.getCurrentThreadCpuTime();
      bytes += THREADS.getCurrentThreadAllocatedBytes();
    }

    void clear() {
      nanos = 0;
      bytes = 0;
    }
  }

  private final Side sender = new Side(4000);
  private final Side receiver = new Side(4001);
  private final Transceiver video;
  private final Transceiver audio;
  private final Random random = new Random(1);
  private final ByteBuffer keyFrame = picture(0, 3 * PICTURE_BYTES);
  private final ByteBuffer deltaFrame = picture(1, PICTURE_BYTES);
  private final ByteBuffer sound = ByteBuffer.wrap(new byte[SOUND_BYTES]);
  private final Cost sending = new Cost();
  private final Cost receiving = new Cost();
  private long nowNanos;
  private long nextPictureNanos;
  private long nextSoundNanos;
  private long pictures;
  private long packets;

  /** Takes no arguments. */
  public static void main(String[] arguments) {
    ConnectionBench bench = new ConnectionBench();
    bench.run(WARM_UP_SECONDS);
    CipherCosts cipher = CipherCosts.measure();
    for (int round = 0; round < ROUNDS; round++) {
      bench.measure(cipher);
    }
  }

  /**
   * What SRTP alone allocates for a packet, which is what the JDK's cipher does: a nonce can only
   * be set by {@code init}, which makes everything anew.
   */
  private record CipherCosts(long encryptingBytes, long decryptingBytes) {
    /** Takes them where the connection has compiled the same code already. */
    static CipherCosts measure() {
      SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
      byte[] keys = new byte[profile.keyingMaterialLength()];
      OutboundSrtp outbound = new OutboundSrtp(SrtpKeys.ofKeyingMaterial(profile, keys, true));
      InboundSrtp inbound = new InboundSrtp(SrtpKeys.ofKeyingMaterial(profile, keys, false));
      ByteBuffer packet = ByteBuffer.allocate(MAX_DATAGRAM);
      Cost encrypting = new Cost();
      Cost decrypting = new Cost();
      for (int i = 0; i < CIPHER_PACKETS; i++) {
        packet.clear().limit(MEAN_DATAGRAM);
        packet.put(0, (byte) 0x80).put(1, (byte) 96).putShort(2, (short) i);
        encrypting.begin();
        outbound.protectRtp(packet);
        encrypting.end();
        decrypting.begin();
        SrtpVerdict verdict = inbound.unprotectRtp(packet);
        decrypting.end();
        if (verdict != SrtpVerdict.ACCEPTED) {
          throw new IllegalStateException("SRTP says of its own packet: " + verdict);
        }
      }
      return new CipherCosts(encrypting.bytes / CIPHER_PACKETS, decrypting.bytes / CIPHER_PACKETS);
    }
  }

  private ConnectionBench() {
    audio = sender.connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDONLY);
    video = sender.connection.addTransceiver(MediaKind.VIDEO, TransceiverDirection.SENDONLY);
    connect();
    nextPictureNanos = nowNanos;
    nextSoundNanos = nowNanos;
  }

  /** A picture of noise: nothing in the connection looks further than its first bytes. */
  private ByteBuffer picture(int frameTag, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    bytes[0] = (byte) frameTag;
    System.arraycopy(new byte[] {(byte) 0x9d, 1, 0x2a, (byte) 0x80, 2, 0x68, 1}, 0, bytes, 3, 7);
    return ByteBuffer.wrap(bytes);
  }

  private void connect() {
    PeerConnection one = sender.connection;
    PeerConnection other = receiver.connection;
    SessionDescription offer = one.createOffer();
    one.setLocalDescription(offer);
    other.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer.sdp()));
    SessionDescription answer = other.createAnswer();
    other.setLocalDescription(answer);
    one.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer.sdp()));
    sender.candidates.forEach(other::addIceCandidate);
    receiver.candidates.forEach(one::addIceCandidate);
    while (one.connectionState() != PeerConnectionState.CONNECTED
        || other.connectionState() != PeerConnectionState.CONNECTED) {
      nowNanos += 1_000_000;
      sender.runUntil(nowNanos);
      receiver.takeFrom(sender);
      receiver.runUntil(nowNanos);
      sender.takeFrom(receiver);
    }
  }

  /** A call of so many seconds. */
  private void run(int seconds) {
    long end = nowNanos + seconds * 1_000_000_000L;
    while (nowNanos < end) {
      nowNanos += SLICE_NANOS;
      sending.begin();
      send();
      sending.end();
      packets += sender.wire.count;
      receiving.begin();
      receiver.takeFrom(sender);
      receiver.runUntil(nowNanos);
      receiving.end();
      sending.begin();
      sender.takeFrom(receiver);
      sending.end();
    }
  }

  private void send() {
    while (Math.min(nextPictureNanos, nextSoundNanos) < nowNanos) {
      if (nextPictureNanos <= nextSoundNanos) {
        boolean key = pictures++ % KEY_FRAME_EVERY == 0;
        ByteBuffer payload = (key ? keyFrame : deltaFrame).duplicate();
        send(video, new MediaFrame(MediaFormat.VP8, nextPictureNanos, 0, key, payload));
        nextPictureNanos += PICTURE_NANOS;
      } else {
        send(
            audio,
            new MediaFrame(MediaFormat.OPUS, nextSoundNanos, SOUND_NANOS, true, sound.duplicate()));
        nextSoundNanos += SOUND_NANOS;
      }
    }
    sender.runUntil(nowNanos);
  }

  private void send(Transceiver transceiver, MediaFrame frame) {
    sender.runUntil(frame.timeNanos());
    sender.connection.send(frame.timeNanos(), transceiver, frame);
  }

  private void measure(CipherCosts cipher) {
    sending.clear();
    receiving.clear();
    packets = 0;
    receiver.frames = 0;
    receiver.payloadBytes = 0;
    run(MEASURED_SECONDS);
    long payload = receiver.payloadBytes / packets;
    System.out.printf(
        Locale.ROOT,
        """
        %d packets, %d frames
          datagrams to frames: %.0f packets/s; bytes allocated for each: %d, and %d of payload, \
        and %d by the JDK's AES-GCM
          frames to datagrams: %.0f packets/s; bytes allocated for each: %d, and %d by the JDK's \
        AES-GCM
        """,
        packets,
        receiver.frames,
        packets * 1e9 / receiving.nanos,
        receiving.bytes / packets - payload - cipher.decryptingBytes(),
        payload,
        cipher.decryptingBytes(),
        packets * 1e9 / sending.nanos,
        sending.bytes / packets - cipher.encryptingBytes(),
        cipher.encryptingBytes());
  }
}
