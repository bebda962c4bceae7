package org.heliograph.peer.stream;

import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Finds the stream that a packet belongs to (RFC 9143 9.2): by its source if that is known already,
 * else by the MID that it carries, else by the source that the session description names, else by
 * its payload type if only one stream takes that. What was found for a source is remembered; the
 * table is bounded, the oldest entry goes first.
 */
final class SourceTable {
  private static final int CAPACITY = 64;

  private final long[] ssrcs = new long[CAPACITY];
  private final ReceiveStream[] streams = new ReceiveStream[CAPACITY];
  private int next;

  /** The stream, or null if there is none for the packet. */
  ReceiveStream find(RtpPacket packet, Iterable<ReceiveStream> candidates) {
    for (int i = 0; i < CAPACITY; i++) {
      if (streams[i] != null && ssrcs[i] == packet.ssrc()) {
        return streams[i];
      }
    }
    ReceiveStream stream = identify(packet, candidates);
    if (stream != null) {
      ssrcs[next] = packet.ssrc();
      streams[next] = stream;
      next = (next + 1) % CAPACITY;
    }
    return stream;
  }

  /** Forgets all sources of a stream. */
  void remove(ReceiveStream stream) {
    for (int i = 0; i < CAPACITY; i++) {
      if (streams[i] == stream) {
        streams[i] = null;
      }
    }
  }

  /** The MID is looked for where each section says that it has it. */
  private static ReceiveStream identify(RtpPacket packet, Iterable<ReceiveStream> candidates) {
    RtpExtensionMap read = RtpExtensionMap.empty();
    String mid = null;
    ReceiveStream byPayloadType = null;
    boolean ambiguous = false;
    for (ReceiveStream stream : candidates) {
      ReceiveParameters parameters = stream.parameters();
      if (!parameters.extensions().equals(read)) {
        read = parameters.extensions();
        mid = packet.mid(read);
      }
      if (mid != null) {
        if (mid.equals(parameters.mid())) {
          return stream;
        }
      } else if (packet.ssrc() == parameters.ssrc() || packet.ssrc() == parameters.rtxSsrc()) {
        return stream;
      } else if (stream.acceptsPayloadType(packet.payloadType())) {
        ambiguous = byPayloadType != null;
        byPayloadType = stream;
      }
    }
    return ambiguous ? null : byPayloadType;
  }
}
