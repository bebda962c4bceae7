package org.heliograph.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A recording as FFmpeg's command reads it. */
public record RecordedFile(Path path, List<Track> tracks, double seconds, Instant startedAt) {
  /** A packet; its time in milliseconds as it is in the file. */
  public record Packet(long millis, int size, boolean key) {}

  /** A track with its packets, in the order of the file. */
  public record Track(String name, String codec, int width, List<Packet> packets) {
    /** The packets' times. */
    public List<Long> times() {
      return packets.stream().map(Packet::millis).toList();
    }
  }

  /** Reads a file; fails where FFmpeg warns of it. */
  public static RecordedFile read(Path file) throws IOException, InterruptedException {
    String text =
        run(
            "ffprobe",
            "-v",
            "error",
            "-of",
            "json",
            "-show_streams",
            "-show_format",
            "-show_packets",
            file.toString());
    JsonNode json = new JsonMapper().readTree(text);
    List<Track> tracks = new ArrayList<>();
    for (JsonNode stream : json.path("streams")) {
      List<Packet> packets = new ArrayList<>();
      // Of sound, FFmpeg gives the time at which it is heard, the encoder's delay before the
      // packet's.
      int delay = stream.path("codec_type").asText().equals("audio") ? 7 : 0;
      for (JsonNode packet : json.path("packets")) {
        if (packet.path("stream_index").equals(stream.path("index"))) {
          packets.add(
              new Packet(
                  packet.path("pts").asLong() + delay,
                  packet.path("size").asInt(),
                  packet.path("flags").asText().startsWith("K")));
        }
      }
      tracks.add(
          new Track(
              stream.path("tags").path("title").asText(),
              stream.path("codec_name").asText(),
              stream.path("width").asInt(),
              packets));
    }
    JsonNode format = json.path("format");
    String date = format.path("tags").path("creation_time").asText("1970-01-01T00:00:00Z");
    return new RecordedFile(file, tracks, format.path("duration").asDouble(), Instant.parse(date));
  }

  /** The one track of a name. */
  public Track track(String name) {
    return tracks.stream()
        .filter(track -> track.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no track " + name + " among " + names()));
  }

  /** The tracks' names. */
  public List<String> names() {
    return tracks.stream().map(Track::name).toList();
  }

  /** Runs a command of FFmpeg's and gives its output; fails where it does. */
  public static String run(String... command) throws IOException, InterruptedException {
    return new String(output(command), StandardCharsets.UTF_8);
  }

  /** A track's pictures, decoded: of each its brightness, row by row. */
  public byte[] luma(Track track, int width, int height) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-i", "" + path));
    command.addAll(List.of("-map", "0:" + tracks.indexOf(track), "-fps_mode", "passthrough"));
    command.addAll(List.of("-s", width + "x" + height, "-pix_fmt", "gray", "-f", "rawvideo", "-"));
    return output(command.toArray(String[]::new));
  }

  private static byte[] output(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readAllBytes();
    int exitCode = process.waitFor();
    if (exitCode != 0) {
      throw new AssertionError(String.join(" ", command) + " ended with " + exitCode);
    }
    return output;
  }
}
