package org.heliograph.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.Track;
import org.heliograph.webm.WebmFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  /** Of each side: all that may have waited while the disk stood still, and a second of a call. */
  private static final long MAX_HELD_BYTES = 2 * RecordingQueue.MAX_BYTES;

  /** How long after a change of codec the next one gets another file. */
  static final Duration CODEC_CHANGE_INTERVAL = Duration.ofSeconds(10);

  /** How long after that a picture goes on in the file before, where no key frame of it comes. */
  static final Duration LONGEST_LEAVE = Duration.ofSeconds(3);

  /** How many files a recording has at most. */
  static final int MAX_FILES = 20;

  private static final Logger log = LoggerFactory.getLogger(RecordingWriter.class);

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

  /**
   * By track number; one that came beside the first of its kind has one from its first frame on.
   */
  private final Map<Integer, RecordedLane> lanes = new TreeMap<>();

  /** The time of the packet before, by track number. */
  private final long[] lastNanos = new long[RecordedStream.MAX_NUMBER + 1];

  /** The file that is being written, or null before the first frame. */
  private WebmFile file;

  /** The one before, while a picture goes on in it up to its next key frame; or null. */
  private WebmFile fileBefore;

  private boolean fileIsEmpty;
  private long earlierBytes;
  private Duration earlierDuration = Duration.ZERO;
  private long heldOwnBytes;
  private long heldRemoteBytes;
  private int changesOfFile;
  private long lastChangeNanos;
  private boolean hasLeftOutCodec;
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
  }

  private RecordedLane lane(RecordedStream stream) {
    return lanes.computeIfAbsent(
        stream.trackNumber(),
        _ -> stream.isPicture() ? new PictureLane(stream, this) : new SoundLane(stream, this));
  }

  /** A frame has come. */
  void take(RecordedStream stream, MediaFrame frame, long arrivedNanos) {
    long timeNanos =
        Math.clamp(frame.timeNanos(), arrivedNanos - EARLIEST_NANOS, arrivedNanos + LATEST_NANOS);
    lane(stream).take(frame, timeNanos, arrivedNanos);
  }

  /** Nothing more comes of a stream. */
  void end(RecordedStream stream) {
    RecordedLane lane = lanes.get(stream.trackNumber());
    if (lane != null) {
      lane.end();
    }
  }

  /** Time has passed: writes what is due. */
  void advance(long nowNanos) throws IOException {
    writeUpTo(nowNanos - HOLD.toNanos());
    leaveFileBefore(nowNanos - HOLD.toNanos());
    for (RecordedLane lane : lanes.values()) {
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
    try {
      if (fileBefore != null) {
        fileBefore.close();
      }
    } finally {
      if (file != null) {
        file.close();
      }
    }
  }

  private void writeUpTo(long horizonNanos) throws IOException {
    while (true) {
      RecordedLane next = null;
      long nextNanos = horizonNanos;
      for (RecordedLane lane : lanes.values()) {
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

  /** So many bytes more of a stream are held; fewer, where it is negative. */
  void holds(RecordedStream stream, int bytes) {
    if (stream.own()) {
      heldOwnBytes += bytes;
    } else {
      heldRemoteBytes += bytes;
    }
  }

  /** Whether so much of a stream's side is held that more is dropped. */
  boolean isFull(RecordedStream stream) {
    return (stream.own() ? heldOwnBytes : heldRemoteBytes) > MAX_HELD_BYTES;
  }

  /** A frame of no use has come. */
  void dropped() {
    dropped++;
  }

  /**
   * Adds a track, whose first packet has that time, to the newest file, which begins where none is.
   *
   * @return the file, to which the track's packets are to be written; null where it has no room for
   *     the track, and no other may be made
   */
  WebmFile addTrack(RecordedStream stream, Track track, long timeNanos) throws IOException {
    if (file == null) {
      file = open(timeNanos);
    }
    try {
      file.addTrack(track, stream.title());
    } catch (IllegalArgumentException noRoom) {
      if (!beginNextFile(stream, timeNanos)) {
        return null;
      }
      file.addTrack(track, stream.title());
    }
    return file;
  }

  /** Whether a lane's packets go into the newest file; none does where there is no file yet. */
  boolean isNewest(WebmFile laneFile) {
    return laneFile == file;
  }

  /**
   * A stream comes beside those that there are: where anything was written, all go on in another
   * file, as players expect no track that comes late. Where that may not be, it comes late all the
   * same: nothing of it is lost.
   */
  void makeRoomFor(RecordedStream stream, long timeNanos) throws IOException {
    if (file != null && !fileIsEmpty && timeNanos >= nextFileNanos()) {
      boolean _ = beginNextFile(stream, timeNanos);
    }
  }

  private WebmFile open(long timeNanos) throws IOException {
    WebmFile opened = files.open(startedAt.plusNanos(timeNanos - startNanos));
    fileIsEmpty = true;
    return opened;
  }

  /**
   * Writes a packet.
   *
   * @param into a file that {@link #addTrack} gave the stream's lane
   * @return its time: not before the file's start, or the packet before
   */
  long write(RecordedStream stream, WebmFile into, long timeNanos, boolean key, ByteBuffer packet)
      throws IOException {
    if (into == file && fileIsEmpty) {
      fileIsEmpty = false;
      Arrays.fill(lastNanos, timeNanos);
    }
    int track = stream.trackNumber();
    lastNanos[track] = Math.max(timeNanos, lastNanos[track]);
    into.write(track, lastNanos[track], key, packet);
    return lastNanos[track];
  }

  /**
   * When a change of codec may begin another file at the earliest; {@link RecordedLane#NEVER} where
   * there are too many. Who sends decides when the codec changes, and must not fill the directory.
   */
  long nextFileNanos() {
    if (changesOfFile == 0) {
      return Long.MIN_VALUE;
    }
    return changesOfFile < MAX_FILES - 1
        ? lastChangeNanos + CODEC_CHANGE_INTERVAL.toNanos()
        : RecordedLane.NEVER;
  }

  /**
   * Begins the next file, into which all streams go on: sounds at once, pictures with their next
   * key frames, so that nothing is lost; the file before is complete when all have left it.
   *
   * @return false if it may not be, or cannot be made; then this one goes on, without that picture
   */
  boolean beginNextFile(RecordedStream changed, long timeNanos) throws IOException {
    if (timeNanos < nextFileNanos()) {
      sayOnce(changed, "it changes its codec too often");
      return false;
    }
    WebmFile next;
    try {
      next = open(timeNanos);
    } catch (IOException failure) {
      changesOfFile = MAX_FILES;
      sayOnce(changed, "it has another codec, and no file can be made for it: " + failure);
      return false;
    }
    changesOfFile++;
    lastChangeNanos = timeNanos;
    leaveFileBefore(RecordedLane.NEVER);
    fileBefore = file;
    file = next;
    earlierDuration = earlierDuration.plus(fileBefore.duration());
    lanes.values().removeIf(RecordedLane::isOver);
    for (RecordedLane lane : lanes.values()) {
      lane.goOnInNextFile();
    }
    return true;
  }

  /** Completes the file before, when all have left it, or no longer wait for their key frames. */
  private void leaveFileBefore(long horizonNanos) throws IOException {
    if (fileBefore == null) {
      return;
    }
    boolean late = horizonNanos - lastChangeNanos >= LONGEST_LEAVE.toNanos();
    WebmFile left = fileBefore;
    for (RecordedLane lane : lanes.values()) {
      if (late) {
        lane.leave(left);
      }
    }
    lanes.values().removeIf(RecordedLane::isOver);
    if (late || lanes.values().stream().noneMatch(lane -> lane.isIn(left))) {
      fileBefore = null;
      left.close();
      earlierBytes += left.size();
    }
  }

  private void sayOnce(RecordedStream stream, String why) {
    if (!hasLeftOutCodec) {
      hasLeftOutCodec = true;
      log.warn("\"{}\" is left out of a recording for a while: {}", stream.title(), why);
    }
  }

  long bytes() {
    return earlierBytes + size(fileBefore) + size(file);
  }

  private static long size(WebmFile open) {
    return open == null ? 0 : open.size();
  }

  Duration duration() {
    return earlierDuration.plus(file == null ? Duration.ZERO : file.duration());
  }

  /** How many frames could not be used. */
  long droppedFrames() {
    return dropped;
  }
}
