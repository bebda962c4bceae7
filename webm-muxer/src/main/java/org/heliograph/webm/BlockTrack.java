package org.heliograph.webm;

import java.nio.ByteBuffer;

/**
 * One track on its way into a stream or a file: what its packets have to obey, and how each becomes
 * a SimpleBlock (RFC 9559 10.2).
 */
final class BlockTrack {
  private static final int FLAG_KEY = 0x80;
  private static final int FLAG_INVISIBLE = 0x08;
  private static final int BLOCK_HEADER_SIZE = 4;

  private Track track;
  private long lastNanos;
  private boolean hasFrame;

  BlockTrack(Track track) {
    this.track = track;
  }

  Track track() {
    return track;
  }

  boolean isVideo() {
    return track instanceof VideoTrack;
  }

  /** From now on the track is described so. */
  void become(Track described) {
    track = described;
  }

  /** What was written before no longer counts. */
  void beginAnew() {
    hasFrame = false;
  }

  /**
   * @throws IllegalArgumentException if the packet is empty, its time is before the track's packet
   *     before, or the track's first video frame is no key frame
   */
  void requirePacket(long timeNanos, boolean key, ByteBuffer frame) {
    if (!frame.hasRemaining()) {
      throw new IllegalArgumentException("a packet of track " + track.number() + " is empty");
    }
    if (hasFrame && timeNanos < lastNanos) {
      throw new IllegalArgumentException(
          "time goes backwards in track %d: %d ns after %d ns"
              .formatted(track.number(), timeNanos, lastNanos));
    }
    if (!hasFrame && !key && isVideo()) {
      throw new IllegalArgumentException(
          "the first frame of track " + track.number() + " is no key frame");
    }
  }

  /** The packet of that time has been written. */
  void written(long timeNanos) {
    lastNanos = timeNanos;
    hasFrame = true;
  }

  /**
   * A packet's time in units since a start.
   *
   * @throws IllegalArgumentException if it is before that
   */
  long unitsSince(long startNanos, long timeNanos, long scaleNanos) {
    long nanos = Math.subtractExact(timeNanos, startNanos);
    if (nanos < 0) {
      throw new IllegalArgumentException(
          "a packet of track %d is %d ns before the stream's start"
              .formatted(track.number(), -nanos));
    }
    // The nearest unit; written so that nothing overflows at the end of time.
    return nanos / scaleNanos + (nanos % scaleNanos >= (scaleNanos + 1) / 2 ? 1 : 0);
  }

  /** How many bytes of content the packet's SimpleBlock has. */
  int blockSize(ByteBuffer frame) {
    int frameSize = isAv1() ? Av1Obus.sizeForBlock(frame) : frame.remaining();
    return Math.addExact(BLOCK_HEADER_SIZE, frameSize);
  }

  /**
   * Puts the packet's SimpleBlock.
   *
   * @param size what {@link #blockSize} says of the frame
   * @param time in units since the cluster's, within 16 bits
   * @param frame stays as it is
   */
  void putBlock(ByteBuffer target, int size, int time, boolean key, ByteBuffer frame) {
    Ebml.putId(target, Ebml.SIMPLE_BLOCK);
    Ebml.putSize(target, size);
    Ebml.putSize(target, track.number());
    target.put((byte) (time >> 8)).put((byte) time);
    target.put((byte) ((key ? FLAG_KEY : 0) | (isInvisible(frame) ? FLAG_INVISIBLE : 0)));
    if (isAv1()) {
      Av1Obus.putForBlock(frame, target);
    } else {
      target.put(target.position(), frame, frame.position(), frame.remaining());
      target.position(target.position() + frame.remaining());
    }
  }

  private boolean isAv1() {
    return track instanceof VideoTrack video && video.codec() == VideoCodec.AV1;
  }

  private boolean isInvisible(ByteBuffer frame) {
    return track instanceof VideoTrack video
        && video.codec() == VideoCodec.VP8
        && !Vp8FrameHeader.isShown(frame);
  }
}
