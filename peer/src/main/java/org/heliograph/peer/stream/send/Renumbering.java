package org.heliograph.peer.stream.send;

import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.srtp.ReplayWindow;
import org.heliograph.peer.stream.CaptureClock;

/**
 * Gives the packets of a forwarded stream numbers and time stamps of their own: those that they
 * came with, moved by an offset. Where their sender begins anew (another source, a restart), the
 * offsets are chosen so that the receiver sees one stream that goes on. A hole in the numbers stays
 * a hole: what is missing may still come.
 */
final class Renumbering {
  /** So many packets may come late before the very first one, without their numbers wrapping. */
  private static final int SLACK = 512;

  private final CaptureClock captureClock;
  private final PictureRenumbering pictures = new PictureRenumbering();
  private final ReplayWindow sent = new ReplayWindow();
  private Object source;
  private long numberOffset;
  private long timeOffset;

  /** Below it a packet would take the number of one that was sent before its sender began anew. */
  private long lowestNumber;

  private long highestNumber;
  private long newestTime;
  private long newestArrivalNanos;
  private boolean capturesKnown;
  private long knownTime;
  private long knownCaptureNanos;

  /**
   * @param firstNumber about the number of the first packet, far from the wrap
   * @param firstTime the time stamp of the first packet
   * @param captureClock shared by all streams of the session
   */
  Renumbering(int firstNumber, long firstTime, CaptureClock captureClock) {
    this.captureClock = captureClock;
    lowestNumber = firstNumber;
    highestNumber = firstNumber + SLACK - 1L;
    newestTime = firstTime;
  }

  /**
   * Takes a packet in.
   *
   * @return false if it is not to be sent: one of its number was sent before, or it is too late to
   *     tell
   */
  boolean admit(MediaPacket packet) {
    if (!packet.source().equals(source)) {
      goOnWith(packet);
    }
    long number = packet.number() + numberOffset;
    if (number < lowestNumber || !sent.allows(number)) {
      return false;
    }
    sent.note(number);
    if (number >= highestNumber) {
      highestNumber = number;
      newestTime = packet.rtpTime() + timeOffset;
      newestArrivalNanos = packet.arrivalNanos();
    }
    if (packet.wallNanos() != MediaPacket.UNKNOWN) {
      capturesKnown = true;
      knownTime = packet.rtpTime() + timeOffset;
      knownCaptureNanos = captureClock.toLocalNanos(packet.wallNanos(), packet.arrivalNanos());
    }
    return true;
  }

  private void goOnWith(MediaPacket packet) {
    long elapsed = 0;
    if (source != null) {
      lowestNumber = highestNumber + 1;
      long nanos = packet.arrivalNanos() - newestArrivalNanos;
      elapsed = Math.max(1, packet.format().toRtpTime(nanos));
      pictures.beginAnew();
    }
    source = packet.source();
    numberOffset = highestNumber + 1 - packet.number();
    timeOffset = newestTime + elapsed - packet.rtpTime();
  }

  /** The sequence number of a packet that was admitted, 0 to 65535. */
  int sequenceNumber(MediaPacket packet) {
    return (int) (packet.number() + numberOffset) & 0xffff;
  }

  /** The time stamp of a packet that was admitted, 0 to 2^32 - 1. */
  long timestamp(MediaPacket packet) {
    return (packet.rtpTime() + timeOffset) & 0xffffffffL;
  }

  /**
   * Numbers the pictures of a payload anew, in place, where their sender has begun anew.
   *
   * @param packet the packet that was admitted last
   * @param payload a copy of its payload
   */
  void renumberPictures(MediaPacket packet, byte[] payload, int length) {
    boolean newest = packet.number() + numberOffset == highestNumber;
    pictures.renumber(packet.format(), newest, payload, length);
  }

  /** Whether it is known when the packets were captured, which sender reports tell. */
  boolean knowsCaptureTimes() {
    return capturesKnown;
  }

  /** The time stamp of what is captured at an instant of the driver's clock. */
  long timestampAt(long nanos, MediaFormat format) {
    return (knownTime + format.toRtpTime(nanos - knownCaptureNanos)) & 0xffffffffL;
  }
}
