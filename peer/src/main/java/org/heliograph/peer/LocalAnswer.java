package org.heliograph.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.MediaAgreement.RemoteSources;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.sdp.SimulcastStreams;
import org.heliograph.peer.transport.LocalTransport;
import org.heliograph.peer.transport.TransportAgreement;
import org.heliograph.peer.transport.TransportDescription;

/**
 * An answer of this side (RFC 8829 5.3).
 *
 * @param sdp the description
 * @param exchange what it comes to
 */
record LocalAnswer(Sdp sdp, Exchange exchange) {

  /**
   * Answers an offer.
   *
   * @param lines whose each section is; a section that nobody uses is refused
   * @param before what was agreed on before, or null
   */
  static LocalAnswer to(
      RemoteDescription offer,
      List<MediaLine> lines,
      LocalTransport transport,
      TransportAgreement before,
      long sessionId,
      long sessionVersion) {
    List<MediaDescription> used = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      MediaDescription section = offer.sections().get(i);
      if (lines.get(i).data() || answering(lines.get(i), section).isPresent()) {
        used.add(section);
      }
    }
    Optional<TransportDescription> remote = offer.transport(used);
    SetupRole setup =
        remote.map(description -> roleBeside(description, before)).orElse(SetupRole.ACTIVE);
    SectionWriter sections = new SectionWriter(transport, setup, false);
    Map<Transceiver, MediaAgreement> agreements = new HashMap<>();
    Optional<DataDescription> data = Optional.empty();
    for (int i = 0; i < lines.size(); i++) {
      MediaLine line = lines.get(i);
      MediaDescription offered = offer.sections().get(i);
      if (line.data()) {
        data = DataDescription.read(offered);
        sections.addData(offered.mid());
        continue;
      }
      Optional<Transceiver> transceiver = answering(line, offered);
      if (transceiver.isEmpty()) {
        sections.addRefused(line);
        continue;
      }
      MediaAgreement agreed = agreement(transceiver.get(), offered);
      agreements.put(transceiver.get(), agreed);
      sections.add(
          transceiver.get(),
          offered.mid(),
          agreed.localDirection(),
          agreed.receive(),
          agreed.rids(),
          offer.takesReducedSize(offered));
      if (offer.isHeld(offered)) {
        sections.disableLast();
      }
    }
    return new LocalAnswer(
        sections.description(sessionId, sessionVersion, !offer.bundle().isEmpty()),
        new Exchange(
            offer,
            used,
            agreements,
            data,
            remote,
            setup == SetupRole.ACTIVE ? DtlsRole.CLIENT : DtlsRole.SERVER,
            false));
  }

  /** Whose section it is; a section of which it wants no codec is refused. */
  private static Optional<Transceiver> answering(MediaLine line, MediaDescription offered) {
    return line.transceiver()
        .filter(transceiver -> !transceiver.isStopped())
        .filter(transceiver -> media(transceiver, offered).isPresent());
  }

  /**
   * The codecs in the order of the answer: this side's preferences where it has set them, else the
   * offer's order (RFC 8829 5.3.1), but for redundant audio, which has to come first to be sent.
   */
  private static Optional<NegotiatedMedia> media(
      Transceiver transceiver, MediaDescription offered) {
    List<MediaCodec> wanted = transceiver.codecPreferences();
    return NegotiatedMedia.read(offered, transceiver.kind(), wanted)
        .map(
            media ->
                transceiver.hasCodecPreferences() || media.format(MediaCodec.RED).isPresent()
                    ? media.inOrderOf(wanted)
                    : media);
  }

  private static MediaAgreement agreement(Transceiver transceiver, MediaDescription offered) {
    TransceiverDirection wanted = transceiver.direction();
    Direction remote = offered.direction();
    NegotiatedMedia both = media(transceiver, offered).orElseThrow();
    List<String> taken = SimulcastStreams.read(offered, "recv").rids();
    List<String> rids =
        transceiver.rids().stream()
            .filter(rid -> both.tellsStreams() && taken.contains(rid))
            .toList();
    NegotiatedMedia media = rids.isEmpty() ? both.withoutStreamNames() : both;
    return new MediaAgreement(
        false,
        Direction.of(wanted.sends() && remote.receives(), wanted.receives() && remote.sends()),
        remote,
        media,
        media.answered(),
        RemoteSources.read(offered),
        rids);
  }

  /**
   * The DTLS role to answer with (RFC 8842 5.3, 5.5): the one that there is already; otherwise the
   * client's where the offer leaves the choice, because it saves a round trip.
   */
  private static SetupRole roleBeside(TransportDescription offer, TransportAgreement before) {
    return switch (offer.setup().orElse(SetupRole.ACTPASS)) {
      case ACTIVE -> SetupRole.PASSIVE;
      case PASSIVE -> SetupRole.ACTIVE;
      case ACTPASS, HOLDCONN ->
          before != null && before.dtlsRole() == DtlsRole.SERVER
              ? SetupRole.PASSIVE
              : SetupRole.ACTIVE;
    };
  }
}
