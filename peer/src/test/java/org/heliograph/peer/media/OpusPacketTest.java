package org.heliograph.peer.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class OpusPacketTest {
  private static ByteBuffer packet(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private static double millis(String hex) {
    return OpusPacket.durationNanos(packet(hex)) / 1e6;
  }

  /** RFC 6716 3.1, table 2, and 3.2. */
  @Test
  void theFirstByteTellsTheDuration() {
    assertThat(millis("00")).isEqualTo(10); // SILK, 10 ms
    assertThat(millis("18")).isEqualTo(60); // SILK, 60 ms
    assertThat(millis("60")).isEqualTo(10); // hybrid
    assertThat(millis("78")).isEqualTo(20);
    assertThat(millis("80")).isEqualTo(2.5); // CELT
    assertThat(millis("f8 01")).isEqualTo(20);
    assertThat(millis("f9 01")).isEqualTo(40); // two frames
    assertThat(millis("fb 03 00")).isEqualTo(60); // three frames
  }

  @Test
  void whatIsNoOpusPacketHasNoDuration() {
    assertThat(millis("")).isZero();
    assertThat(millis("fb")).isZero();
    assertThat(millis("fb 3f")).isZero(); // more than 120 ms
  }

  @Test
  void stereoIsTold() {
    assertThat(OpusPacket.stereo(packet("fc 00"))).isTrue();
    assertThat(OpusPacket.stereo(packet("f8 00"))).isFalse();
  }

  @Test
  void inBandFecIsToldByTheFlagBehindTheVoiceActivity() {
    assertThat(OpusPacket.carriesFec(packet("48 c0 00"))).isTrue(); // mono, 20 ms
    assertThat(OpusPacket.carriesFec(packet("48 80 00"))).isFalse();
    assertThat(OpusPacket.carriesFec(packet("58 10 00"))).isTrue(); // mono, 60 ms: 3 flags before
    assertThat(OpusPacket.carriesFec(packet("58 e0 00"))).isFalse();
    assertThat(OpusPacket.carriesFec(packet("4c 10 00"))).isTrue(); // stereo: the side's flag
    assertThat(OpusPacket.carriesFec(packet("4b 41 01 00 40"))).isFalse();
    assertThat(OpusPacket.carriesFec(packet("4b 41 00 40"))).isTrue(); // behind a padding length
  }

  @Test
  void celtHasNoFec() {
    assertThat(OpusPacket.carriesFec(packet("f8 ff ff"))).isFalse();
  }

  @Test
  void aPacketOfTheFirstByteAloneHasNoFec() {
    assertThat(OpusPacket.carriesFec(packet("48"))).isFalse();
    assertThat(OpusPacket.carriesFec(packet(""))).isFalse();
  }
}
