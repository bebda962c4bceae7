package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.DocTable;
import org.heliograph.peer.rtp.Hex;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.junit.jupiter.api.Test;

/** What becomes of each member of a compound, well and badly formed: the table in docs/rtcp.md. */
class RtcpMembersTest {
  private static final String BEFORE = "80 c9 0001 0000000a";
  private static final String BEHIND = "81 ce 0002 0000000a 0000000b";
  private static final RtcpPacket BEFORE_PACKET = new ReceiverReport(10, List.of());
  private static final RtcpPacket BEHIND_PACKET = new PictureLossIndication(10, 11);
  private static final String BLOCK = "11111111 40 fffffe 00010002 00000003 aabbccdd 00010000";
  private static final String SENT = "e1234567 80000000 fedcba98 00000010 00000200";
  private static final String ABOUT = "00000001 00000002";
  private static final String REMB = "00000001 00000000 52454d42";
  private static final String WELL_FORMED = "";

  private final DocTable table =
      new DocTable("rtcp.md", "members", "member", "as it comes", "it is", "those beside it are");

  /** A member between two others. */
  private void member(String name, String oddity, String hex) {
    try {
      List<RtcpPacket> packets = RtcpCompound.parse(Hex.buffer(BEFORE + hex + BEHIND));
      boolean before = packets.contains(BEFORE_PACKET);
      boolean behind = packets.contains(BEHIND_PACKET);
      int others = (before ? 1 : 0) + (behind ? 1 : 0);
      table.row(
          name,
          oddity,
          packets.size() > others ? "kept" : "skipped",
          before && behind ? "kept" : before ? "kept before it, skipped behind it" : "lost");
    } catch (MalformedPacketException _) {
      table.row(name, oddity, "refused", "refused");
    }
  }

  /** What stands alone, or behind all others. */
  private void datagram(String name, String oddity, String before, String hex) {
    ByteBuffer datagram = Hex.buffer(before + hex);
    try {
      List<RtcpPacket> packets = RtcpCompound.parse(datagram);
      int others = packets.contains(BEFORE_PACKET) ? 1 : 0;
      table.row(
          name,
          oddity,
          packets.size() > others ? "kept" : "skipped",
          before.isEmpty() ? "–" : others > 0 ? "kept" : "lost");
    } catch (MalformedPacketException _) {
      table.row(name, oddity, "refused", "–");
    }
  }

  @Test
  void thePageSaysWhatBecomesOfEachMember() {
    String alone = "a datagram";
    datagram(alone, "feedback without a report (RFC 5506)", "", "81 ce 0002" + ABOUT);
    datagram(alone, "empty", "", "");
    datagram(alone, "shorter than a header", "", "80 c9 00");
    datagram(alone, "shorter than its first member", "", "80 c9 0002 22222222");
    String last = "the end";
    datagram(last, "one octet more", BEFORE, "80");
    datagram(last, "three octets more", BEFORE, "80 c9 00");
    datagram(last, "a member with a length past the end", BEFORE, "80 c9 0002 22222222");
    String any = "any";
    member(any, "a length past the end", "80 c9 ffff 22222222");
    member(any, "nothing but a header", "80 c9 0000");
    member(any, "RTP version 1", "40 c9 0001 22222222");
    member(any, "with padding", "a1 cb 0002 00000001 00000004");
    member(any, "padding of 0", "a0 c9 0002 22222222 00000000");
    member(any, "padding longer than itself", "a1 cb 0001 00000009");
    reports();
    descriptions();
    transportFeedback();
    payloadFeedback();
    String passedOver = "APP";
    member(passedOver, WELL_FORMED, "80 cc 0002 00000001 6e616d65");
    member("XR", WELL_FORMED, "80 cf 0001 00000001");
    member("an unknown type", WELL_FORMED, "80 d0 0001 00000001");
    table.check();
  }

  private void reports() {
    String fewer = "fewer report blocks than it counts";
    member("SR", WELL_FORMED, "81 c8 000c 22222222" + SENT + BLOCK);
    member("SR", "with more than that (RFC 3550 6.4.3)", "80 c8 0007 22222222" + SENT + "00000000");
    member("SR", fewer, "82 c8 000c 22222222" + SENT + BLOCK);
    member("SR", "without what was sent", "80 c8 0001 22222222");
    member("RR", WELL_FORMED, "81 c9 0007 22222222" + BLOCK);
    member("RR", fewer, "81 c9 0001 22222222");
  }

  private void descriptions() {
    String fewer = "fewer sources than it counts";
    String name = "01 03 616263 000000";
    member("SDES", WELL_FORMED, "81 ca 0003 00000001" + name);
    member("SDES", "other items too", "81 ca 0004 00000001 02 02 6869 01 01 78 06 01 7a 0000");
    member("SDES", "without CNAME", "81 ca 0002 00000001 00000000");
    member("SDES", "without its final zero", "81 ca 0002 00000001 01 02 6162");
    member("SDES", "an item longer than itself", "81 ca 0002 00000001 01 09 6162");
    member("SDES", "a CNAME that is no UTF-8", "81 ca 0003 00000001 01 02 ffff 00 000000");
    member("SDES", fewer, "82 ca 0003 00000001" + name);
    member("BYE", WELL_FORMED, "82 cb 0002 00000001 ffffffff");
    member("BYE", "with a reason", "81 cb 0002 00000001 03 627965");
    member("BYE", "a reason longer than itself", "81 cb 0002 00000001 09 627965");
    member("BYE", "of no source", "80 cb 0000");
    member("BYE", fewer, "82 cb 0001 00000001");
  }

  private void transportFeedback() {
    member("NACK", WELL_FORMED, "81 cd 0003" + ABOUT + "fffe 8003");
    member("NACK", "of no packet", "81 cd 0002" + ABOUT);
    String arrivals = "transport-wide feedback";
    member(arrivals, WELL_FORMED, "8f cd 0005" + ABOUT + "fffe0003 00001000 a8000408");
    member(arrivals, "of no packet", "8f cd 0005" + ABOUT + "00030000 ffffff07 20050000");
    member(
        arrivals, "fewer times than packets", "8f cd 0005" + ABOUT + "00030005 ffffff07 20050000");
    member(arrivals, "a reserved symbol", "8f cd 0005" + ABOUT + "00030002 ffffff07 60020000");
    member("RTPFB of another kind", WELL_FORMED, "83 cd 0003" + ABOUT + "00000000");
  }

  private void payloadFeedback() {
    String fewer = "fewer sources than it counts";
    member("PLI", WELL_FORMED, "81 ce 0002" + ABOUT);
    member("PLI", "without the source that it is about", "81 ce 0001 00000001");
    member("FIR", WELL_FORMED, "84 ce 0004 00000001 00000000 00000002 fe000000");
    member("FIR", "of no source", "84 ce 0002 00000001 00000000");
    member("REMB", WELL_FORMED, "8f ce 0005" + REMB + "010bffff 00000002");
    member("REMB", fewer, "8f ce 0004" + REMB + "01000001");
    member("PSFB of another kind", WELL_FORMED, "82 ce 0003" + ABOUT + "00000000");
  }
}
