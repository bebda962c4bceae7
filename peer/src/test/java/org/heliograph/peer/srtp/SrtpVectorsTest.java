package org.heliograph.peer.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The test vectors that the RFCs publish. */
class SrtpVectorsTest {
  private static final byte[] RFC_7714_KEY = hex("000102030405060708090a0b0c0d0e0f");
  private static final byte[] RFC_7714_SALT = hex("517569642070726f2071756f");
  private static final String RFC_7714_RTP =
      "8040f17b8041f8d35501a0b2"
          + "47616c6c696120657374206f6d6e6973206469766973"
          + "6120696e207061727465732074726573";
  private static final String RFC_7714_SRTP =
      "8040f17b8041f8d35501a0b2"
          + "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
          + "899d7f27beb16a9152cf765ee4390cce";
  private static final String RFC_7714_RTCP =
      "81c8000d4d617273"
          + "4e5450314e545032525450200000042a0000e930"
          + "4c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
  private static final String RFC_7714_SRTCP =
      "81c8000d4d617273"
          + "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded"
          + "0bb9275bc84aa45896cf4d2fc5abf872"
          + "45d9eade800005d4";
  private static final int RFC_7714_SRTCP_INDEX = 0x5d4;

  @Test
  void keyDerivationGivesTheKeysOfRfc3711AppendixB3() {
    SrtpMasterKey master =
        new SrtpMasterKey(
            hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));

    SrtpSessionKeys keys = SrtpSessionKeys.derive(master, SrtpSessionKeys.Part.RTP);

    assertThat(keys.encryptionKey()).isEqualTo(hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assertThat(keys.salt()).isEqualTo(hex("30CBBC08863D8C85D49DB34A9AE1"));
    assertThat(keys.authenticationKey()).isEqualTo(hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
  }

  /** The vector is the key stream of source 0 at index 0: what encryption makes of zeros. */
  @Test
  void counterModeGivesTheKeystreamOfRfc3711AppendixB2() {
    SrtpSessionKeys keys =
        new SrtpSessionKeys(
            hex("2B7E151628AED2A6ABF7158809CF4F3C"),
            new byte[20],
            hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
    SrtpTransform transform = SrtpTransform.of(SrtpProfile.AES128_CM_HMAC_SHA1_80, keys, keys);
    int headerLength = 12;
    byte[] packet = new byte[headerLength + 0xFF02 * 16 + 10];
    packet[0] = (byte) 0x80;

    transform.protectRtp(packet, 0, packet.length - 10, headerLength, 0);

    assertThat(block(packet, 0)).isEqualTo(hex("E03EAD0935C95E80E166B16DD92B4EB4"));
    assertThat(block(packet, 1)).isEqualTo(hex("D23513162B02D0F72A43A2FE4A5F97AB"));
    assertThat(block(packet, 2)).isEqualTo(hex("41E95B3BB0A2E8DD477901E4FCA894C0"));
    assertThat(block(packet, 0xFEFF)).isEqualTo(hex("EC8CDF7398607CB0F2D21675EA9EA1E4"));
    assertThat(block(packet, 0xFF00)).isEqualTo(hex("362B7C3C6773516318A077D7FC5073AE"));
    assertThat(block(packet, 0xFF01)).isEqualTo(hex("6A2CC3787889374FBEB4C81B17BA6C44"));
  }

  private static byte[] block(byte[] packet, int number) {
    return Arrays.copyOfRange(packet, 12 + number * 16, 12 + (number + 1) * 16);
  }

  @Test
  void gcmProtectsRtpAsInRfc7714Section16() {
    OutboundSrtp outbound =
        new OutboundSrtp(SrtpProfile.AEAD_AES_128_GCM, rfc7714Transform(), 1, 0);
    ByteBuffer packet = withRoom(RFC_7714_RTP, 16);

    outbound.protectRtp(packet);

    assertThat(HexFormat.of().formatHex(content(packet))).isEqualTo(RFC_7714_SRTP);
  }

  @Test
  void gcmUnprotectsRtpAsInRfc7714Section16() {
    InboundSrtp inbound = new InboundSrtp(SrtpProfile.AEAD_AES_128_GCM, rfc7714Transform(), 1, 0);
    ByteBuffer packet = ByteBuffer.wrap(hex(RFC_7714_SRTP));

    assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(HexFormat.of().formatHex(content(packet))).isEqualTo(RFC_7714_RTP);
  }

  @Test
  void gcmProtectsRtcpAsInRfc7714Section17() {
    byte[] packet = content(withRoom(RFC_7714_RTCP, 20).clear());

    rfc7714Transform()
        .protectRtcp(packet, 0, packet.length - 20, SrtcpTrailer.encrypted(RFC_7714_SRTCP_INDEX));

    assertThat(HexFormat.of().formatHex(packet)).isEqualTo(RFC_7714_SRTCP);
  }

  @Test
  void gcmUnprotectsRtcpAsInRfc7714Section17() {
    InboundSrtp inbound = new InboundSrtp(SrtpProfile.AEAD_AES_128_GCM, rfc7714Transform(), 1, 0);
    ByteBuffer packet = ByteBuffer.wrap(hex(RFC_7714_SRTCP));

    assertThat(inbound.unprotectRtcp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(HexFormat.of().formatHex(content(packet))).isEqualTo(RFC_7714_RTCP);
  }

  private static SrtpTransform rfc7714Transform() {
    SrtpSessionKeys keys = new SrtpSessionKeys(RFC_7714_KEY, new byte[20], RFC_7714_SALT);
    return SrtpTransform.of(SrtpProfile.AEAD_AES_128_GCM, keys, keys);
  }

  private static ByteBuffer withRoom(String packet, int overhead) {
    byte[] octets = hex(packet);
    return ByteBuffer.allocate(octets.length + overhead).put(octets).flip();
  }

  private static byte[] content(ByteBuffer packet) {
    byte[] content = new byte[packet.remaining()];
    packet.get(packet.position(), content);
    return content;
  }

  private static byte[] hex(String octets) {
    return HexFormat.of().parseHex(octets);
  }
}
