package org.heliograph.peer.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketKindTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1, STUN",
    "3, 1, STUN",
    "4, 1, UNKNOWN",
    "19, 1, UNKNOWN",
    "20, 1, DTLS",
    "63, 1, DTLS",
    "64, 1, UNKNOWN",
    "127, 1, UNKNOWN",
    "128, 96, RTP",
    "191, 224, RTP",
    "128, 191, RTP",
    "128, 192, RTCP",
    "129, 200, RTCP",
    "144, 223, RTCP",
    "192, 96, UNKNOWN"
  })
  void theFirstOctetsTell(int first, int second, PacketKind kind) {
    ByteBuffer datagram = ByteBuffer.allocate(20).put((byte) first).put((byte) second).rewind();

    assertThat(PacketKind.of(datagram)).isEqualTo(kind);
  }

  @Test
  void whatIsShorterThanItsHeaderIsNobodys() {
    assertThat(PacketKind.of(ByteBuffer.allocate(0))).isEqualTo(PacketKind.UNKNOWN);
    assertThat(PacketKind.of(ByteBuffer.wrap(new byte[] {(byte) 0x80, 96, 0})))
        .isEqualTo(PacketKind.UNKNOWN);
    assertThat(PacketKind.of(ByteBuffer.wrap(new byte[] {(byte) 0x80, (byte) 200, 0})))
        .isEqualTo(PacketKind.UNKNOWN);
  }
}
