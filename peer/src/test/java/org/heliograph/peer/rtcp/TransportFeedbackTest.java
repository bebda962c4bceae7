package org.heliograph.peer.rtcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.heliograph.peer.rtp.Hex;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.junit.jupiter.api.Test;

class TransportFeedbackTest {
  private static final long LOST = TransportFeedback.NOT_RECEIVED;

  private static TransportFeedback parse(String hex) throws MalformedPacketException {
    return (TransportFeedback) RtcpCompound.parse(Hex.buffer(hex)).getFirst();
  }

  private static long[] arrivals(TransportFeedback feedback) {
    long[] ticks = new long[feedback.packetCount()];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = feedback.arrivalTicks(i);
    }
    return ticks;
  }

  /** The run-length chunk of draft 3.1.3: 5 packets received with small deltas. */
  @Test
  void readsARun() throws MalformedPacketException {
    TransportFeedback feedback =
        parse("af cd 0006 00000001 00000002 0003 0005 ffffff 07 2005 04 00 01 ff 02 01");

    assertThat(feedback.baseSequenceNumber()).isEqualTo(3);
    assertThat(feedback.referenceTime()).isEqualTo(-1);
    assertThat(feedback.feedbackCount()).isEqualTo(7);
    assertThat(arrivals(feedback)).containsExactly(4, 4, 5, 260, 262);
  }

  /** A vector of one-bit symbols (3.1.4): received, lost, received. */
  @Test
  void readsAVectorOfOneBitSymbols() throws MalformedPacketException {
    TransportFeedback feedback =
        parse("8f cd 0005 00000001 00000002 fffe 0003 000010 00 a800 04 08");

    assertThat(arrivals(feedback)).containsExactly(4, LOST, 12);
  }

  /** A vector of two-bit symbols (3.1.4): small, lost, large and negative. */
  @Test
  void readsAVectorOfTwoBitSymbols() throws MalformedPacketException {
    TransportFeedback feedback =
        parse("af cd 0006 00000001 00000002 0001 0003 000010 00 d200 10 fffe 000003");

    assertThat(arrivals(feedback)).containsExactly(16, LOST, 14);
  }

  @Test
  void writesWhatTheDraftShows() {
    TransportFeedback feedback =
        TransportFeedback.of(1, 2, 0xfffe, 0x10, 0, new long[] {4, LOST, 12});
    ByteBuffer out = ByteBuffer.allocate(feedback.length());
    feedback.write(out);

    assertThat(Hex.string(out.flip()))
        .isEqualTo("8fcd00050000000100000002fffe000300001000a8000408");
  }

  @Test
  void whatIsWrittenIsReadAgain() throws MalformedPacketException {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      long[] ticks = new long[1 + random.nextInt(400)];
      double loss = random.nextInt(3) / 2.5;
      long time = random.nextInt(100);
      for (int i = 0; i < ticks.length; i++) {
        boolean edge = i == 0 || i == ticks.length - 1;
        ticks[i] = !edge && random.nextDouble() < loss ? LOST : time;
        time += random.nextInt(round % 2 == 0 ? 40 : 600) - 5;
      }
      TransportFeedback feedback =
          TransportFeedback.of(1, 2, random.nextInt(0x10000), -round, round, ticks);
      ByteBuffer out = ByteBuffer.allocate(feedback.length());
      feedback.write(out);
      assertThat(out.hasRemaining()).isFalse();
      TransportFeedback read = (TransportFeedback) RtcpCompound.parse(out.flip()).getFirst();

      assertThat(arrivals(read)).containsExactly(ticks);
      assertThat(read.baseSequenceNumber()).isEqualTo(feedback.baseSequenceNumber());
      assertThat(read.referenceTime()).isEqualTo(-round);
    }
  }

  @Test
  void manyLostPacketsTakeOneChunk() {
    long[] ticks = new long[2000];
    Arrays.fill(ticks, LOST);
    ticks[0] = 0;
    ticks[1999] = 5;

    assertThat(TransportFeedback.of(1, 2, 0, 0, 0, ticks).length()).isLessThan(40);
  }

  @Test
  void skipsWhatIsMalformed() throws MalformedPacketException {
    for (String hex :
        new String[] {
          "8f cd 0004 00000001 00000002 0003 0005 ffffff 07",
          "8f cd 0005 00000001 00000002 0003 0000 ffffff 07 2005 0000",
          "8f cd 0005 00000001 00000002 0003 0005 ffffff 07 2005 0000",
          "8f cd 0005 00000001 00000002 0003 0005 ffffff 07 2000 2000",
          "8f cd 0005 00000001 00000002 0003 0002 ffffff 07 6002 0000",
        }) {
      assertThat(RtcpCompound.parse(Hex.buffer(hex))).as(hex).isEmpty();
    }
  }

  @Test
  void doesNotTakeArrivalsThatCannotBeWritten() {
    for (long[] ticks : new long[][] {{}, {LOST}, {1, LOST}, {0, 40_000}, {-40_000}}) {
      assertThatThrownBy(() -> TransportFeedback.of(1, 2, 0, 0, 0, ticks))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
