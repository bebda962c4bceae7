package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Finds out as Janus does (1.1.2, {@code ice.c}, {@code janus_rtcp_get_sender_ssrc} and {@code
 * janus_rtcp_get_receiver_ssrc} of {@code rtcp.c}) which medium a compound is about: by who sends
 * its first member with a sender, where that is a source that it knows, else by the first report
 * block or by the media source of feedback of RTP. A PLI's media source is not looked at.
 */
final class JanusSorter {
  private static final int SENDER_REPORT = 200;
  private static final int RECEIVER_REPORT = 201;
  private static final int TRANSPORT_FEEDBACK = 205;
  private static final int PAYLOAD_FEEDBACK = 206;
  private static final int EXTENDED_REPORT = 207;

  private final Map<Long, String> media;

  /**
   * @param media the medium of each source, the gateway's own and the other side's
   */
  JanusSorter(Map<Long, String> media) {
    this.media = media;
  }

  /** The medium; "dropped" if the compound is not understood to be about any. */
  String medium(ByteBuffer compound) {
    String medium = known(first(compound, JanusSorter::sender));
    if (medium == null) {
      medium = known(first(compound, JanusSorter::receiver));
    }
    return medium == null ? "dropped" : medium;
  }

  private String known(OptionalLong ssrc) {
    return ssrc.isPresent() ? media.get(ssrc.getAsLong()) : null;
  }

  private interface Reader {
    /** The offset of a source in a member, or -1. */
    int offset(int type, int count);
  }

  private static int sender(int type, int count) {
    return switch (type) {
      case SENDER_REPORT, RECEIVER_REPORT, TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK, EXTENDED_REPORT ->
          4;
      default -> -1;
    };
  }

  private static int receiver(int type, int count) {
    return switch (type) {
      case SENDER_REPORT -> count > 0 ? 28 : -1;
      case RECEIVER_REPORT, TRANSPORT_FEEDBACK -> type == TRANSPORT_FEEDBACK || count > 0 ? 8 : -1;
      default -> -1;
    };
  }

  private static OptionalLong first(ByteBuffer compound, Reader reader) {
    int at = compound.position();
    while (at + 4 <= compound.limit()) {
      int offset = reader.offset(compound.get(at + 1) & 0xff, compound.get(at) & 0x1f);
      if (offset > 0) {
        return OptionalLong.of(compound.getInt(at + offset) & 0xffffffffL);
      }
      at += 4 + 4 * (compound.getShort(at + 2) & 0xffff);
    }
    return OptionalLong.empty();
  }
}
