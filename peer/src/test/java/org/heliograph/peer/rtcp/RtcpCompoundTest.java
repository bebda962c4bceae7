package org.heliograph.peer.rtcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.Hex;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.junit.jupiter.api.Test;

/** Each packet beside its bytes, both ways. */
class RtcpCompoundTest {
  private static final String REPORT_BLOCK =
      "11111111 40 fffffe 00010002 00000003 aabbccdd 00010000";
  private static final ReportBlock BLOCK =
      new ReportBlock(0x11111111L, 0x40, -2, 0x10002, 3, 0xaabbccddL, 0x10000);

  private static void holds(String hex, RtcpPacket... packets) throws MalformedPacketException {
    ByteBuffer bytes = Hex.buffer(hex);
    assertThat(RtcpCompound.parse(bytes)).containsExactly(packets);
    ByteBuffer out = ByteBuffer.allocate(bytes.remaining());
    RtcpCompound.write(List.of(packets), out);
    assertThat(Hex.string(out.flip())).isEqualTo(Hex.string(bytes));
    assertThat(List.of(packets).stream().mapToInt(RtcpPacket::length).sum())
        .isEqualTo(bytes.remaining());
  }

  @Test
  void senderReport() throws MalformedPacketException {
    holds(
        "81 c8 000c 22222222 e1234567 80000000 fedcba98 00000010 00000200" + REPORT_BLOCK,
        new SenderReport(0x22222222L, 0xe123456780000000L, 0xfedcba98L, 16, 512, List.of(BLOCK)));
  }

  @Test
  void theMiddleOfASenderReportsTimeIsWhatReportBlocksGiveBack() {
    assertThat(new SenderReport(1, 0xe123456789abcdefL, 0, 0, 0, List.of()).compactNtpTime())
        .isEqualTo(0x456789abL);
  }

  @Test
  void receiverReport() throws MalformedPacketException {
    holds("80 c9 0001 22222222", new ReceiverReport(0x22222222L, List.of()));
    holds("81 c9 0007 22222222" + REPORT_BLOCK, new ReceiverReport(0x22222222L, List.of(BLOCK)));
  }

  @Test
  void sourceDescription() throws MalformedPacketException {
    holds(
        "82 ca 0006 00000001 01 03 616263 000000 00000002 01 04 61626364 0000",
        new SourceDescription(
            List.of(
                new SourceDescription.Chunk(1, "abc"), new SourceDescription.Chunk(2, "abcd"))));
  }

  @Test
  void otherItemsOfASourceDescriptionArePassedOver() throws MalformedPacketException {
    assertThat(
            RtcpCompound.parse(Hex.buffer("81 ca 0004 00000001 02 02 6869 01 01 78 06 01 7a 0000")))
        .containsExactly(new SourceDescription(List.of(new SourceDescription.Chunk(1, "x"))));
  }

  @Test
  void goodbye() throws MalformedPacketException {
    holds("82 cb 0002 00000001 ffffffff", new Goodbye(List.of(1L, 0xffffffffL)));
  }

  @Test
  void aGoodbyesReasonIsPassedOver() throws MalformedPacketException {
    assertThat(RtcpCompound.parse(Hex.buffer("81 cb 0002 00000001 03 627965")))
        .containsExactly(new Goodbye(List.of(1L)));
  }

  /** RFC 4585 6.2.1: 0xfffe, and by its mask 0xffff, 0x0000 and 0x000e; then 0x0100. */
  @Test
  void genericNack() throws MalformedPacketException {
    holds(
        "81 cd 0004 00000001 00000002 fffe 8003 0100 0000",
        new GenericNack(1, 2, List.of(0xfffe, 0xffff, 0, 14, 0x100)));
  }

  @Test
  void pictureLossIndication() throws MalformedPacketException {
    holds("81 ce 0002 00000001 00000002", new PictureLossIndication(1, 2));
  }

  @Test
  void fullIntraRequest() throws MalformedPacketException {
    holds(
        "84 ce 0006 00000001 00000000 00000002 fe000000 00000003 01000000",
        new FullIntraRequest(
            1, List.of(new FullIntraRequest.Request(2, 254), new FullIntraRequest.Request(3, 1))));
  }

  /** draft-alvestrand-rmcat-remb-03 2.2. */
  @Test
  void receiverEstimatedMaximumBitrate() throws MalformedPacketException {
    holds(
        "8f ce 0005 00000001 00000000 52454d42 01 0bffff 00000002",
        new ReceiverEstimatedMaximumBitrate(1, 0x3ffffL << 2, List.of(2L)));
  }

