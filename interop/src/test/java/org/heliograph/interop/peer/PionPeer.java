package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.heliograph.interop.lab.MadeUpDevices;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.peer.MediaKind;

/**
 * Pion, in a small program ({@code interop/pion}), a new one for each connection. It sends files
 * that FFmpeg encoded, and hands over what it received for FFmpeg to decode.
 */
final class PionPeer extends ProgramPeer {
  private static final int TONE_HERTZ = 780;
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
  private static final Duration ENCODE_LIMIT = Duration.ofMinutes(1);

  private final FrameReader reader = new FrameReader();

  /** Of simulcast: each stream by its name. */
  private final Map<String, FrameReader> streams = new ConcurrentHashMap<>();

  private final Path folder;
  private final Path executable;
  private boolean lite;
  private boolean tcp;

  PionPeer() throws IOException {
    executable = Path.of("target/pion-peer").toAbsolutePath();
    Subprocess.run(Map.of(), List.of("pion/build", executable.toString()), BUILD_LIMIT);
    folder = Files.createTempDirectory("heliograph-pion");
    encode(
        MadeUpDevices.camera(folder), picture(), "-c:v libvpx -b:v 500k -g 25 -deadline realtime");
    encode(
        MadeUpDevices.microphone(folder, TONE_HERTZ), sound(), "-c:a libopus -page_duration 20000");
  }

  /** Why there can be no such peer on this machine; empty where there can. */
  static String whyNot() {
    try (Subprocess find = Subprocess.start(Map.of(), List.of("../build-tools/find-go"))) {
      return find.awaitExit(ENCODE_LIMIT) == 0 ? "" : find.output();
    }
  }

  private static void encode(Path raw, Path encoded, String options) {
    List<String> command =
        new java.util.ArrayList<>(List.of("ffmpeg", "-v", "error", "-i", raw.toString()));
    command.addAll(List.of(options.split(" ", -1)));
    command.add(encoded.toString());
    Subprocess.run(Map.of(), command, ENCODE_LIMIT);
  }

  private Path picture() {
    return folder.resolve("picture.ivf");
  }

  private Path sound() {
    return folder.resolve("sound.ogg");
  }

  /** Makes the connections from now on ICE-lite (RFC 8445 2.5). */
  void becomeLite() {
    lite = true;
  }

  /** Makes the connections from now on ones that can be reached over TCP alone (RFC 6544). */
  void becomeReachableOverTcpAlone() {
    tcp = true;
  }

  @Override
  void begin() {
    start(
        Map.of(),
        List.of(
            executable.toString(), "-picture", picture().toString(), "-sound", sound().toString()));
    reader.reset();
    ask("begin", JSON.createObjectNode().put("lite", lite).put("tcp", tcp));
  }

  @Override
  boolean takeEvent(JsonNode told) {
    JsonNode frame = told.path("frame");
    if (frame.isMissingNode()) {
      return false;
    }
    ByteBuffer payload =
        ByteBuffer.wrap(Base64.getDecoder().decode(frame.path("payload").asText()));
    MediaKind kind =
        frame.path("kind").asText().equals("video") ? MediaKind.VIDEO : MediaKind.AUDIO;
    String rid = frame.path("rid").asText();
    FrameReader taker =
        rid.isEmpty() ? reader : streams.computeIfAbsent(rid, _ -> new FrameReader());
    taker.add(kind, payload);
    return true;
  }

  /** What is seen of each simulcast stream, by its name. */
  Map<String, ReceivedContent> receivedStreams() {
    Map<String, ReceivedContent> contents = new TreeMap<>();
    streams.forEach((rid, taker) -> contents.put(rid, taker.content()));
    return contents;
  }

  @Override
  int toneHertz() {
    return TONE_HERTZ;
  }

  @Override
  ReceivedContent received() {
    return reader.content();
  }

  @Override
  void forget() {
    reader.forget();
  }

  @Override
  public void close() {
    super.close();
    reader.close();
    streams.values().forEach(FrameReader::close);
    Subprocess.deleteTree(folder);
  }
}
