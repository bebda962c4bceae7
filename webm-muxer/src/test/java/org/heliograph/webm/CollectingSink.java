package org.heliograph.webm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keeps each stream that a muxer writes: an init segment and its clusters. */
final class CollectingSink implements WebmSink {
  /** One stream. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Stream(String mime, byte[] initSegment, List<byte[]> clusters) {
    /** The stream as one file. */
    byte[] file() {
      var file = new ByteArrayOutputStream();
      file.writeBytes(initSegment);
      clusters.forEach(file::writeBytes);
      return file.toByteArray();
    }
  }

  final List<Stream> streams = new ArrayList<>();

  @Override
  public void initSegment(String mime, ByteBuffer segment) {
    streams.add(new Stream(mime, bytes(segment), new ArrayList<>()));
  }

  @Override
  public void cluster(ByteBuffer cluster) {
    streams.getLast().clusters().add(bytes(cluster));
  }

  Stream only() {
    if (streams.size() != 1) {
      throw new AssertionError("there are " + streams.size() + " streams");
    }
    return streams.getFirst();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
