package org.heliograph.agent.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A recording as FFmpeg's command reads it. */
public record RecordedFile(List<Track> tracks, double seconds) {
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
    return new RecordedFile(tracks, json.path("format").path("duration").asDouble());
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
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    if (exitCode != 0) {
      throw new AssertionError(String.join(" ", command) + " ended with " + exitCode);
    }
    return text;
  }
}
