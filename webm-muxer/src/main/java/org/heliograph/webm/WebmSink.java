package org.heliograph.webm;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Takes what a {@link WebmMuxer} writes, and owns the memory that it writes into: the muxer asks
 * for a buffer, fills it and hands it over, position to limit. A sink that keeps what it is handed
 * gives a new buffer each time; one that is done with it at once gives the same again.
 */
public interface WebmSink {
  /**
   * A buffer to write into.
   *
   * @param size how many bytes must fit between its position and its limit
   */
  default ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size);
  }

  /**
   * An init segment: from here on a new stream, whose time starts at 0.
   *
   * @param mime the MIME type that a MediaSource needs for exactly these tracks
   */
  void initSegment(String mime, ByteBuffer segment);

  /** A whole cluster, ready to be appended. */
  void cluster(ByteBuffer cluster);

  /**
   * A sink that writes everything to a stream, through one buffer that grows as needed. It throws
   * {@link UncheckedIOException} where the stream fails.
   */
  static WebmSink to(OutputStream output) {
    return new WebmSink() {
      private ByteBuffer reused = ByteBuffer.allocate(4096);

      @Override
      public ByteBuffer buffer(int size) {
        if (reused.capacity() < size) {
          reused = ByteBuffer.allocate(Math.max(size, 2 * reused.capacity()));
        }
        return reused.clear();
      }

      @Override
      public void initSegment(String mime, ByteBuffer segment) {
        write(segment);
      }

      @Override
      public void cluster(ByteBuffer cluster) {
        write(cluster);
      }

      private void write(ByteBuffer bytes) {
        try {
          output.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
