package org.heliograph.peer.pcap;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.heliograph.peer.PacketObserver;

/**
 * Writes the decrypted RTP and RTCP of a call to a pcap file (draft-ietf-opsawg-pcap) that
 * Wireshark opens as what it is, without any "Decode As".
 *
 * <p>The packets are not dressed up as Ethernet frames: each record is an "exported PDU" (link type
 * 252, LINKTYPE_WIRESHARK_UPPER_PDU), which names its dissector, {@code rtp} or {@code rtcp}, and
 * the addresses and ports of the path; so streams, jitter and losses can be analysed as in any
 * capture. Time stamps are in nanoseconds. All numbers are big-endian.
 *
 * <p>Each packet is one write: what a crash leaves behind is a readable file. A file that cannot be
 * written any more, or has grown to its limit, is left as it is, and says so in the log once; the
 * call goes on.
 *
 * <p>The file holds what was said and shown: only its owner may read it (0600), and no file of that
 * name may exist before.
 */
public final class PcapFile implements PacketObserver, AutoCloseable {
  /** The most that one file takes, in bytes; about an hour of a call in good quality. */
  public static final long DEFAULT_MAX_BYTES = 2L << 30;

  static final int MAGIC_NANOSECONDS = 0xA1B23C4D;
  static final int LINK_TYPE_UPPER_PDU = 252;

  /** The longest packet that is written whole. */
  static final int SNAPSHOT_LENGTH = 2048;

  // The tags of Wireshark's epan/exported_pdu.h.
  static final int TAG_END = 0;
  static final int TAG_DISSECTOR_NAME = 12;
  static final int TAG_IPV4_SOURCE = 20;
  static final int TAG_IPV4_DESTINATION = 21;
  static final int TAG_IPV6_SOURCE = 22;
  static final int TAG_IPV6_DESTINATION = 23;
  static final int TAG_PORT_TYPE = 24;
  static final int TAG_SOURCE_PORT = 25;
  static final int TAG_DESTINATION_PORT = 26;
  static final int PORT_TYPE_UDP = 3;

  private static final Logger LOGGER = System.getLogger(PcapFile.class.getName());
  private static final int MAX_TAGS = 128;
  private static final int RECORD_HEADER = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path path;
  private final FileChannel file;
  private final long maxBytes;
  private final long originNanos;
  private final Instant origin;
  private final ByteBuffer record =
      ByteBuffer.allocateDirect(RECORD_HEADER + MAX_TAGS + SNAPSHOT_LENGTH)
          .order(ByteOrder.BIG_ENDIAN);
  private long written;
  private boolean ended;

  PcapFile(Path path, FileChannel file, long maxBytes, long originNanos, Instant origin) {
    this.path = path;
    this.file = file;
    this.maxBytes = maxBytes;
    this.originNanos = originNanos;
    this.origin = origin;
  }

  /**
   * Begins a file.
   *
   * @param maxBytes the most that it takes, in bytes
   * @param nowNanos the present instant on the driver's clock
   * @param wallClock the same instant as time of the day
   * @throws java.nio.file.FileAlreadyExistsException if there is a file of that name
   * @throws IOException if it cannot be made
   */
  public static PcapFile create(Path path, long maxBytes, long nowNanos, Instant wallClock)
      throws IOException {
    FileChannel file =
        FileChannel.open(
            path,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    PcapFile pcap = new PcapFile(path, file, maxBytes, nowNanos, wallClock);
    try {
      pcap.writeFileHeader();
    } catch (IOException e) {
      file.close();
      Files.deleteIfExists(path);
      throw e;
    }
    return pcap;
  }

  /** The file. */
  public Path path() {
    return path;
  }

  private void writeFileHeader() throws IOException {
    record.clear();
    record
        .putInt(MAGIC_NANOSECONDS)
        .putShort((short) 2) // version 2.4
        .putShort((short) 4)
        .putInt(0)
        .putInt(0)
        .putInt(MAX_TAGS + SNAPSHOT_LENGTH)
        .putInt(LINK_TYPE_UPPER_PDU);
    write();
  }

  @Override
  public void onPacket(
      long nowNanos,
      Direction direction,
      boolean rtcp,
      InetSocketAddress local,
      InetSocketAddress remote,
      ByteBuffer packet) {
    if (ended) {
      return;
    }
    InetSocketAddress source = direction == Direction.RECEIVED ? remote : local;
    InetSocketAddress destination = direction == Direction.RECEIVED ? local : remote;
    record.clear().position(RECORD_HEADER);
    putText(TAG_DISSECTOR_NAME, rtcp ? "rtcp" : "rtp");
    putAddress(TAG_IPV4_SOURCE, TAG_IPV6_SOURCE, source);
    putAddress(TAG_IPV4_DESTINATION, TAG_IPV6_DESTINATION, destination);
    putNumber(TAG_PORT_TYPE, PORT_TYPE_UDP);
    putNumber(TAG_SOURCE_PORT, source.getPort());
    putNumber(TAG_DESTINATION_PORT, destination.getPort());
    record.putShort((short) TAG_END).putShort((short) 0);
    int tags = record.position() - RECORD_HEADER;
    int length = Math.min(packet.remaining(), SNAPSHOT_LENGTH);
    record.put(record.position(), packet, packet.position(), length);
    record.position(record.position() + length);

    long sinceOrigin = nowNanos - originNanos + origin.getNano();
    record
        .putInt(0, (int) (origin.getEpochSecond() + Math.floorDiv(sinceOrigin, NANOS_PER_SECOND)))
        .putInt(4, (int) Math.floorMod(sinceOrigin, NANOS_PER_SECOND))
        .putInt(8, tags + length)
        .putInt(12, tags + packet.remaining());
    if (written + record.position() > maxBytes) {
      end("it has reached its limit of " + maxBytes + " bytes");
      return;
    }
    try {
      write();
    } catch (IOException e) {
      end(e.getMessage());
    }
  }

  private void putText(int tag, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int padded = (bytes.length + 3) / 4 * 4;
    record.putShort((short) tag).putShort((short) padded).put(bytes);
    for (int i = bytes.length; i < padded; i++) {
      record.put((byte) 0);
    }
  }

  private void putAddress(int tagIpv4, int tagIpv6, InetSocketAddress socketAddress) {
    InetAddress address = socketAddress.getAddress();
    if (address == null) {
      return;
    }
    byte[] bytes = address.getAddress();
    record
        .putShort((short) (address instanceof Inet6Address ? tagIpv6 : tagIpv4))
        .putShort((short) bytes.length)
        .put(bytes);
  }

  private void putNumber(int tag, int number) {
    record.putShort((short) tag).putShort((short) 4).putInt(number);
  }

  private void write() throws IOException {
    record.flip();
    written += record.remaining();
    while (record.hasRemaining()) {
      file.write(record);
    }
  }

  private void end(String reason) {
    ended = true;
    LOGGER.log(Level.WARNING, "no more packets are written to " + path + ": " + reason);
  }

  /** Ends the file; what is told after that is not written. On the connection's thread. */
  @Override
  public void close() throws IOException {
    ended = true;
    file.close();
  }
}
