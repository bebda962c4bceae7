package org.heliograph.agent.record;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.heliograph.peer.media.MediaFrame;

/**
 * One stream on its way into the file: what is held of it, and what of it is to be written next.
 */
abstract sealed class RecordedLane permits PictureLane, SoundLane {
  /** Nothing is to be written. */
  static final long NEVER = Long.MAX_VALUE;

  /** A frame with its time in the recording, on the clock of {@link System#nanoTime()}. */
  record Held(MediaFrame frame, long timeNanos) {}

  final RecordedStream stream;
  final RecordingWriter writer;
  private final Queue<Held> held = new ArrayDeque<>();

  RecordedLane(RecordedStream stream, RecordingWriter writer) {
    this.stream = stream;
    this.writer = writer;
  }

  /** A frame has come. */
  void take(MediaFrame frame, long timeNanos, long nowNanos) {
    held.add(new Held(frame, timeNanos));
    writer.holds(frame.payload().remaining());
  }

  /** The oldest frame that is held, or null. */
  final Held head() {
    return held.peek();
  }

  /** Takes the oldest frame out. */
  final MediaFrame remove() {
    MediaFrame frame = held.remove().frame();
    writer.holds(-frame.payload().remaining());
    return frame;
  }

  /**
   * When the next packet is to be written, or {@link #NEVER}.
   *
   * @param horizonNanos what was captured before has come
   */
  abstract long nextNanos(long horizonNanos);

  /** Writes the packet of which {@link #nextNanos} spoke. */
  abstract void writeNext(long horizonNanos) throws IOException;

  /** What is written from now on goes into another file. */
  abstract void beginFile() throws IOException;
}
