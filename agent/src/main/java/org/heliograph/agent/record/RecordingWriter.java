package org.heliograph.agent.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.Track;
import org.heliograph.webm.WebmFile;

/**
 * Puts the streams of a call into one file, in the order of their times, on one clock: own frames
 * carry the time of their capture, remote ones that of their coming, and both are of {@link
 * System#nanoTime()}. So it hears the call as it was at this machine.
 *
 * <p>It has no thread and no clock of its own. What comes is held for {@link #HOLD}, because a
 * frame that was lost and sent again comes late; then the streams' heads are written, the oldest
 * first.
 */
final class RecordingWriter {
  /** How long a frame may be on its way. */
  static final Duration HOLD = Duration.ofSeconds(1);

  /** A frame's time is believed so far from that of its coming, and no further. */
  private static final long EARLIEST_NANOS = Duration.ofSeconds(5).toNanos();

  private static final long LATEST_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long MAX_HELD_BYTES = 8 << 20;

  /** Makes the files. */
  interface Files {
    /**
     * Opens the next file.
     *
     * @param date when its time 0 was
     */
    WebmFile open(Instant date) throws IOException;
  }

  private final Files files;
  private final Consumer<RecordedStream> keyFrameRequests;
  private final Instant startedAt;
  private final long startNanos;
  private final List<RecordedLane> lanes = new ArrayList<>();

  /** The time of the packet before, by track number. */
  private final long[] lastNanos = new long[RecordedStream.COUNT + 1];

  /** The file that is being written, or null before the first frame. */
  private WebmFile file;

  private boolean fileIsEmpty;
  private long earlierBytes;
  private Duration earlierDuration = Duration.ZERO;
  private long heldBytes;
  private long dropped;

  /**
   * @param keyFrameRequests asks for a stream's key frame; must not block
   * @param startedAt the wall clock's time at {@code startNanos}
   */
  RecordingWriter(
      Files files, Consumer<RecordedStream> keyFrameRequests, Instant startedAt, long startNanos) {
    this.files = files;
    this.keyFrameRequests = keyFrameRequests;
    this.startedAt = startedAt;
    this.startNanos = startNanos;
    for (RecordedStream stream : RecordedStream.values()) {
      lanes.add(stream.isPicture() ? new PictureLane(stream, this) : new SoundLane(stream, this));
    }
  }

  /** A frame has come. */
  void take(RecordedStream stream, MediaFrame frame, long arrivedNanos) {
    long timeNanos =
        Math.clamp(frame.timeNanos(), arrivedNanos - EARLIEST_NANOS, arrivedNanos + LATEST_NANOS);
    lanes.get(stream.trackNumber() - 1).take(frame, timeNanos, arrivedNanos);
  }

  /** Time has passed: writes what is due. */
  void advance(long nowNanos) throws IOException {
    writeUpTo(nowNanos - HOLD.toNanos());
    for (RecordedLane lane : lanes) {
      if (lane instanceof PictureLane picture && picture.asksForKeyFrame(nowNanos)) {
        keyFrameRequests.accept(lane.stream);
      }
    }
  }

  /** Writes everything that has come and completes the file. */
  void finish(long nowNanos) throws IOException {
    writeUpTo(nowNanos);
    close();
  }

  /** Completes the file as far as it is written; what is held is lost. */
  void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }

  private void writeUpTo(long horizonNanos) throws IOException {
    while (true) {
      RecordedLane next = null;
      long nextNanos = horizonNanos;
      for (RecordedLane lane : lanes) {
        long laneNanos = lane.nextNanos(horizonNanos);
        if (laneNanos < nextNanos) {
          next = lane;
          nextNanos = laneNanos;
        }
      }
      if (next == null) {
        return;
      }
      next.writeNext(horizonNanos);
    }
  }

  /** So many bytes more are held; fewer, where it is negative. */
  void holds(int bytes) {
    heldBytes += bytes;
  }

  /** Whether so much is held that more should wait. */
  boolean isFull() {
    return heldBytes > MAX_HELD_BYTES;
  }

  /** A frame of no use has come. */
  void dropped() {
    dropped++;
  }

  /** Adds a track, whose first packet has that time, to the file, which begins where none is. */
  void addTrack(RecordedStream stream, Track track, long timeNanos) throws IOException {
    if (file == null) {
      file = files.open(startedAt.plusNanos(timeNanos - startNanos));
      fileIsEmpty = true;
    }
    file.addTrack(track, stream.title());
  }

  /**
   * Writes a packet.
   *
   * @return its time: not before the file's start, or the packet before
   */
  long write(RecordedStream stream, long timeNanos, boolean key, ByteBuffer packet)
      throws IOException {
    if (fileIsEmpty) {
      fileIsEmpty = false;
      Arrays.fill(lastNanos, timeNanos);
    }
    int track = stream.trackNumber();
    lastNanos[track] = Math.max(timeNanos, lastNanos[track]);
    file.write(track, lastNanos[track], key, packet);
    return lastNanos[track];
  }

  /** Completes the file, and begins the next one, into which all streams go on. */
  void beginNextFile() throws IOException {
    WebmFile complete = file;
    file = null;
    earlierDuration = earlierDuration.plus(complete.duration());
    complete.close();
    earlierBytes += complete.size();
    for (RecordedLane lane : lanes) {
      lane.beginFile();
    }
  }

  long bytes() {
    return earlierBytes + (file == null ? 0 : file.size());
  }

  Duration duration() {
    return earlierDuration.plus(file == null ? Duration.ZERO : file.duration());
  }

  /** How many frames could not be used. */
  long droppedFrames() {
    return dropped;
  }
}
