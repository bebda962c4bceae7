package org.heliograph.peer;

import java.util.List;
import java.util.Optional;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;

/**
 * One place in the order of the {@code m=} lines, which never changes (RFC 3264 8): whoever writes
 * a description fills the places that were used before, and then adds new ones.
 *
 * @param media the media type
 * @param protocol the transport protocol
 * @param formats the formats that were written last
 * @param codecs the {@code a=rtpmap} lines that go with them
 * @param mid the section's identification, where it has one
 * @param transceiver whose section it is; empty if it was refused, or carries data
 * @param data whether the section is in use for data channels
 */
record MediaLine(
    String media,
    String protocol,
    List<String> formats,
    List<Attribute.RtpMap> codecs,
    Optional<String> mid,
    Optional<Transceiver> transceiver,
    boolean data) {

  /** The place that a section takes. */
  static MediaLine of(MediaDescription section, Optional<Transceiver> transceiver) {
    return new MediaLine(
        section.media(),
        section.protocol(),
        section.formats(),
        section.all(Attribute.RtpMap.class),
        section.mid(),
        transceiver,
        false);
  }

  /** The place that a section of data channels takes. */
  static MediaLine ofData(MediaDescription section) {
    return new MediaLine(
        section.media(),
        section.protocol(),
        section.formats(),
        List.of(),
        section.mid(),
        Optional.empty(),
        true);
  }

  /** Whether something goes through this section. */
  boolean isUsed() {
    return data || transceiver.isPresent();
  }

  /** Whether a new transceiver of a kind may take the place over (RFC 8829 5.2.2). */
  boolean canBeRecycledFor(MediaKind kind) {
    return transceiver.isEmpty()
        && protocol.equals(MediaDescription.RTP_OVER_DTLS)
        && media.equals(kind.token());
  }

  /** Whether a refused section of data channels stood here, which may be offered anew. */
  boolean canBeRecycledForData() {
    return !isUsed() && media.equals(MediaDescription.APPLICATION);
  }

  /** The same place, nobody's any more. */
  MediaLine freed() {
    return new MediaLine(media, protocol, formats, codecs, mid, Optional.empty(), false);
  }
}
