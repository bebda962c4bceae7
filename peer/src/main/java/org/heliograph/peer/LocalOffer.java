package org.heliograph.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.transport.LocalTransport;

/**
 * An offer of this side (RFC 8829 5.2).
 *
 * @param sdp the description
 * @param lines the places that its sections take
 * @param media what is offered for each transceiver
 */
record LocalOffer(Sdp sdp, List<MediaLine> lines, Map<Transceiver, NegotiatedMedia> media) {

  /** An offer that is being written, section by section. */
  static final class Draft {
    private final Numbering numbering;
    private final SectionWriter sections;
    private final List<MediaLine> lines = new ArrayList<>();
    private final Map<Transceiver, NegotiatedMedia> media = new HashMap<>();

    Draft(LocalTransport transport, Numbering numbering) {
      this.numbering = numbering;
      this.sections = new SectionWriter(transport, SetupRole.ACTPASS, true);
    }

    /** Adds what a transceiver wants. */
    void offer(Transceiver transceiver, String mid) {
      TransceiverDirection wanted = transceiver.direction();
      Direction direction = Direction.of(wanted.sends(), wanted.receives());
      List<String> rids = wanted.sends() ? transceiver.rids() : List.of();
      NegotiatedMedia media =
          NegotiatedMedia.offered(
              transceiver.kind(),
              transceiver.codecPreferences(),
              !rids.isEmpty(),
              Optional.ofNullable(transceiver.agreement()).map(MediaAgreement::receive),
              numbering);
      sections.add(transceiver, Optional.of(mid), direction, media, rids, true);
      lines.add(MediaLine.of(sections.last(), Optional.of(transceiver)));
      this.media.put(transceiver, media);
    }

    /** Adds the section of the data channels. */
    void offerData(String mid) {
      sections.addData(Optional.of(mid));
      lines.add(MediaLine.ofData(sections.last()));
    }

    /** Keeps a place that is not used. */
    void refuse(MediaLine line) {
      sections.addRefused(line);
      lines.add(line);
    }

    LocalOffer finish(long sessionId, long sessionVersion) {
      return new LocalOffer(
          sections.description(sessionId, sessionVersion, true),
          List.copyOf(lines),
          Map.copyOf(media));
    }
  }
}
