package org.heliograph.peer.stream.receive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.stream.NtpClock;

/**
 * Puts the tracks of each synchronisation group on one clock (lip sync); which tracks are a group
 * their {@link Synchronization} says. Groups have nothing to do with each other: they may be of
 * different people, whose clocks differ and run apart.
 *
 * <p>Until sender reports tell more, a track's time is the time at which its first frame came, and
 * from there on its own RTP time; where a beginning was a burst, its last frame's. When the reports
 * of two tracks have tied both to the sender's wall clock (RFC 3550 6.4.1), the video goes to where
 * it belongs beside the sound: at once the first time, and a little with each frame from then on.
 * Sound is not moved once its beginning is over, because players stop at a gap in it. No track's
 * time ever runs backwards.
 */
public final class CommonClock {
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

  /** A track's beginning is over when for so long nothing has come that much too early. */
  private static final long BEGINNING_NANOS = 2_000_000_000;

  /**
   * How far a track's time may lie ahead of its coming in the beginning. So much longer than the
   * others its first packets may have been on their way; more is a burst of what had waited.
   */
  private static final long MAX_LEAD_OF_NEW_SOUND_NANOS = 100_000_000;

  private static final long MAX_LEAD_OF_NEW_VIDEO_NANOS = 50_000_000;

  /** The same after the beginning, when a step is heard and seen. */
  private static final long MAX_LEAD_NANOS = 1_000_000_000;

  private final List<Track> tracks = new ArrayList<>();
  private boolean hasOrigin;
  private long originNtp;
  private long soundsHeard;

  /** Adds a track of which it is not known yet what it is in time with. */
  Track add(MediaFormat format) {
    Track track = new Track(format);
    tracks.add(track);
    regroup();
    return track;
  }

  void remove(Track track) {
    tracks.remove(track);
    regroup();
  }

  /** Tracks that share a name are a group, and so are those that other ones connect. */
  private void regroup() {
    Map<String, Track> byName = new HashMap<>();
    tracks.forEach(track -> track.parent = track);
    for (Track track : tracks) {
      for (String name : track.synchronization.names(track.reportedCname)) {
        Track first = byName.putIfAbsent(name, track);
        if (first != null) {
          track.root().parent = first.root();
        }
      }
    }
    Map<Track, List<Track>> groups = new HashMap<>();
    for (Track track : tracks) {
      track.group = groups.computeIfAbsent(track.root(), _ -> new ArrayList<>());
      track.group.add(track);
    }
  }

  /** One track's time. */
  final class Track {
    private final MediaFormat format;
    private Synchronization synchronization = Synchronization.UNKNOWN;
    private Optional<String> reportedCname = Optional.empty();
    private Track parent = this;
    private List<Track> group = List.of(this);

    private boolean anchored;
    private boolean handedOn;
    private boolean reported;
    private long commonMinusRtpNanos;
    private long wallMinusRtpNanos;
    private long lastRtpNanos;
    private long lastArrivalNanos;

    /** Which of all sounds was heard first. */
    private long soundNumber;

    /** Counts how often the track was placed anew, for those that follow it. */
    private long placements;

    /** The track that this one has found its place beside, and which of its placements. */
    private Track settledBeside;

    private long settledPlacement;
    private long beginningEndsNanos;

    /** Arrival less RTP time of the frame that came fastest; their origins differ. */
    private long leastTransitNanos;

    /** The same of the frames since {@link #windowStartNanos}. */
    private long windowTransitNanos;

    private long windowStartNanos;

    private long lastNanos;

    private Track(MediaFormat format) {
      this.format = format;
    }

    /** Says what the track is in time with; from its next frame on. */
    void setSynchronization(Synchronization changed) {
      if (!synchronization.equals(changed)) {
        synchronization = changed;
        regroup();
      }
    }

    /** The track's source says its canonical name, which counts where its description has none. */
    void onCname(String cname) {
      Optional<String> told = Optional.of(cname).filter(name -> !name.isEmpty());
      if (!reportedCname.equals(told)) {
        reportedCname = told;
        regroup();
      }
    }

    private Track root() {
      Track track = this;
      while (track.parent != track) {
        track = track.parent;
      }
      return track;
    }

    /** The sound of the group that the others follow: that which was heard first; or null. */
    private Track reference() {
      Track reference = null;
      for (int i = 0; i < group.size(); i++) {
        Track track = group.get(i);
        boolean sounds = track.anchored && track.format == MediaFormat.OPUS;
        if (sounds && (reference == null || track.soundNumber < reference.soundNumber)) {
          reference = track;
        }
      }
      return reference;
    }

