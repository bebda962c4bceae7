package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.ice.StreamDeframer.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packets in a stream (RFC 8656 12.5, RFC 4571 2). */
class StreamDeframerTest {
  private final List<String> packets = new ArrayList<>();

  private boolean take(StreamDeframer deframer, ByteBuffer octets) {
    return deframer.take(
        octets,
        packet -> {
          byte[] copy = new byte[packet.remaining()];
          packet.get(copy);
          packets.add(HexFormat.of().formatHex(copy));
        });
  }

  private static ByteBuffer octets(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  @Test
  void stunAndPaddedChannelDataSayTheirLengths() {
    ByteBuffer stream =
        octets(
            """
            40000003 aabbcc00
            00110004 2112a442 000000000000000000000000 80220000
            4001 0000
            4002 0004 01020304
            """);
    assertThat(take(new StreamDeframer(Format.TURN), stream)).isTrue();
    assertThat(packets)
        .containsExactly(
            "40000003aabbcc00",
            "001100042112a44200000000000000000000000080220000",
            "40010000",
            "4002000401020304");
  }

  @Test
  void eachPacketStandsAfterItsLength() {
    assertThat(take(new StreamDeframer(Format.RFC4571), octets("0003 010203 0000 0001 ff")))
        .isTrue();
    assertThat(packets).containsExactly("010203", "", "ff");
  }

  @Test
  void whatIsNoTurnEndsTheStream() {
    assertThat(take(new StreamDeframer(Format.TURN), octets("48545450 2f312e31"))).isTrue();
    assertThat(take(new StreamDeframer(Format.TURN), octets("80000004 00000000"))).isFalse();
    StreamDeframer later = new StreamDeframer(Format.TURN);
    assertThat(take(later, octets("40000000 c0"))).isTrue();
    assertThat(take(later, octets("000000"))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void cutsAreNoMatterWhereverTheyFall(Format format) {
    Random random = new Random(5);
    ByteBuffer stream = ByteBuffer.allocate(1 << 20);
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      byte[] payload = new byte[i % 40 == 0 ? 1 + random.nextInt(60_000) : random.nextInt(50)];
      if (stream.remaining() < payload.length + 8) {
        break;
      }
      random.nextBytes(payload);
      int start = stream.position();
      if (format == Format.TURN) {
        ChannelData.write(0x4000 + i, ByteBuffer.wrap(payload), true, stream);
        sent.add(HexFormat.of().formatHex(stream.array(), start, stream.position()));
      } else {
        stream.putShort((short) payload.length).put(payload);
        sent.add(HexFormat.of().formatHex(payload));
      }
    }
    stream.flip();
    StreamDeframer deframer = new StreamDeframer(format);
    while (stream.hasRemaining()) {
      int piece = Math.min(stream.remaining(), 1 + random.nextInt(random.nextBoolean() ? 5 : 3000));
      // A piece of its own, so that nothing beyond it can be looked at.
      byte[] octets = new byte[piece];
      stream.get(octets);
      assertThat(take(deframer, ByteBuffer.wrap(octets))).isTrue();
    }
    assertThat(packets).isEqualTo(sent);
  }
}
