package org.heliograph.peer.media;

/** What a frame is encoded as: the payload formats that this peer sends and receives. */
public enum MediaFormat {
  /** VP8 pictures (RFC 7741). */
  VP8(true, 90_000),
  /** VP9 pictures (RFC 9628). */
  VP9(true, 90_000),
  /** Opus packets (RFC 7587). */
  OPUS(false, 48_000);

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final boolean video;
  private final int clockRate;

  MediaFormat(boolean video, int clockRate) {
    this.video = video;
    this.clockRate = clockRate;
  }

  /** Whether the frames are pictures, which need key frames; otherwise they are sound. */
  public boolean isVideo() {
    return video;
  }

  /** RTP time stamp units in a second. */
  public int clockRate() {
    return clockRate;
  }

  /** RTP time as nanoseconds. */
  public long toNanos(long rtpTime) {
    long seconds = Math.floorDiv(rtpTime, clockRate);
    return seconds * NANOS_PER_SECOND
        + Math.floorMod(rtpTime, clockRate) * NANOS_PER_SECOND / clockRate;
  }

  /** Nanoseconds as RTP time, rounded to the nearest unit. */
  public long toRtpTime(long nanos) {
    long seconds = Math.floorDiv(nanos, NANOS_PER_SECOND);
    long rest = Math.floorMod(nanos, NANOS_PER_SECOND) * clockRate;
    return seconds * clockRate + (rest + NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
  }
}
