package org.heliograph.peer.dtls;

import java.util.List;
import java.util.Objects;
import org.heliograph.peer.srtp.SrtpProfile;

/**
 * What a {@link DtlsTransport} needs to know beforehand.
 *
 * @param role this side's role
 * @param certificate this side's certificate
 * @param remoteFingerprints the other side's certificate, from its session description; not empty
 * @param srtpProfiles the SRTP profiles to negotiate, most wanted first; not empty. A client offers
 *     them in this order, and a server takes the first that the client offers too.
 */
public record DtlsConfiguration(
    DtlsRole role,
    DtlsCertificate certificate,
    List<Fingerprint> remoteFingerprints,
    List<SrtpProfile> srtpProfiles) {
  /**
   * AES-GCM first, for it costs half, then AES-CM with HMAC-SHA1, which every implementation must
   * have (RFC 8827 6.5).
   *
   * <p>A Chromium server takes AES-CM even so. Offering AES-GCM alone would win a fraction of a
   * microsecond per packet and lose every remote that has only the mandatory profile.
   */
  public static final List<SrtpProfile> DEFAULT_SRTP_PROFILES =
      List.of(SrtpProfile.AEAD_AES_128_GCM, SrtpProfile.AES128_CM_HMAC_SHA1_80);

  public DtlsConfiguration {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(certificate, "certificate");
    remoteFingerprints = List.copyOf(remoteFingerprints);
    srtpProfiles = List.copyOf(srtpProfiles);
    if (remoteFingerprints.isEmpty()) {
      throw new IllegalArgumentException("no fingerprint of the other side's certificate");
    }
    if (srtpProfiles.isEmpty()) {
      throw new IllegalArgumentException("no SRTP profile");
    }
  }

  /** With {@link #DEFAULT_SRTP_PROFILES}. */
  public DtlsConfiguration(
      DtlsRole role, DtlsCertificate certificate, List<Fingerprint> remoteFingerprints) {
    this(role, certificate, remoteFingerprints, DEFAULT_SRTP_PROFILES);
  }
}
