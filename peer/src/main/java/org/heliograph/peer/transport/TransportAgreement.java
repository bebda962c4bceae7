package org.heliograph.peer.transport;

import java.util.Optional;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.ice.IceCredentials;

/**
 * What both sides agreed on for their one transport.
 *
 * @param remote the other side's credentials and certificate
 * @param mid the section that the transport's candidates are signalled with
 * @param line the same section's index
 * @param localCredentials this side's ICE credentials
 * @param dtlsRole this side's DTLS role
 * @param offeredFirst whether this side made the first offer, which makes it the controlling one
 *     (RFC 8445 6.1.1)
 * @param reducedSizeRtcp whether RTCP may be of reduced size
 */
public record TransportAgreement(
    TransportDescription remote,
    Optional<String> mid,
    int line,
    IceCredentials localCredentials,
    DtlsRole dtlsRole,
    boolean offeredFirst,
    boolean reducedSizeRtcp) {}
