package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.heliograph.codec.LibopusEncoder;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpusEncoderTest {
  enum Implementation {
    LIBOPUS,
    FFMPEG;

    OpusEncoder open(OpusEncoder.Settings settings) throws CodecException {
      return switch (this) {
        case LIBOPUS -> new LibopusEncoder(settings);
        case FFMPEG -> new FfmpegOpusEncoder(settings);
      };
    }
  }

  private static OpusEncoder.Settings settings(int channels) {
    return new OpusEncoder.Settings(channels, 32_000, true, 10, false);
  }

  private static short[] tone(int hertz, int packet, int channels) {
    short[] samples = new short[OpusEncoder.FRAME_SAMPLES * channels];
    for (int i = 0; i < OpusEncoder.FRAME_SAMPLES; i++) {
      int index = packet * OpusEncoder.FRAME_SAMPLES + i;
      short sample = (short) (8000 * Math.sin(2 * Math.PI * hertz * index / 48_000));
      for (int channel = 0; channel < channels; channel++) {
        samples[i * channels + channel] = sample;
      }
    }
    return samples;
  }

  @ParameterizedTest
  @EnumSource
  void aToneKeepsItsFrequency(Implementation implementation) throws Exception {
    for (int channels = 1; channels <= 2; channels++) {
      try (OpusEncoder encoder = implementation.open(settings(channels));
          FfmpegDecoder decoder = FfmpegDecoder.opus(channels)) {
        float[] decoded = {};
        for (int packet = 0; packet < 20; packet++) {
          MediaFrame frame = encoder.encode(tone(880, packet, channels), packet * 20_000_000L);
          assertThat(frame.durationNanos()).isEqualTo(20_000_000);
          assertThat(frame.key()).isTrue();
          decoded = decoder.decodeSound(frame);
        }
        assertThat(decoded).hasSize(960);
        assertThat(Goertzel.strongest(decoded)).isBetween(860, 900);
        assertThat(Goertzel.amplitude(decoded, 880)).isBetween(0.2, 0.3);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNewBitRateTakesEffect(Implementation implementation) throws Exception {
    try (OpusEncoder encoder = implementation.open(settings(1))) {
      assertThat(bitsPerSecondOfNoise(encoder)).isBetween(24_000L, 44_000L);
      encoder.setBitsPerSecond(12_000);
      assertThat(bitsPerSecondOfNoise(encoder)).isBetween(6_000L, 16_000L);
    }
  }

  private static long bitsPerSecondOfNoise(OpusEncoder encoder) throws CodecException {
    Random random = new Random(1);
    long bits = 0;
    for (int packet = 0; packet < 100; packet++) {
      short[] samples = new short[960];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (short) random.nextInt(-6000, 6000);
      }
      bits += 8L * encoder.encode(samples, 0).payload().remaining();
    }
    return bits / 2;
  }

  @ParameterizedTest
  @EnumSource
  void packetsCarryTheOnesBeforeWhereLossIsExpected(Implementation implementation)
      throws Exception {
    try (OpusEncoder encoder =
        implementation.open(new OpusEncoder.Settings(1, 24_000, true, 0, false))) {
      assertThat(packetsWithFec(encoder)).isZero();
      encoder.setExpectedLossPercent(20);
      assertThat(packetsWithFec(encoder)).isGreaterThan(15);
      encoder.setExpectedLossPercent(0);
      assertThat(packetsWithFec(encoder)).isLessThan(5);
    }
  }

  /** How many of a hundred packets of something like a voice have in-band FEC. */
  private static int packetsWithFec(OpusEncoder encoder) throws CodecException {
    Random random = new Random(1);
    double previous = 0;
    int count = 0;
    for (int packet = 0; packet < 100; packet++) {
      short[] samples = new short[960];
      for (int i = 0; i < samples.length; i++) {
        double pulse = i % 400 == 0 ? 20_000 : random.nextInt(-300, 300);
        previous = 0.9 * previous + pulse;
        samples[i] = (short) Math.clamp(previous, -30_000, 30_000);
      }
      count += OpusPacket.carriesFec(encoder.encode(samples, 0).payload()) ? 1 : 0;
    }
    return count;
  }

  @Test
  void discontinuousTransmissionLeavesSilenceOut() throws Exception {
    try (OpusEncoder encoder =
        new LibopusEncoder(new OpusEncoder.Settings(1, 32_000, true, 10, true))) {
      int small = 0;
      for (int packet = 0; packet < 100; packet++) {
        if (encoder.encode(new short[960], 0).payload().remaining() <= 2) {
          small++;
        }
      }
      assertThat(small).isGreaterThan(50);
    }
  }

  @Test
  void theNumberOfSamplesMustBeThatOfOnePacket() throws Exception {
    try (OpusEncoder encoder = new LibopusEncoder(settings(2))) {
      assertThatThrownBy(() -> encoder.encode(new short[960], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1920");
    }
  }
}
