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
 * @param skipped the lines that were passed over when it was read
 */
public record Sdp(
    Origin origin,
    String sessionName,
    List<Attribute> attributes,
    List<MediaDescription> media,
    List<SkippedLine> skipped) {
  public Sdp {
    attributes = List.copyOf(attributes);
    media = List.copyOf(media);
    skipped = List.copyOf(skipped);
  }

  /** A description that is written here. */
  public Sdp(
      Origin origin, String sessionName, List<Attribute> attributes, List<MediaDescription> media) {
    this(origin, sessionName, attributes, media, List.of());
  }

  /** The same with other media descriptions. */
  public Sdp withMedia(List<MediaDescription> others) {
    return new Sdp(origin, sessionName, attributes, others, skipped);
  }

  /**
   * What was wrong with a line that was passed over.
   *
   * @param section the index of its media section, or {@link SkippedLine#SESSION}
   * @param name the attribute's name
   */
  public Optional<SkippedLine> skipped(int section, String name) {
    return skipped.stream()
        .filter(line -> line.section() == section && line.name().equals(name))
        .findFirst();
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
