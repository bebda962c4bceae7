package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameHeadersTest {
  private static final int MUTATIONS = 50_000 * Integer.getInteger("heliograph.fuzz", 1);

  @TempDir static Path directory;

  private static Samples samples;

  @BeforeAll
  static void encodeSamples() throws IOException {
    samples = Samples.encode(directory);
  }

  @ParameterizedTest
  @EnumSource
  void aKeyFrameGivesItsPictureSize(VideoCodec codec) {
    VideoTrack track = VideoTrack.of(7, codec, samples.of(codec).getFirst().payload());

    assertThat(track.number()).isEqualTo(7);
    assertThat(track.width()).isEqualTo(Samples.WIDTH);
    assertThat(track.height()).isEqualTo(Samples.HEIGHT);
  }

  @ParameterizedTest
  @EnumSource
  void aDeltaFrameGivesNoTrack(VideoCodec codec) {
    EncodedFrame delta =
        samples.of(codec).stream().filter(frame -> !frame.key()).findFirst().orElseThrow();

    assertThatThrownBy(() -> VideoTrack.of(1, codec, delta.payload()))
        .isInstanceOf(MalformedFrameException.class);
  }

  @Test
  void vp8ScalingBitsAreNoPartOfTheSize() throws IOException {
    byte[] vector =
        Files.readAllBytes(Path.of("src/test/resources/vp8/vp80-03-segmentation-1425.ivf"));

    Vp8FrameHeader header = Vp8FrameHeader.parse(Ivf.read(vector).getFirst().payload());

    assertThat(header.keyFrame()).isTrue();
    assertThat(List.of(header.width(), header.height())).isEqualTo(List.of(176, 144));
  }

  @Test
  void vp8HeaderFieldsAreRead() {
    Vp8FrameHeader key = Vp8FrameHeader.parse(Vp8Frames.key(16383, 1));
    Vp8FrameHeader hidden = Vp8FrameHeader.parse(Vp8Frames.hidden());

    assertThat(key).isEqualTo(new Vp8FrameHeader(true, 0, true, 0, 16383, 1));
    assertThat(hidden).isEqualTo(new Vp8FrameHeader(false, 0, false, 0, 0, 0));
  }

  @Test
  void av1SequenceHeaderFieldsAreRead() {
    Av1SequenceHeader header = Av1SequenceHeader.parse(samples.av1().getFirst().payload());

    assertThat(header.profile()).isZero();
    assertThat(header.bitDepth()).isEqualTo(8);
    assertThat(header.monochrome()).isFalse();
    assertThat(header.subsamplingX() && header.subsamplingY()).isTrue();
    assertThat(header.codecString()).isEqualTo("av01.0.00M.08");
  }

  @Test
  void av1CodecConfigurationHoldsTheSequenceHeaderWithASize() {
    ByteBuffer unit = samples.av1().getFirst().payload();
    Av1Obus obus = new Av1Obus(unit);
    do {
      assertThat(obus.next()).isTrue();
    } while (obus.type() != Av1Obus.SEQUENCE_HEADER);
    ByteBuffer payload = obus.payload();
    ByteBuffer unsized = ByteBuffer.allocate(1 + payload.remaining());
    unsized.put((byte) (Av1Obus.SEQUENCE_HEADER << 3)).put(payload).flip();

    ByteBuffer configuration = Av1SequenceHeader.codecConfiguration(unit);

    assertThat(configuration.get(0) & 0xff).isEqualTo(0x81);
    assertThat(configuration.slice(4, configuration.limit() - 4)).isEqualTo(obus.whole());
    assertThat(Av1SequenceHeader.codecConfiguration(unsized)).isEqualTo(configuration);
  }

  /**
   * Whole, cut, flipped and random input: the declared exception or a sensible result, no other.
   */
  @ParameterizedTest
  @EnumSource
  void hostileKeyFramesGiveATrackOrTheDeclaredException(VideoCodec codec) {
    Random random = new Random(codec.name().hashCode());
    List<EncodedFrame> frames = samples.of(codec);
    int understood = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      ByteBuffer frame = mutate(frames.get(random.nextInt(frames.size())).payload(), random);
      int position = frame.position();
      int limit = frame.limit();
      try {
        VideoTrack track = VideoTrack.of(1, codec, frame);
        assertThat(track.width()).isPositive();
        assertThat(track.height()).isPositive();
        understood++;
      } catch (MalformedFrameException e) {
        assertThat(e).hasMessageContaining(codec.name());
      }
      assertThat(List.of(frame.position(), frame.limit())).isEqualTo(List.of(position, limit));
    }
    assertThat(understood).as("mutations that still are key frames").isPositive();
  }

  /** What the muxer makes of a hostile frame is a cluster with just that frame, or an exception. */
  @ParameterizedTest
  @EnumSource
  void hostileFramesNeverBreakTheStream(VideoCodec codec) {
    Random random = new Random(codec.name().hashCode());
    List<EncodedFrame> frames = samples.of(codec);
    CollectingSink sink = new CollectingSink();
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), sink);
    muxer.begin(List.of(VideoTrack.of(1, codec, frames.getFirst().payload())));
    muxer.write(1, 0, true, frames.getFirst().payload());
    int written = 0;
    for (int i = 0; i < 5_000; i++) {
      ByteBuffer frame = mutate(frames.get(random.nextInt(frames.size())).payload(), random);
      try {
        muxer.write(1, i, random.nextBoolean(), frame);
        written++;
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }

    assertThat(written).isPositive();
    for (CollectingSink.Stream stream : sink.streams) {
      assertThat(EbmlElement.parse(stream.file()).all("Cluster"))
          .hasSize(stream.clusters().size())
          .allSatisfy(cluster -> assertThat(cluster.find("SimpleBlock").block().track()).isOne());
    }
  }

  private static ByteBuffer mutate(ByteBuffer frame, Random random) {
    int size = Math.min(frame.remaining(), 64);
    byte[] bytes = new byte[size];
    frame.get(frame.position(), bytes);
    switch (random.nextInt(4)) {
      case 0 -> random.nextBytes(bytes);
      case 1 -> bytes[random.nextInt(Math.min(size, 24))] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[random.nextInt(size)] = (byte) random.nextInt();
      default -> {
        return ByteBuffer.wrap(bytes, 0, random.nextInt(size + 1));
      }
    }
    int start = random.nextInt(4) == 0 ? random.nextInt(size) : 0;
    return ByteBuffer.wrap(bytes, start, size - start);
  }
}
