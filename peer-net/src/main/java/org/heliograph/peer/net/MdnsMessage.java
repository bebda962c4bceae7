package org.heliograph.peer.net;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The two messages of multicast DNS (RFC 6762, RFC 1035 4) that looking a host up takes. */
final class MdnsMessage {
  private static final int TYPE_A = 1;
  private static final int TYPE_AAAA = 28;
  private static final int CLASS_IN = 1;
  private static final int RESPONSE = 0x8000;

  /** The most labels that a name may be put together from, pointers included. */
  private static final int MAX_JUMPS = 128;

  private MdnsMessage() {}

  /**
   * Asks for the addresses of a name.
   *
   * @throws IllegalArgumentException if it cannot be a name
   */
  static byte[] query(String name) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(new byte[] {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0});
    for (int type : new int[] {TYPE_A, TYPE_AAAA}) {
      for (String label : name.split("\\.", -1)) {
        byte[] octets = label.getBytes(StandardCharsets.UTF_8);
        if (octets.length == 0 || octets.length > 63) {
          throw new IllegalArgumentException("not a name: " + name);
        }
        message.write(octets.length);
        message.writeBytes(octets);
      }
      message.writeBytes(new byte[] {0, 0, (byte) type, 0, CLASS_IN});
    }
    return message.toByteArray();
  }

  /** The addresses that a message gives a name; none if it is something else, or malformed. */
  static List<InetAddress> addresses(ByteBuffer message, String name) {
    List<InetAddress> addresses = new ArrayList<>();
    try {
      message.getShort();
      int flags = message.getShort();
      int questions = message.getShort() & 0xFFFF;
      int records = 0;
      for (int section = 0; section < 3; section++) {
        records += message.getShort() & 0xFFFF;
      }
      if ((flags & RESPONSE) == 0) {
        return List.of();
      }
      for (int i = 0; i < questions; i++) {
        readName(message);
        message.getInt();
      }
      for (int i = 0; i < records; i++) {
        String owner = readName(message);
        int type = message.getShort();
        int dnsClass = message.getShort() & 0x7FFF; // The other bit says "flush" (RFC 6762 10.2).
        message.getInt();
        byte[] value = new byte[message.getShort() & 0xFFFF];
        message.get(value);
        boolean isAddress =
            (type == TYPE_A && value.length == 4) || (type == TYPE_AAAA && value.length == 16);
        if (isAddress && dnsClass == CLASS_IN && owner.equalsIgnoreCase(name)) {
          addresses.add(InetAddress.getByAddress(value));
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException | UnknownHostException malformed) {
      // What was read before it stands.
    }
    return addresses;
  }

  private static String readName(ByteBuffer message) {
    StringBuilder name = new StringBuilder();
    int position = message.position();
    int after = -1;
    for (int i = 0; i < MAX_JUMPS; i++) {
      message.position(position);
      int length = message.get() & 0xFF;
      if (length >= 0xC0) {
        position = ((length & 0x3F) << 8) | (message.get() & 0xFF);
        after = after < 0 ? message.position() : after;
        continue;
      }
      if (length == 0) {
        message.position(after < 0 ? message.position() : after);
        return name.toString();
      }
      byte[] label = new byte[length];
      message.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.UTF_8));
      position += 1 + length;
    }
    throw new IllegalArgumentException("a name without an end");
  }
}
