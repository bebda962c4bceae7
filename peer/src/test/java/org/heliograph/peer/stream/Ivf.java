package org.heliograph.peer.stream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The published VP8 test vectors. */
final class Ivf {
  private Ivf() {}

  /** Every vector's path. */
  static List<Path> vectors() {
    try (Stream<Path> files = Files.list(Path.of(Ivf.class.getResource("/vp8").toURI()))) {
      return files.filter(file -> file.toString().endsWith(".ivf")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The frames of a vector. */
  static List<byte[]> frames(Path file) {
    try {
      ByteBuffer ivf = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      List<byte[]> frames = new ArrayList<>();
      ivf.position(ivf.getShort(6));
      while (ivf.hasRemaining()) {
        byte[] frame = new byte[ivf.getInt()];
        ivf.getLong();
        ivf.get(frame);
        frames.add(frame);
      }
      return frames;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a VP8 frame is a key frame (RFC 6386 9.1). */
  static boolean isKey(byte[] frame) {
    return (frame[0] & 1) == 0;
  }
}
