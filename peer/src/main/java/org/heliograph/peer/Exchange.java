package org.heliograph.peer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.transport.TransportAgreement;
import org.heliograph.peer.transport.TransportDescription;

/**
 * An offer and its answer, whichever side made which: what they come to.
 *
 * @param remote the other side's description
 * @param used the sections of it that both sides use
 * @param agreements what holds for each of them that carries media
 * @param data the other side's end of the data channels; empty if there are none
 * @param transport the other side's transport; empty if no section is used
 * @param dtlsRole this side's DTLS role where there is no association yet
 * @param offered whether this side made the offer
 */
record Exchange(
    RemoteDescription remote,
    List<MediaDescription> used,
    Map<Transceiver, MediaAgreement> agreements,
    Optional<DataDescription> data,
    Optional<TransportDescription> transport,
    DtlsRole dtlsRole,
    boolean offered) {
  Exchange {
    used = List.copyOf(used);
    agreements = Map.copyOf(agreements);
  }

  /**
   * What it means for the transport; empty if no section is used. The DTLS roles stay those of the
   * association that there is (RFC 8842 5.3), whatever a later answer says: Pion's always says
   * {@code active}, and keeps its role none the less.
   *
   * @param before what was agreed on before, or null
   */
  Optional<TransportAgreement> transportAgreement(
      IceCredentials localCredentials, TransportAgreement before) {
    return transport.map(
        description -> {
          MediaDescription tagged = remote.taggedSection(used).orElseThrow();
          return new TransportAgreement(
              description,
              tagged.mid(),
              remote.indexOf(tagged),
              localCredentials,
              before == null ? dtlsRole : before.dtlsRole(),
              before == null ? offered : before.offeredFirst(),
              used.stream()
                  .filter(MediaDescription::isRtpOverDtls)
                  .allMatch(remote::takesReducedSize));
        });
  }
}
