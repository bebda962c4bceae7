package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.heliograph.media.Encoders;
import org.heliograph.media.Goertzel;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sound of a real Opus encoder that pauses, as FFmpeg hears it behind the relay. */
class MutedSenderTest {
  private static final int HERTZ = 440;
  private static final double SOUND = 0.2;

  @TempDir private Path directory;

  private final VirtualRelay call = new VirtualRelay();
  private final FakeSubscriber page;
  private final List<MediaFrame> tone;
  private int said;

  MutedSenderTest() throws CodecException {
    call.relay.expect(VirtualRelay.AUDIO);
    page = call.subscribe(MediaFormat.WEBM);
    tone = encode(500);
  }

  private static List<MediaFrame> encode(int packets) throws CodecException {
    List<MediaFrame> frames = new ArrayList<>();
    try (OpusEncoder encoder =
        Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false))) {
      short[] samples = new short[OpusEncoder.FRAME_SAMPLES];
      for (int i = 0; i < packets; i++) {
        for (int s = 0; s < samples.length; s++) {
          double cycles = (double) HERTZ * (i * samples.length + s) / OpusEncoder.SAMPLE_RATE;
          samples[s] = (short) (32_000 * SOUND * Math.sin(2 * Math.PI * cycles));
        }
        frames.add(encoder.encode(samples, i * OpusEncoder.FRAME_NANOS));
      }
    }
    return frames;
  }

  private void speak(int millis) {
    for (int i = 0; i < millis / 20; i++) {
      call.pass(20);
      MediaFrame packet = tone.get(said++);
      call.audio(
          new MediaFrame(
              packet.format(),
              call.senderMillis() * Frames.MILLISECOND,
              packet.durationNanos(),
              true,
              packet.payload()));
    }
  }

  /** What FFmpeg decodes, at 48 kHz. */
  private float[] heard() throws IOException, InterruptedException {
    Path file = directory.resolve("page.webm");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (ByteBuffer message : page.binaries) {
        out.write(message.duplicate());
      }
    }
    assertThat(FfmpegCommand.decode(file)).isNotEmpty();
    Path sound = directory.resolve("sound.raw");
    Process ffmpeg =
        new ProcessBuilder(
                "ffmpeg",
                "-v",
                "error",
                "-i",
                file.toString(),
                "-f",
                "f32le",
                "-ac",
                "1",
                "-ar",
                "48000",
                sound.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(ffmpeg.getInputStream().readAllBytes()).isEmpty();
    assertThat(ffmpeg.waitFor()).isZero();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(sound)).order(ByteOrder.LITTLE_ENDIAN);
    float[] samples = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(samples);
    return samples;
  }

  private static double loudness(float[] samples, double fromSeconds, double toSeconds) {
    return Goertzel.amplitude(
        Arrays.copyOfRange(samples, (int) (fromSeconds * 48_000), (int) (toSeconds * 48_000)),
        HERTZ);
  }

  @Test
  void aMuteOfManySecondsIsHeardAsSilenceOfItsLength() throws Exception {
    speak(2_000);
    call.pass(10_000);
    speak(2_000);
    float[] heard = heard();

    assertThat(heard.length / 48_000.0).isCloseTo(14, within(0.15));
    assertThat(loudness(heard, 0.5, 1.5)).isBetween(SOUND / 2, SOUND * 2);
    for (double second = 3.5; second < 11; second += 0.5) {
      assertThat(loudness(heard, second, second + 0.5)).isLessThan(0.001);
    }
    assertThat(loudness(heard, 12.5, 13.5)).isBetween(SOUND / 2, SOUND * 2);
  }

  @Test
  void aLostPacketIsHeardAsNoSilence() throws Exception {
    speak(1_000);
    call.pass(20);
    said++;
    speak(1_000);
    float[] heard = heard();

    assertThat(heard.length / 48_000.0).isCloseTo(2, within(0.1));
    for (double second = 0.2; second < 1.8; second += 0.2) {
      assertThat(loudness(heard, second, second + 0.2)).isGreaterThan(SOUND / 2);
    }
  }
}
