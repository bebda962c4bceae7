package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Receiver report (RR, RFC 3550 6.4.2).
 *
 * @param ssrc who reports
 * @param reports what it received
 */
public record ReceiverReport(long ssrc, List<ReportBlock> reports) implements RtcpPacket {
  public ReceiverReport {
    reports = ReportBlock.checked(reports);
  }

  static ReceiverReport parse(int count, ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, 4, "RTCP receiver report");
    return new ReceiverReport(Wire.unsignedInt(in), ReportBlock.parse(count, in));
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + 4 + reports.size() * ReportBlock.LENGTH;
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, reports.size(), Wire.RECEIVER_REPORT, length());
    Wire.putUnsignedInt(out, ssrc);
    reports.forEach(report -> report.write(out));
  }
}
