package org.heliograph.agent.loopback;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.junit.jupiter.api.Test;

class ForwardedPictureLimitTest {
  private final ForwardedPictureLimit limit = new ForwardedPictureLimit();
  private Object source = new Object();
  private long number;

  private boolean admits(long rtpTime, int frameOffset, int... payload) {
    ByteBuffer bytes = ByteBuffer.allocate(payload.length);
    for (int value : payload) {
      bytes.put((byte) value);
    }
    return limit.admits(
        new MediaPacket(
            source,
            MediaFormat.VP8,
            number++,
            rtpTime,
            false,
            MediaFrame.NO_LEVEL,
            0,
            MediaPacket.UNKNOWN,
            frameOffset,
            bytes.flip()));
  }

  private boolean key(long rtpTime, int width, int height) {
    return admits(
        rtpTime,
        1,
        0x10,
        0x10,
        0,
        0,
        0x9d,
        1,
        0x2a,
        width & 0xff,
        width >> 8,
        height & 0xff,
        height >> 8);
  }

  private boolean delta(long rtpTime) {
    return admits(rtpTime, 1, 0x10, 0x31, 0, 0, 1);
  }

  private boolean rest(long rtpTime) {
    return admits(rtpTime, MediaPacket.NO_FRAME, 0, 1, 2, 3);
  }

  @Test
  void picturesWithinTheBoundAreForwarded() {
    assertThat(key(0, 4096, 4096)).isTrue();
    assertThat(rest(0)).isTrue();
    assertThat(delta(3000)).isTrue();
  }

  @Test
  void allFromALargePictureToTheNextSmallKeyFrameIsKeptBack() {
    assertThat(key(0, 640, 480)).isTrue();
    assertThat(key(3000, 16_000, 16_000)).isFalse();
    assertThat(rest(3000)).isFalse();
    assertThat(rest(0)).as("sent again, of the picture before").isTrue();
    assertThat(delta(6000)).isFalse();
    assertThat(key(9000, 640, 480)).isTrue();
    assertThat(rest(6000)).as("sent again, of the large one").isFalse();
    assertThat(rest(9000)).isTrue();
    assertThat(delta(12_000)).isTrue();
  }

  @Test
  void itMayHappenAgain() {
    for (long time = 0; time < 60_000; time += 6000) {
      assertThat(key(time, 640, 480)).isTrue();
      assertThat(key(time + 3000, 0, 480)).isFalse();
      assertThat(delta(time + 3500)).isFalse();
    }
  }

  @Test
  void aSenderThatBeginsAnewIsJudgedAnew() {
    assertThat(key(9000, 16_000, 16_000)).isFalse();
    source = new Object();
    assertThat(key(0, 640, 480)).isTrue();
    assertThat(delta(12_000)).isTrue();
  }

  @Test
  void aFirstPacketWithoutAWholeHeaderIsKeptBack() {
    assertThat(admits(0, 1, 0x10, 0x10, 0)).isFalse();
    assertThat(delta(3000)).isFalse();
  }

  @Test
  void whatWasBetweenTwoLargePicturesIsStillSentAgain() {
    assertThat(key(3000, 16_000, 16_000)).isFalse();
    assertThat(key(6000, 640, 480)).isTrue();
    assertThat(key(9000, 16_000, 16_000)).isFalse();
    assertThat(rest(6000)).isTrue();
  }

  @Test
  void ofTwoLargePicturesTheFirstIsKeptBackToo() {
    assertThat(key(3000, 16_000, 16_000)).isFalse();
    assertThat(key(6000, 16_000, 16_000)).isFalse();
    assertThat(rest(3000)).isFalse();
  }

  @Test
  void aLaterKeyFrameKeepsNothingBack() {
    assertThat(key(3000, 16_000, 16_000)).isFalse();
    assertThat(key(6000, 640, 480)).isTrue();
    assertThat(key(9000, 640, 480)).isTrue();
    assertThat(rest(6000)).isTrue();
  }

  @Test
  void aKeyFrameFromBeforeALargePictureEndsNothing() {
    assertThat(key(6000, 16_000, 16_000)).isFalse();
    assertThat(key(3000, 640, 480)).as("sent again").isTrue();
    assertThat(delta(9000)).isFalse();
  }
}
