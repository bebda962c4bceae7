package org.heliograph.peer.srtp;

/**
 * A profile's cryptography for one direction, on packets in place. It knows nothing of windows and
 * roll-over: the caller names the packet's index. Not for two threads at once.
 *
 * <p>What lies in {@code packet} from {@code offset} on is the packet; the caller has checked that
 * it is long enough, and there is room behind it for the profile's overhead when protecting.
 */
sealed interface SrtpTransform permits AeadAesGcm, AesCmHmacSha1 {
  /** The transform of a profile, with the session keys that come from the master key. */
  static SrtpTransform of(SrtpProfile profile, SrtpMasterKey master) {
    master.requireLengthsOf(profile);
    return of(
        profile,
        SrtpSessionKeys.derive(master, SrtpSessionKeys.Part.RTP),
        SrtpSessionKeys.derive(master, SrtpSessionKeys.Part.RTCP));
  }

  /** The transform of a profile with given session keys. */
  static SrtpTransform of(SrtpProfile profile, SrtpSessionKeys rtp, SrtpSessionKeys rtcp) {
    return switch (profile) {
      case AEAD_AES_128_GCM -> new AeadAesGcm(rtp, rtcp);
      case AES128_CM_HMAC_SHA1_80 -> new AesCmHmacSha1(rtp, rtcp);
    };
  }

  /**
   * Encrypts an RTP packet and appends its tag.
   *
   * @param headerLength the fixed header, the contributing sources and the extension
   * @param index the 48-bit packet index (RFC 3711 3.3.1)
   */
  void protectRtp(byte[] packet, int offset, int length, int headerLength, long index);

  /** Checks and decrypts an RTP packet; false, and the packet undefined, if it is not authentic. */
  boolean unprotectRtp(byte[] packet, int offset, int length, int headerLength, long index);

  /** Encrypts a compound RTCP packet and appends its tag and trailer, in the profile's order. */
  void protectRtcp(byte[] packet, int offset, int length, int trailer);

  /** The trailer of a protected RTCP packet. */
  int rtcpTrailer(byte[] packet, int offset, int length);

  /** Checks and decrypts a compound RTCP packet; false, and undefined, if it is not authentic. */
  boolean unprotectRtcp(byte[] packet, int offset, int length, int trailer);
}
