package org.heliograph.agent.loopback;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.relay.PictureLimit;
import org.heliograph.webm.MalformedFrameException;
import org.heliograph.webm.Vp8FrameHeader;
import org.heliograph.webm.Vp9FrameHeader;

/**
 * Keeps the packets of pictures back that are beyond {@link PictureLimit}'s bound, or whose size
 * cannot be read, and of all up to the next key frame within it. A picture is judged by what its
 * coded frames begin with, since its packets do not wait for each other; so what a superframe of
 * VP9 hides behind its first frame is not seen here. One thread at a time.
 */
final class ForwardedPictureLimit {
  private Object source;

  /** Packets of RTP times from the one up to the other are kept back. */
  private long from = Long.MAX_VALUE;

  private long until = Long.MAX_VALUE;

  /** Whether a packet may be forwarded. */
  @SuppressWarnings("ReferenceEquality") // a run of numbers is an object
  boolean admits(MediaPacket packet) {
    if (source != packet.source()) {
      source = packet.source();
      from = Long.MAX_VALUE;
      until = Long.MAX_VALUE;
    }
    if (packet.frameOffset() != MediaPacket.NO_FRAME) {
      judge(packet);
    }
    return packet.rtpTime() < from || packet.rtpTime() >= until;
  }

  private void judge(MediaPacket packet) {
    long time = packet.rtpTime();
    boolean isOpen = until == Long.MAX_VALUE;
    switch (beginning(packet)) {
      case BEYOND -> {
        from = isOpen ? Math.min(from, time) : time;
        until = Long.MAX_VALUE;
      }
      case KEY -> until = isOpen && time > from ? time : until;
      case OTHER -> {}
    }
  }

  /** What begins with a packet. */
  private enum Beginning {
    KEY,
    OTHER,
    BEYOND
  }

  private static Beginning beginning(MediaPacket packet) {
    ByteBuffer frame = packet.payload().duplicate();
    frame.position(frame.position() + packet.frameOffset());
    try {
      if (packet.format() == MediaFormat.VP8) {
        Vp8FrameHeader header = Vp8FrameHeader.parse(frame);
        return beginning(header.keyFrame(), header.width(), header.height());
      }
      Vp9FrameHeader header = Vp9FrameHeader.parse(frame);
      return beginning(header.keyFrame(), header.width(), header.height());
    } catch (MalformedFrameException e) {
      return Beginning.BEYOND;
    }
  }

  private static Beginning beginning(boolean key, int width, int height) {
    if (PictureLimit.isTooLarge(width, height)) {
      return Beginning.BEYOND;
    }
    return key ? Beginning.KEY : Beginning.OTHER;
  }
}
