package org.heliograph.peer;

import java.util.List;
import java.util.Optional;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;

/**
 * What a description says of the SCTP association that carries its writer's data channels (RFC 8841
 * 5 and 6).
 *
 * @param port the SCTP port, 1 to 65535
 * @param maxMessageSize the longest message that the writer takes, in octets; 0 for any length
 */
record DataDescription(int port, long maxMessageSize) {
  /** What this side says. */
  static final DataDescription OWN = new DataDescription(5000, DataChannel.MAX_MESSAGE_SIZE);

  /** What a section without {@code a=max-message-size} means (RFC 8841 6.1). */
  private static final long DEFAULT_MAX_MESSAGE_SIZE = 65_536;

  /** Reads a section; empty if it is not one of data channels that an association can serve. */
  static Optional<DataDescription> read(MediaDescription section) {
    if (!section.isDataOverDtls()) {
      return Optional.empty();
    }
    long maxMessageSize =
        section
            .first(Attribute.MaxMessageSize.class)
            .map(Attribute.MaxMessageSize::octets)
            .orElse(DEFAULT_MAX_MESSAGE_SIZE);
    return section
        .first(Attribute.SctpPort.class)
        .filter(attribute -> attribute.port() != 0)
        .map(attribute -> new DataDescription(attribute.port(), maxMessageSize));
  }

  List<Attribute> attributes() {
    return List.of(new Attribute.SctpPort(port), new Attribute.MaxMessageSize(maxMessageSize));
  }
}
