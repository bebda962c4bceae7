package org.heliograph.peer.stream;

import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaPacket;

/**
 * Puts the tracks of one sender on one clock (lip sync). Until sender reports tell more, a track's
 * time is the time at which its first frame came, and from there on its own RTP time. When the
 * reports of two tracks have tied both to the sender's wall clock (RFC 3550 6.4.1), the video moves
 * to where it belongs beside the sound, a little with each frame; the sound is never moved, because
 * players stop at a gap in it. No track's time ever runs backwards.
 */
final class CommonClock {
  /** A track's time runs at most this much faster or slower while it moves: one part in 20. */
  private static final long SLEW_DIVISOR = 20;

  private static final long MAX_SLEW_PER_FRAME_NANOS = 5_000_000;

  /** A sender whose tracks seem further apart reports different wall clocks for them. */
  private static final long MAX_OFFSET_NANOS = 10_000_000_000L;

  /** RTP time that runs ahead of real time by so much has been restarted. */
  private static final long MAX_JUMP_NANOS = 3_000_000_000L;

  /**
   * RTP time that lies behind real time by so much, for a while, has stood still, as it does in
   * some senders while they are muted; a network that has held packets up gives them back at once.
   */
  private static final long MAX_LAG_NANOS = 1_000_000_000;

  private static final long LAG_WINDOW_NANOS = 500_000_000;

  /** The clocks of two machines run apart by less than this: one part in 2000. */
  private static final long DRIFT_DIVISOR = 2000;

  /** Sender reports that differ by so much tell of a clock that was set. */
  private static final long MAX_REPORT_STEP_NANOS = 100_000_000;

  private final List<Track> tracks = new ArrayList<>();
  private boolean hasOrigin;
  private long originNtp;

  /** Adds a track. The first one of sound is what the others follow. */
  Track add(MediaFormat format) {
    Track track = new Track(format);
    tracks.add(track);
    return track;
  }

  void remove(Track track) {
    tracks.remove(track);
  }

  private Track reference() {
    for (Track track : tracks) {
      if (track.format == MediaFormat.OPUS) {
        return track;
      }
    }
    return null;
  }

  /** One track's time. */
  final class Track {
    private final MediaFormat format;
    private boolean anchored;
    private boolean handedOn;
    private boolean reported;
    private long commonMinusRtpNanos;
    private long wallMinusRtpNanos;
    private long lastRtpNanos;
    private long lastArrivalNanos;

    /** Arrival less RTP time of the frame that came fastest; their origins differ. */
    private long leastTransitNanos;

    /** The same of the frames since {@link #windowStartNanos}. */
    private long windowTransitNanos;

    private long windowStartNanos;

    private long lastNanos;

    private Track(MediaFormat format) {
      this.format = format;
    }

    /**
     * Ties an RTP time stamp (unwrapped) to the sender's wall clock. Where that clock was set, what
     * the other tracks' reports say is of no use any more until their next ones.
     */
    void onSenderReport(long ntpTime, long rtpTimestamp) {
      if (!hasOrigin) {
        hasOrigin = true;
        originNtp = ntpTime;
      }
      long offset = NtpClock.nanosBetween(originNtp, ntpTime) - format.toNanos(rtpTimestamp);
      if (reported && Math.abs(offset - wallMinusRtpNanos) > MAX_REPORT_STEP_NANOS) {
        tracks.forEach(track -> track.reported = false);
      }
      wallMinusRtpNanos = offset;
      reported = true;
    }

