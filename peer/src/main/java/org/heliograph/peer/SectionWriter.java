package org.heliograph.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Origin;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.sdp.SimulcastStreams;
import org.heliograph.peer.transport.LocalTransport;

/**
 * Writes the media sections of one description of this side (RFC 8829 5.2.1, 5.3.1), and joins them
 * into the description.
 *
 * <p>All sections are full ones with the transport's attributes in each: peers that do not know
 * {@code bundle-only} understand them too.
 */
final class SectionWriter {
  private final LocalTransport transport;
  private final SetupRole setup;
  private final boolean offer;
  private final List<MediaDescription> sections = new ArrayList<>();
  private final List<String> bundled = new ArrayList<>();

  SectionWriter(LocalTransport transport, SetupRole setup, boolean offer) {
    this.transport = transport;
    this.setup = setup;
    this.offer = offer;
  }

  /**
   * Adds a transceiver's section.
   *
   * @param mid the identification; empty only in the answer to an offer that has none
   * @param rids the simulcast streams that are sent, by name; none without simulcast
   */
  void add(
      Transceiver transceiver,
      Optional<String> mid,
      Direction direction,
      NegotiatedMedia media,
      List<String> rids,
      boolean reducedSizeRtcp) {
    MediaKind kind = transceiver.kind();
    List<Attribute> attributes = transportAttributes(mid);
    attributes.add(new Attribute.MediaDirection(direction));
    attributes.add(new Attribute.RtcpMux());
    if (offer) {
      attributes.add(new Attribute.RtcpMuxOnly());
    }
    if (reducedSizeRtcp) {
      attributes.add(new Attribute.RtcpReducedSize());
    }
    attributes.addAll(media.attributes());
    if (direction.sends() && rids.isEmpty()) {
      attributes.addAll(transceiver.source().attributes(media.isRetransmitted()));
    } else if (direction.sends()) {
      // The streams are told by their names alone (RFC 8853 5.5), as browsers do.
      attributes.add(transceiver.source().msid());
      attributes.addAll(new SimulcastStreams(rids).attributes("send"));
    }
    mid.ifPresent(bundled::add);
    sections.add(
        new MediaDescription(
            kind.token(),
            MediaDescription.DISCARD_PORT,
            MediaDescription.RTP_OVER_DTLS,
            media.payloadTypes(),
            attributes));
  }

  /**
   * Adds the section of the data channels (RFC 8841).
   *
   * @param mid the identification; empty only in the answer to an offer that has none
   */
  void addData(Optional<String> mid) {
    List<Attribute> attributes = transportAttributes(mid);
    attributes.addAll(DataDescription.OWN.attributes());
    mid.ifPresent(bundled::add);
    sections.add(
        new MediaDescription(
            MediaDescription.APPLICATION,
            MediaDescription.DISCARD_PORT,
            MediaDescription.SCTP_OVER_DTLS,
            List.of(MediaDescription.DATA_CHANNEL),
            attributes));
  }

  /** What every section says of the transport that they share. */
  private List<Attribute> transportAttributes(Optional<String> mid) {
    List<Attribute> attributes = new ArrayList<>();
    mid.ifPresent(name -> attributes.add(new Attribute.Mid(name)));
    IceCredentials credentials = transport.iceCredentials();
    attributes.add(new Attribute.IceUfrag(credentials.usernameFragment()));
    attributes.add(new Attribute.IcePwd(credentials.password()));
    attributes.add(new Attribute.IceOptions(List.of(Attribute.IceOptions.TRICKLE)));
    attributes.add(transport.fingerprint());
    attributes.add(new Attribute.Setup(setup));
    return attributes;
  }

  /**
   * Takes the section that was added last out of use until it is offered again: the answer to a
   * port of 0 has one, too (RFC 3264 6), and is not in the BUNDLE group (RFC 8843 7.3.2). What the
   * section says stays: who writes such offers, werift, reads the answer as it reads any other, and
   * fails where it finds no codec or no ICE credentials.
   */
  void disableLast() {
    MediaDescription section = sections.removeLast();
    section.mid().ifPresent(bundled::remove);
    sections.add(section.with(0, section.attributes()));
  }

  /**
   * Adds the section of a place that is not used (RFC 3264 6). It needs to say nothing, but werift
   * and aiortc look into it as into any other, and fail without a codec, ICE credentials or
   * rtcp-mux; Chromium writes them all.
   */
  void addRefused(MediaLine line) {
    List<Attribute> attributes = new ArrayList<>();
    MediaDescription bare =
        new MediaDescription(line.media(), 0, line.protocol(), line.formats(), List.of());
    if (bare.isRtpOverDtls()) {
      attributes.addAll(transportAttributes(line.mid()));
      attributes.add(new Attribute.MediaDirection(Direction.INACTIVE));
      attributes.add(new Attribute.RtcpMux());
      attributes.addAll(line.codecs());
    } else {
      line.mid().ifPresent(name -> attributes.add(new Attribute.Mid(name)));
    }
    sections.add(bare.with(0, attributes));
  }

  /** The section that was added last. */
  MediaDescription last() {
    return sections.getLast();
  }

  /** The whole description. */
  Sdp description(long sessionId, long sessionVersion, boolean bundle) {
    List<Attribute> attributes = new ArrayList<>();
    if (bundle && !bundled.isEmpty()) {
      attributes.add(new Attribute.Group(Attribute.Group.BUNDLE, bundled));
    }
    return new Sdp(Origin.of(sessionId, sessionVersion), "-", attributes, sections);
  }
}
