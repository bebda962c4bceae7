package org.heliograph.peer.stream.receive;

import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.srtp.SsrcTable;

/**
 * Finds the stream that a packet belongs to (RFC 9143 9.2): by the MID if it carries one, else by
 * its source if that is known already, else by the source that the session description names, else
 * by its payload type if only one stream takes that. What was found for a source is remembered; the
 * table is bounded, the source that was silent for longest goes first.
 */
public final class SourceTable {
  public static final int CAPACITY = 1024;

  private final SsrcTable<Source> sources = new SsrcTable<>(CAPACITY);
  private long packets;

  private static final class Source {
    private final ReceiveStream stream;
    private long lastPacket;

    Source(ReceiveStream stream) {
      this.stream = stream;
    }
  }

  /** The stream, or null if there is none for the packet. */
  public ReceiveStream find(RtpPacket packet, Iterable<ReceiveStream> candidates) {
    int ssrc = (int) packet.ssrc();
    Source source = sources.get(ssrc);
    if (source == null || namesAnother(packet, source.stream.parameters())) {
      ReceiveStream stream = identify(packet, candidates);
      if (stream == null) {
        return null;
      }
      if (source == null && sources.isFull()) {
        sources.removeAt(longestSilent());
      }
      source = new Source(stream);
      sources.put(ssrc, source);
    }
    source.lastPacket = ++packets;
    return source.stream;
  }

  private static boolean namesAnother(RtpPacket packet, ReceiveParameters section) {
    return packet.hasOtherMid(section.extensions(), section.mid());
  }

  private int longestSilent() {
    int found = 0;
    for (int i = 1; i < sources.size(); i++) {
      if (sources.valueAt(i).lastPacket < sources.valueAt(found).lastPacket) {
        found = i;
      }
    }
    return found;
  }

  /** Forgets all sources of a stream. */
  public void remove(ReceiveStream stream) {
    for (int i = sources.size() - 1; i >= 0; i--) {
      if (sources.valueAt(i).stream == stream) {
        sources.removeAt(i);
      }
    }
  }

  /** Forgets the sources that the description of a stream names, if they are another's so far. */
  public void reassign(ReceiveStream stream) {
    reassign(stream.parameters().ssrc(), stream);
    reassign(stream.parameters().rtxSsrc(), stream);
  }

  private void reassign(long ssrc, ReceiveStream stream) {
    if (ssrc != ReceiveParameters.NONE) {
      Source source = sources.get((int) ssrc);
      if (source != null && source.stream != stream) {
        sources.remove((int) ssrc);
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
