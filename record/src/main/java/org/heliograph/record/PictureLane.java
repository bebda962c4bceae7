package org.heliograph.record;

import java.io.IOException;
import java.time.Duration;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.MalformedFrameException;
import org.heliograph.webm.VideoCodec;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.WebmFile;

/** A picture: it begins in each file with a key frame, and again where a frame was of no use. */
final class PictureLane extends RecordedLane {
  /** So far a viewer can seek; a key frame asked for less often costs the call nothing to see. */
  static final Duration KEY_FRAME_INTERVAL = Duration.ofSeconds(30);

  /** How often a key frame is asked for that does not come. */
  static final Duration RETRY = Duration.ofSeconds(1);

  /** Two frames of one time would replace each other in a player. */
  private static final long SMALLEST_GAP_NANOS = Duration.ofMillis(1).toNanos();

  /** So many frames of one time that their gaps are more than this are no picture. */
  private static final long MOST_AHEAD_NANOS = Duration.ofSeconds(1).toNanos();

  private boolean begun;

  /** What it goes into, or null. */
  private WebmFile file;

  private boolean decodable;
  private VideoCodec codec;
  private long lastNanos = Long.MIN_VALUE;
  private boolean hasCome;
  private long lastComeNanos;
  private boolean keyHasCome;
  private long lastKeyNanos;
  private boolean asked;
  private long lastAskedNanos;

  /** Until when a codec is left out that is not the file's. */
  private long leftOutUntilNanos = Long.MIN_VALUE;

  PictureLane(RecordedStream stream, RecordingWriter writer) {
    super(stream, writer);
  }

  @Override
  boolean take(MediaFrame frame, long timeNanos, long nowNanos) {
    boolean kept = super.take(frame, timeNanos, nowNanos);
    hasCome = true;
    lastComeNanos = nowNanos;
    if (kept && frame.key()) {
      keyHasCome = true;
      lastKeyNanos = nowNanos;
    }
    return kept;
  }

  /** Whether a key frame should be asked for now; true once for each time. */
  boolean asksForKeyFrame(long nowNanos) {
    boolean flows = hasCome && nowNanos - lastComeNanos < RETRY.toNanos();
    boolean old = nowNanos - lastKeyNanos >= KEY_FRAME_INTERVAL.toNanos();
    boolean needs = (!keyHasCome || old || isBroken()) && nowNanos >= leftOutUntilNanos;
    boolean patient = asked && nowNanos - lastAskedNanos < RETRY.toNanos();
    if (!flows || !needs || patient) {
      return false;
    }
    asked = true;
    lastAskedNanos = nowNanos;
    return true;
  }

  @Override
  long nextNanos(long horizonNanos) {
    Held head = head();
    return head == null ? NEVER : head.timeNanos();
  }

  @Override
  void writeNext(long horizonNanos) throws IOException {
    long timeNanos = head().timeNanos();
    MediaFrame frame = remove();
    if (frame.key()) {
      begin(frame, timeNanos);
    }
    if (!decodable) {
      if (begun) {
        writer.dropped();
      }
      return;
    }
    long nanos = Math.max(timeNanos, lastNanos + SMALLEST_GAP_NANOS);
    if (nanos - timeNanos > MOST_AHEAD_NANOS) {
      writer.dropped();
      needKeyFrame();
      return;
    }
    lastNanos = writer.write(stream, file, nanos, frame.key(), frame.payload());
  }

  private void begin(MediaFrame keyFrame, long timeNanos) throws IOException {
    VideoCodec keyCodec = codec(keyFrame.format());
    VideoTrack track;
    try {
      track = VideoTrack.of(stream.trackNumber(), keyCodec, keyFrame.payload());
    } catch (MalformedFrameException damaged) {
      needKeyFrame();
      return;
    }
    boolean otherCodec = file != null && keyCodec != codec;
    if (otherCodec && writer.isNewest(file) && !writer.beginNextFile(stream, timeNanos)) {
      leftOutUntilNanos = writer.nextFileNanos();
      needKeyFrame();
      return;
    }
    if (!begun && stream.isFurther()) {
      writer.makeRoomFor(stream, timeNanos);
    }
    leftOutUntilNanos = Long.MIN_VALUE;
    begun = true;
    decodable = true;
    keyHasCome = true;
    if (file == null || !writer.isNewest(file)) {
      codec = keyCodec;
      lastNanos = timeNanos - SMALLEST_GAP_NANOS;
      file = writer.addTrack(stream, track, timeNanos);
      if (file == null) {
        needKeyFrame();
      }
    }
  }

  private void needKeyFrame() {
    decodable = false;
    keyHasCome = false;
  }

  @Override
  void goOnInNextFile() {
    keyHasCome = false; // and so one is asked for, with which it can
  }

  @Override
  boolean isIn(WebmFile open) {
    return file == open;
  }

  @Override
  void leave(WebmFile left) {
    if (file == left) {
      file = null;
      needKeyFrame();
    }
  }

  private static VideoCodec codec(MediaFormat format) {
    return switch (format) {
      case VP8 -> VideoCodec.VP8;
      case VP9 -> VideoCodec.VP9;
      case OPUS -> throw new IllegalArgumentException("sound in the picture's lane");
    };
  }
}
