package org.heliograph.peer.srtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both profiles hold to. */
class SrtpTest {
  private static final int SSRC = 0xCAFEBABE;
  private static final int MAX_SOURCES = 3;

  private static OutboundSrtp outbound(SrtpProfile profile) {
    return new OutboundSrtp(profile, key(profile), MAX_SOURCES, 0);
  }

  private static InboundSrtp inbound(SrtpProfile profile) {
    return new InboundSrtp(profile, key(profile), MAX_SOURCES, 0);
  }

  private static SrtpMasterKey key(SrtpProfile profile) {
    byte[] key = new byte[profile.keyLength()];
    byte[] salt = new byte[profile.saltLength()];
    new Random(1).nextBytes(key);
    new Random(2).nextBytes(salt);
    return new SrtpMasterKey(key, salt);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void theRolloverCounterFollowsThroughLossAndReordering(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    Random random = new Random(3);
    List<ByteBuffer> underWay = new ArrayList<>();
    int sent = 0;
    int arrived = 0;
    for (int i = 0; i < 4 * 65_536; i += 1 + random.nextInt(10)) {
      ByteBuffer packet = rtp(profile, SSRC, i & 0xFFFF, i);
      outbound.protectRtp(packet);
      if (random.nextInt(10) > 0) {
        underWay.add(packet);
      }
      if (underWay.size() == 50) {
        Collections.shuffle(underWay, random);
        for (ByteBuffer each : underWay) {
          boolean accepted = inbound.unprotectRtp(each) == SrtpVerdict.ACCEPTED;
          if (accepted && (each.getInt(12) & 0xFFFF) == (each.getShort(2) & 0xFFFF)) {
            arrived++;
          }
          sent++;
        }
        underWay.clear();
      }
    }
    assertThat(sent).isGreaterThan(40_000);
    assertThat(arrived).isEqualTo(sent);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aSilenceOfHalfTheSequenceNumbersIsSurvived(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    for (int index = 0; index < 10 * 32_768; index += 32_767) {
      ByteBuffer packet = rtp(profile, SSRC, index & 0xFFFF, index);
      outbound.protectRtp(packet);
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtpSeenBeforeIsRefused(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    List<ByteBuffer> recorded = new ArrayList<>();
    for (int sequence = 0; sequence < 2 * ReplayWindow.SIZE; sequence++) {
      ByteBuffer packet = rtp(profile, SSRC, sequence, 0);
      outbound.protectRtp(packet);
      recorded.add(copy(packet));
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    }
    for (ByteBuffer packet : recorded) {
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.REPLAYED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtcpSeenBeforeIsRefused(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    List<ByteBuffer> recorded = new ArrayList<>();
    for (int i = 0; i < 2 * ReplayWindow.SIZE; i++) {
      ByteBuffer packet = rtcp(profile, SSRC);
      outbound.protectRtcp(packet);
      recorded.add(copy(packet));
      assertThat(inbound.unprotectRtcp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    }
    for (ByteBuffer packet : recorded) {
      assertThat(inbound.unprotectRtcp(packet)).isEqualTo(SrtpVerdict.REPLAYED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void latePacketsWithinTheWindowAreTaken(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    List<ByteBuffer> packets = new ArrayList<>();
    for (int sequence = 0; sequence <= ReplayWindow.SIZE; sequence++) {
      ByteBuffer packet = rtp(profile, SSRC, sequence, 0);
      outbound.protectRtp(packet);
      packets.add(packet);
    }
    assertThat(inbound.unprotectRtp(packets.getLast())).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(inbound.unprotectRtp(packets.get(1))).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(inbound.unprotectRtp(packets.get(0))).isEqualTo(SrtpVerdict.REPLAYED);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void oneFlippedBitAnywhereIsRefused(SrtpProfile profile) {
    ByteBuffer rtp = rtp(profile, SSRC, 1, 0);
    outbound(profile).protectRtp(rtp);
    ByteBuffer rtcp = rtcp(profile, SSRC);
    outbound(profile).protectRtcp(rtcp);
    for (int bit = 0; bit < rtp.limit() * 8; bit++) {
      assertThat(inbound(profile).unprotectRtp(flipped(rtp, bit)))
          .isIn(SrtpVerdict.NOT_AUTHENTIC, SrtpVerdict.MALFORMED);
    }
    for (int bit = 0; bit < rtcp.limit() * 8; bit++) {
      assertThat(inbound(profile).unprotectRtcp(flipped(rtcp, bit)))
          .isIn(SrtpVerdict.NOT_AUTHENTIC, SrtpVerdict.MALFORMED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aForgeryLeavesNoTrace(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    for (int i = 0; i < 10 * MAX_SOURCES; i++) {
      assertThat(inbound.unprotectRtp(rtp(profile, SSRC + i, 30_000, 0).limit(46)))
          .isEqualTo(SrtpVerdict.NOT_AUTHENTIC);
      assertThat(inbound.unprotectRtcp(rtcp(profile, SSRC + i).limit(46)))
          .isEqualTo(SrtpVerdict.NOT_AUTHENTIC);
    }
    for (int i = 0; i < MAX_SOURCES; i++) {
      ByteBuffer packet = rtp(profile, SSRC + i, 0, 0);
      outbound.protectRtp(packet);
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void oneSourceTooManyIsRefusedInBothDirections(SrtpProfile profile) {
    OutboundSrtp unlimited = new OutboundSrtp(profile, key(profile), 100, 0);
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    for (int i = 0; i < MAX_SOURCES; i++) {
      ByteBuffer packet = rtp(profile, i, 0, 0);
      outbound.protectRtp(packet);
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    }
    ByteBuffer rtp = rtp(profile, 1000, 0, 0);
    unlimited.protectRtp(rtp);
    assertThat(inbound.unprotectRtp(rtp)).isEqualTo(SrtpVerdict.TOO_MANY_SOURCES);
    ByteBuffer rtcp = rtcp(profile, 1000);
    unlimited.protectRtcp(rtcp);
    assertThat(inbound.unprotectRtcp(rtcp)).isEqualTo(SrtpVerdict.TOO_MANY_SOURCES);
    ByteBuffer refused = rtp(profile, 1000, 0, 0);
    assertThat(outbound.protectRtp(refused)).isEqualTo(SrtpVerdict.TOO_MANY_SOURCES);
    assertThat(outbound.protectRtcp(rtcp(profile, 1000))).isEqualTo(SrtpVerdict.TOO_MANY_SOURCES);
    assertThat(refused).isEqualTo(rtp(profile, 1000, 0, 0));
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void whoSentLongAgoMakesRoomAndGoesOnWhereHeLeftOff(SrtpProfile profile) {
    OutboundSrtp outbound = new OutboundSrtp(profile, key(profile), MAX_SOURCES, 20);
    InboundSrtp inbound = new InboundSrtp(profile, key(profile), MAX_SOURCES, 20);
    // Past two roll-overs, so that who forgets the counter cannot read the packet.
    int last = 2 * 65_536 + 100;
    for (int index = 0; index <= last; index += 20_000) {
      pass(outbound, inbound, rtp(profile, SSRC, index & 0xFFFF, 0));
    }
    for (int other = 0; other < 10; other++) {
      pass(outbound, inbound, rtp(profile, other, 0, 0));
    }

    ByteBuffer packet = rtp(profile, SSRC, 130_000 & 0xFFFF, 7);
    pass(outbound, inbound, packet);

    assertThat(packet.getInt(12)).isEqualTo(7);
  }

  private static void pass(OutboundSrtp outbound, InboundSrtp inbound, ByteBuffer packet) {
    assertThat(outbound.protectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void noPacketOfOneWhoMadeRoomIsTakenAgain(SrtpProfile profile) {
    OutboundSrtp outbound = new OutboundSrtp(profile, key(profile), 100, 0);
    InboundSrtp inbound = new InboundSrtp(profile, key(profile), MAX_SOURCES, 20);
    List<ByteBuffer> recordedRtp = new ArrayList<>();
    List<ByteBuffer> recordedRtcp = new ArrayList<>();
    for (int ssrc = 0; ssrc < 20; ssrc++) {
      for (int sequence = 0; sequence < 5; sequence++) {
        ByteBuffer rtp = rtp(profile, ssrc, sequence, 0);
        outbound.protectRtp(rtp);
        recordedRtp.add(copy(rtp));
        assertThat(inbound.unprotectRtp(rtp)).isEqualTo(SrtpVerdict.ACCEPTED);
      }
      ByteBuffer rtcp = rtcp(profile, ssrc);
      outbound.protectRtcp(rtcp);
      recordedRtcp.add(copy(rtcp));
      assertThat(inbound.unprotectRtcp(rtcp)).isEqualTo(SrtpVerdict.ACCEPTED);
    }

    for (ByteBuffer packet : recordedRtp) {
      assertThat(inbound.unprotectRtp(packet)).isEqualTo(SrtpVerdict.REPLAYED);
    }
    for (ByteBuffer packet : recordedRtcp) {
      assertThat(inbound.unprotectRtcp(packet)).isEqualTo(SrtpVerdict.REPLAYED);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void whatIsRememberedIsBoundedAndNoOneIsForgotten(SrtpProfile profile) {
    OutboundSrtp outbound = new OutboundSrtp(profile, key(profile), 100, 0);
    InboundSrtp inbound = new InboundSrtp(profile, key(profile), MAX_SOURCES, 4);
    for (int ssrc = 0; ssrc < MAX_SOURCES + 4; ssrc++) {
      pass(outbound, inbound, rtp(profile, ssrc, 0, 0));
    }
    ByteBuffer further = rtp(profile, 1000, 0, 0);
    outbound.protectRtp(further);
    assertThat(inbound.unprotectRtp(further)).isEqualTo(SrtpVerdict.TOO_MANY_SOURCES);

    for (int sequence = 1; sequence < 5; sequence++) {
      for (int ssrc = 0; ssrc < MAX_SOURCES + 4; ssrc++) {
        pass(outbound, inbound, rtp(profile, ssrc, sequence, 0));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void anIndexIsNotProtectedAgainAfterItsSourceMadeRoom(SrtpProfile profile) {
    OutboundSrtp outbound = new OutboundSrtp(profile, key(profile), MAX_SOURCES, 20);
    for (int ssrc = 0; ssrc < 10; ssrc++) {
      assertThat(outbound.protectRtp(rtp(profile, ssrc, 7, 0))).isEqualTo(SrtpVerdict.ACCEPTED);
    }

    assertThat(outbound.protectRtp(rtp(profile, 0, 7, 1))).isEqualTo(SrtpVerdict.REPLAYED);
    assertThat(outbound.protectRtp(rtp(profile, 0, 8, 1))).isEqualTo(SrtpVerdict.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void oneIndexIsNeverProtectedTwice(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    outbound.protectRtp(rtp(profile, SSRC, 7, 0));
    ByteBuffer again = rtp(profile, SSRC, 7, 1);
    assertThat(outbound.protectRtp(again)).isEqualTo(SrtpVerdict.REPLAYED);
    assertThat(again).isEqualTo(rtp(profile, SSRC, 7, 1));
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketInTheMiddleOfALargerBufferIsHandledThere(SrtpProfile profile) {
    byte[] large = new byte[500];
    ByteBuffer rtp = rtp(profile, SSRC, 9, 42);
    int length = rtp.remaining();
    ByteBuffer packet = ByteBuffer.wrap(large, 100, 400).slice().position(11);
    packet.put(rtp.duplicate()).flip().position(11);

    outbound(profile).protectRtp(packet);
    assertThat(packet.position()).isEqualTo(11);
    assertThat(packet.remaining()).isEqualTo(length + profile.rtpOverhead());
    assertThat(inbound(profile).unprotectRtp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);

    assertThat(packet).isEqualTo(rtp);
    assertThat(large).startsWith(new byte[111]);
    assertThat(large[111 + length + profile.rtpOverhead()]).isZero();
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void rtcpThatItsSenderLeftUnencryptedIsTakenWhenAuthentic(SrtpProfile profile) {
    ByteBuffer packet = rtcp(profile, SSRC);
    ByteBuffer clear = copy(packet);
    protectWithoutEncryption(profile, packet);
    ByteBuffer forged = flipped(packet, 8 * 9);

    assertThat(inbound(profile).unprotectRtcp(forged)).isEqualTo(SrtpVerdict.NOT_AUTHENTIC);
    assertThat(inbound(profile).unprotectRtcp(packet)).isEqualTo(SrtpVerdict.ACCEPTED);
    assertThat(packet).isEqualTo(clear);
  }

  /** Written after RFC 3711 3.4 and RFC 7714 9.3 with nothing of the class under test. */
  private static void protectWithoutEncryption(SrtpProfile profile, ByteBuffer packet) {
    int index = 5;
    SrtpSessionKeys keys = SrtpSessionKeys.derive(key(profile), SrtpSessionKeys.Part.RTCP);
    int length = packet.limit();
    packet.limit(length + profile.rtcpOverhead());
    try {
      switch (profile) {
        case AEAD_AES_128_GCM -> {
          byte[] nonce = keys.salt().clone();
          for (int i = 0; i < 4; i++) {
            nonce[2 + i] ^= packet.get(4 + i);
          }
          nonce[11] ^= (byte) index;
          Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
          cipher.init(
              Cipher.ENCRYPT_MODE,
              new SecretKeySpec(keys.encryptionKey(), "AES"),
              new GCMParameterSpec(128, nonce));
          cipher.updateAAD(packet.slice(0, length));
          cipher.updateAAD(new byte[] {0, 0, 0, (byte) index});
          packet.put(length, cipher.doFinal()).putInt(length + 16, index);
        }
        case AES128_CM_HMAC_SHA1_80 -> {
          packet.putInt(length, index);
          Mac mac = Mac.getInstance("HmacSHA1");
          mac.init(new SecretKeySpec(keys.authenticationKey(), "HmacSHA1"));
          mac.update(packet.slice(0, length + 4));
          packet.put(length + 4, mac.doFinal(), 0, 10);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void whatIsNoPacketIsRefusedAndNothingElseHappens(SrtpProfile profile) {
    InboundSrtp inbound = inbound(profile);
    Random random = new Random(4);
    for (int i = 0; i < 20_000; i++) {
      byte[] octets = new byte[random.nextInt(80)];
      random.nextBytes(octets);
      if (octets.length > 0 && random.nextBoolean()) {
        octets[0] = (byte) (0x80 | (octets[0] & 0x3F)); // the version of RTP
      }
      ByteBuffer packet = ByteBuffer.wrap(octets);
      SrtpVerdict verdict =
          random.nextBoolean() ? inbound.unprotectRtp(packet) : inbound.unprotectRtcp(packet);
      assertThat(verdict).isIn(SrtpVerdict.MALFORMED, SrtpVerdict.NOT_AUTHENTIC);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void headersThatRunOverTheEndAreMalformed(SrtpProfile profile) {
    ByteBuffer tooManySources = rtp(profile, SSRC, 1, 0).limit(12 + profile.rtpOverhead());
    tooManySources.put(0, (byte) 0x81);
    ByteBuffer extensionCut = rtp(profile, SSRC, 1, 0).limit(15 + profile.rtpOverhead());
    extensionCut.put(0, (byte) 0x90);
    ByteBuffer extensionTooLong = rtp(profile, SSRC, 1, 0).put(0, (byte) 0x90);
    extensionTooLong.putShort(14, (short) 0xFFFF);
    for (ByteBuffer packet : List.of(tooManySources, extensionCut, extensionTooLong)) {
      assertThat(inbound(profile).unprotectRtp(packet)).isEqualTo(SrtpVerdict.MALFORMED);
      assertThat(inbound(profile).unprotectRtp(packet.limit(0))).isEqualTo(SrtpVerdict.MALFORMED);
    }
    assertThatThrownBy(() -> outbound(profile).protectRtp(extensionTooLong.limit(40)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void protectingWithoutRoomForTheTagIsTheCallersMistake(SrtpProfile profile) {
    ByteBuffer packet = ByteBuffer.allocate(20).put(0, (byte) 0x80);
    assertThatThrownBy(() -> outbound(profile).protectRtp(packet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("room");
    assertThatThrownBy(() -> outbound(profile).protectRtcp(packet))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("room");
  }

  /** The JDK's ciphers take their nonce as an object and keep state for it; nothing else may. */
  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void aPacketCostsNoMoreMemoryThanTheJdksCipherTakes(SrtpProfile profile) {
    OutboundSrtp outbound = outbound(profile);
    InboundSrtp inbound = inbound(profile);
    ByteBuffer packet = ByteBuffer.allocate(1200 + profile.rtpOverhead()).put(0, (byte) 0x80);
    carry(outbound, inbound, packet, 0, 20_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    carry(outbound, inbound, packet, 20_000, 30_000);
    long perPacket = (threads.getCurrentThreadAllocatedBytes() - before) / 10_000 / 2;
    assertThat(perPacket).isLessThan(profile == SrtpProfile.AEAD_AES_128_GCM ? 1200 : 250);
  }

  private static void carry(
      OutboundSrtp outbound, InboundSrtp inbound, ByteBuffer packet, int from, int to) {
    for (int sequence = from; sequence < to; sequence++) {
      outbound.protectRtp(packet.putShort(2, (short) sequence).limit(1200));
      if (inbound.unprotectRtp(packet) != SrtpVerdict.ACCEPTED) {
        throw new AssertionError("refused " + sequence);
      }
    }
  }

  private static ByteBuffer rtp(SrtpProfile profile, int ssrc, int sequence, int content) {
    ByteBuffer packet = ByteBuffer.allocate(40 + profile.rtpOverhead());
    packet.put((byte) 0x80).put((byte) 96).putShort((short) sequence).putInt(0).putInt(ssrc);
    return packet.putInt(content).position(0).limit(40);
  }

  private static ByteBuffer rtcp(SrtpProfile profile, int ssrc) {
    ByteBuffer packet = ByteBuffer.allocate(32 + profile.rtcpOverhead());
    packet.put((byte) 0x80).put((byte) 200).putShort((short) 7).putInt(ssrc);
    return packet.position(0).limit(32);
  }

  private static ByteBuffer copy(ByteBuffer packet) {
    return ByteBuffer.allocate(packet.remaining()).put(packet.duplicate()).flip();
  }

  private static ByteBuffer flipped(ByteBuffer packet, int bit) {
    ByteBuffer copy = copy(packet);
    return copy.put(bit / 8, (byte) (copy.get(bit / 8) ^ (1 << (bit % 8))));
  }
}
