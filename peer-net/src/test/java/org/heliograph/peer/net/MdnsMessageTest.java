package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 6762, RFC 1035 4. */
class MdnsMessageTest {
  private static final String NAME = "a-1.local";

  /** An answer with A, AAAA (its name a pointer to the first one) and a record of another name. */
  private static final String RESPONSE =
      """
      0000 8400 0000 0002 0000 0001
      03612d31 056c6f63616c 00 0001 8001 00000078 0004 c0000207
      c00c 001c 8001 00000078 0010 20010db8000000000000000000000007
      0162 c010 0001 8001 00000078 0004 c0000208
      """;

  private static ByteBuffer octets(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  @Test
  void queryAsksForBothKindsOfAddress() {
    assertThat(HexFormat.of().formatHex(MdnsMessage.query(NAME)))
        .isEqualTo(
            "000000000002000000000000"
                + "03612d31056c6f63616c0000010001"
                + "03612d31056c6f63616c00001c0001");
  }

  @Test
  void addressesOfTheNameAreReadAndOthersAreNot() {
    assertThat(MdnsMessage.addresses(octets(RESPONSE), "A-1.LOCAL"))
        .containsExactly(InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));
    assertThat(MdnsMessage.addresses(octets(RESPONSE), "b.local"))
        .containsExactly(InetAddress.ofLiteral("192.0.2.8"));
    assertThat(MdnsMessage.addresses(octets(RESPONSE), "c.local")).isEmpty();
  }

  @Test
  void questionIsNoAnswer() {
    assertThat(MdnsMessage.addresses(ByteBuffer.wrap(MdnsMessage.query(NAME)), NAME)).isEmpty();
  }

  @Test
  void whatIsNoNameIsNotAskedFor() {
    assertThatThrownBy(() -> MdnsMessage.query("a..local"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MdnsMessage.query("x".repeat(64) + ".local"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pointersInACircleAndEveryMutationEnd() {
    assertThat(MdnsMessage.addresses(octets("0000 8400 0000 0001 0000 0000 c00c"), NAME)).isEmpty();
    Random random = new Random(3);
    byte[] valid = octets(RESPONSE).array();
    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = Arrays.copyOf(valid, random.nextInt(valid.length + 1));
      for (int j = random.nextInt(4); j > 0 && mutated.length > 0; j--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      assertThat(MdnsMessage.addresses(ByteBuffer.wrap(mutated), NAME)).hasSizeLessThan(3);
    }
    byte[] noise = "nonsense".getBytes(StandardCharsets.UTF_8);
    assertThat(MdnsMessage.addresses(ByteBuffer.wrap(noise), NAME)).isEmpty();
  }
}
