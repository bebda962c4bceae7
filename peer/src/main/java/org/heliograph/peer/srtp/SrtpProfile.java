package org.heliograph.peer.srtp;

import java.util.Optional;

/**
 * A DTLS-SRTP protection profile (RFC 5764 4.1.2, RFC 7714 14.2). It governs SRTP and SRTCP alike.
 */
public enum SrtpProfile {
  /** AES in Galois/counter mode, 16 octets of tag. */
  AEAD_AES_128_GCM(0x0007, 16, 12, 16),
  /** AES in counter mode with HMAC-SHA1 cut to 80 bits. */
  AES128_CM_HMAC_SHA1_80(0x0001, 16, 14, 10);

  private final int id;
  private final int keyLength;
  private final int saltLength;
  private final int tagLength;

  SrtpProfile(int id, int keyLength, int saltLength, int tagLength) {
    this.id = id;
    this.keyLength = keyLength;
    this.saltLength = saltLength;
    this.tagLength = tagLength;
  }

  /** The profile's number in the {@code use_srtp} extension. */
  public int id() {
    return id;
  }

  /** The master key's length in octets. */
  public int keyLength() {
    return keyLength;
  }

  /** The master salt's length in octets. */
  public int saltLength() {
    return saltLength;
  }

  /** How many octets protection adds to an RTP packet. */
  public int rtpOverhead() {
    return tagLength;
  }

  /** How many octets protection adds to a compound RTCP packet. */
  public int rtcpOverhead() {
    return tagLength + SrtcpTrailer.LENGTH;
  }

  /** How many octets of keying material both directions together take from the DTLS exporter. */
  public int keyingMaterialLength() {
    return 2 * (keyLength + saltLength);
  }

  /** The profile of that number, if it is one of these. */
  public static Optional<SrtpProfile> ofId(int id) {
    for (SrtpProfile profile : values()) {
      if (profile.id == id) {
        return Optional.of(profile);
      }
    }
    return Optional.empty();
  }
}
