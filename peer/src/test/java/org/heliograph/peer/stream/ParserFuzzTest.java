package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.heliograph.peer.congestion.SentPacketHistory;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/**
 * Every parser of RTP, RTCP and payloads with bytes from nowhere: the declared exception and no
 * other, and what was read can be written and read again. A seeded generator changes the packets of
 * the corpus beside this class.
 */
class ParserFuzzTest {
  private static final int ROUNDS = 20_000 * Integer.getInteger("heliograph.fuzz", 1);

  @Test
  void mutationsOfRtpPackets() {
    mutate("rtp.txt", ParserFuzzTest::checkRtp);
  }

  @Test
  void mutationsOfRtcpPackets() {
    mutate("rtcp.txt", ParserFuzzTest::checkRtcp);
  }

  @Test
  void mutationsOfVp8Payloads() {
    mutate("vp8.txt", ParserFuzzTest::checkVp8);
  }

  @Test
  void mutationsOfOpusPackets() {
    mutate("opus.txt", ParserFuzzTest::checkOpus);
  }

  /** A session that is handed everything stays alive, and hands on no more than it was given. */
  @Test
  void mutationsOfACall() {
    List<byte[]> seeds = new ArrayList<>(corpus("rtp.txt"));
    seeds.addAll(corpus("rtcp.txt"));
    Random random = new Random(99);
    Sink sink = new Sink();
    RtpSession session = new RtpSession("fuzz", NtpClock.at(0, Instant.EPOCH), new Random(1), sink);
    session.addReceiver(VirtualCall.videoIn());
    session.addReceiver(VirtualCall.audioIn());
    SendStream stream = session.addSender(VirtualCall.video());
    long now = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = mutated(seeds.get(random.nextInt(seeds.size())), random);
      session.receiveRtp(ByteBuffer.wrap(bytes), now);
      session.receiveRtcp(ByteBuffer.wrap(bytes), now);
      if (round % 100 == 0) {
        byte[] frame = VirtualCall.frame(round, 3000, false);
        session.send(
            stream, new MediaFrame(MediaFormat.VP8, now, 0, false, ByteBuffer.wrap(frame)), now);
      }
      now += random.nextInt(20_000_000);
      for (int calls = 0; session.nextTimeoutNanos() <= now; calls++) {
        assertThat(calls).as("time-outs that are due again and again").isLessThan(100);
        session.handleTimeout(now);
      }
    }

    assertThat(sink.frames).isLessThanOrEqualTo(ROUNDS);
  }

  private static final class Sink implements RtpSessionListener {
    private int frames;

    @Override
    public void onRtpToSend(ByteBuffer packet) {}

    @Override
    public void onRtcpToSend(ByteBuffer compound) {}

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {
      frames++;
    }

    @Override
    public void onKeyFrameRequested(SendStream stream) {}

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {}
  }

  private static void checkRtp(byte[] bytes) {
    RtpExtensionMap map =
        new RtpExtensionMap(
            Map.of(
                RtpExtension.AUDIO_LEVEL, 1,
                RtpExtension.ABS_SEND_TIME, 2,
                RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3,
                RtpExtension.MID, 4,
                RtpExtension.RTP_STREAM_ID, 10));
    RtpPacket packet = new RtpPacket();
    try {
      packet.wrap(ByteBuffer.wrap(bytes));
      packet.mid(map);
      packet.rtpStreamId(map);
      packet.absSendTime(map);
      packet.transportSequenceNumber(map);
      packet.audioLevel(map);
      assertThat(packet.length()).isEqualTo(bytes.length);
      assertThat(packet.payloadOffset() + packet.payloadLength()).isLessThanOrEqualTo(bytes.length);
      packet.unwrapRtx(96, 1);
    } catch (MalformedPacketException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  private static void checkRtcp(byte[] bytes) {
    try {
      List<RtcpPacket> packets = RtcpCompound.parse(ByteBuffer.wrap(bytes));
      SentPacketHistory history = new SentPacketHistory();
      for (RtcpPacket packet : packets) {
        ByteBuffer out = ByteBuffer.allocate(packet.length());
        packet.write(out);
        assertThat(out.hasRemaining()).isFalse();
        List<RtcpPacket> again = RtcpCompound.parse(out.flip());
        if (packet instanceof TransportFeedback feedback) {
          history.onFeedback(feedback);
        } else {
          assertThat(again).containsExactly(packet);
        }
      }
    } catch (MalformedPacketException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  private static void checkVp8(byte[] bytes) {
    Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();
    try {
      descriptor.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
      assertThat(descriptor.length()).isBetween(1, Math.min(6, bytes.length - 1));
    } catch (MalformedPacketException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  private static void checkOpus(byte[] bytes) {
    ByteBuffer packet = ByteBuffer.wrap(bytes);
    assertThat(OpusPacket.durationNanos(packet)).isBetween(0L, 120_000_000L);
    OpusPacket.stereo(packet);
    OpusPacket.carriesFec(packet);
    assertThat(packet.position()).isZero();
  }

  private interface Check {
    void check(byte[] bytes);
  }

  private static void mutate(String corpus, Check check) {
    List<byte[]> seeds = corpus(corpus);
    assertThat(seeds).isNotEmpty();
    seeds.forEach(check::check);
    Random random = new Random(42);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = mutated(seeds.get(round % seeds.size()), random);
      try {
        check.check(bytes);
      } catch (Throwable e) {
        throw new AssertionError(HexFormat.of().formatHex(bytes), e);
      }
    }
  }

  static byte[] mutated(byte[] seed, Random random) {
    byte[] bytes = Arrays.copyOf(seed, seed.length + random.nextInt(3) * 4);
    for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        default -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0);
      }
    }
    boolean cut = random.nextInt(4) == 0;
    return cut ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
  }

  /** One packet a line, in hexadecimal digits; blanks and lines with # are for the reader. */
  static List<byte[]> corpus(String name) {
    try (InputStream in = ParserFuzzTest.class.getResourceAsStream("corpus/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .map(line -> HexFormat.of().parseHex(line.replace(" ", "")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
