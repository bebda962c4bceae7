package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtcp.SourceDescription;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.stream.NtpClock;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.RtpSessionListener;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.heliograph.relay.FakeSubscriber.Block;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A sender that sends 7.9 seconds of pictures at once when one comes, as servers do which keep them
 * for newcomers, and its sound as it is now: from its packets to the WebM, in virtual time.
 */
class BurstAtTheBeginningTest {
  private static final long MILLI = 1_000_000;
  private static final long KEPT_MILLIS = 7_900;
  private static final long VIDEO_SSRC = 5;
  private static final long AUDIO_SSRC = 6;

  private final VirtualRelay call = new VirtualRelay();
  private final FakeSubscriber page = call.subscribe(org.heliograph.relay.MediaFormat.WEBM);
  private final RtpSession session =
      new RtpSession("us", NtpClock.at(0, Instant.EPOCH), new Random(1), new ToRelay());
  private final RtpPacketWriter writer = new RtpPacketWriter(RtpExtensionMap.empty(), "");
  private int pictures;
  private int sounds;

  private final class ToRelay implements RtpSessionListener {
    @Override
    public void onRtpToSend(ByteBuffer packet) {}

    @Override
    public void onRtcpToSend(ByteBuffer compound) {}

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {
      call.relay.publish(frame.format().isVideo() ? MediaKind.VIDEO : MediaKind.AUDIO, frame);
    }

    @Override
    public void onKeyFrameRequested(SendStream stream) {}

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {}
  }

  /** A picture's content is the low part of its time. */
  private void sendPicture(long capturedMillis) {
    ByteBuffer payload = (pictures == 0 ? Frames.key(0) : Frames.delta(0)).payload().duplicate();
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, true, 96, pictures & 0xffff, capturedMillis * 90 & 0xffffffffL, VIDEO_SSRC);
    out.put((byte) 0x90).put((byte) 0x80).putShort((short) (0x8000 | (pictures & 0x7fff)));
    pictures++;
    session.receiveRtp(out.put(payload).flip(), call.nowNanos());
  }

  private void sendSound(long capturedMillis) {
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, false, 111, sounds & 0xffff, capturedMillis * 48 & 0xffffffffL, AUDIO_SSRC);
    sounds++;
    session.receiveRtp(out.put(Frames.audio(0).payload().duplicate()).flip(), call.nowNanos());
  }

  private void report(long ssrc, long capturedMillis, int clockRate) {
    long ntp = (3_900_000_000L << 32) + NtpClock.ofNanos(capturedMillis * MILLI);
    ByteBuffer out = ByteBuffer.allocate(200);
    RtcpCompound.write(
        List.of(
            new SenderReport(ssrc, ntp, capturedMillis * clockRate & 0xffffffffL, 1, 1, List.of()),
            new SourceDescription(List.of(new SourceDescription.Chunk(ssrc, "server")))),
        out);
    session.receiveRtcp(out.flip(), call.nowNanos());
  }

  @ParameterizedTest
  @ValueSource(longs = {60, 1_000, Long.MAX_VALUE})
  void theWebmHasItsSoundFromTheBeginningAndInTime(long firstReportMillis) {
    session.addReceiver(
        new ReceiveParameters("v", MediaFormat.VP8, 96, -1, VIDEO_SSRC, -1, true, true));
    session.addReceiver(
        new ReceiveParameters("a", MediaFormat.OPUS, 111, -1, AUDIO_SSRC, -1, false, false));

    sendSound(KEPT_MILLIS);
    for (long captured = 0; captured < KEPT_MILLIS; captured += 40) {
      sendPicture(captured);
    }
    for (long millis = 20; millis < 12_000; millis += 20) {
      call.pass(20);
      sendSound(KEPT_MILLIS + millis);
      if (millis % 40 == 0) {
        sendPicture(KEPT_MILLIS + millis);
      }
      if (millis >= firstReportMillis && (millis - firstReportMillis) % 1_000 == 0) {
        report(VIDEO_SSRC, KEPT_MILLIS + millis, 90);
        report(AUDIO_SSRC, KEPT_MILLIS + millis, 48);
      }
      if (millis >= 2_000) {
        assertThat(lastTime(page.stream().video()) - lastTime(page.stream().audio()))
            .as("how far the picture is ahead after %d ms", millis)
            .isBetween(-80L, 80L);
      }
    }

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().audio().getFirst().millis()).isLessThan(300);
    assertThat(page.stream().audio().stream().filter(block -> !block.isMadeUp()).count())
        .isGreaterThan(sounds - 30);
    assertThat(call.relay.stats().getFirst().framesDropped()).isLessThan(30);
  }

  private static long lastTime(List<Block> blocks) {
    return blocks.getLast().millis();
  }
}
