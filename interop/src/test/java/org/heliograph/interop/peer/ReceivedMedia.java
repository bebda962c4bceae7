package org.heliograph.interop.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.peer.media.MediaFrame;

/** Has FFmpeg decode the pictures that a connection received. */
final class ReceivedMedia {
  private ReceivedMedia() {}

  /** Decodes them and gives FFmpeg's complaints; empty when there is none. */
  static String decodeVp8(List<MediaFrame> frames) throws IOException {
    Path file = Files.createTempFile("heliograph-received", ".ivf");
    try {
      writeIvf(frames, file);
      return Subprocess.run(
              Map.of(),
              List.of(
                  "ffmpeg", "-v", "warning", "-xerror", "-i", file.toString(), "-f", "null", "-"),
              Duration.ofSeconds(60))
          .strip();
    } finally {
      Files.delete(file);
    }
  }

  private static void writeIvf(List<MediaFrame> frames, Path file) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    header.put("DKIF".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0).putShort((short) 32);
    header
        .put("VP80".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) 640)
        .putShort((short) 360);
    header.putInt(30).putInt(1).putInt(frames.size()).putInt(0).flip();
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(header.array());
      long index = 0;
      for (MediaFrame frame : frames) {
        byte[] payload = new byte[frame.payload().remaining()];
        frame.payload().duplicate().get(payload);
        ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(payload.length).putLong(index++).flip();
        out.write(head.array());
        out.write(payload);
      }
    }
  }
}
