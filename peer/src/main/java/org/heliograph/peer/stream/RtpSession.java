package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtp.RtpExtensionMap;

/**
 * The media of one transport (RFC 3550, RFC 9143 BUNDLE): every stream that is sent and received
 * over it, and the RTCP between. It has no socket and no clock: its driver hands it each packet
 * after SRTP has unprotected it and calls {@link #handleTimeout} when {@link #nextTimeoutNanos} has
 * come; what it makes of it goes to its {@link RtpSessionListener} during the call. Instants are
 * nanoseconds on the driver's monotonic clock. One thread at a time.
 */
public final class RtpSession {
  /** The longest datagram that is sent, SRTP included: what every path carries. */
  public static final int MAX_DATAGRAM = 1200;

  /** What SRTP and SRTCP may add to a packet. */
  public static final int SRTP_OVERHEAD = 32;

  /**
   * @param cname the canonical name (RFC 7022), the same in the session description
   * @param clock the wall clock for sender reports
   * @param random for sequence numbers, time stamps and RTCP intervals
   * @param listener what takes packets, frames and events
   */
  public RtpSession(
      String cname, NtpClock clock, RandomGenerator random, RtpSessionListener listener) {}

  /** Replaces the header extensions that received packets carry, of all media sections together. */
  public void setReceiveExtensions(RtpExtensionMap extensions) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Sets whether RTCP may be sent in reduced size (RFC 5506, {@code a=rtcp-rsize}). */
  public void setReducedSizeRtcp(boolean reducedSize) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Starts to receive a media section. */
  public ReceiveStream addReceiver(ReceiveParameters parameters) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Goes on with what a renegotiation has changed. */
  public void updateReceiver(ReceiveStream stream, ReceiveParameters parameters) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Stops to receive a media section; its packets are dropped from now on. */
  public void removeReceiver(ReceiveStream stream) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Starts a stream to be sent. */
  public SendStream addSender(SendParameters parameters) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Ends a stream that was sent, with a BYE if it has sent anything. */
  public void removeSender(SendStream stream, long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Sends a frame; its time is on the driver's clock. */
  public void send(SendStream stream, MediaFrame frame, long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Takes an unprotected RTP packet, position to limit; what is malformed is counted and dropped.
   */
  public void receiveRtp(ByteBuffer packet, long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Takes an unprotected RTCP compound, position to limit; malformed ones are dropped. */
  public void receiveRtcp(ByteBuffer compound, long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Asks the stream's sender for a key frame, not oftener than the rate limit allows. */
  public void requestKeyFrame(ReceiveStream stream, long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** When {@link #handleTimeout} wants to be called next; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Does what is due by now: reports, NACKs, feedback, frames that have waited long enough. */
  public void handleTimeout(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Says goodbye for every stream that was sent. */
  public void close(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }
}
