package org.heliograph.peer.ice;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Finds the packets in what comes over a TCP connection. A packet that arrives whole, as most do,
 * is handed on where it lies.
 */
final class StreamDeframer {
  /** How packets lie in the stream. */
  enum Format {
    /** STUN messages and padded ChannelData, which say their own lengths (RFC 8656 12.5). */
    TURN(4) {
      @Override
      int frameLength(ByteBuffer buffer, int start) {
        int length = buffer.getShort(start + 2) & 0xFFFF;
        return switch (buffer.get(start) & 0xC0) {
          case 0x00 -> StunMessage.HEADER_LENGTH + length;
          case 0x40 -> ChannelData.HEADER_LENGTH + ((length + 3) & ~3);
          default -> INVALID;
        };
      }
    },
    /** Each packet after its length in two octets (RFC 4571 2). */
    RFC4571(2) {
      @Override
      int frameLength(ByteBuffer buffer, int start) {
        return 2 + (buffer.getShort(start) & 0xFFFF);
      }

      @Override
      int skipped() {
        return 2;
      }
    };

    static final int INVALID = -1;
    private final int headLength;

    Format(int headLength) {
      this.headLength = headLength;
    }

    /** The length of the frame that begins here, of which the head is there; or INVALID. */
    abstract int frameLength(ByteBuffer buffer, int start);

    /** How many octets of a frame are not the packet. */
    int skipped() {
      return 0;
    }
  }

  private static final int MAX_FRAME = 65_536 + StunMessage.HEADER_LENGTH;

  private final Format format;

  /** The beginning of a frame that has not come whole; position is how much of it. */
  private ByteBuffer begun;

  StreamDeframer(Format format) {
    this.format = format;
  }

  /**
   * Takes what came next, position to limit.
   *
   * @param packets takes each packet, position to limit, in a buffer that is used again
   * @return whether it can go on: false when the stream is not of the format
   */
  boolean take(ByteBuffer bytes, Consumer<ByteBuffer> packets) {
    int end = bytes.limit();
    while (bytes.position() < end) {
      boolean whole = begun == null || begun.position() == 0;
      int length = whole ? frameLength(bytes, bytes.position(), end) : topUp(bytes, end);
      if (length == Format.INVALID) {
        return false;
      }
      if (!whole) {
        if (length > 0) {
          packets.accept(begun.limit(length).position(format.skipped()));
          begun.clear();
        }
      } else if (length > 0 && length <= end - bytes.position()) {
        int next = bytes.position() + length;
        packets.accept(bytes.limit(next).position(next - length + format.skipped()));
        bytes.limit(end).position(next);
      } else {
        keep(bytes);
      }
    }
    return true;
  }

  /** The length of the frame at a position, 0 when its head is not there. */
  private int frameLength(ByteBuffer buffer, int start, int end) {
    return end - start < format.headLength ? 0 : format.frameLength(buffer, start);
  }

  private void keep(ByteBuffer bytes) {
    if (begun == null) {
      begun = ByteBuffer.allocate(MAX_FRAME);
    }
    begun.put(bytes);
  }

  /** Adds to the frame that has begun; its length once it is whole, otherwise 0. */
  private int topUp(ByteBuffer bytes, int end) {
    int wanted = format.headLength;
    while (true) {
      int missing = Math.min(wanted - begun.position(), end - bytes.position());
      if (missing > 0) {
        begun.put(bytes.slice(bytes.position(), missing));
        bytes.position(bytes.position() + missing);
      }
      if (begun.position() < wanted) {
        return 0;
      }
      int length = format.frameLength(begun, 0);
      if (length == Format.INVALID || begun.position() >= length) {
        return length;
      }
      if (bytes.position() == end) {
        return 0;
      }
      wanted = length;
    }
  }
}
