package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.Link;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.VirtualClock;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;

/** Two sessions joined by two links, in virtual time: alice sends, bob receives. */
public final class VirtualCall {
  static final RtpExtensionMap EXTENSIONS =
      new RtpExtensionMap(
          Map.of(
              RtpExtension.MID, 4,
              RtpExtension.ABS_SEND_TIME, 2,
              RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3));

  private static final PayloadFormat VP8 = new PayloadFormat(MediaFormat.VP8, 96, 97, true, true);
  private static final Redundancy PROTECTION = new Redundancy(100, 101, 102);

  static final long VIDEO_SSRC = 0x11111111L;
  static final long VIDEO_RTX_SSRC = 0x22222222L;
  static final long AUDIO_SSRC = 0x33333333L;

  final VirtualClock clock;
  final Random random;
  final Peer alice;
  final Peer bob;
  final Link toBob;
  final Link toAlice;

  VirtualCall(long seed) {
    this(seed, new VirtualClock(), null);
  }

  /** A call at the same time as another, whose link to bob it shares. */
  VirtualCall(long seed, VirtualCall beside) {
    this(seed, beside.clock, beside.toBob);
  }

  private VirtualCall(long seed, VirtualClock clock, Link shared) {
    this.clock = clock;
    random = new Random(seed);
    alice = new Peer("alice");
    bob = new Peer("bob");
    toBob = shared == null ? link(bob) : shared;
    toAlice = link(alice);
    alice.out = packet -> toBob.transmit(Link.copy(packet), bob::arrive);
    bob.out = toAlice::send;
    clock.drive(alice);
    clock.drive(bob);
  }

  private Link link(Peer to) {
    return new Link(
        clock,
        new Random(random.nextLong()),
        LinkConditions.delay(Duration.ofMillis(20)),
        to::arrive);
  }

  /** The extensions where only REMB was negotiated. */
  static final RtpExtensionMap WITHOUT_FEEDBACK =
      new RtpExtensionMap(Map.of(RtpExtension.MID, 4, RtpExtension.ABS_SEND_TIME, 2));

  /** Of sound where nothing is to be learnt of the path from it, as with aiortc. */
  static final RtpExtensionMap MID_ONLY = new RtpExtensionMap(Map.of(RtpExtension.MID, 4));

  static SendParameters video(RtpExtensionMap extensions) {
    return new SendParameters(
        "v", MediaFormat.VP8, 96, VIDEO_SSRC, 97, VIDEO_RTX_SSRC, true, extensions);
  }

  static SendParameters video() {
    return new SendParameters(
        "v", MediaFormat.VP8, 96, VIDEO_SSRC, 97, VIDEO_RTX_SSRC, true, EXTENSIONS);
  }

  static SendParameters videoWithoutRtx() {
    return new SendParameters(
        "v",
        MediaFormat.VP8,
        96,
        VIDEO_SSRC,
        SendParameters.NONE,
        SendParameters.NONE,
        true,
        EXTENSIONS);
  }

  /** Pictures with forward error correction. */
  static SendParameters protectedVideo() {
    return new SendParameters(
        "v", "", List.of(VP8), PROTECTION, VIDEO_SSRC, VIDEO_RTX_SSRC, EXTENSIONS);
  }

  static ReceiveParameters protectedVideoIn() {
    return new ReceiveParameters("v", List.of(VP8), PROTECTION, -1, -1, EXTENSIONS);
  }

  static SendParameters audio() {
    return audio(EXTENSIONS);
  }

  static SendParameters audio(RtpExtensionMap extensions) {
    return new SendParameters(
        "a",
        MediaFormat.OPUS,
        111,
        AUDIO_SSRC,
        SendParameters.NONE,
        SendParameters.NONE,
        false,
        extensions);
  }

  static ReceiveParameters videoIn() {
    return new ReceiveParameters(
            "v",
            MediaFormat.VP8,
            96,
            97,
            ReceiveParameters.NONE,
            ReceiveParameters.NONE,
            true,
            true)
        .with(EXTENSIONS);
  }

  static ReceiveParameters audioIn() {
    return new ReceiveParameters(
            "a",
            MediaFormat.OPUS,
            111,
            ReceiveParameters.NONE,
            ReceiveParameters.NONE,
            ReceiveParameters.NONE,
            false,
            false)
        .with(EXTENSIONS);
  }

  /** A VP8 frame in form only: its first byte says whether it is key, the others are its number. */
  static byte[] frame(int number, int length, boolean key) {
    byte[] bytes = new byte[length];
    ByteBuffer.wrap(bytes).putInt(length - 4, number);
    for (int i = 1; i < length - 4; i++) {
      bytes[i] = (byte) (number * 31 + i);
    }
    bytes[0] = (byte) (key ? 0 : 1);
    return bytes;
  }

