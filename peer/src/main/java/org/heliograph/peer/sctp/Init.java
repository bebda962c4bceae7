package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an INIT or an INIT ACK says (RFC 9260 3.3.2, 3.3.3).
 *
 * @param tag the verification tag of the packets to its sender
 * @param window its receiver window in octets
 * @param outgoingStreams how many streams it wants to send on
 * @param incomingStreams how many it can receive on
 * @param initialTsn the first TSN that it sends
 * @param cookie the state cookie; empty in an INIT
 * @param forwardTsn whether it knows FORWARD TSN (RFC 3758)
 * @param reConfig whether it knows RE-CONFIG (RFC 6525)
 * @param zeroChecksum whether it takes packets without a checksum over DTLS (RFC 9653)
 */
record Init(
    int tag,
    long window,
    int outgoingStreams,
    int incomingStreams,
    int initialTsn,
    Optional<byte[]> cookie,
    boolean forwardTsn,
    boolean reConfig,
    boolean zeroChecksum) {
  private static final int FIXED_LENGTH = 16;
  private static final int PARAMETER_HEADER_LENGTH = 4;

  private static final int STATE_COOKIE = 7;
  private static final int ZERO_CHECKSUM_ACCEPTABLE = 0x8001;
  private static final int SUPPORTED_EXTENSIONS = 0x8008;
  private static final int FORWARD_TSN_SUPPORTED = 0xC000;

  /** What guards the packets instead of their checksum (RFC 9653 8.2). */
  private static final int DTLS = 1;

  /** Reads the value of a chunk; empty if it is malformed or forbidden. */
  static Optional<Init> read(ByteBuffer value) {
    if (value.remaining() < FIXED_LENGTH) {
      return Optional.empty();
    }
    int tag = value.getInt();
    long window = Integer.toUnsignedLong(value.getInt());
    int outgoing = Short.toUnsignedInt(value.getShort());
    int incoming = Short.toUnsignedInt(value.getShort());
    int initialTsn = value.getInt();
    if (tag == 0 || outgoing == 0 || incoming == 0) {
      return Optional.empty();
    }
    Optional<byte[]> cookie = Optional.empty();
    boolean forwardTsn = false;
    boolean reConfig = false;
    boolean zeroChecksum = false;
    while (value.remaining() >= PARAMETER_HEADER_LENGTH) {
      int start = value.position();
      int type = Short.toUnsignedInt(value.getShort());
      int length = Short.toUnsignedInt(value.getShort());
      if (length < PARAMETER_HEADER_LENGTH || length > value.limit() - start) {
        return Optional.empty();
      }
      ByteBuffer content = value.slice(value.position(), length - PARAMETER_HEADER_LENGTH);
      switch (type) {
        case STATE_COOKIE -> {
          byte[] octets = new byte[content.remaining()];
          content.get(octets);
          cookie = Optional.of(octets);
        }
        case ZERO_CHECKSUM_ACCEPTABLE ->
            zeroChecksum = content.remaining() >= Integer.BYTES && content.getInt() == DTLS;
        case SUPPORTED_EXTENSIONS -> {
          while (content.hasRemaining()) {
            int extension = Byte.toUnsignedInt(content.get());
            forwardTsn |= extension == ChunkType.FORWARD_TSN;
            reConfig |= extension == ChunkType.RE_CONFIG;
          }
        }
        case FORWARD_TSN_SUPPORTED -> forwardTsn = true;
        default -> {
          // Addresses mean nothing over DTLS, and what is unknown here is no more than an offer.
        }
      }
      value.position(Math.min(value.limit(), start + padded(length)));
    }
    return Optional.of(
        new Init(
            tag,
            window,
            outgoing,
            incoming,
            initialTsn,
            cookie,
            forwardTsn,
            reConfig,
            zeroChecksum));
  }

  Init withCookie(byte[] octets) {
    return new Init(
        tag,
        window,
        outgoingStreams,
        incomingStreams,
        initialTsn,
        Optional.of(octets),
        forwardTsn,
        reConfig,
        zeroChecksum);
  }

  /** Writes it as a chunk of that type. */
  void write(int type, PacketWriter writer) {
    int[] extensions = extensions();
    int length =
        FIXED_LENGTH
            + PARAMETER_HEADER_LENGTH
            + padded(extensions.length)
            + (forwardTsn ? PARAMETER_HEADER_LENGTH : 0)
            + (zeroChecksum ? PARAMETER_HEADER_LENGTH + Integer.BYTES : 0)
            + cookie.map(octets -> PARAMETER_HEADER_LENGTH + padded(octets.length)).orElse(0);
    ByteBuffer value = writer.beginChunk(type, 0, length);
    value
        .putInt(tag)
        .putInt((int) window)
        .putShort((short) outgoingStreams)
        .putShort((short) incomingStreams)
        .putInt(initialTsn);
    beginParameter(value, SUPPORTED_EXTENSIONS, extensions.length);
    for (int extension : extensions) {
      value.put((byte) extension);
    }
    pad(value, extensions.length);
    if (forwardTsn) {
      beginParameter(value, FORWARD_TSN_SUPPORTED, 0);
    }
    if (zeroChecksum) {
      beginParameter(value, ZERO_CHECKSUM_ACCEPTABLE, Integer.BYTES);
      value.putInt(DTLS);
    }
    if (cookie.isPresent()) {
      beginParameter(value, STATE_COOKIE, cookie.get().length);
      value.put(cookie.get());
      pad(value, cookie.get().length);
    }
    writer.endChunk();
  }

  private int[] extensions() {
    return IntStream.concat(
            reConfig ? IntStream.of(ChunkType.RE_CONFIG) : IntStream.empty(),
            forwardTsn ? IntStream.of(ChunkType.FORWARD_TSN) : IntStream.empty())
        .toArray();
  }

  private static void beginParameter(ByteBuffer value, int type, int length) {
    value.putShort((short) type).putShort((short) (PARAMETER_HEADER_LENGTH + length));
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }

  private static void pad(ByteBuffer value, int length) {
    for (int i = length; i < padded(length); i++) {
      value.put((byte) 0);
    }
  }
}
