package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * The transport of all media (W3C {@code RTCTransportStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param packetsSent SRTP, SRTCP and DTLS packets sent
 * @param packetsReceived packets of any kind received
 * @param bytesSent their bytes
 * @param bytesReceived their bytes
 * @param iceRole {@code controlling} or {@code controlled}
 * @param iceLocalUsernameFragment the present generation
 * @param iceState W3C {@code RTCIceTransportState}
 * @param dtlsState W3C {@code RTCDtlsTransportState}
 * @param dtlsRole {@code client}, {@code server} or {@code unknown}
 * @param selectedCandidatePairId the pair in use; null where there is none
 * @param localCertificateId this side's certificate
 * @param remoteCertificateId the other side's; null before its description is known
 * @param tlsVersion hexadecimal; null before the handshake is done
 * @param srtpCipher the protection profile; null before the handshake is done
 * @param selectedCandidatePairChanges how often the path was chosen
 */
public record TransportStats(
    String id,
    String type,
    double timestamp,
    long packetsSent,
    long packetsReceived,
    long bytesSent,
    long bytesReceived,
    String iceRole,
    String iceLocalUsernameFragment,
    String iceState,
    String dtlsState,
    String dtlsRole,
    String selectedCandidatePairId,
    String localCertificateId,
    String remoteCertificateId,
    String tlsVersion,
    String srtpCipher,
    long selectedCandidatePairChanges)
    implements Stats {}
