package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** Packets of VP9 (and VP8 on the same stream), and the frames that come of them. */
class Vp9ReceptionTest implements RtpSessionListener {
  private static final int VP8 = 96;
  private static final int VP9 = 98;
  private static final long MILLI = 1_000_000;

  private final List<String> frames = new ArrayList<>();
  private final RtpSession session =
      new RtpSession("bob", NtpClock.at(0, Instant.EPOCH), new Random(1), this);
  private int keyFrameRequests;
  private long now = MILLI;

  Vp9ReceptionTest() {
    session.addReceiver(
        new ReceiveParameters(
            "v",
            List.of(
                new PayloadFormat(MediaFormat.VP8, VP8, -1, false, true),
                new PayloadFormat(MediaFormat.VP9, VP9, -1, false, true)),
            Redundancy.ABSENT,
            ReceiveParameters.NONE,
            ReceiveParameters.NONE,
            RtpExtensionMap.empty()));
  }

  private void receive(int payloadType, int number, long timestamp, boolean marker, String hex) {
    ByteBuffer out = ByteBuffer.allocate(2000);
    new RtpPacketWriter(RtpExtensionMap.empty(), "")
        .start(out, marker, payloadType, number, timestamp, 7);
    out.put(HexFormat.of().parseHex(hex.replace(" ", "")));
    session.receiveRtp(out.flip(), now);
    now += MILLI;
  }

  private void receive(int number, long timestamp, boolean marker, String hex) {
    receive(VP9, number, timestamp, marker, hex);
  }

  /** Lets what is missing be given up. */
  private void waitForNothing() {
    long end = now + 1_000 * MILLI;
    while (session.nextTimeoutNanos() <= end) {
      now = Math.max(now, session.nextTimeoutNanos());
      session.handleTimeout(now);
    }
    now = end;
  }

  @Override
  public void onFrame(ReceiveStream stream, MediaFrame frame) {
    String bytes = HexFormat.of().formatHex(VirtualCall.bytes(frame.payload()));
    frames.add(frame.format() + (frame.key() ? " key " : " ") + bytes);
  }

  @Override
  public void onRtpToSend(ByteBuffer packet) {}

