package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/packet-way.md names is there: each method is one of the class before it. */
class PacketWayTest {
  private static final Pattern STEP = Pattern.compile("\\b([A-Z]\\w+)\\.([a-z]\\w+)");

  @Test
  void thePageNamesMethodsThatThereAre() throws IOException {
    Map<String, String> sources = sources();
    var missing = new TreeSet<String>();
    int[] steps = {0};
    STEP.matcher(Files.readString(Path.of("../docs/packet-way.md")))
        .results()
        .forEach(
            step -> {
              steps[0]++;
              String source = sources.getOrDefault(step.group(1), "");
              if (!Pattern.compile("\\w[>\\]]? " + step.group(2) + "\\(").matcher(source).find()) {
                missing.add(step.group());
              }
            });
    assertThat(missing).isEmpty();
    assertThat(steps[0]).isGreaterThan(30);
  }

  private static Map<String, String> sources() throws IOException {
    var sources = new HashMap<String, String>();
    for (String module : new String[] {"../peer", "../peer-net"}) {
      try (Stream<Path> files = Files.walk(Path.of(module, "src/main/java"))) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          String name = file.getFileName().toString();
          if (name.endsWith(".java")) {
            sources.put(name.substring(0, name.length() - 5), Files.readString(file));
          }
        }
      }
    }
    return sources;
  }
}
