package org.heliograph.webm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Two seconds of picture and sound in every codec, encoded by the ffmpeg command. */
record Samples(
    List<EncodedFrame> vp8,
    List<EncodedFrame> vp9,
    List<EncodedFrame> av1,
    List<EncodedFrame> opus) {
  static final int WIDTH = 162; // no multiple of a macroblock
  static final int HEIGHT = 98;

  private static final String VP8 = "-c:v libvpx -deadline realtime -auto-alt-ref 0 -b:v 200k";

  static Samples encode(Path directory) throws IOException {
    return new Samples(
        video(directory, "vp8", VP8),
        video(directory, "vp9", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k"),
        video(directory, "av1", "-c:v libaom-av1 -cpu-used 8 -usage realtime -b:v 200k"),
        opus(directory));
  }

  List<EncodedFrame> of(VideoCodec codec) {
    return switch (codec) {
      case VP8 -> vp8;
      case VP9 -> vp9;
      case AV1 -> av1;
    };
  }

  /** The same picture as VP8 in another size. */
  static List<EncodedFrame> vp8(Path directory, int width, int height) throws IOException {
    return video(directory, "vp8-" + width, VP8, width, height);
  }

  private static List<EncodedFrame> video(Path directory, String name, String encoder)
      throws IOException {
    return video(directory, name, encoder, WIDTH, HEIGHT);
  }

  private static List<EncodedFrame> video(
      Path directory, String name, String encoder, int width, int height) throws IOException {
    Path file = directory.resolve(name + ".ivf");
    String source = "-f lavfi -i testsrc=duration=2:rate=15:size=" + width + "x" + height;
    ffmpeg(directory, source + " -pix_fmt yuv420p -g 15 " + encoder + " " + file);
    return Ivf.read(Files.readAllBytes(file));
  }

  private static List<EncodedFrame> opus(Path directory) throws IOException {
    Path file = directory.resolve("opus.ogg");
    String source = "-f lavfi -i sine=frequency=440:duration=2:sample_rate=48000";
    ffmpeg(directory, source + " -ac 2 -c:a libopus -frame_duration 20 -b:a 32k " + file);
    return OggOpus.read(Files.readAllBytes(file));
  }

  private static void ffmpeg(Path directory, String arguments) {
    Tool.Result result = Tool.FFMPEG.run(directory, ("-v error -y " + arguments).split(" ", -1));
    if (result.exitCode() != 0) {
      throw new AssertionError("ffmpeg " + arguments + " failed: " + result.errors());
    }
  }
}
