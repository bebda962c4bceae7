package org.heliograph.media;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.codec.LibvpxVp8Encoder;
import org.heliograph.codec.NativeLibrary;
import org.heliograph.media.FfmpegDecoder.DecodedPicture;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.VideoEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VideoEncoderTest {
  private static final long FRAME_NANOS = 1_000_000_000L / 30;
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;

  enum Implementation {
    LIBVPX,
    FFMPEG;

    VideoEncoder open(VideoEncoder.Settings settings) throws CodecException {
      return switch (this) {
        case LIBVPX -> new LibvpxVp8Encoder(settings);
        case FFMPEG -> new FfmpegVp8Encoder(settings);
      };
    }
  }

  private static VideoEncoder.Settings settings(int bitsPerSecond) {
    return new VideoEncoder.Settings(WIDTH, HEIGHT, 30, bitsPerSecond, false);
  }

  /** Something with texture that moves by some pixels from picture to picture. */
  private static void paint(I420Picture picture, int index) {
    int width = picture.width();
    double[] across = new double[width];
    for (int x = 0; x < width; x++) {
      across[x] = Math.sin((x + 3 * index) * 0.11);
    }
    byte[] row = new byte[width];
    for (int y = 0; y < picture.height(); y++) {
      double down = Math.cos((y - 2 * index) * 0.07);
      for (int x = 0; x < width; x++) {
        int grain = ((x + 3 * index) * 31 ^ (y - 2 * index) * 17) & 15;
        row[x] = (byte) (118 + 90 * across[x] * down + grain);
      }
      MemorySegment.copy(row, 0, picture.y(), JAVA_BYTE, (long) y * width, width);
    }
  }

  private static List<MediaFrame> encode(VideoEncoder encoder, int first, int count)
      throws CodecException {
    List<MediaFrame> frames = new ArrayList<>();
    try (I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      for (int i = first; i < first + count; i++) {
        paint(picture, i);
        encoder.encode(picture, i * FRAME_NANOS, false).ifPresent(frames::add);
      }
    }
    return frames;
  }

  private static long bits(List<MediaFrame> frames) {
    return frames.stream().mapToLong(frame -> 8L * frame.payload().remaining()).sum();
  }

  private static double peakSignalToNoise(I420Picture original, DecodedPicture decoded) {
    double squares = 0;
    for (int i = 0; i < decoded.luma().length; i++) {
      int difference = (original.y().get(JAVA_BYTE, i) & 0xFF) - (decoded.luma()[i] & 0xFF);
      squares += difference * difference;
    }
    return 10 * Math.log10(255.0 * 255 * decoded.luma().length / Math.max(squares, 1));
  }

  @ParameterizedTest
  @EnumSource
  void aDecodedPictureLooksLikeTheOriginal(Implementation implementation) throws Exception {
    try (VideoEncoder encoder = implementation.open(settings(500_000));
        FfmpegDecoder decoder = FfmpegDecoder.vp8();
        I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      double last = 0;
      for (int i = 0; i < 20; i++) {
        paint(picture, i);
        Optional<MediaFrame> frame = encoder.encode(picture, i * FRAME_NANOS, false);
        if (frame.isPresent()) {
          DecodedPicture decoded = decoder.decodePicture(frame.get()).orElseThrow();
          assertThat(decoded.width()).isEqualTo(WIDTH);
          assertThat(decoded.height()).isEqualTo(HEIGHT);
          last = peakSignalToNoise(picture, decoded);
        }
      }
      assertThat(last).as("PSNR of the last frame in dB").isGreaterThan(30);
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheFirstAndTheDemandedFrameAreKeyFrames(Implementation implementation) throws Exception {
    try (VideoEncoder encoder = implementation.open(settings(250_000));
        I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      List<Integer> keys = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        paint(picture, i);
        Optional<MediaFrame> frame = encoder.encode(picture, i * FRAME_NANOS, i == 25);
        if (frame.isPresent() && frame.get().key()) {
          keys.add(i);
        }
      }
      assertThat(keys).containsExactly(0, 25);
    }
  }

  @Test
  void aNewBitRateTakesEffectWithoutAKeyFrame() throws Exception {
    try (VideoEncoder encoder = new LibvpxVp8Encoder(settings(375_000))) {
      encode(encoder, 0, 60);
      long before = bits(encode(encoder, 60, 60));
      encoder.setBitsPerSecond(100_000);
      List<MediaFrame> settling = encode(encoder, 120, 60);
      List<MediaFrame> settled = encode(encoder, 180, 60);
      assertThat(before / 2.0).as("bits per second before").isBetween(250_000.0, 500_000.0);
      assertThat(bits(settled) / 2.0).as("bits per second after").isBetween(50_000.0, 150_000.0);
      assertThat(settling).noneMatch(MediaFrame::key);
      assertThat(settled).noneMatch(MediaFrame::key);
    }
  }

  @Test
  void theFallbackTakesANewBitRateAtThePriceOfAKeyFrame() throws Exception {
    try (VideoEncoder encoder = new FfmpegVp8Encoder(settings(375_000))) {
      encode(encoder, 0, 60);
      encoder.setBitsPerSecond(100_000);
      List<MediaFrame> settling = encode(encoder, 60, 60);
      assertThat(settling.getFirst().key()).isTrue();
      assertThat(bits(encode(encoder, 120, 60)) / 2.0).isBetween(50_000.0, 150_000.0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNewPictureSizeStartsWithAKeyFrame(Implementation implementation) throws Exception {
    try (VideoEncoder encoder = implementation.open(settings(250_000));
        FfmpegDecoder decoder = FfmpegDecoder.vp8();
        I420Picture large = new I420Picture(WIDTH, HEIGHT);
        I420Picture small = new I420Picture(160, 90);
        I420Picture larger = new I420Picture(480, 270)) {
      int i = 0;
      for (I420Picture picture : List.of(large, small, larger)) {
        paint(picture, i);
        MediaFrame frame = encoder.encode(picture, i++ * FRAME_NANOS, false).orElseThrow();
        assertThat(frame.key()).isTrue();
        DecodedPicture decoded = decoder.decodePicture(frame).orElseThrow();
        assertThat(decoded.width()).isEqualTo(picture.width());
        assertThat(decoded.height()).isEqualTo(picture.height());
      }
    }
  }

  @Test
  void aFrameCarriesTheTimeOfItsPicture() throws Exception {
    try (VideoEncoder encoder = new LibvpxVp8Encoder(settings(250_000));
        I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      assertThat(encoder.encode(picture, 123_456_789_123L, false).orElseThrow().timeNanos())
          .isEqualTo(123_456_789_123L);
    }
  }

  @Test
  void aClosedEncoderRefusesPictures() throws Exception {
    VideoEncoder encoder = new LibvpxVp8Encoder(settings(250_000));
    encoder.close();
    encoder.close();
    try (I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      assertThatThrownBy(() -> encoder.encode(picture, 0, false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void anOddSizeIsRefused() {
    assertThatThrownBy(() -> new VideoEncoder.Settings(641, 480, 30, 1_000_000, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("641x480");
  }

  @Test
  void aMissingLibrarySaysWhatToInstall() {
    assertThatThrownBy(
            () -> NativeLibrary.load("libvpx,", List.of("libvpx.so.0"), "libvpx7 or libvpx9"))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("libvpx.so.0")
        .hasMessageContaining("Install the package libvpx7 or libvpx9");
  }
}
