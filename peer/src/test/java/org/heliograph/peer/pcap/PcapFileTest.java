package org.heliograph.peer.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.heliograph.peer.PacketObserver.Direction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapFileTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00.999Z");
  private static final InetSocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 4000);
  private static final InetSocketAddress REMOTE = new InetSocketAddress("2001:db8::2", 5000);

  @TempDir Path directory;

  private PcapFile create(long maxBytes) throws IOException {
    return PcapFile.create(directory.resolve("call.pcap"), maxBytes, 5_000_000, START);
  }

  private static ByteBuffer packet(int length) {
    ByteBuffer packet = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      packet.put(i, (byte) (i * 7 + length));
    }
    return packet;
  }

  @Test
  void packetsComeBackWithTimePathAndKind() throws IOException {
    ByteBuffer rtp = packet(1201);
    ByteBuffer rtcp = packet(32);
    Path path;
    try (PcapFile file = create(PcapFile.DEFAULT_MAX_BYTES)) {
      path = file.path();
      file.onPacket(5_000_000, Direction.RECEIVED, false, LOCAL, REMOTE, rtp);
      file.onPacket(8_000_001, Direction.SENT, true, LOCAL, REMOTE, rtcp);
    }
    long start = START.getEpochSecond() * 1_000_000_000 + START.getNano();
    assertThat(PcapReader.read(path))
        .containsExactly(
            new PcapReader.Captured(start, "rtp", REMOTE, LOCAL, 1201, rtp),
            new PcapReader.Captured(start + 3_000_001, "rtcp", LOCAL, REMOTE, 32, rtcp));
    assertThat(rtp.position()).isZero();
  }

  @Test
  void aPacketLongerThanTheSnapshotIsCutAndItsLengthKept() throws IOException {
    Path path;
    try (PcapFile file = create(PcapFile.DEFAULT_MAX_BYTES)) {
      path = file.path();
      file.onPacket(0, Direction.SENT, false, LOCAL, REMOTE, packet(9000));
    }
    assertThat(PcapReader.read(path))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.lengthOnTheWire()).isEqualTo(9000);
              assertThat(record.packet().remaining()).isEqualTo(PcapFile.SNAPSHOT_LENGTH);
            });
  }

  @Test
  void onlyTheOwnerMayReadIt() throws IOException {
    try (PcapFile file = create(PcapFile.DEFAULT_MAX_BYTES)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void aFileThatIsThereIsNotOverwritten() throws IOException {
    Files.writeString(directory.resolve("call.pcap"), "mine");
    assertThatThrownBy(() -> create(1000)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(directory.resolve("call.pcap")).hasContent("mine");
  }

  @Test
  void atItsLimitTheFileStaysWholeAndReadable() throws IOException {
    Path path;
    try (PcapFile file = create(10_000)) {
      path = file.path();
      for (int i = 0; i < 20; i++) {
        file.onPacket(i, Direction.SENT, false, LOCAL, REMOTE, packet(1000));
      }
    }
    List<PcapReader.Captured> records = PcapReader.read(path);
    assertThat(records).hasSizeBetween(8, 9);
    assertThat(Files.size(path)).isLessThanOrEqualTo(10_000);
  }

  @Test
  void nothingIsThrownOnceTheFileIsClosed() throws IOException {
    PcapFile file = create(10_000);
    file.close();
    file.onPacket(0, Direction.SENT, false, LOCAL, REMOTE, packet(100));
    assertThat(PcapReader.read(file.path())).isEmpty();
  }

  @Test
  void aFullDiskEndsTheFileAndNotTheCall() throws IOException {
    Path full = Path.of("/dev/full"); // every write fails with ENOSPC
    try (PcapFile file =
        new PcapFile(
            full, FileChannel.open(full, StandardOpenOption.WRITE), 10_000, 5_000_000, START)) {
      assertThatNoException()
          .isThrownBy(
              () -> {
                file.onPacket(0, Direction.SENT, false, LOCAL, REMOTE, packet(100));
                file.onPacket(1, Direction.SENT, false, LOCAL, REMOTE, packet(100));
              });
    }
  }
}
