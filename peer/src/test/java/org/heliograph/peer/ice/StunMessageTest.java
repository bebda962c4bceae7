package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.heliograph.peer.ice.StunAttribute.ErrorCode;
import org.heliograph.peer.ice.StunAttribute.IceControlled;
import org.heliograph.peer.ice.StunAttribute.IceControlling;
import org.heliograph.peer.ice.StunAttribute.MappedAddress;
import org.heliograph.peer.ice.StunAttribute.Nonce;
import org.heliograph.peer.ice.StunAttribute.PasswordAlgorithm;
import org.heliograph.peer.ice.StunAttribute.Priority;
import org.heliograph.peer.ice.StunAttribute.Realm;
import org.heliograph.peer.ice.StunAttribute.Software;
import org.heliograph.peer.ice.StunAttribute.UnknownAttributes;
import org.heliograph.peer.ice.StunAttribute.UseCandidate;
import org.heliograph.peer.ice.StunAttribute.UserHash;
import org.heliograph.peer.ice.StunAttribute.Username;
import org.heliograph.peer.ice.StunAttribute.XorMappedAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StunMessageTest {
  /** The password of RFC 5769 2.1 to 2.3. */
  private static final StunKey RFC5769_KEY = StunKey.shortTerm("VOkJxbRl1RmTxUk/WvJxBt");

  private static final String RFC5769_REQUEST =
      """
      00010058 2112a442 b7e7a701bc34d686fa87dfae
      80220010 5354554e207465737420636c69656e74
      00240004 6e0001ff
      80290008 932ff9b151263b36
      00060009 6576746a3a68367659202020
      00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
      80280004 e57a3bcf
      """;

  private static final String RFC5769_IPV4_RESPONSE =
      """
      0101003c 2112a442 b7e7a701bc34d686fa87dfae
      8022000b 7465737420766563746f7220
      00200008 0001a147e112a643
      00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
      80280004 c07d4c96
      """;

  private static final String RFC5769_IPV6_RESPONSE =
      """
      01010048 2112a442 b7e7a701bc34d686fa87dfae
      8022000b 7465737420766563746f7220
      00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
      00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
      80280004 c8fb0b4c
      """;

  private static final String RFC5769_LONG_TERM_REQUEST =
      """
      00010060 2112a442 78ad3433c6ad72c029da412e
      00060012 e3839ee38388e383aae38383e382afe382b90000
      0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41
      0014000b 6578616d706c652e6f726700
      00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666
      """;

  /** The user of RFC 5769 2.4 and RFC 8489 B.1. */
  private static final String RFC5769_USER = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";

  /** RFC 8489 B.1 as erratum 6268 has it. */
  private static final String RFC8489_LONG_TERM_SHA256_REQUEST =
      """
      00010090 2112a442 78ad3433c6ad72c029da412e
      001e0020 4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704
      00150029 6f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473 41000000
      0014000b 6578616d706c652e6f726700
      001d0004 00020000
      001c0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65
      """;

  private static final TransactionId ID = new TransactionId(0x01020304, 0x05060708090A0B0CL);

  private final StunWriter writer = new StunWriter();

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  @Test
  void readsTheRequestOfRfc5769() throws StunException {
    StunMessage message = StunMessage.parse(bytes(RFC5769_REQUEST));
    assertThat(message.messageClass()).isEqualTo(StunClass.REQUEST);
    assertThat(message.method()).isEqualTo(StunMessage.BINDING);
    assertThat(message.transactionId())
        .isEqualTo(new TransactionId(0xB7E7A701, 0xBC34D686FA87DFAEL));
    assertThat(message.attribute(Software.class)).contains(new Software("STUN test client"));
    assertThat(message.attribute(Priority.class)).contains(new Priority(0x6E0001FFL));
    assertThat(message.attribute(IceControlled.class))
        .contains(new IceControlled(0x932FF9B151263B36L));
    assertThat(message.attribute(Username.class)).contains(new Username("evtj:h6vY"));
    assertThat(message.unknownRequired()).isEmpty();
    assertThat(message.hasFingerprint()).isTrue();
    assertThat(message.isAuthentic(RFC5769_KEY)).isTrue();
    assertThat(message.isAuthentic(StunKey.shortTerm("another password"))).isFalse();
  }

  @Test
  void readsTheIpv4ResponseOfRfc5769() throws StunException {
    StunMessage message = StunMessage.parse(bytes(RFC5769_IPV4_RESPONSE));
    assertThat(message.messageClass()).isEqualTo(StunClass.SUCCESS_RESPONSE);
    assertThat(message.attribute(XorMappedAddress.class))
        .contains(new XorMappedAddress(address("192.0.2.1", 32853)));
    assertThat(message.isAuthentic(RFC5769_KEY)).isTrue();
  }

  @Test
  void readsTheIpv6ResponseOfRfc5769() throws StunException {
    StunMessage message = StunMessage.parse(bytes(RFC5769_IPV6_RESPONSE));
    assertThat(message.attribute(XorMappedAddress.class))
        .contains(new XorMappedAddress(address("2001:db8:1234:5678:11:2233:4455:6677", 32853)));
    assertThat(message.isAuthentic(RFC5769_KEY)).isTrue();
  }

  @Test
  void verifiesTheLongTermRequestOfRfc5769() throws Exception {
    StunMessage message = StunMessage.parse(bytes(RFC5769_LONG_TERM_REQUEST));
    assertThat(message.isAuthentic(StunKey.longTerm(RFC5769_USER, "example.org", "TheMatrIX")))
        .isTrue();
    assertThat(message.isAuthentic(StunKey.longTerm(RFC5769_USER, "example.org", "TheMatrix")))
        .isFalse();
    assertThat(message.hasFingerprint()).isFalse();
    assertThat(message.attribute(Realm.class)).contains(new Realm("example.org"));
    assertThat(message.attribute(Nonce.class)).contains(new Nonce("f//499k954d6OL34oL9FSTvy64sA"));
  }

  @Test
  void verifiesAndWritesTheLongTermRequestWithSha256OfRfc8489() throws StunException {
    StunKey key = StunKey.longTermSha256(RFC5769_USER, "example.org", "TheMatrIX", true);
    StunMessage message = StunMessage.parse(bytes(RFC8489_LONG_TERM_SHA256_REQUEST));
    assertThat(message.isAuthentic(key)).isTrue();
    assertThat(message.isAuthentic(StunKey.longTerm(RFC5769_USER, "example.org", "TheMatrIX")))
        .isFalse();
    writer
        .begin(
            StunClass.REQUEST,
            StunMessage.BINDING,
            new TransactionId(0x78ad3433, 0xc6ad72c029da412eL))
        .add(new UserHash(ByteBuffer.wrap(StunKey.userHash(RFC5769_USER, "example.org"))))
        .add(new Nonce("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA"))
        .add(new Realm("example.org"))
        .add(new PasswordAlgorithm(2));
    ByteBuffer written = writer.finish(key);
    assertThat(StunMessage.parse(written).isAuthentic(key)).isTrue();
    // The RFC's has no FINGERPRINT, which would be the last eight bytes; the length counts them.
    ByteBuffer wanted = bytes(RFC8489_LONG_TERM_SHA256_REQUEST);
    assertThat(written.slice(4, wanted.limit() - 4)).isEqualTo(wanted.slice(4, wanted.limit() - 4));
  }

  @Test
  void sha256IntegrityMayBeCutButNotTooShort() throws StunException {
    StunKey key = StunKey.longTermSha256("user", "realm", "password", true);
    ByteBuffer cut =
        bytes("00010014 2112a442 78ad3433c6ad72c029da412e 001c0010".concat("00".repeat(16)));
    cut.put(24, StunMessage.integrity(cut, 20, 16, key), 0, 16);
    assertThat(StunMessage.parse(cut).isAuthentic(key)).isTrue();
    cut.put(24, (byte) (cut.get(24) ^ 1));
    assertThat(StunMessage.parse(cut).isAuthentic(key)).isFalse();
    assertThatThrownBy(
            () ->
                StunMessage.parse(
                    bytes(
                        "00010010 2112a442 78ad3433c6ad72c029da412e 001c000c"
                            .concat("00".repeat(12)))))
        .isInstanceOf(StunException.class);
  }

  @Test
  void readsWhatItWrites() throws StunException {
    List<StunAttribute> attributes =
        List.of(
            new Username("abcd:efgh"),
            new ErrorCode(487, "Role Conflict"),
            new UnknownAttributes(List.of(0x7FFF, 2, 3)),
            new MappedAddress(address("10.1.2.3", 1)),
            new XorMappedAddress(address("2001:db8::9", 65535)),
            new Priority(0xFFFF_FFFFL),
            new UseCandidate(),
            new IceControlled(-1),
            new IceControlling(Long.MIN_VALUE),
            new Software("heliograph"));
    writer.begin(StunClass.ERROR_RESPONSE, StunMessage.BINDING, ID);
    attributes.forEach(writer::add);
    StunMessage message = StunMessage.parse(writer.finish(RFC5769_KEY));
    for (StunAttribute attribute : attributes) {
      assertThat(message.attribute(attribute.getClass()).orElseThrow()).isEqualTo(attribute);
    }
    assertThat(message.messageClass()).isEqualTo(StunClass.ERROR_RESPONSE);
    assertThat(message.transactionId()).isEqualTo(ID);
    assertThat(message.isAuthentic(RFC5769_KEY)).isTrue();
    assertThat(message.hasFingerprint()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(StunClass.class)
  void keepsClassAndMethodApart(StunClass messageClass) throws StunException {
    for (int method : new int[] {0x001, 0x003, 0x010, 0x080, 0xFFF}) {
      StunMessage message = StunMessage.parse(writer.begin(messageClass, method, ID).finish());
      assertThat(message.messageClass()).isEqualTo(messageClass);
      assertThat(message.method()).isEqualTo(method);
    }
  }

  @Test
  void parsesInTheMiddleOfABuffer() throws StunException {
    ByteBuffer request = bytes(RFC5769_REQUEST);
    ByteBuffer larger = ByteBuffer.allocate(500).position(100);
    larger.put(request).limit(larger.position()).position(100);
    assertThat(StunMessage.looksLikeStun(larger)).isTrue();
    assertThat(StunMessage.parse(larger).isAuthentic(RFC5769_KEY)).isTrue();
    assertThat(larger.position()).isEqualTo(100);
  }

  @Test
  void messageWithAFlippedBitIsNeverTakenForTheOriginal() {
    for (int bit = 0; bit < bytes(RFC5769_REQUEST).limit() * 8; bit++) {
      ByteBuffer damaged = bytes(RFC5769_REQUEST);
      damaged.put(bit / 8, (byte) (damaged.get(bit / 8) ^ 1 << bit % 8));
      assertThat(isWholeAndAuthentic(damaged)).as("bit %d", bit).isFalse();
    }
    assertThat(isWholeAndAuthentic(bytes(RFC5769_REQUEST))).isTrue();
  }

  private static boolean isWholeAndAuthentic(ByteBuffer packet) {
    try {
      StunMessage message = StunMessage.parse(packet);
      return message.hasFingerprint() && message.isAuthentic(RFC5769_KEY);
    } catch (StunException e) {
      return false;
    }
  }

  @Test
  void everyTruncationIsRefused() {
    ByteBuffer request = bytes(RFC5769_REQUEST);
    for (int length = 0; length < request.limit(); length++) {
      ByteBuffer shorter = request.slice(0, length);
      assertThatThrownBy(() -> StunMessage.parse(shorter)).isInstanceOf(StunException.class);
    }
  }

  @Test
  void attributesBehindTheIntegrityAreIgnored() throws StunException {
    // MESSAGE-INTEGRITY, then a USE-CANDIDATE that someone has slipped in.
    ByteBuffer forged = ByteBuffer.allocate(200);
    ByteBuffer signed =
        writer.begin(StunClass.REQUEST, StunMessage.BINDING, ID).finish(RFC5769_KEY);
    forged.put(signed.slice(0, signed.limit() - 8)).putInt(0x0025_0000).flip();
    forged.putShort(2, (short) (forged.limit() - 20));
    StunMessage message = StunMessage.parse(forged);
    assertThat(message.isAuthentic(RFC5769_KEY)).isTrue();
    assertThat(message.has(UseCandidate.class)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00010004 2112a442 000000000000000000000000 00060001", // longer than the message
        "00010008 2112a442 000000000000000000000000 00240003 01020304", // PRIORITY of 3 bytes
        "00010008 2112a442 000000000000000000000000 00250001 01000000", // USE-CANDIDATE with bytes
        "00010008 2112a442 000000000000000000000000 80290004 01000000", // short tie-breaker
        "01010008 2112a442 000000000000000000000000 00200004 00011234", // no address
        "0101000c 2112a442 000000000000000000000000 00200008 0003123401020304", // no such family
        "0111000c 2112a442 000000000000000000000000 00090008 0000020001020304", // code 200
        "0111000c 2112a442 000000000000000000000000 00090004 00000464 00250000", // code 500
        "01110008 2112a442 000000000000000000000000 000a0001 01000000", // odd list
        "00010008 2112a442 000000000000000000000000 00080004 01020304", // short integrity
        "00010002 2112a442 000000000000000000000000 0000", // length not a multiple of four
      })
  void malformedAttributesAreRefused(String hex) {
    assertThatThrownBy(() -> StunMessage.parse(bytes(hex))).isInstanceOf(StunException.class);
  }

  @Test
  void otherProtocolsDoNotLookLikeStun() {
    assertThat(StunMessage.looksLikeStun(bytes("16fefd000000000000000000a1010000952112a442")))
        .as("DTLS")
        .isFalse();
    assertThat(StunMessage.looksLikeStun(bytes("80602112a4422112a4422112a4422112a4422112a442")))
        .as("RTP")
        .isFalse();
    assertThat(StunMessage.looksLikeStun(bytes("0001"))).as("too short").isFalse();
  }
}
