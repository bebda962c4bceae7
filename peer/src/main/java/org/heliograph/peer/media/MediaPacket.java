package org.heliograph.peer.media;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What one received RTP packet carried, for another connection to send on. What came as a
 * retransmission or inside of redundant audio is here as the packet that it stands for; each packet
 * is here once, in the order in which they came, which need not be that of their numbers.
 *
 * @param source the run of numbers and time stamps that the packet's belong to: another object,
 *     compared by identity, where the sender has begun anew
 * @param format what the payload is a piece of
 * @param number the RTP sequence number, unwrapped
 * @param rtpTime the RTP time stamp, unwrapped, in units of the format's clock rate
 * @param marker the marker bit
 * @param audioLevel as in the header extension (RFC 6464): in bits 0 to 6 the level below overload
 *     in dB, in bit 7 whether it is a voice; {@link MediaFrame#NO_LEVEL} where there is none
 * @param arrivalNanos when it came, in nanoseconds on the monotonic clock of the connection's
 *     driver
 * @param wallNanos when it was captured, by the sender's wall clock, in nanoseconds since an
 *     instant that all streams of the connection share; {@link #UNKNOWN} before its sender reports
 *     tell
 * @param frameOffset where in the payload a coded frame begins, of VP9 that of a spatial layer;
 *     {@link #NO_FRAME} where none does
 * @param payload the payload with its descriptor, position to limit; whoever is handed a packet
 *     must not change it and may keep it. Empty where a packet only fills its number
 */
public record MediaPacket(
    Object source,
    MediaFormat format,
    long number,
    long rtpTime,
    boolean marker,
    int audioLevel,
    long arrivalNanos,
    long wallNanos,
    int frameOffset,
    ByteBuffer payload) {
  /** The capture time of a packet of which it is not known. */
  public static final long UNKNOWN = Long.MIN_VALUE;

  /** Of a packet in which no frame begins. */
  public static final int NO_FRAME = -1;

  public MediaPacket {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(payload, "payload");
  }
}
