package org.heliograph.peer.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RtpPacketTest {
  private static final RtpExtensionMap MAP =
      new RtpExtensionMap(
          Map.of(
              RtpExtension.MID, 4,
              RtpExtension.ABS_SEND_TIME, 2,
              RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3,
              RtpExtension.AUDIO_LEVEL, 1));

  private final RtpPacket packet = new RtpPacket();

  private RtpPacket wrap(String hex) throws MalformedPacketException {
    packet.wrap(Hex.buffer(hex));
    return packet;
  }

  @Test
  void readsTheFixedHeader() throws MalformedPacketException {
    wrap("80 e0 abcd fedcba98 89abcdef 0102");

    assertThat(packet.marker()).isTrue();
    assertThat(packet.payloadType()).isEqualTo(96);
    assertThat(packet.sequenceNumber()).isEqualTo(0xabcd);
    assertThat(packet.timestamp()).isEqualTo(0xfedcba98L);
    assertThat(packet.ssrc()).isEqualTo(0x89abcdefL);
    assertThat(packet.payloadOffset()).isEqualTo(12);
    assertThat(packet.payloadLength()).isEqualTo(2);
  }

  @Test
  void readsAPacketInTheMiddleOfABuffer() throws MalformedPacketException {
    ByteBuffer buffer = Hex.buffer("ffff 80 60 0001 00000002 00000003 aa ffff");
    buffer.position(2).limit(15);
    packet.wrap(buffer);

    assertThat(packet.sequenceNumber()).isEqualTo(1);
    assertThat(packet.payloadOffset()).isEqualTo(14);
    assertThat(packet.payloadLength()).isEqualTo(1);
    assertThat(packet.length()).isEqualTo(13);
  }

  @Test
  void skipsContributingSources() throws MalformedPacketException {
    wrap("82 60 0001 00000002 00000003 11111111 22222222 aabb");

    assertThat(packet.payloadOffset()).isEqualTo(20);
    assertThat(packet.payloadLength()).isEqualTo(2);
  }

  @Test
  void takesPaddingOff() throws MalformedPacketException {
    wrap("a0 60 0001 00000002 00000003 aabb 000003");

    assertThat(packet.payloadLength()).isEqualTo(2);
    assertThat(packet.paddingLength()).isEqualTo(3);
  }

  @Test
  void aPacketOfPaddingAloneHasNoPayload() throws MalformedPacketException {
    assertThat(wrap("a0 60 0001 00000002 00000003 00000004").payloadLength()).isZero();
  }

  /** RFC 8285 4.2: one-byte elements with zero bytes between and behind. */
  @Test
  void readsOneByteExtensions() throws MalformedPacketException {
    wrap(
        "90 60 0001 00000002 00000003 bede 0004 22 010203 00 31 abcd 00 10 85 40 76 00 00 00"
            + " ff");

    assertThat(packet.absSendTime(MAP)).isEqualTo(0x010203);
    assertThat(packet.transportSequenceNumber(MAP)).isEqualTo(0xabcd);
    assertThat(packet.audioLevel(MAP)).isEqualTo(0x85);
    assertThat(packet.mid(MAP)).isEqualTo("v");
    assertThat(packet.payloadLength()).isEqualTo(1);
  }

  /** RFC 8285 4.3. */
  @Test
  void readsTwoByteExtensions() throws MalformedPacketException {
    wrap("90 60 0001 00000002 00000003 1000 0003 04 03 616263 00 03 02 0102 05 00 ff");

    assertThat(packet.mid(MAP)).isEqualTo("abc");
    assertThat(packet.transportSequenceNumber(MAP)).isEqualTo(0x0102);
    assertThat(packet.payloadLength()).isEqualTo(1);
  }

  @Test
  void anExtensionThatRunsOverTheEndCountsAsAbsent() throws MalformedPacketException {
    wrap("90 60 0001 00000002 00000003 bede 0001 31 abcd 2f ff");

    assertThat(packet.transportSequenceNumber(MAP)).isEqualTo(0xabcd);
    assertThat(packet.absSendTime(MAP)).isEqualTo(-1);
  }

  @Test
  void oneByteIdentifier15EndsTheExtensions() throws MalformedPacketException {
    wrap("90 60 0001 00000002 00000003 bede 0001 f0 31 abcd");

    assertThat(packet.transportSequenceNumber(MAP)).isEqualTo(-1);
  }

  @Test
  void anExtensionThatWasNotNegotiatedIsNotSeen() throws MalformedPacketException {
    wrap("90 60 0001 00000002 00000003 bede 0001 31 abcd 00 ff");

    assertThat(packet.transportSequenceNumber(RtpExtensionMap.empty())).isEqualTo(-1);
  }

  /** RFC 4588 4: the original sequence number leads the payload. */
  @Test
  void unwrapsARetransmission() throws MalformedPacketException {
    wrap("80 e1 0007 00000002 22222222 abcd 9080 01");
    packet.unwrapRtx(96, 0x11111111L);

    assertThat(packet.sequenceNumber()).isEqualTo(0xabcd);
    assertThat(packet.payloadType()).isEqualTo(96);
    assertThat(packet.ssrc()).isEqualTo(0x11111111L);
    assertThat(packet.marker()).isTrue();
    assertThat(packet.payloadLength()).isEqualTo(3);
    assertThat(packet.buffer().get(packet.payloadOffset()) & 0xff).isEqualTo(0x90);
  }

  @Test
  void refusesWhatIsNoRtpPacket() {
    for (String hex :
        new String[] {
          "",
          "80 60 0001 00000002 000000",
          "40 60 0001 00000002 00000003",
          "8f 60 0001 00000002 00000003 11111111",
          "90 60 0001 00000002 00000003 bede",
          "90 60 0001 00000002 00000003 bede 0002 00000000",
          "a0 60 0001 00000002 00000003",
          "a0 60 0001 00000002 00000003 00",
          "a0 60 0001 00000002 00000003 0005",
        }) {
      assertThatThrownBy(() -> wrap(hex)).isInstanceOf(MalformedPacketException.class);
    }
  }

  @Test
  void aRetransmissionWithoutNumberIsMalformed() throws MalformedPacketException {
    wrap("80 61 0007 00000002 22222222 ab");

    assertThatThrownBy(() -> packet.unwrapRtx(96, 1)).isInstanceOf(MalformedPacketException.class);
  }

  @Test
  void whatTheWriterWritesIsReadAgain() throws MalformedPacketException {
    RtpPacketWriter writer = new RtpPacketWriter(MAP, "video0");
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, true, 96, 0x1ffff, 0x1_ffff_fffeL, 0xffff_fffdL);
    writer.mid();
    writer.absSendTime(0xabcdef);
    writer.transportSequenceNumber(0x1234);
    writer.audioLevel(0x7f);
    writer.endHeader();
    assertThat(out.position()).isLessThanOrEqualTo(writer.maxHeaderLength());
    out.put((byte) 42).flip();
    packet.wrap(out);

    assertThat(packet.marker()).isTrue();
    assertThat(packet.sequenceNumber()).isEqualTo(0xffff);
    assertThat(packet.timestamp()).isEqualTo(0xffff_fffeL);
    assertThat(packet.ssrc()).isEqualTo(0xffff_fffdL);
    assertThat(packet.mid(MAP)).isEqualTo("video0");
    assertThat(packet.absSendTime(MAP)).isEqualTo(0xabcdef);
    assertThat(packet.transportSequenceNumber(MAP)).isEqualTo(0x1234);
    assertThat(packet.audioLevel(MAP)).isEqualTo(0x7f);
    assertThat(packet.payloadLength()).isEqualTo(1);
  }

  @Test
  void aLongMidOrALargeIdentifierIsWrittenInTheTwoByteForm() throws MalformedPacketException {
    RtpExtensionMap large = new RtpExtensionMap(Map.of(RtpExtension.ABS_SEND_TIME, 200));
    RtpExtensionMap small = new RtpExtensionMap(Map.of(RtpExtension.MID, 1));
    String longMid = "a-mid-of-more-than-16-bytes";

    assertThat(extended(large, "").absSendTime(large)).isEqualTo(5);
    assertThat(extended(small, longMid).mid(small)).isEqualTo(longMid);
  }

  private RtpPacket extended(RtpExtensionMap map, String mid) throws MalformedPacketException {
    RtpPacketWriter writer = new RtpPacketWriter(map, mid);
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, false, 96, 1, 2, 3);
    writer.mid();
    writer.absSendTime(5);
    writer.endHeader();
    packet.wrap(out.flip());
    return packet;
  }

  @Test
  void withoutExtensionsTheHeaderIsTwelveBytes() {
    RtpPacketWriter writer = new RtpPacketWriter(RtpExtensionMap.empty(), "v");
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, false, 96, 1, 2, 3);
    writer.mid();
    writer.transportSequenceNumber(1);
    writer.endHeader();

    assertThat(Hex.string(out.flip())).isEqualTo("806000010000000200000003");
    assertThat(writer.maxHeaderLength()).isEqualTo(12);
  }

  @Test
  void anExtensionMapRefusesIdentifiersThatCannotBe() {
    for (int id : new int[] {0, 15, 256}) {
      assertThatThrownBy(() -> new RtpExtensionMap(Map.of(RtpExtension.MID, id)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> new RtpExtensionMap(Map.of(RtpExtension.MID, 1, RtpExtension.ABS_SEND_TIME, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
