package org.heliograph.peer.stream.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.stream.CaptureClock;
import org.junit.jupiter.api.Test;

/** The numbers of what is forwarded, whatever becomes of its sender. */
class RenumberingTest {
  private static final long SECOND = 1_000_000_000L;

  private final Renumbering renumbering = new Renumbering(1000, 5_000_000, new CaptureClock());
  private Object source = new Object();

  private MediaPacket packet(long number, long rtpTime, long arrivalNanos, int... payload) {
    byte[] bytes = new byte[payload.length];
    for (int i = 0; i < payload.length; i++) {
      bytes[i] = (byte) payload[i];
    }
    return new MediaPacket(
        source,
        MediaFormat.VP8,
        number,
        rtpTime,
        false,
        MediaFrame.NO_LEVEL,
        arrivalNanos,
        MediaPacket.UNKNOWN,
        MediaPacket.NO_FRAME,
        ByteBuffer.wrap(bytes));
  }

  private List<Integer> renumbered(MediaPacket packet) {
    assertThat(renumbering.admit(packet)).isTrue();
    byte[] payload = packet.payload().array().clone();
    renumbering.renumberPictures(packet, payload, payload.length);
    List<Integer> values = new ArrayList<>();
    for (byte octet : payload) {
      values.add(octet & 0xff);
    }
    return values;
  }

  @Test
  void numbersAndTimesKeepTheirDistances() {
    MediaPacket first = packet(40_000, 900, 0);
    MediaPacket third = packet(40_002, 3900, SECOND);
    MediaPacket second = packet(40_001, 900, 2 * SECOND);
    assertThat(List.of(first, third, second)).allMatch(renumbering::admit);

    int start = renumbering.sequenceNumber(first);
    assertThat(renumbering.sequenceNumber(second)).isEqualTo(start + 1);
    assertThat(renumbering.sequenceNumber(third)).isEqualTo(start + 2);
    assertThat(renumbering.timestamp(third) - renumbering.timestamp(first)).isEqualTo(3000);
  }

  @Test
  void whatComesShortlyBeforeTheFirstOneIsTakenToo() {
    MediaPacket first = packet(3, 0, 0);
    MediaPacket before = packet(1, 0, 0);
    assertThat(renumbering.admit(first)).isTrue();
    assertThat(renumbering.admit(before)).isTrue();
    assertThat(renumbering.sequenceNumber(before)).isEqualTo(renumbering.sequenceNumber(first) - 2);
  }

  @Test
  void noNumberIsSentTwice() {
    assertThat(renumbering.admit(packet(7, 0, 0))).isTrue();
    assertThat(renumbering.admit(packet(7, 0, 0))).isFalse();
    assertThat(renumbering.admit(packet(7000, 0, 0))).isTrue();
    assertThat(renumbering.admit(packet(8, 0, 0))).as("too old to tell").isFalse();
  }

  @Test
  void numbersGoOnWhereTheSenderBeginsAnew() {
    MediaPacket last = packet(500, 90_000, SECOND);
    assertThat(renumbering.admit(last)).isTrue();
    int number = renumbering.sequenceNumber(last);
    final long time = renumbering.timestamp(last);

    source = new Object();
    MediaPacket first = packet(64_000, 4_000_000_000L, 3 * SECOND);
    assertThat(renumbering.admit(first)).isTrue();
    assertThat(renumbering.sequenceNumber(first)).isEqualTo(number + 1);
    assertThat(renumbering.timestamp(first) - time).isEqualTo(2 * 90_000);
    assertThat(renumbering.admit(packet(63_999, 4_000_000_000L, 3 * SECOND)))
        .as("its number is taken")
        .isFalse();
  }

  @Test
  void picturesGoOnWhereTheSenderBeginsAnew() {
    // Picture 0x1234 and base layer 9, in 15 and 8 bits.
    assertThat(renumbered(packet(1, 0, 0, 0x90, 0xe0, 0x92, 0x34, 9, 0, 1)))
        .containsExactly(0x90, 0xe0, 0x92, 0x34, 9, 0, 1);
    source = new Object();
    assertThat(renumbered(packet(50, 0, SECOND, 0x90, 0xe0, 0x80, 0x07, 200, 0, 1)))
        .containsExactly(0x90, 0xe0, 0x92, 0x35, 10, 0, 1);
    assertThat(renumbered(packet(51, 3000, SECOND, 0x90, 0xe0, 0x80, 0x08, 201, 0, 1)))
        .containsExactly(0x90, 0xe0, 0x92, 0x36, 11, 0, 1);
  }

  @Test
  void pictureIdsOfSevenBitsWrapAsTheyDo() {
    renumbered(packet(1, 0, 0, 0x90, 0x80, 0x7f, 1));
    source = new Object();
    assertThat(renumbered(packet(5, 0, SECOND, 0x90, 0x80, 0x20, 1)))
        .containsExactly(0x90, 0x80, 0, 1);
  }

  @Test
  void aDescriptorThatIsCutOffStaysAsItIs() {
    renumbered(packet(1, 0, 0, 0x90, 0xe0, 0x92, 0x34, 9, 0, 1));
    source = new Object();
    assertThat(renumbered(packet(5, 0, SECOND, 0x90, 0x80, 0x81)))
        .containsExactly(0x90, 0x80, 0x81);
    assertThat(renumbered(packet(6, 0, SECOND))).isEmpty();
  }
}
