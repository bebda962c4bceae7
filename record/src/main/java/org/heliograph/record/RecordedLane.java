package org.heliograph.record;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.WebmFile;

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

  /** Whether what comes before the next key frame is of no use. */
  private boolean broken;

  private boolean ended;

  RecordedLane(RecordedStream stream, RecordingWriter writer) {
    this.stream = stream;
    this.writer = writer;
  }

  /**
   * A frame has come.
   *
   * @return whether it is kept
   */
  boolean take(MediaFrame frame, long timeNanos, long nowNanos) {
    boolean useless = broken && !frame.key();
    if (useless || writer.isFull(stream)) {
      broken = stream.isPicture();
      writer.dropped();
      return false;
    }
    broken = false;
    held.add(new Held(frame, timeNanos));
    writer.holds(stream, bytes(frame));
    return true;
  }

  final boolean isBroken() {
    return broken;
  }

  private static int bytes(MediaFrame frame) {
    return frame.payload().remaining() + RecordingQueue.ENTRY_BYTES;
  }

  /** Nothing more comes. */
  final void end() {
    ended = true;
  }

  final boolean hasEnded() {
    return ended;
  }

  /** Whether all is written that will ever be. */
  final boolean isOver() {
    return ended && held.isEmpty();
  }

  /** The oldest frame that is held, or null. */
  final Held head() {
    return held.peek();
  }

  /** Takes the oldest frame out. */
  final MediaFrame remove() {
    MediaFrame frame = held.remove().frame();
    writer.holds(stream, -bytes(frame));
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

  /** There is a next file, in which it is to go on as soon as it can. */
  abstract void goOnInNextFile() throws IOException;

  /** Whether it still goes into a file. */
  abstract boolean isIn(WebmFile file);

  /** It goes into a file no longer. */
  abstract void leave(WebmFile file);
}
