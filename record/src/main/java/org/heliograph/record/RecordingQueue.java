package org.heliograph.record;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.heliograph.peer.media.MediaFrame;

/**
 * What waits to be written: bounded in bytes, for each side by itself, so that neither takes the
 * other's room. Threads of the call put frames in without ever waiting, one at a time for each
 * stream; one thread takes them out. When it is full, frames are dropped and counted, and a picture
 * goes on with a key frame.
 */
final class RecordingQueue {
  /** Of one side; twenty seconds and more of a usual call. */
  static final long MAX_BYTES = 8 << 20;

  /** What a frame costs beyond its payload, so that many small ones are bounded as well. */
  static final int ENTRY_BYTES = 128;

  /**
   * A frame with the time of its coming, on the clock of {@link System#nanoTime()}.
   *
   * @param frame null where the stream has ended
   */
  record Entry(RecordedStream stream, MediaFrame frame, long arrivedNanos) {
    long bytes() {
      return (frame == null ? 0L : frame.payload().remaining()) + ENTRY_BYTES;
    }
  }

  private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
  private final AtomicLong ownBytes = new AtomicLong();
  private final AtomicLong remoteBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /** Whether a stream's frames before the next key frame are of no use, by its track number. */
  private final boolean[] broken = new boolean[RecordedStream.MAX_NUMBER + 1];

  /** Puts a frame in, or drops it; called by one thread at a time for each stream. */
  void offer(RecordedStream stream, MediaFrame frame, long nowNanos) {
    Entry entry = new Entry(stream, frame, nowNanos);
    AtomicLong bytes = bytes(stream);
    boolean useless = broken[stream.trackNumber()] && !frame.key();
    if (useless || bytes.addAndGet(entry.bytes()) > MAX_BYTES) {
      if (!useless) {
        bytes.addAndGet(-entry.bytes());
      }
      broken[stream.trackNumber()] = stream.isPicture();
      dropped.incrementAndGet();
      return;
    }
    broken[stream.trackNumber()] = false;
    entries.add(entry);
  }

  /** Says that nothing more comes of a stream; called by one thread at a time for each stream. */
  void end(RecordedStream stream, long nowNanos) {
    Entry entry = new Entry(stream, null, nowNanos);
    bytes(stream).addAndGet(entry.bytes());
    entries.add(entry);
  }

  private AtomicLong bytes(RecordedStream stream) {
    return stream.own() ? ownBytes : remoteBytes;
  }

  /** The next frame that has come by then, or null. One thread takes frames out. */
  Entry poll(long nowNanos) {
    Entry entry = entries.peek();
    if (entry == null || entry.arrivedNanos() - nowNanos > 0) {
      return null;
    }
    entries.remove();
    bytes(entry.stream()).addAndGet(-entry.bytes());
    return entry;
  }

  /** How many frames were dropped. */
  long dropped() {
    return dropped.get();
  }
}