    /**
     * The common time of a frame; more than that of the frame before.
     *
     * @param rtpTimestamp its time stamp, unwrapped
     * @param arrivalNanos when it came
     */
    long toCommonNanos(long rtpTimestamp, long arrivalNanos) {
      long rtpNanos = format.toNanos(rtpTimestamp);
      if (!anchored) {
        anchor(rtpNanos, arrivalNanos);
      } else if (restarted(rtpNanos, arrivalNanos)) {
        reported = false;
        anchor(rtpNanos, arrivalNanos);
      } else {
        catchUpIfStoodStill(arrivalNanos - rtpNanos, arrivalNanos);
        slew(rtpNanos - lastRtpNanos);
      }
      long nanos = rtpNanos + commonMinusRtpNanos;
      if (handedOn && nanos <= lastNanos) {
        nanos = lastNanos + 1;
      }
      handedOn = true;
      lastNanos = nanos;
      lastRtpNanos = rtpNanos;
      lastArrivalNanos = arrivalNanos;
      measureTransit(arrivalNanos - rtpNanos, arrivalNanos);
      return nanos;
    }

    /**
     * When a frame was captured by the sender's wall clock, in nanoseconds since an instant that
     * all tracks share, or {@link MediaPacket#UNKNOWN}.
     */
    long toWallNanos(long rtpTimestamp) {
      return reported ? format.toNanos(rtpTimestamp) + wallMinusRtpNanos : MediaPacket.UNKNOWN;
    }

    private void measureTransit(long transitNanos, long arrivalNanos) {
      leastTransitNanos = Math.min(leastTransitNanos, transitNanos);
      windowTransitNanos = Math.min(windowTransitNanos, transitNanos);
      long windowNanos = arrivalNanos - windowStartNanos;
      if (windowNanos > LAG_WINDOW_NANOS) {
        long slower = windowTransitNanos - leastTransitNanos;
        leastTransitNanos += Math.min(slower, windowNanos / DRIFT_DIVISOR);
        startWindow(transitNanos, arrivalNanos);
      }
    }

    private void startWindow(long transitNanos, long arrivalNanos) {
      windowTransitNanos = transitNanos;
      windowStartNanos = arrivalNanos;
    }

    /** Where even the fastest frame for a while came much later than the fastest of all. */
    private void catchUpIfStoodStill(long transitNanos, long arrivalNanos) {
      long lag = Math.min(windowTransitNanos, transitNanos) - leastTransitNanos;
      if (lag > MAX_LAG_NANOS && arrivalNanos - windowStartNanos > LAG_WINDOW_NANOS) {
        commonMinusRtpNanos += lag;
        leastTransitNanos += lag;
        reported = false;
      }
    }

    /** The sender has started anew: its next frame is placed by its arrival. */
    void restart() {
      anchored = false;
      reported = false;
    }

    private boolean restarted(long rtpNanos, long arrivalNanos) {
      // Judged by the fastest frame so far, not by the one before: that may have been held up.
      return rtpNanos < lastRtpNanos
          || arrivalNanos - rtpNanos < leastTransitNanos - MAX_JUMP_NANOS;
    }

    private void anchor(long rtpNanos, long arrivalNanos) {
      long nanos = arrivalNanos;
      if (handedOn) {
        nanos = lastNanos + Math.max(1, arrivalNanos - lastArrivalNanos);
      }
      commonMinusRtpNanos = nanos - rtpNanos;
      leastTransitNanos = arrivalNanos - rtpNanos;
      startWindow(leastTransitNanos, arrivalNanos);
      anchored = true;
      if (!handedOn && canFollow()) {
        commonMinusRtpNanos += distance();
      }
    }

    private void slew(long rtpElapsedNanos) {
      if (canFollow()) {
        long most = Math.min(rtpElapsedNanos / SLEW_DIVISOR, MAX_SLEW_PER_FRAME_NANOS);
        commonMinusRtpNanos += Math.clamp(distance(), -most, most);
      }
    }

    /** Whether reports tell where this track belongs beside the reference. */
    private boolean canFollow() {
      Track reference = reference();
      return reference != null
          && reference != this
          && reference.anchored
          && reference.reported
          && reported
          && Math.abs(distance()) <= MAX_OFFSET_NANOS;
    }

    /** How much later than now this track's time ought to be. */
    private long distance() {
      Track reference = reference();
      return wallMinusRtpNanos
          - reference.wallMinusRtpNanos
          + reference.commonMinusRtpNanos
          - commonMinusRtpNanos;
    }
  }
}
