package org.heliograph.peer.sdp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Session descriptions that real implementations made, one file each, named by case. */
public final class SdpFixture {
  private SdpFixture() {}

  /** A description's text. */
  public static String read(String name) {
    try (InputStream in = SdpFixture.class.getResourceAsStream(name + ".sdp")) {
      if (in == null) {
        throw new IllegalArgumentException("no fixture " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all descriptions. */
  public static List<String> names() {
    URL one = SdpFixture.class.getResource("chromium-offer-audio-video.sdp");
    try (Stream<Path> files = Files.list(Path.of(one.toURI()).getParent())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".sdp"))
          .map(name -> name.substring(0, name.length() - ".sdp".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