  @Override
  public void onRtcpToSend(ByteBuffer compound) {
    try {
      keyFrameRequests +=
          (int)
              RtcpCompound.parse(compound).stream()
                  .filter(PictureLossIndication.class::isInstance)
                  .count();
    } catch (MalformedPacketException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onKeyFrameRequested(SendStream stream) {}

  @Override
  public void onBandwidthEstimate(long bitsPerSecond) {}

  @Test
  void aPictureWithoutLayersIsItsPackets() {
    receive(1, 0, false, "88 01 82aa");
    receive(2, 0, true, "84 01 bb");
    receive(3, 3000, true, "cc 02 86cc");

    assertThat(frames).containsExactly("VP9 key 82aabb", "VP9 86cc");
  }

  @Test
  void aPictureOfThreeSpatialLayersIsOneSuperframe() {
    receive(1, 0, false, "a8 01 00 00 82aa");
    receive(2, 0, false, "a4 01 00 00 ab");
    receive(3, 0, false, "ac 01 03 00 86bb");
    assertThat(frames).isEmpty();
    receive(4, 0, true, "ac 01 05 00 86cccc");

    assertThat(frames).containsExactly("VP9 key 82aaab86bb86cccc" + "c2030203c2");
  }

  @Test
  void aLayerThatIsMissingMakesThePictureMissing() {
    receive(1, 0, false, "ac 01 00 00 82aa");
    receive(3, 0, true, "ac 01 05 00 86cc");
    receive(4, 3000, true, "ec 02 00 01 86dd");
    waitForNothing();

    assertThat(frames).isEmpty();
    assertThat(keyFrameRequests).isPositive();
  }

  @Test
  void aFlexiblePictureNeedsWhatItSays() {
    receive(1, 0, true, "bc 01 00 82aa");
    receive(2, 3000, true, "fc 02 20 02 86bb");
    // picture 3, temporal layer 1, is lost; picture 4 refers to picture 2
    receive(4, 9000, true, "fc 04 00 04 86cc");
    receive(5, 12_000, true, "fc 05 20 04 86dd"); // refers to picture 3
    receive(6, 15_000, true, "fc 06 00 04 86ee"); // refers to picture 4
    waitForNothing();

    assertThat(frames).containsExactly("VP9 key 82aa", "VP9 86bb", "VP9 86cc", "VP9 86ee");
    assertThat(keyFrameRequests).isZero();
  }

  @Test
  void aBaseLayerPictureThatNeedsALostOneTakesAKeyFrame() {
    receive(1, 0, true, "bc 01 00 82aa");
    receive(3, 6000, true, "fc 03 00 02 86bb"); // refers to picture 2
    waitForNothing();
    receive(4, 9000, true, "fc 04 00 06 86cc"); // refers to picture 1, too late
    receive(5, 12_000, true, "bc 05 00 82dd");

    assertThat(frames).containsExactly("VP9 key 82aa", "VP9 key 82dd");
    assertThat(keyFrameRequests).isPositive();
  }

  @Test
  void theUpperLayersReferencesCountToo() {
    receive(1, 0, false, "bc 01 00 82aa");
    receive(2, 0, true, "bc 01 03 86ab");
    // picture 2 is lost; the base layer of picture 3 refers to picture 1, its upper layer to 2
    receive(5, 6000, false, "fc 03 20 04 86bb");
    receive(6, 6000, true, "fc 03 22 02 86bc");
    waitForNothing();

    assertThat(frames).containsExactly("VP9 key 82aa86abc1" + "0202c1");
  }

  @Test
  void higherTemporalLayersBeginAnewBehindASwitchingUpPoint() {
    receive(1, 0, true, "ac 01 00 01 82aa");
    receive(3, 6000, true, "ec 03 40 01 86bb"); // layer 2, behind a hole: not decodable
    receive(4, 9000, true, "ec 04 10 02 86cc"); // base layer, a switching-up point
    receive(5, 12_000, true, "ec 05 40 02 86dd");
    waitForNothing();

    assertThat(frames).containsExactly("VP9 key 82aa", "VP9 86cc", "VP9 86dd");
    assertThat(keyFrameRequests).isZero();
  }

  @Test
  void hostilePacketsAreDroppedAndWholeFramesComeAfterThem() {
    Random random = new Random(17);
    int rounds = 20_000;
    for (int round = 0; round < rounds; round++) {
      byte[] payload = new byte[1 + random.nextInt(30)];
      random.nextBytes(payload);
      int payloadType = random.nextInt(8) == 0 ? VP8 : VP9;
      long timestamp = 3000L * (round / (1 + random.nextInt(4)));
      String hex = HexFormat.of().formatHex(payload);
      receive(payloadType, round + random.nextInt(6), timestamp, random.nextBoolean(), hex);
      if (session.nextTimeoutNanos() <= now) {
        session.handleTimeout(now);
      }
    }
    assertThat(frames.size()).isLessThan(rounds);

    waitForNothing();
    receive(rounds + 10, 3000L * (rounds + 10), true, "8c 01 82aa");
    waitForNothing();
    receive(rounds + 11, 3000L * (rounds + 11), true, "cc 02 86bb");

    assertThat(frames).endsWith("VP9 key 82aa", "VP9 86bb");
  }

  @Test
  void aSenderMayChangeTheCodecWithAKeyFrame() {
    receive(VP8, 1, 0, true, "9080 01 00aa");
    receive(VP9, 2, 3000, true, "8c 01 82bb");
    receive(VP9, 3, 6000, true, "cc 02 86cc");
    receive(VP8, 4, 9000, true, "9080 02 00dd");

    assertThat(frames).containsExactly("VP8 key 00aa", "VP9 key 82bb", "VP9 86cc", "VP8 key 00dd");
    assertThat(keyFrameRequests).isZero();
  }

  @Test
  void afterAChangeOfTheCodecNothingComesBeforeAKeyFrame() {
    receive(VP8, 1, 0, true, "9080 01 00aa");
    receive(VP9, 2, 3000, true, "cc 02 86bb");
    waitForNothing();
    assertThat(keyFrameRequests).isPositive();
    receive(VP9, 3, 6000, true, "8c 03 82cc");

    assertThat(frames).containsExactly("VP8 key 00aa", "VP9 key 82cc");
  }

  @Test
  void aLatePacketOfTheCodecBeforeChangesNothingBack() {
    receive(VP8, 1, 0, true, "9080 01 00aa");
    receive(VP9, 3, 6000, true, "8c 01 82bb");
    receive(VP8, 2, 3000, true, "9080 02 01cc");
    receive(VP9, 4, 9000, true, "cc 02 86dd");

    assertThat(frames).containsExactly("VP8 key 00aa", "VP9 key 82bb", "VP9 86dd");
  }
}
