package org.heliograph.peer;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One of the streams that a sender sends of the same pictures (W3C {@code
 * RTCRtpEncodingParameters}, RFC 8853).
 *
 * @param rid the stream's name: up to 16 letters and digits (RFC 8851 3)
 * @param active whether it is sent
 * @param maxBitrate the most that it takes, in bits per second; empty for what befits its size
 * @param scaleResolutionDownBy how many times smaller than the source it is in each direction, from
 *     1
 */
public record SendEncoding(
    String rid, boolean active, OptionalLong maxBitrate, double scaleResolutionDownBy) {
  private static final Pattern RID = Pattern.compile("[A-Za-z0-9]{1,16}");

  /** What a whole picture takes of which nothing else is said. */
  private static final double DEFAULT_BITS_PER_SECOND = 2_500_000;

  /** Smaller pictures need more bits for each pixel. */
  private static final double SIZE_EXPONENT = 1.8;

  public SendEncoding {
    Objects.requireNonNull(maxBitrate, "maxBitrate");
    if (!RID.matcher(rid).matches()) {
      throw new IllegalArgumentException("no rid: \"" + rid + "\"");
    }
    if (!(scaleResolutionDownBy >= 1)) {
      throw new IllegalArgumentException("scaled down by " + scaleResolutionDownBy);
    }
    if (maxBitrate.isPresent() && maxBitrate.getAsLong() <= 0) {
      throw new IllegalArgumentException("at most " + maxBitrate.getAsLong() + " bits per second");
    }
  }

  /** A stream that is sent, as large as befits its size. */
  public SendEncoding(String rid, double scaleResolutionDownBy) {
    this(rid, true, OptionalLong.empty(), scaleResolutionDownBy);
  }

  /** The most that it takes, in bits per second. */
  long mostBitsPerSecond() {
    return maxBitrate.orElseGet(
        () -> (long) (DEFAULT_BITS_PER_SECOND / Math.pow(scaleResolutionDownBy, SIZE_EXPONENT)));
  }
}