    /**
     * Ties an RTP time stamp (unwrapped) to the sender's wall clock. Where that clock was set, what
     * the reports of the group's other tracks say is of no use any more until their next ones.
     */
    void onSenderReport(long ntpTime, long rtpTimestamp) {
      if (!hasOrigin) {
        hasOrigin = true;
        originNtp = ntpTime;
      }
      long offset = NtpClock.nanosBetween(originNtp, ntpTime) - format.toNanos(rtpTimestamp);
      if (reported && Math.abs(offset - wallMinusRtpNanos) > MAX_REPORT_STEP_NANOS) {
        for (Track track : group) {
          track.reported = false;
          track.settledBeside = null;
        }
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
      Track reference = reference();
      if (!anchored) {
        anchor(reference, rtpNanos, arrivalNanos);
      } else if (restarted(rtpNanos, arrivalNanos)) {
        reported = false;
        anchor(reference, rtpNanos, arrivalNanos);
      } else {
        catchUpIfStoodStill(arrivalNanos - rtpNanos, arrivalNanos);
        if (format.isVideo() && isTiedTo(reference)) {
          follow(reference, rtpNanos - lastRtpNanos);
        } else {
          limitLead(rtpNanos, arrivalNanos);
        }
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
        placements++;
        settledBeside = null;
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

    private void anchor(Track reference, long rtpNanos, long arrivalNanos) {
      long nanos = arrivalNanos;
      if (handedOn) {
        nanos = lastNanos + Math.max(1, arrivalNanos - lastArrivalNanos);
      }
      commonMinusRtpNanos = nanos - rtpNanos;
      leastTransitNanos = arrivalNanos - rtpNanos;
      startWindow(leastTransitNanos, arrivalNanos);
      anchored = true;
      placements++;
      settledBeside = null;
      beginningEndsNanos = arrivalNanos + BEGINNING_NANOS;
      if (format == MediaFormat.OPUS) {
        soundNumber = soundsHeard++;
      }
      if (!handedOn && isTiedTo(reference)) {
        settle(reference);
      }
    }

    /**
     * A frame that comes before its time shows that those before it were longer on their way than
     * they need have been: what had waited somewhere comes in a burst, or the first one was slow.
     * All after it are placed earlier by as much, so that a track is not ahead of the others only
     * because of how it began. Where reports say its place, they are believed instead.
     */
    private void limitLead(long rtpNanos, long arrivalNanos) {
      long lead = rtpNanos + commonMinusRtpNanos - arrivalNanos;
      boolean beginning = arrivalNanos < beginningEndsNanos;
      long mostOfNew = format.isVideo() ? MAX_LEAD_OF_NEW_VIDEO_NANOS : MAX_LEAD_OF_NEW_SOUND_NANOS;
      if (beginning && lead > mostOfNew) {
        commonMinusRtpNanos -= lead;
        placements++;
        beginningEndsNanos = arrivalNanos + BEGINNING_NANOS;
      } else if (lead > MAX_LEAD_NANOS) {
        commonMinusRtpNanos -= lead - MAX_LEAD_NANOS;
      }
    }

    /** The video goes to its place beside the sound; once it was there, it only drifts. */
    private void follow(Track reference, long rtpElapsedNanos) {
      if (settledBeside != reference || settledPlacement != reference.placements) {
        settle(reference);
      } else {
        long most = Math.min(rtpElapsedNanos / SLEW_DIVISOR, MAX_SLEW_PER_FRAME_NANOS);
        commonMinusRtpNanos += Math.clamp(distanceFrom(reference), -most, most);
      }
    }

    private void settle(Track reference) {
      commonMinusRtpNanos += distanceFrom(reference);
      settledBeside = reference;
      settledPlacement = reference.placements;
    }

    /** Whether reports tell where this track belongs beside the reference. */
    private boolean isTiedTo(Track reference) {
      return reference != null
          && reference != this
          && reference.reported
          && reported
          && Math.abs(distanceFrom(reference)) <= MAX_OFFSET_NANOS;
    }

    /** How much later than now this track's time ought to be. */
    private long distanceFrom(Track reference) {
      return wallMinusRtpNanos
          - reference.wallMinusRtpNanos
          + reference.commonMinusRtpNanos
          - commonMinusRtpNanos;
    }
  }
}
