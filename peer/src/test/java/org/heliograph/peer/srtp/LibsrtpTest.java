package org.heliograph.peer.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares with what libsrtp made of the same packets; see the README beside the fixtures. */
class LibsrtpTest {
  private static final int MAX_SOURCES = 2;

  private record Fixture(SrtpMasterKey key, List<String[]> packets) {}

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtpIsProtectedAsLibsrtpDoes(SrtpProfile profile) throws IOException {
    Fixture fixture = read(profile);
    OutboundSrtp outbound = new OutboundSrtp(profile, fixture.key, MAX_SOURCES, 0);
    for (String[] line : fixture.packets) {
      if (line[0].equals("rtp")) {
        ByteBuffer packet = withRoom(line[1], profile.rtpOverhead());
        outbound.protectRtp(packet);
        assertThat(hex(packet)).isEqualTo(line[2]);
      }
    }
  }

  /** libsrtp's first index is 1 where ours is 0; so here the index is given. */
  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtcpIsProtectedAsLibsrtpDoes(SrtpProfile profile) throws IOException {
    Fixture fixture = read(profile);
    SrtpTransform transform = SrtpTransform.of(profile, fixture.key);
    Map<Integer, Integer> indices = new HashMap<>();
    for (String[] line : fixture.packets) {
      if (line[0].equals("rtcp")) {
        byte[] plain = HexFormat.of().parseHex(line[1]);
        byte[] packet = Arrays.copyOf(plain, plain.length + profile.rtcpOverhead());
        int index = indices.merge(Octets.int32(packet, 4), 1, Integer::sum);
        transform.protectRtcp(packet, 0, plain.length, SrtcpTrailer.encrypted(index));
        assertThat(HexFormat.of().formatHex(packet)).isEqualTo(line[2]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void whatLibsrtpProtectsIsUnprotected(SrtpProfile profile) throws IOException {
    Fixture fixture = read(profile);
    InboundSrtp inbound = new InboundSrtp(profile, fixture.key, MAX_SOURCES, 0);
    for (String[] line : fixture.packets) {
      ByteBuffer packet = withRoom(line[2], 0);
      SrtpVerdict verdict =
          line[0].equals("rtp") ? inbound.unprotectRtp(packet) : inbound.unprotectRtcp(packet);
      assertThat(verdict).isEqualTo(SrtpVerdict.ACCEPTED);
      assertThat(hex(packet)).isEqualTo(line[1]);
    }
  }

  private static Fixture read(SrtpProfile profile) throws IOException {
    try (InputStream in = LibsrtpTest.class.getResourceAsStream("libsrtp-" + profile + ".txt")) {
      List<String[]> lines =
          new String(in.readAllBytes(), StandardCharsets.US_ASCII)
              .lines()
              .map(line -> line.split(" ", -1))
              .toList();
      byte[] key = HexFormat.of().parseHex(lines.getFirst()[1]);
      return new Fixture(
          new SrtpMasterKey(
              Arrays.copyOf(key, profile.keyLength()),
              Arrays.copyOfRange(key, profile.keyLength(), key.length)),
          lines.subList(1, lines.size()));
    }
  }

  private static ByteBuffer withRoom(String packet, int room) {
    byte[] octets = HexFormat.of().parseHex(packet);
    return ByteBuffer.allocate(octets.length + room).put(octets).flip();
  }

  private static String hex(ByteBuffer packet) {
    byte[] octets = new byte[packet.remaining()];
    packet.get(packet.position(), octets);
    return HexFormat.of().formatHex(octets);
  }
}
