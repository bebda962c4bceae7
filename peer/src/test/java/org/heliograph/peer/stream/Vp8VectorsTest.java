package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every published VP8 vector through packets and a network, and back. */
class Vp8VectorsTest {
  private static final Duration FRAME_INTERVAL = Duration.ofMillis(33);

  static List<Path> vectors() {
    return Ivf.vectors();
  }

  @Test
  void allVectorsAreHere() {
    assertThat(Ivf.vectors()).hasSize(61);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void everyFrameArrivesUnchangedOverAPerfectNetwork(Path vector) {
    List<byte[]> frames = Ivf.frames(vector);
    VirtualCall call = send(frames, LinkConditions.delay(Duration.ofMillis(20)), seed(vector));

    assertThat(call.bob.received).hasSameSizeAs(frames);
    for (int i = 0; i < frames.size(); i++) {
      assertThat(call.bob.received.get(i).bytes()).isEqualTo(frames.get(i));
      assertThat(call.bob.received.get(i).frame().key()).isEqualTo(Ivf.isKey(frames.get(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void everyFrameArrivesUnchangedWhereLostPacketsAreSentAgain(Path vector) {
    List<byte[]> frames = Ivf.frames(vector);
    LinkConditions restless =
        LinkConditions.delay(Duration.ofMillis(15))
            .withDuplicates(0.02)
            .withJitter(Duration.ofMillis(10))
            .withReordering(0.05, Duration.ofMillis(8));
    VirtualCall call = new VirtualCall(seed(vector));
    // The first frame's packets could be lost unnoticed, and the last one's: none come after them.
    Set<Long> timestamps = new HashSet<>();
    call.alice.loses =
        packet -> {
          timestamps.add(packet.timestamp());
          return packet.payloadType() == 96
              && timestamps.size() > 1
              && timestamps.size() < frames.size()
              && call.random.nextDouble() < 0.05;
        };
    send(call, frames, restless);

    assertThat(call.bob.received.stream().map(VirtualCall.Received::bytes))
        .usingElementComparator(Arrays::compare)
        .containsExactlyElementsOf(frames);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void aFrameIsWholeAndDecodableOrDroppedUnderHeavyLoss(Path vector) {
    List<byte[]> frames = Ivf.frames(vector);
    LinkConditions awful =
        LinkConditions.delay(Duration.ofMillis(60))
            .withBurstLoss(0.3, 4)
            .withDuplicates(0.05)
            .withJitter(Duration.ofMillis(40))
            .withReordering(0.2, Duration.ofMillis(50));
    VirtualCall call = send(frames, awful, seed(vector));

    int next = 0;
    for (VirtualCall.Received received : call.bob.received) {
      int from = next;
      while (next < frames.size() && !Arrays.equals(frames.get(next), received.bytes())) {
        next++;
      }
      assertThat(next).as("a frame that was never sent, or out of order").isLessThan(frames.size());
      if (next > from) {
        assertThat(received.frame().key()).as("after a gap comes a key frame").isTrue();
      }
      next++;
    }
  }

  private static long seed(Path vector) {
    return vector.getFileName().toString().hashCode();
  }

  private static VirtualCall send(List<byte[]> frames, LinkConditions conditions, long seed) {
    VirtualCall call = new VirtualCall(seed);
    send(call, frames, conditions);
    return call;
  }

  private static void send(VirtualCall call, List<byte[]> frames, LinkConditions conditions) {
    call.toBob.setConditions(conditions);
    call.toAlice.setConditions(conditions);
    SendStream stream = call.alice.session.addSender(VirtualCall.video());
    call.bob.session.addReceiver(VirtualCall.videoIn());
    for (byte[] frame : frames) {
      call.alice.send(stream, frame, Ivf.isKey(frame));
      call.clock.run(FRAME_INTERVAL);
    }
    call.clock.run(Duration.ofSeconds(2));
  }
}
