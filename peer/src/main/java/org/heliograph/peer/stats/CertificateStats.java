package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A certificate (W3C {@code RTCCertificateStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param fingerprint upper-case hexadecimal pairs joined by colons
 * @param fingerprintAlgorithm such as {@code sha-256}
 * @param base64Certificate the certificate in DER; null for the other side's, of which only the
 *     fingerprint is kept
 */
public record CertificateStats(
    String id,
    String type,
    double timestamp,
    String fingerprint,
    String fingerprintAlgorithm,
    String base64Certificate)
    implements Stats {}
