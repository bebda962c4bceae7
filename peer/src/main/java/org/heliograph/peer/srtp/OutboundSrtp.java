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
    this(keys.profile(), keys.local(), InboundSrtp.DEFAULT_MAX_SOURCES);
  }

  /**
   * For what is to be sent under a master key.
   *
   * @param maxSources how many synchronization sources may send
   */
  public OutboundSrtp(SrtpProfile profile, SrtpMasterKey key, int maxSources) {
    this(profile, SrtpTransform.of(profile, key), maxSources);
  }

  OutboundSrtp(SrtpProfile profile, SrtpTransform transform, int maxSources) {
    this.profile = profile;
    this.transform = transform;
    this.sources = new SrtpSources(maxSources);
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
   * @throws IllegalArgumentException if it is no RTP packet or there is not that much room
   * @throws IllegalStateException if this sequence number was protected before or is too old to
   *     tell (protecting two packets under one index would give both away: keep the protected
   *     packet, or retransmit as RFC 4588 says), if there are too many sources, or if the key is
   *     used up
   */
  public void protectRtp(ByteBuffer packet) {
    requireRoom(packet, profile.rtpOverhead());
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    int headerLength = RtpHeader.length(octets, offset, length);
    if (headerLength < 0) {
      throw new IllegalArgumentException("not an RTP packet");
    }
    SrtpSource source = source(Octets.int32(octets, offset + RtpHeader.SSRC_OFFSET));
    int sequenceNumber = Octets.uint16(octets, offset + RtpHeader.SEQUENCE_NUMBER_OFFSET);
    long index = source.rtpIndex(sequenceNumber);
    if (!source.rtp.allows(index)) {
      throw new IllegalStateException(
          "sequence number " + sequenceNumber + " was protected before or is too old");
    }
    if (index > MAX_RTP_INDEX) {
      throw new IllegalStateException("the key is used up");
    }
    source.rtp.note(index);
    transform.protectRtp(octets, offset, length, headerLength, index);
    packet.limit(packet.limit() + profile.rtpOverhead());
  }

  /**
   * Protects a compound RTCP packet in place, with encryption.
   *
   * @param packet as for {@link #protectRtp}, with {@link SrtpProfile#rtcpOverhead()} octets of
   *     room
   * @throws IllegalArgumentException if it is no RTCP packet or there is not that much room
   * @throws IllegalStateException if there are too many sources or the key is used up
   */
  public void protectRtcp(ByteBuffer packet) {
    requireRoom(packet, profile.rtcpOverhead());
    byte[] octets = packet.array();
    int offset = packet.arrayOffset() + packet.position();
    int length = packet.remaining();
    if (!RtcpHeader.isValid(octets, offset, length)) {
      throw new IllegalArgumentException("not an RTCP packet");
    }
    SrtpSource source = source(Octets.int32(octets, offset + RtcpHeader.SSRC_OFFSET));
    long index = source.rtcp.highest() + 1;
    if (index > SrtcpTrailer.MAX_INDEX) {
      throw new IllegalStateException("the key is used up");
    }
    source.rtcp.note(index);
    transform.protectRtcp(octets, offset, length, SrtcpTrailer.encrypted((int) index));
    packet.limit(packet.limit() + profile.rtcpOverhead());
  }

  private static void requireRoom(ByteBuffer packet, int overhead) {
    if (packet.capacity() - packet.limit() < overhead) {
      throw new IllegalArgumentException(
          "the packet needs room for %d octets behind it and has %d"
              .formatted(overhead, packet.capacity() - packet.limit()));
    }
  }

  private SrtpSource source(int ssrc) {
    SrtpSource source = sources.find(ssrc);
    if (source == null) {
      if (sources.isFull()) {
        throw new IllegalStateException("too many sources");
      }
      source = new SrtpSource(ssrc);
      sources.add(source);
    }
    return source;
  }
}
