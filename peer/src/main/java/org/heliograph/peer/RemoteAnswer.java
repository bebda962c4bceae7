package org.heliograph.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.MediaAgreement.RemoteSources;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.sdp.SimulcastStreams;
import org.heliograph.peer.transport.TransportDescription;

/** Reads the other side's answer beside the offer that it answers (RFC 3264 6, RFC 8829 5.10). */
final class RemoteAnswer {
  private RemoteAnswer() {}

  /**
   * What an answer comes to.
   *
   * @param associated whether there is a DTLS association, whose roles stay
   * @throws IllegalArgumentException if it does not fit its offer
   */
  static Exchange read(RemoteDescription answer, LocalOffer offer, boolean associated) {
    requireSameSections(answer, offer.sdp().media());
    Map<Transceiver, MediaAgreement> agreements = new HashMap<>();
    List<MediaDescription> used = new ArrayList<>();
    Optional<DataDescription> data = Optional.empty();
    for (int i = 0; i < answer.sections().size(); i++) {
      MediaDescription section = answer.sections().get(i);
      if (section.isRejected()) {
        continue;
      }
      boolean bundled =
          used.isEmpty() || (answer.isBundled(section) && answer.isBundled(used.getFirst()));
      if (offer.lines().get(i).data()) {
        if (!bundled) {
          throw refused(section, "is not in the BUNDLE group");
        }
        data =
            Optional.of(
                DataDescription.read(section)
                    .orElseThrow(() -> refused(section, "has no SCTP association over DTLS")));
        used.add(section);
        continue;
      }
      Transceiver transceiver = offer.lines().get(i).transceiver().orElse(null);
      if (transceiver == null || !offer.media().containsKey(transceiver)) {
        throw refused(section, "accepts what was not offered");
      }
      if (!answer.isMultiplexed(section)) {
        throw refused(section, "has no rtcp-mux");
      }
      if (!bundled) {
        throw refused(section, "is not in the BUNDLE group");
      }
      used.add(section);
      agreements.put(
          transceiver,
          agreement(
              transceiver, offer.sdp().media().get(i), section, offer.media().get(transceiver)));
    }
    RemoteDescription.requireOneNumbering(used);
    Optional<TransportDescription> transport = answer.transport(used);
    return new Exchange(
        answer,
        used,
        agreements,
        data,
        transport,
        associated
            ? DtlsRole.SERVER
            : transport.map(RemoteAnswer::roleBeside).orElse(DtlsRole.SERVER),
        true);
  }

  /** An answer has the offer's sections, in the offer's order. */
  private static void requireSameSections(
      RemoteDescription answer, List<MediaDescription> offered) {
    List<MediaDescription> answered = answer.sections();
    if (answered.size() != offered.size()) {
      throw new IllegalArgumentException(
          "the answer has "
              + answered.size()
              + " media sections, and the offer has "
              + offered.size());
    }
    for (int i = 0; i < offered.size(); i++) {
      MediaDescription section = answered.get(i);
      if (!section.media().equals(offered.get(i).media())) {
        throw refused(section, "stands where the offer has " + offered.get(i).media());
      }
      if (section.mid().isPresent() && !section.mid().equals(offered.get(i).mid())) {
        throw refused(section, "stands where the offer has another mid");
      }
    }
  }

  private static MediaAgreement agreement(
      Transceiver transceiver,
      MediaDescription offered,
      MediaDescription answered,
      NegotiatedMedia offeredMedia) {
    NegotiatedMedia answeredMedia =
        NegotiatedMedia.read(
                answered,
                transceiver.kind(),
                offeredMedia.formats().stream().map(NegotiatedFormat::codec).toList())
            .orElseThrow(() -> refused(answered, "has no codec that was offered"));
    NegotiatedMedia receive = offeredMedia.narrowedTo(answeredMedia);
    List<String> taken = SimulcastStreams.read(answered, "recv").rids();
    List<String> rids =
        transceiver.rids().stream()
            .filter(rid -> receive.tellsStreams() && taken.contains(rid))
            .toList();
    return new MediaAgreement(
        true,
        offered.direction(),
        answered.direction(),
        answeredMedia.limitedTo(offeredMedia),
        receive,
        RemoteSources.read(answered),
        rids);
  }

  private static DtlsRole roleBeside(TransportDescription answer) {
    return switch (answer.setup().orElse(SetupRole.ACTIVE)) {
      case ACTIVE -> DtlsRole.SERVER;
      case PASSIVE -> DtlsRole.CLIENT;
      case ACTPASS, HOLDCONN ->
          throw new IllegalArgumentException("the answer's a=setup is neither active nor passive");
    };
  }

  private static IllegalArgumentException refused(MediaDescription section, String problem) {
    return new IllegalArgumentException(
        "the answer's "
            + section.media()
            + " section"
            + section.mid().map(mid -> " with mid " + mid).orElse("")
            + " "
            + problem);
  }
}
