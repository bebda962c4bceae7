package org.heliograph.peer.stream.receive;

import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.CounterUnwrapper;

/** What RFC 3550 has a receiver keep for each source: A.1 validity, A.3 loss, A.8 jitter. */
public final class SourceReception {
  /** What {@link #accept} says of a packet that does not fit in. */
  public static final long REJECTED = Long.MIN_VALUE;

  private static final int MAX_DROPOUT = 3000;
  private static final int MAX_MISORDER = 1000;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** A longer time in transit is a restarted clock, not jitter. */
  private static final int MAX_TRANSIT_SECONDS = 10;

  private final MediaFormat format;
  private final CounterUnwrapper numbers = CounterUnwrapper.ofSequenceNumbers();
  private boolean started;
  private int expectedAfterJump = -1;
  private long first;
  private long highest;
  private long received;
  private long expectedBefore;
  private long receivedBefore;
  private long transit;
  private double jitter;
  private long lastSenderReport;
  private long lastSenderReportNanos;

  public SourceReception(MediaFormat format) {
    this.format = format;
  }

  /**
   * Takes a packet into account.
   *
   * @return its unwrapped number, or REJECTED if it is far from all others
   */
  public long accept(int sequenceNumber) {
    long number = numbers.peek(sequenceNumber);
    if (!started) {
      started = true;
      first = number;
      highest = number;
    } else if (number - highest > MAX_DROPOUT || number - highest < -MAX_MISORDER) {
      expectedAfterJump = (sequenceNumber + 1) & 0xffff;
      return REJECTED;
    }
    expectedAfterJump = -1;
    numbers.unwrap(sequenceNumber);
    highest = Math.max(highest, number);
    received++;
    return number;
  }

  /**
   * Whether this packet follows one that was rejected: two in a row mean that the sender has
   * started anew (RFC 3550 A.1).
   */
  public boolean isRestart(int sequenceNumber) {
    return sequenceNumber == expectedAfterJump;
  }

  /** The unwrapped number of a packet that a retransmission brings, or REJECTED. */
  long acceptRetransmitted(int sequenceNumber) {
    long number = numbers.peek(sequenceNumber);
    return started && number <= highest && number - highest >= -MAX_MISORDER ? number : REJECTED;
  }

  /** Takes a packet's time in transit into the jitter (A.8). */
  void onArrival(long rtpTimestamp, long nowNanos) {
    long now = format.toRtpTime(nowNanos) - rtpTimestamp;
    long difference = Math.abs(now - transit);
    if (received > 1 && difference < (long) MAX_TRANSIT_SECONDS * format.clockRate()) {
      jitter += (difference - jitter) / 16;
    }
    transit = now;
  }

  void onSenderReport(SenderReport report, long nowNanos) {
    lastSenderReport = report.compactNtpTime();
    lastSenderReportNanos = nowNanos;
  }

  boolean started() {
    return started;
  }

  long received() {
    return received;
  }

  /** Expected less received; negative when duplicates came. */
  long lost() {
    return started ? highest - first + 1 - received : 0;
  }

  double jitterSeconds() {
    return jitter / format.clockRate();
  }

  /** The report on the time since the last report. */
  public ReportBlock report(long ssrc, long nowNanos) {
    ReportBlock report = interimReport(ssrc, nowNanos);
    expectedBefore = highest - first + 1;
    receivedBefore = received;
    return report;
  }

  /** What that report would be by now; the next one is on the same time, and on what follows. */
  public ReportBlock interimReport(long ssrc, long nowNanos) {
    long expectedNow = highest - first + 1 - expectedBefore;
    long lostNow = expectedNow - (received - receivedBefore);
    int fractionLost =
        expectedNow <= 0 || lostNow <= 0 ? 0 : (int) Math.min(255, (lostNow << 8) / expectedNow);
    long delay =
        lastSenderReport == 0
            ? 0
            : Math.max(0, ((nowNanos - lastSenderReportNanos) << 16) / NANOS_PER_SECOND);
    return new ReportBlock(
        ssrc,
        fractionLost,
        Math.clamp(lost(), -0x800000, 0x7fffff),
        highest & 0xffffffffL,
        (long) jitter & 0xffffffffL,
        lastSenderReport,
        Math.min(delay, 0xffffffffL));
  }
}
