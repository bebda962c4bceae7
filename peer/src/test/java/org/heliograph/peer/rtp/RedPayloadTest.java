package org.heliograph.peer.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RedPayloadTest {
  private final RedPayload red = new RedPayload();

  private void parse(String hex) throws MalformedPacketException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 7).put(3, bytes);
    red.parse(buffer, 3, bytes.length);
  }

  @Test
  void aFrameAloneHasOneHeaderByte() throws MalformedPacketException {
    parse("6f aabbcc");

    assertThat(red.blocks()).isOne();
    assertThat(red.payloadType(0)).isEqualTo(111);
    assertThat(red.timestampOffset(0)).isZero();
    assertThat(red.offset(0)).isEqualTo(4);
    assertThat(red.length(0)).isEqualTo(3);
  }

  @Test
  void copiesComeBeforeTheFrameWithTheirTimeAndLength() throws MalformedPacketException {
    // 1920 and 960 before the packet: 1920 << 10 | 2, 960 << 10 | 1
    parse("ef 1e0002 ef 0f0001 6f aaaa bb cccccc");

    assertThat(red.blocks()).isEqualTo(3);
    assertThat(red.timestampOffset(0)).isEqualTo(1920);
    assertThat(red.length(0)).isEqualTo(2);
    assertThat(red.offset(0)).isEqualTo(3 + 9);
    assertThat(red.timestampOffset(1)).isEqualTo(960);
    assertThat(red.length(1)).isOne();
    assertThat(red.offset(1)).isEqualTo(3 + 11);
    assertThat(red.length(2)).isEqualTo(3);
    assertThat(red.offset(2)).isEqualTo(3 + 12);
  }

  @Test
  void whatIsCutOffIsRefused() {
    assertThatThrownBy(() -> parse("")).isInstanceOf(MalformedPacketException.class);
    assertThatThrownBy(() -> parse("ef0f")).isInstanceOf(MalformedPacketException.class);
    assertThatThrownBy(() -> parse("ef0f0001")).isInstanceOf(MalformedPacketException.class);
    assertThatThrownBy(() -> parse("ef0f0005 6f aabb"))
        .isInstanceOf(MalformedPacketException.class);
  }

  @Test
  void endlessHeadersAreRefused() {
    assertThatThrownBy(() -> parse("ef000000".repeat(200) + "6f"))
        .isInstanceOf(MalformedPacketException.class);
  }

  @Test
  void noBytesMakeItLookOutsideThePayload() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        red.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
      } catch (MalformedPacketException e) {
        continue;
      }
      int end = red.offset(0);
      for (int block = 0; block < red.blocks(); block++) {
        assertThat(red.offset(block)).isEqualTo(end);
        end += red.length(block);
      }
      assertThat(end).isEqualTo(bytes.length);
    }
  }
}
