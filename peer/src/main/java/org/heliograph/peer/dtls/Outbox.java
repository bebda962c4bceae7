package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Records waiting to be sent. Those of one flight share datagrams as far as they fit, because a
 * flight in one datagram is lost or arrives as a whole.
 */
public final class Outbox {
  private final int maxDatagramLength;
  private final Queue<byte[]> records = new ArrayDeque<>();

  Outbox(int maxDatagramLength) {
    this.maxDatagramLength = maxDatagramLength;
  }

  void add(byte[] record) {
    records.add(record);
  }

  /** The next datagram, or null when nothing waits. */
  ByteBuffer poll() {
    byte[] first = records.poll();
    if (first == null) {
      return null;
    }
    ByteBuffer datagram = ByteBuffer.allocate(Math.max(maxDatagramLength, first.length));
    datagram.put(first);
    while (!records.isEmpty() && records.element().length <= datagram.remaining()) {
      datagram.put(records.remove());
    }
    return datagram.flip();
  }
}
