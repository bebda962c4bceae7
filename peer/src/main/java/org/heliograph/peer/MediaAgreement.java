package org.heliograph.peer;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;

/**
 * What both sides agreed on for one media section: the outcome of an offer and its answer.
 *
 * @param offered whether this side made the offer
 * @param localDirection the direction in this side's description
 * @param remoteDirection the direction in the other side's description
 * @param send how this side sends: with the other side's numbers and wishes
 * @param receive how this side receives: with its own numbers
 * @param remoteSources the RTP sources that the other side named
 * @param rids the simulcast streams that this side sends, by name; none without simulcast
 */
record MediaAgreement(
    boolean offered,
    Direction localDirection,
    Direction remoteDirection,
    NegotiatedMedia send,
    NegotiatedMedia receive,
    RemoteSources remoteSources,
    List<String> rids) {

  /** The direction that holds, from this side's view. */
  TransceiverDirection direction() {
    return TransceiverDirection.of(
        localDirection.sends() && remoteDirection.receives(),
        localDirection.receives() && remoteDirection.sends());
  }

  /**
   * Whether a transceiver that wants another direction than before needs a new offer (W3C webrtc-pc
   * 4.7.3, "check if negotiation is needed").
   */
  boolean differsFrom(TransceiverDirection wanted) {
    Direction direction = Direction.of(wanted.sends(), wanted.receives());
    if (offered) {
      return direction != localDirection && direction != remoteDirection.reversed();
    }
    return localDirection
        != Direction.of(
            direction.sends() && remoteDirection.receives(),
            direction.receives() && remoteDirection.sends());
  }

  /**
   * The RTP sources that a section names (RFC 5576): the media's and that of its retransmissions,
   * and the names.
   *
   * @param streams the media streams that the track belongs to (RFC 8830 2)
   */
  record RemoteSources(
      OptionalLong media,
      OptionalLong retransmission,
      Optional<String> cname,
      Optional<String> track,
      List<String> streams) {
    /** Says that a track belongs to no media stream. */
    private static final String NO_STREAM = "-";

    static RemoteSources read(MediaDescription section) {
      for (Attribute.SsrcGroup group : section.all(Attribute.SsrcGroup.class)) {
        if (group.semantics().equals(Attribute.SsrcGroup.FLOW_IDENTIFICATION)
            && group.ssrcs().size() == 2) {
          return new RemoteSources(
              OptionalLong.of(group.ssrcs().getFirst()),
              OptionalLong.of(group.ssrcs().getLast()),
              cname(section),
              track(section),
              streams(section));
        }
      }
      return new RemoteSources(
          section.all(Attribute.Ssrc.class).stream().mapToLong(Attribute.Ssrc::ssrc).findFirst(),
          OptionalLong.empty(),
          cname(section),
          track(section),
          streams(section));
    }

    /** The track's name (RFC 8830 2). */
    private static Optional<String> track(MediaDescription section) {
      return section
          .first(Attribute.Msid.class)
          .map(Attribute.Msid::track)
          .filter(track -> !track.isEmpty());
    }

    private static List<String> streams(MediaDescription section) {
      return section.all(Attribute.Msid.class).stream()
          .map(Attribute.Msid::stream)
          .filter(stream -> !stream.equals(NO_STREAM))
          .distinct()
          .toList();
    }

    private static Optional<String> cname(MediaDescription section) {
      return section.all(Attribute.Ssrc.class).stream()
          .filter(line -> line.attribute().equals("cname"))
          .map(Attribute.Ssrc::attributeValue)
          .findFirst();
    }
  }
}
