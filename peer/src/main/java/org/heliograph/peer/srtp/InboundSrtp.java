package org.heliograph.peer.srtp;

import java.nio.ByteBuffer;

/**
 * Checks and decrypts the packets that the other side of a DTLS association sends: SRTP and SRTCP
 * (RFC 3711), with replay protection for each synchronization source.
 *
 * <p>A packet that is refused is a {@link SrtpVerdict}, never an exception, and leaves no trace:
 * only an authentic packet makes a source known, moves its roll-over counter or its replay window.
 * Not for two threads at once.
 */
public final class InboundSrtp {
  /** How many sources an association has windows for unless told otherwise. */
  public static final int DEFAULT_MAX_SOURCES = 1024;

  /** How many sources beyond those are remembered unless told otherwise. */
  public static final int DEFAULT_MAX_RETIRED = 1 << 15;

  private final SrtpProfile profile;
  private final SrtpTransform transform;
  private final SrtpSources sources;

  /** For what {@code keys.remote()} protects, with the limits above. */
  public InboundSrtp(SrtpKeys keys) {
    this(keys.profile(), keys.remote(), DEFAULT_MAX_SOURCES, DEFAULT_MAX_RETIRED);
  }

  /**
   * For what a master key protects. No source is ever forgotten, because its replay window would be
   * too: where there are more than have windows, the one that has sent nothing for longest is
   * retired. When it sends again, all that is not newer than what it has sent counts as a replay.
   *
   * @param maxSources how many synchronization sources have windows
   * @param maxRetired how many more are remembered; a packet of a source that is new beyond both is
   *     refused
   */
  public InboundSrtp(SrtpProfile profile, SrtpMasterKey key, int maxSources, int maxRetired) {
    this(profile, SrtpTransform.of(profile, key), maxSources, maxRetired);
  }

  InboundSrtp(SrtpProfile profile, SrtpTransform transform, int maxSources, int maxRetired) {
    this.profile = profile;
    this.transform = transform;
    this.sources = new SrtpSources(maxSources, maxRetired);
  }

  /**
   * Checks an SRTP packet and decrypts it in place.
   *
   * @param packet the packet, position to limit, in an accessible array. When it is accepted, the
   *     limit moves to the end of the RTP packet; otherwise the content is undefined.
   */
  public SrtpVerdict unprotectRtp(ByteBuffer packet) {
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    int headerLength = RtpHeader.length(octets, offset, length - profile.rtpOverhead());
    if (headerLength < 0) {
      return SrtpVerdict.MALFORMED;
    }
    int ssrc = Octets.int32(octets, offset + RtpHeader.SSRC_OFFSET);
    int sequenceNumber = Octets.uint16(octets, offset + RtpHeader.SEQUENCE_NUMBER_OFFSET);
    SrtpSource source = sources.find(ssrc);
    if (source == null && !sources.hasRoom()) {
      return SrtpVerdict.TOO_MANY_SOURCES;
    }
    long index = source == null ? sequenceNumber : source.rtpIndex(sequenceNumber);
    if (source != null && !source.rtp.allows(index)) {
      return SrtpVerdict.REPLAYED;
    }
    if (!transform.unprotectRtp(octets, offset, length, headerLength, index)) {
      return SrtpVerdict.NOT_AUTHENTIC;
    }
    inUse(source, ssrc).rtp.note(index);
    packet.limit(packet.limit() - profile.rtpOverhead());
    return SrtpVerdict.ACCEPTED;
  }

  /**
   * Checks an SRTCP packet and decrypts it in place, as {@link #unprotectRtp} does.
   *
   * <p>A packet whose sender chose not to encrypt it (RFC 3711 3.4, flag E) is accepted if it is
   * authentic.
   */
  public SrtpVerdict unprotectRtcp(ByteBuffer packet) {
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    if (!RtcpHeader.isValid(octets, offset, length - profile.rtcpOverhead())) {
      return SrtpVerdict.MALFORMED;
    }
    int ssrc = Octets.int32(octets, offset + RtcpHeader.SSRC_OFFSET);
    SrtpSource source = sources.find(ssrc);
    if (source == null && !sources.hasRoom()) {
      return SrtpVerdict.TOO_MANY_SOURCES;
    }
    int trailer = transform.rtcpTrailer(octets, offset, length);
    int index = SrtcpTrailer.index(trailer);
    if (source != null && !source.rtcp.allows(index)) {
      return SrtpVerdict.REPLAYED;
    }
    if (!transform.unprotectRtcp(octets, offset, length, trailer)) {
      return SrtpVerdict.NOT_AUTHENTIC;
    }
    inUse(source, ssrc).rtcp.note(index);
    packet.limit(packet.limit() - profile.rtcpOverhead());
    return SrtpVerdict.ACCEPTED;
  }

  private SrtpSource inUse(SrtpSource found, int ssrc) {
    SrtpSource source = found == null ? new SrtpSource(ssrc) : found;
    sources.use(source);
    return source;
  }
}
