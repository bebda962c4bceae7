package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Sender report (SR, RFC 3550 6.4.1): ties a source's RTP time stamps to a wall clock.
 *
 * @param ssrc the sender
 * @param ntpTime the instant of the report on the sender's wall clock, NTP 64 bits
 * @param rtpTimestamp the same instant in the source's RTP time
 * @param packetCount RTP packets sent, modulo 2^32
 * @param octetCount payload bytes sent, modulo 2^32
 * @param reports what the sender says of others
 */
public record SenderReport(
    long ssrc,
    long ntpTime,
    long rtpTimestamp,
    long packetCount,
    long octetCount,
    List<ReportBlock> reports)
    implements RtcpPacket {
  private static final int FIXED_LENGTH = 24;

  public SenderReport {
    reports = ReportBlock.checked(reports);
  }

  static SenderReport parse(int count, ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, FIXED_LENGTH, "RTCP sender report");
    return new SenderReport(
        Wire.unsignedInt(in),
        in.getLong(),
        Wire.unsignedInt(in),
        Wire.unsignedInt(in),
        Wire.unsignedInt(in),
        ReportBlock.parse(count, in));
  }

  /** The middle 32 bits of the NTP time, as report blocks give it back. */
  public long compactNtpTime() {
    return ntpTime >>> 16 & 0xffffffffL;
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + FIXED_LENGTH + reports.size() * ReportBlock.LENGTH;
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, reports.size(), Wire.SENDER_REPORT, length());
    Wire.putUnsignedInt(out, ssrc);
    out.putLong(ntpTime);
    Wire.putUnsignedInt(out, rtpTimestamp);
    Wire.putUnsignedInt(out, packetCount);
    Wire.putUnsignedInt(out, octetCount);
    reports.forEach(report -> report.write(out));
  }
}
