package org.heliograph.peer.pcap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link PcapFile} wrote, to be replayed. */
public final class PcapReader {
  /** A packet of the file. */
  public record Captured(
      long nanosSince1970,
      String dissector,
      InetSocketAddress source,
      InetSocketAddress destination,
      int lengthOnTheWire,
      ByteBuffer packet) {}

  private PcapReader() {}

  /**
   * Reads a whole file.
   *
   * @throws IOException if it is no such file, or ends in the middle of a packet
   */
  public static List<Captured> read(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
    if (file.getInt(0) != PcapFile.MAGIC_NANOSECONDS
        || file.getInt(20) != PcapFile.LINK_TYPE_UPPER_PDU) {
      throw new IOException("not a file of PcapFile");
    }
    file.position(24);
    List<Captured> records = new ArrayList<>();
    while (file.hasRemaining()) {
      long nanos = file.getInt() * 1_000_000_000L + file.getInt();
      int length = file.getInt();
      int original = file.getInt();
      if (length > file.remaining()) {
        throw new IOException("the file ends in the middle of a packet");
      }
      records.add(read(nanos, original, file.slice(file.position(), length)));
      file.position(file.position() + length);
    }
    return records;
  }

  private static Captured read(long nanos, int original, ByteBuffer pdu) throws IOException {
    String dissector = null;
    InetAddress source = null;
    InetAddress destination = null;
    int sourcePort = 0;
    int destinationPort = 0;
    while (true) {
      int tag = pdu.getShort();
      byte[] value = new byte[pdu.getShort()];
      pdu.get(value);
      switch (tag) {
        case PcapFile.TAG_DISSECTOR_NAME ->
            dissector = new String(value, StandardCharsets.US_ASCII).replace("\0", "");
        case PcapFile.TAG_IPV4_SOURCE, PcapFile.TAG_IPV6_SOURCE ->
            source = InetAddress.getByAddress(value);
        case PcapFile.TAG_IPV4_DESTINATION, PcapFile.TAG_IPV6_DESTINATION ->
            destination = InetAddress.getByAddress(value);
        case PcapFile.TAG_SOURCE_PORT -> sourcePort = ByteBuffer.wrap(value).getInt();
        case PcapFile.TAG_DESTINATION_PORT -> destinationPort = ByteBuffer.wrap(value).getInt();
        case PcapFile.TAG_PORT_TYPE -> {}
        case PcapFile.TAG_END -> {
          int tags = pdu.position();
          return new Captured(
              nanos,
              dissector,
              new InetSocketAddress(source, sourcePort),
              new InetSocketAddress(destination, destinationPort),
              original - tags,
              pdu.slice());
        }
        default -> throw new IOException("unknown tag " + tag);
      }
    }
  }
}
