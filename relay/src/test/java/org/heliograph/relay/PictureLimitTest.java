package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureLimitTest {
  private final PictureLimit limit = new PictureLimit();

  /** Puts fields of some bits each, one after the other. */
  private static final class Bits {
    private final BitSet bits = new BitSet();
    private int count;

    Bits put(int value, int size) {
      for (int i = size - 1; i >= 0; i--) {
        bits.set(count++, (value >> i & 1) != 0);
      }
      return this;
    }

    ByteBuffer bytes() {
      ByteBuffer out = ByteBuffer.allocate((count + 7) / 8 + 8);
      for (int i = 0; i < count; i++) {
        int at = i / 8;
        out.put(at, (byte) (out.get(at) | (bits.get(i) ? 0x80 >> i % 8 : 0)));
      }
      return out;
    }
  }

  private static MediaFrame vp9(boolean key, ByteBuffer payload) {
    return new MediaFrame(MediaFormat.VP9, 0, 0, key, payload);
  }

  /** Frame marker, profile 0, no frame that is shown again. */
  private static Bits start(boolean inter, boolean shown) {
    return new Bits().put(2, 2).put(0, 3).put(inter ? 1 : 0, 1).put(shown ? 1 : 0, 1).put(0, 1);
  }

  private static ByteBuffer vp9Key(int width, int height) {
    return start(false, true)
        .put(0x498342, 24)
        .put(1, 3) // colour space
        .put(0, 1)
        .put(width - 1, 16)
        .put(height - 1, 16)
        .bytes();
  }

  private static ByteBuffer vp9IntraOnly(int width, int height) {
    return start(true, false)
        .put(1, 1) // intra_only
        .put(0, 2)
        .put(0x498342, 24)
        .put(1, 8) // fills slot 0
        .put(width - 1, 16)
        .put(height - 1, 16)
        .bytes();
  }

  /** A frame that is predicted from ones of another size. */
  private static ByteBuffer vp9Resized(int width, int height) {
    return start(true, true)
        .put(0, 2)
        .put(1, 8)
        .put(0, 12)
        .put(0, 3) // has the size of none
        .put(width - 1, 16)
        .put(height - 1, 16)
        .bytes();
  }

  private static ByteBuffer vp9Delta() {
    return start(true, true).put(0, 2).put(1, 8).put(0, 12).put(1, 1).bytes();
  }

  private static ByteBuffer superframe(ByteBuffer... frames) {
    int marker = 0xc0 | 1 << 3 | frames.length - 1; // sizes of 2 bytes
    ByteBuffer out = ByteBuffer.allocate(500);
    for (ByteBuffer frame : frames) {
      out.put(frame.duplicate());
    }
    out.put((byte) marker);
    for (ByteBuffer frame : frames) {
      out.put((byte) frame.remaining()).put((byte) 0);
    }
    return out.put((byte) marker).flip();
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096, true",
    "4097, 4096, false",
    "16383, 1024, true",
    "16383, 1025, false",
    "1024, 16383, true",
    "8192, 2048, true",
    "16000, 16000, false",
    "640, 480, true",
    "1, 1, true",
    "0, 480, false",
    "640, 0, false",
  })
  void aVp8KeyFrameIsTakenUpToTheBound(int width, int height, boolean taken) {
    assertThat(limit.admits(Frames.key(0, width, height))).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096, true",
    "4096, 4097, false",
    "16383, 1024, true",
    "16384, 1, false",
    "1, 16384, false",
    "65536, 65536, false",
    "1280, 720, true",
  })
  void aVp9KeyFrameIsTakenUpToTheBound(int width, int height, boolean taken) {
    assertThat(limit.admits(vp9(true, vp9Key(width, height)))).isEqualTo(taken);
  }

  @Test
  void whatNeedsAPictureThatWasKeptBackIsKeptBackToo() {
    assertThat(limit.admits(Frames.key(0, 640, 480))).isTrue();
    assertThat(limit.admits(Frames.delta(40))).isTrue();
    assertThat(limit.admits(Frames.key(80, 16_000, 16_000))).isFalse();
    assertThat(limit.admits(Frames.delta(120))).isFalse();
    assertThat(limit.why()).isEqualTo("it is 16000×16000 pixels");
    assertThat(limit.wantsKeyFrame()).as("it would be as large").isFalse();
    assertThat(limit.admits(Frames.key(160, 640, 480))).isTrue();
    assertThat(limit.admits(Frames.delta(200))).isTrue();
  }

  @Test
  void aKeyFrameIsWantedAfterOneThatCannotBeRead() {
    assertThat(limit.admits(Frames.brokenKey(0))).isFalse();
    assertThat(limit.wantsKeyFrame()).isTrue();
    assertThat(limit.admits(Frames.delta(40))).isFalse();
    assertThat(limit.wantsKeyFrame()).isTrue();
    assertThat(limit.why()).contains("cannot be read");
  }

  @Test
  void anotherCodecIsAnotherSize() {
    assertThat(limit.admits(Frames.key(0, 16_000, 16_000))).isFalse();
    assertThat(limit.admits(vp9(true, vp9Key(1280, 720)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9Delta()))).isTrue();
  }

  @Test
  void vp9MayGrowWithoutAKeyFrame() {
    assertThat(limit.admits(vp9(true, vp9Key(640, 360)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9Resized(1280, 720)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9Resized(10_240, 5760)))).isFalse();
    assertThat(limit.wantsKeyFrame()).isFalse();
    assertThat(limit.admits(vp9(false, vp9Delta()))).isFalse();
    assertThat(limit.admits(vp9(false, vp9Resized(640, 360))))
        .as("it needs the large one")
        .isFalse();
    assertThat(limit.wantsKeyFrame()).as("it would be small").isTrue();
    assertThat(limit.admits(vp9(true, vp9Key(640, 360)))).isTrue();
  }

  @Test
  void anIntraOnlyPictureHasASizeToo() {
    assertThat(limit.admits(vp9(true, vp9Key(640, 360)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9IntraOnly(640, 360)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9IntraOnly(16_000, 16_000)))).isFalse();
    assertThat(limit.admits(vp9(false, vp9IntraOnly(640, 360)))).isFalse();
  }

  @Test
  void eachPictureOfASuperframeCountsThoughItIsNotTheOneThatIsShown() {
    ByteBuffer small = vp9Key(640, 360);
    assertThat(limit.admits(vp9(true, superframe(small, vp9Resized(1280, 720))))).isTrue();
    assertThat(limit.admits(vp9(false, superframe(vp9IntraOnly(9000, 9000), vp9Delta()))))
        .isFalse();
    assertThat(limit.admits(vp9(true, superframe(small, vp9Resized(8000, 8000), vp9Delta()))))
        .isFalse();
    assertThat(limit.admits(vp9(true, superframe(small, vp9Delta())))).isTrue();
  }

  @Test
  void aKeyFrameThatIsNotCalledOneIsMeasuredAllTheSame() {
    assertThat(limit.admits(vp9(true, vp9Key(640, 360)))).isTrue();
    assertThat(limit.admits(vp9(false, vp9Key(9000, 9000)))).isFalse();
    assertThat(limit.admits(vp9(true, vp9Delta()))).as("it is called one and is none").isFalse();
    assertThat(limit.admits(vp9(false, vp9Key(640, 360)))).as("it is not called one").isFalse();
  }

  @Test
  void aPictureThatIsShownAgainIsTakenAndNothingMayHideBehindIt() {
    ByteBuffer again = new Bits().put(2, 2).put(0, 2).put(1, 1).put(0, 3).bytes();
    assertThat(limit.admits(vp9(true, vp9Key(640, 360)))).isTrue();
    assertThat(limit.admits(vp9(false, again.duplicate().limit(1)))).isTrue();
    ByteBuffer hiding = ByteBuffer.allocate(100).put(again.get(0)).put(vp9Key(9000, 9000)).flip();

    assertThat(limit.admits(vp9(false, hiding))).isFalse();
  }

  @Test
  void whateverComesItIsTakenOrKeptBack() {
    Random random = new Random(5);
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      random.nextBytes(bytes);
      MediaFormat format = random.nextBoolean() ? MediaFormat.VP8 : MediaFormat.VP9;
      var frame = new MediaFrame(format, 0, 0, random.nextBoolean(), ByteBuffer.wrap(bytes));
      taken += limit.admits(frame) ? 1 : 0;
    }
    assertThat(taken).isBetween(0, 99_999);
  }
}
