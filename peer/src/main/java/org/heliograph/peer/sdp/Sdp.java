package org.heliograph.peer.sdp;

import java.util.List;
import java.util.Optional;

/**
 * A session description (RFC 8866 5).
 *
 * @param origin the {@code o=} line
 * @param sessionName the {@code s=} line; {@code -} where there is no meaningful one
 * @param attributes the session-level {@code a=} lines, in order
 * @param media the media descriptions, in order
 */
public record Sdp(
    Origin origin, String sessionName, List<Attribute> attributes, List<MediaDescription> media) {
  public Sdp {
    attributes = List.copyOf(attributes);
    media = List.copyOf(media);
  }

  /** The first session-level attribute of a type. */
  public <T extends Attribute> Optional<T> first(Class<T> type) {
    return Attribute.first(attributes, type);
  }

  /** Every session-level attribute of a type, in order. */
  public <T extends Attribute> List<T> all(Class<T> type) {
    return Attribute.all(attributes, type);
  }

  /**
   * The attribute that holds for a media description: its own, or else the session's, which is its
   * default (RFC 8866 5.13).
   */
  public <T extends Attribute> Optional<T> inherited(MediaDescription section, Class<T> type) {
    return section.first(type).or(() -> first(type));
  }

  @Override
  public String toString() {
    return SdpWriter.write(this);
  }
}
