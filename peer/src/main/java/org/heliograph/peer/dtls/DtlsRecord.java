package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What this package needs to know of a DTLS 1.2 record (RFC 6347 4.1) and of the fragment of a
 * handshake message in it (4.2.2).
 */
final class DtlsRecord {
  static final int HEADER_LENGTH = 13;
  static final int CHANGE_CIPHER_SPEC = 20;
  static final int ALERT = 21;
  static final int HANDSHAKE = 22;
  static final int APPLICATION_DATA = 23;

  /**
   * The longest handshake message that is taken. Certificates and hellos of real peers stay under 3
   * KB; without a limit a peer could have 16 MB reserved for each of several messages.
   */
  static final int MAX_HANDSHAKE_MESSAGE_LENGTH = 16 * 1024;

  private static final int MAJOR_VERSION_OF_DTLS_1 = 0xFE;
  private static final int EPOCH_OFFSET = 3;
  private static final int LENGTH_OFFSET = 11;
  private static final int FRAGMENT_HEADER_LENGTH = 12;

  /**
   * The explicit nonce and the tag (RFC 5288 3) of a record in any of the cipher suites used. On a
   * shorter one Bouncy Castle gives the association up, where RFC 6347 4.1.2.7 has it dropped.
   */
  static final int AES_GCM_OVERHEAD = 8 + 16;

  private DtlsRecord() {}

  /**
   * The records of a datagram that are worth handing on, each in an array of its own. What is
   * malformed is left out, and so is what follows it where its length cannot be known.
   */
  static List<byte[]> split(ByteBuffer datagram) {
    List<byte[]> records = new ArrayList<>();
    ByteBuffer rest = datagram.slice();
    while (rest.remaining() >= HEADER_LENGTH) {
      int length = HEADER_LENGTH + Short.toUnsignedInt(rest.getShort(LENGTH_OFFSET));
      if (length > rest.remaining()) {
        break;
      }
      byte[] record = new byte[length];
      rest.get(record);
      rest = rest.slice();
      if (isAcceptable(record)) {
        records.add(record);
      }
    }
    return records;
  }

  private static boolean isAcceptable(byte[] record) {
    int type = type(record, 0);
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) {
      return false;
    }
    if ((record[1] & 0xFF) != MAJOR_VERSION_OF_DTLS_1) {
      return false;
    }
    if (epoch(record, 0) > 0) {
      return record.length > HEADER_LENGTH + AES_GCM_OVERHEAD;
    }
    return type != HANDSHAKE || hasAcceptableMessages(record);
  }

  private static boolean hasAcceptableMessages(byte[] record) {
    int offset = HEADER_LENGTH;
    while (record.length - offset >= FRAGMENT_HEADER_LENGTH) {
      int messageLength = uint24(record, offset + 1);
      int fragmentOffset = uint24(record, offset + 6);
      int fragmentLength = uint24(record, offset + 9);
      if (messageLength > MAX_HANDSHAKE_MESSAGE_LENGTH
          || fragmentOffset + fragmentLength > messageLength) {
        return false;
      }
      offset += FRAGMENT_HEADER_LENGTH + fragmentLength;
    }
    return offset == record.length;
  }

  static int type(byte[] octets, int offset) {
    return octets[offset] & 0xFF;
  }

  static int epoch(byte[] octets, int offset) {
    return uint16(octets, offset + EPOCH_OFFSET);
  }

  /** The sequence number of the first handshake message in an unencrypted handshake record. */
  static int messageSequence(byte[] octets, int offset) {
    return uint16(octets, offset + HEADER_LENGTH + 4);
  }

  private static int uint16(byte[] octets, int offset) {
    return ((octets[offset] & 0xFF) << 8) | (octets[offset + 1] & 0xFF);
  }

  private static int uint24(byte[] octets, int offset) {
    return ((octets[offset] & 0xFF) << 16) | uint16(octets, offset + 1);
  }
}