  @Test
  void aReceiverEstimateBeyondAllBoundsIsNoLimit() throws MalformedPacketException {
    assertThat(RtcpCompound.parse(Hex.buffer("8f ce 0004 00000001 00000000 52454d42 00 ffffff")))
        .containsExactly(new ReceiverEstimatedMaximumBitrate(1, Long.MAX_VALUE, List.of()));
  }

  @Test
  void aCompoundHoldsSeveralPackets() throws MalformedPacketException {
    holds(
        "80 c9 0001 22222222 81 ce 0002 00000001 00000002",
        new ReceiverReport(0x22222222L, List.of()),
        new PictureLossIndication(1, 2));
  }

  @Test
  void reducedSizeIsReadToo() throws MalformedPacketException {
    assertThat(RtcpCompound.parse(Hex.buffer("81 ce 0002 00000001 00000002"))).hasSize(1);
  }

  @Test
  void unknownTypesArePassedOver() throws MalformedPacketException {
    String extendedReport = "80 cf 0001 00000001";
    String application = "80 cc 0002 00000001 6e616d65";
    String otherFeedback = "83 ce 0002 00000001 00000002";
    String otherApplicationFeedback = "8f ce 0003 00000001 00000002 12345678";
    assertThat(
            RtcpCompound.parse(
                Hex.buffer(
                    extendedReport
                        + application
                        + otherFeedback
                        + otherApplicationFeedback
                        + "81 cb 0001 00000001")))
        .containsExactly(new Goodbye(List.of(1L)));
  }

  @Test
  void paddingIsTakenOff() throws MalformedPacketException {
    assertThat(RtcpCompound.parse(Hex.buffer("a1 cb 0002 00000001 00000004")))
        .containsExactly(new Goodbye(List.of(1L)));
  }

  @Test
  void refusesWhatHasNoFirstPacket() {
    for (String hex : new String[] {"", "80 c9 00", "80 c9 0002 22222222"}) {
      assertThatThrownBy(() -> RtcpCompound.parse(Hex.buffer(hex)))
          .as(hex)
          .isInstanceOf(MalformedPacketException.class);
    }
  }

  @Test
  void skipsWhatIsMalformedAndSaysWhy() throws MalformedPacketException {
    for (String hex :
        new String[] {
          "40 c9 0001 22222222",
          "81 c9 0001 22222222",
          "80 c8 0001 22222222",
          "81 ca 0001 00000001",
          "81 ca 0002 00000001 01 09 6162",
          "81 ca 0002 00000001 01 02 6162",
          "81 ca 0003 00000001 01 02 ffff 00 000000",
          "82 cb 0001 00000001",
          "81 cd 0002 00000001 00000002",
          "81 ce 0001 00000001",
          "84 ce 0002 00000001 00000000",
          "8f ce 0004 00000001 00000000 52454d42 01 000001",
          "8f cd 0003 00000001 00000002 0000 0001",
          "8f cd 0005 00000001 00000002 0003 0000 ffffff 07 2005 0000",
          "a1 cb 0001 00000009",
          "a1 cb 0001 00000000",
        }) {
      List<String> reasons = new ArrayList<>();
      ByteBuffer compound =
          Hex.buffer("80 c9 0001 22222222" + hex + "81 ce 0002 00000001 00000002");

      assertThat(RtcpCompound.parse(compound, reasons::add))
          .as(hex)
          .containsExactly(
              new ReceiverReport(0x22222222L, List.of()), new PictureLossIndication(1, 2));
      assertThat(reasons).as(hex).hasSize(1).first().asString().startsWith("RTCP ");
    }
  }

  @Test
  void keepsWhatComesBeforeAnEndThatIsCutOff() throws MalformedPacketException {
    for (String rest : new String[] {"80", "80 c9 00", "80 c9 0001", "80 ca ffff 00000001"}) {
      List<String> reasons = new ArrayList<>();

      assertThat(
              RtcpCompound.parse(Hex.buffer("81 ce 0002 00000001 00000002" + rest), reasons::add))
          .containsExactly(new PictureLossIndication(1, 2));
      assertThat(reasons)
          .containsExactly(
              "the last " + Hex.buffer(rest).remaining() + " bytes of RTCP are no whole packet");
    }
  }
}
