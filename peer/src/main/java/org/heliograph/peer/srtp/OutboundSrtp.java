package org.heliograph.peer.srtp;

import java.nio.ByteBuffer;

/**
 * Encrypts and signs the packets that this side of a DTLS association sends: SRTP and SRTCP (RFC
 * 3711).
 *
 * <p>The roll-over counter of each synchronization source starts at 0 and follows the sequence
 * numbers, which may come slightly out of order. A source should start below 32768, because a
 * receiver that loses its first packets around a roll-over could never find the counter (RFC 3711
 * 3.3.1). Not for two threads at once.
 */
public final class OutboundSrtp {
  private static final long MAX_RTP_INDEX = (1L << 48) - 1;

  private final SrtpProfile profile;
  private final SrtpTransform transform;
  private final SrtpSources sources;

  /** For what is to be sent under {@code keys.local()}. */
  public OutboundSrtp(SrtpKeys keys) {
    this(
        keys.profile(),
        keys.local(),
        InboundSrtp.DEFAULT_MAX_SOURCES,
        InboundSrtp.DEFAULT_MAX_RETIRED);
  }

  /**
   * For what is to be sent under a master key. As with {@link InboundSrtp}, no source is ever
   * forgotten: an index that comes twice under one key would give the key away.
   *
   * @param maxSources how many synchronization sources have windows
   * @param maxRetired how many more are remembered; a packet of a source that is new beyond both is
   *     not protected
   */
  public OutboundSrtp(SrtpProfile profile, SrtpMasterKey key, int maxSources, int maxRetired) {
    this(profile, SrtpTransform.of(profile, key), maxSources, maxRetired);
  }

  OutboundSrtp(SrtpProfile profile, SrtpTransform transform, int maxSources, int maxRetired) {
    this.profile = profile;
    this.transform = transform;
    this.sources = new SrtpSources(maxSources, maxRetired);
  }

  /** The profile, which says how many octets protection adds. */
  public SrtpProfile profile() {
    return profile;
  }

  /**
   * Protects an RTP packet in place.
   *
   * @param packet the packet, position to limit, in an accessible array with {@link
   *     SrtpProfile#rtpOverhead()} octets of room behind the limit; the limit moves to the end of
   *     the SRTP packet
   * @return {@link SrtpVerdict#ACCEPTED}, or why the packet must not be sent and was not changed:
   *     this sequence number was protected before or is too old to tell (protecting two packets
   *     under one index would give both away: keep the protected packet, or retransmit as RFC 4588
   *     says), there are too many sources, or the key is used up
   * @throws IllegalArgumentException if it is no RTP packet or there is not that much room
   */
  public SrtpVerdict protectRtp(ByteBuffer packet) {
    requireRoom(packet, profile.rtpOverhead());
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    int headerLength = RtpHeader.length(octets, offset, length);
    if (headerLength < 0) {
      throw new IllegalArgumentException("not an RTP packet");
    }
    SrtpSource source = source(Octets.int32(octets, offset + RtpHeader.SSRC_OFFSET));
    if (source == null) {
      return SrtpVerdict.TOO_MANY_SOURCES;
    }
    int sequenceNumber = Octets.uint16(octets, offset + RtpHeader.SEQUENCE_NUMBER_OFFSET);
    long index = source.rtpIndex(sequenceNumber);
    if (!source.rtp.allows(index)) {
      return SrtpVerdict.REPLAYED;
    }
    if (index > MAX_RTP_INDEX) {
      return SrtpVerdict.KEY_USED_UP;
    }
    sources.use(source);
    source.rtp.note(index);
    transform.protectRtp(octets, offset, length, headerLength, index);
    packet.limit(packet.limit() + profile.rtpOverhead());
    return SrtpVerdict.ACCEPTED;
  }

  /**
   * Protects a compound RTCP packet in place, with encryption.
   *
   * @param packet as for {@link #protectRtp}, with {@link SrtpProfile#rtcpOverhead()} octets of
   *     room
   * @return {@link SrtpVerdict#ACCEPTED}, or why the packet must not be sent and was not changed:
   *     there are too many sources or the key is used up
   * @throws IllegalArgumentException if it is no RTCP packet or there is not that much room
   */
  public SrtpVerdict protectRtcp(ByteBuffer packet) {
    requireRoom(packet, profile.rtcpOverhead());
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    if (!RtcpHeader.isValid(octets, offset, length)) {
      throw new IllegalArgumentException("not an RTCP packet");
    }
    SrtpSource source = source(Octets.int32(octets, offset + RtcpHeader.SSRC_OFFSET));
    if (source == null) {
      return SrtpVerdict.TOO_MANY_SOURCES;
    }
    long index = source.rtcp.highest() + 1;
    if (index > SrtcpTrailer.MAX_INDEX) {
      return SrtpVerdict.KEY_USED_UP;
    }
    sources.use(source);
    source.rtcp.note(index);
    transform.protectRtcp(octets, offset, length, SrtcpTrailer.encrypted((int) index));
    packet.limit(packet.limit() + profile.rtcpOverhead());
    return SrtpVerdict.ACCEPTED;
  }

  private static void requireRoom(ByteBuffer packet, int overhead) {
    if (packet.capacity() - packet.limit() < overhead) {
      throw new IllegalArgumentException(
          "the packet needs room for %d octets behind it and has %d"
              .formatted(overhead, packet.capacity() - packet.limit()));
    }
  }

  /** The source, or null if there is no room for it. */
  private SrtpSource source(int ssrc) {
    SrtpSource source = sources.find(ssrc);
    return source != null || !sources.hasRoom() ? source : new SrtpSource(ssrc);
  }
}
