package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.heliograph.peer.PacketObserver.Direction;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.pcap.PcapFile;
import org.heliograph.peer.pcap.PcapReader;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call that went badly can be played again, packet by packet, from the file it left. */
class PcapReplayTest {
  private static final InetSocketAddress ALICE = new InetSocketAddress("192.0.2.1", 1000);
  private static final InetSocketAddress BOB = new InetSocketAddress("192.0.2.2", 2000);

  @TempDir Path directory;

  @Test
  void aReplayedFileGivesTheSameFramesAtTheSameTimes() throws IOException {
    VirtualCall call = new VirtualCall(11);
    call.toBob.setConditions(
        LinkConditions.delay(Duration.ofMillis(30))
            .withLoss(0.08)
            .withJitter(Duration.ofMillis(15))
            .withDuplicates(0.02));
    Path path = directory.resolve("bob.pcap");
    long start = call.clock.nanoTime();
    try (PcapFile file =
        PcapFile.create(path, PcapFile.DEFAULT_MAX_BYTES, start, Instant.ofEpochSecond(0))) {
      call.bob.observer =
          (rtcp, packet) ->
              file.onPacket(call.clock.nanoTime(), Direction.RECEIVED, rtcp, BOB, ALICE, packet);
      receive(call);
      SendStream video = call.alice.session.addSender(VirtualCall.video());
      SendStream audio = call.alice.session.addSender(VirtualCall.audio());
      for (int i = 0; i < 300; i++) {
        boolean key = i == 0 || !call.alice.keyFrameRequests.isEmpty();
        call.alice.keyFrameRequests.clear();
        call.alice.send(video, VirtualCall.frame(i, 2500, key), key);
        for (int sound = 0; sound < 2; sound++) {
          call.alice.send(audio, new byte[] {(byte) 0xF8, (byte) i, (byte) sound}, true);
          call.clock.run(Duration.ofMillis(20));
        }
      }
    }
    assertThat(call.bob.received).hasSizeGreaterThan(500);

    VirtualCall replay = new VirtualCall(12);
    receive(replay);
    long offset = replay.clock.nanoTime();
    for (PcapReader.Captured record : PcapReader.read(path)) {
      replay.clock.run(
          Duration.ofNanos(offset + record.nanosSince1970() - replay.clock.nanoTime()));
      replay.bob.arrive(
          ByteBuffer.allocate(record.packet().remaining()).put(record.packet()).flip());
    }
    replay.clock.run(
        Duration.ofNanos(offset + call.clock.nanoTime() - start - replay.clock.nanoTime()));

    assertThat(heard(replay, offset)).isEqualTo(heard(call, start));
  }

  private static void receive(VirtualCall call) {
    call.bob.session.addReceiver(VirtualCall.videoIn());
    call.bob.session.addReceiver(VirtualCall.audioIn());
  }

  private record Heard(MediaFrame frame, long afterNanos) {}

  private static List<Heard> heard(VirtualCall call, long start) {
    return call.bob.received.stream()
        .map(
            received ->
                new Heard(
                    new MediaFrame(
                        received.frame().format(),
                        received.frame().timeNanos() - start,
                        received.frame().durationNanos(),
                        received.frame().key(),
                        received.frame().audioLevel(),
                        received.frame().payload()),
                    received.atNanos() - start))
        .toList();
  }
}
