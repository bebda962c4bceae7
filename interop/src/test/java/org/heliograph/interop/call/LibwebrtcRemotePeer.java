package org.heliograph.interop.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.LibwebrtcPeer;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Subprocess;

/** libwebrtc, in a program of its own. */
final class LibwebrtcRemotePeer implements RemotePeer {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Subprocess program;

  LibwebrtcRemotePeer(SoundServer sound, HeliographAgent agent, String name) {
    program =
        Subprocess.start(
            sound.environment(),
            new ArrayList<>(
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LibwebrtcPeer.class.getName(),
                    agent.signalUrl(),
                    name,
                    agent.name())));
    program.awaitLine("JOINED"::equals, LIMIT);
  }

  /** It takes every call. */
  @Override
  public void accept() {}

  @Override
  public void call() {
    program.writeLine("call");
  }

  @Override
  public void awaitPictures(int codes) {
    Set<String> seen = new HashSet<>();
    program.awaitLine(
        line -> {
          if (line.startsWith("VIDEO ") && !line.endsWith(" -1")) {
            seen.add(line.substring(line.lastIndexOf(' ')));
          }
          return seen.size() >= codes;
        },
        LIMIT);
  }

  @Override
  public void awaitTone(int hertz) {
    program.awaitLine(
        line -> {
          String[] words = line.split(" ", -1);
          return words[0].equals("AUDIO")
              && Math.abs(Integer.parseInt(words[1]) - hertz) < 5
              && Double.parseDouble(words[2]) > 0.01;
        },
        LIMIT);
  }

  @Override
  public void awaitEnd() {
    program.awaitLine(line -> line.startsWith("HANGUP "), LIMIT);
  }

  @Override
  public JsonNode troubles() {
    return TextNode.valueOf(program.output());
  }

  @Override
  public void close() {
    program.close();
  }
}