  /** An Opus packet in form only: 20 ms of CELT, and its number. */
  static byte[] sound(int number) {
    return ByteBuffer.allocate(80).put((byte) 0xf8).putInt(number).array();
  }

  public static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** A frame that came, and when. */
  record Received(ReceiveStream stream, MediaFrame frame, long atNanos) {
    public byte[] bytes() {
      return VirtualCall.bytes(frame.payload());
    }
  }

  /** One side of the call. */
  final class Peer implements RtpSessionListener, VirtualClock.Driven {
    final RtpSession session;
    final List<Received> received = new ArrayList<>();
    final List<RtcpPacket> rtcpSent = new ArrayList<>();
    final List<byte[]> rtpSent = new ArrayList<>();
    final List<SendStream> keyFrameRequests = new ArrayList<>();
    long estimate = -1;
    double lossToPrepareFor = -1;

    /** Sees what arrives, and whether it is RTCP. */
    BiConsumer<Boolean, ByteBuffer> observer = (rtcp, packet) -> {};

    /** Decides of each RTP packet to be sent whether the network loses it. */
    Predicate<RtpPacket> loses = packet -> false;

    /** Whether the network loses every RTCP packet that is sent. */
    boolean losesRtcp;

    private Consumer<ByteBuffer> out;

    Peer(String name) {
      session =
          new RtpSession(
              name,
              NtpClock.at(clock.nanoTime(), Instant.parse("2026-01-01T00:00:00Z")),
              new Random(random.nextLong()),
              this);
      setStrayExtensions(EXTENSIONS);
      session.setObeysReceiverEstimates(true);
    }

    /** What was negotiated of header extensions holds for packets of no stream, too. */
    void setStrayExtensions(RtpExtensionMap extensions) {
      Map<Integer, RtpExtensionMap> byPayloadType = new HashMap<>();
      for (int payloadType = 96; payloadType < 128; payloadType++) {
        byPayloadType.put(payloadType, extensions);
      }
      session.setStrayExtensions(byPayloadType);
    }

    void send(SendStream stream, byte[] payload, boolean key) {
      session.send(
          stream,
          new MediaFrame(
              stream.parameters().preferred().format(),
              clock.nanoTime(),
              duration(stream),
              key,
              ByteBuffer.wrap(payload)),
          clock.nanoTime());
    }

    private long duration(SendStream stream) {
      return stream.parameters().preferred().format() == MediaFormat.OPUS ? 20_000_000 : 0;
    }

    void arrive(ByteBuffer packet) {
      int secondByte = packet.get(packet.position() + 1) & 0xff;
      boolean rtcp = secondByte >= 192 && secondByte <= 223; // RFC 5761 4
      observer.accept(rtcp, packet);
      if (rtcp) {
        session.receiveRtcp(packet, clock.nanoTime());
      } else {
        session.receiveRtp(packet, clock.nanoTime());
      }
    }

    <T extends RtcpPacket> List<T> rtcpSent(Class<T> type) {
      return rtcpSent.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public void onRtpToSend(ByteBuffer packet) {
      if (packet.remaining() > RtpSession.MAX_DATAGRAM - 16
          || packet.capacity() - packet.limit() < RtpSession.SRTP_OVERHEAD) {
        throw new AssertionError("no room for SRTP in " + packet);
      }
      rtpSent.add(bytes(packet));
      RtpPacket view = new RtpPacket();
      try {
        view.wrap(packet);
      } catch (MalformedPacketException e) {
        throw new AssertionError(e);
      }
      if (!loses.test(view)) {
        out.accept(packet);
      }
    }

    @Override
    public void onRtcpToSend(ByteBuffer compound) {
      if (compound.remaining() > RtpSession.MAX_DATAGRAM) {
        throw new AssertionError("RTCP of " + compound.remaining() + " bytes");
      }
      try {
        rtcpSent.addAll(RtcpCompound.parse(compound));
      } catch (MalformedPacketException e) {
        throw new AssertionError(e);
      }
      if (!losesRtcp) {
        out.accept(compound);
      }
    }

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {
      received.add(new Received(stream, frame, clock.nanoTime()));
    }

    @Override
    public void onKeyFrameRequested(SendStream stream) {
      keyFrameRequests.add(stream);
    }

    @Override
    public void onLossToPrepareFor(SendStream stream, double share) {
      lossToPrepareFor = share;
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      estimate = bitsPerSecond;
    }

    @Override
    public long nextTimeoutNanos() {
      return session.nextTimeoutNanos();
    }

    @Override
    public void handleTimeout(long nowNanos) {
      session.handleTimeout(nowNanos);
    }
  }
}
