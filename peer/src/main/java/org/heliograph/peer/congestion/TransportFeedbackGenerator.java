package org.heliograph.peer.congestion;

import java.util.Arrays;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.CounterUnwrapper;

/**
 * Remembers when the packets of a transport arrived and reports it
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): every 50 to 250 ms while some do, so that
 * the reports take about 5 % of what arrives.
 */
public final class TransportFeedbackGenerator {
  private static final long MIN_INTERVAL_NANOS = 50_000_000;
  private static final long MAX_INTERVAL_NANOS = 250_000_000;
  private static final long FIRST_INTERVAL_NANOS = 100_000_000;
  private static final double SHARE = 0.05;

  /** A typical report with its IP, UDP and SRTCP headers. */
  private static final double REPORT_BYTES = 68;

  private static final long RATE_WINDOW_NANOS = 500_000_000;
  private static final int CAPACITY = 2048;

  /**
   * One packet reports on no more than this, to fit into a datagram: 2.25 bytes for each at most.
   */
  private static final int MAX_PER_FEEDBACK = 400;

  /** A packet that comes this far behind what was reported already is reported after all. */
  private static final int MAX_LATENESS = 256;

  private static final long ABSENT = Long.MIN_VALUE;

  private final CounterUnwrapper numbers = CounterUnwrapper.ofSequenceNumbers();
  private final long[] arrivals = new long[CAPACITY];
  private boolean started;
  private long base;
  private long end;
  private boolean news;
  private long dueNanos = Long.MAX_VALUE;
  private long mediaSsrc;
  private int feedbackCount;
  private long intervalNanos = FIRST_INTERVAL_NANOS;
  private long windowNanos;
  private long windowBytes;

  /** Nothing arrived yet. */
  public TransportFeedbackGenerator() {
    Arrays.fill(arrivals, ABSENT);
  }

  /** A packet of so many bytes has arrived. */
  public void onPacket(int transportSequenceNumber, long ssrc, int bytes, long nowNanos) {
    measure(bytes, nowNanos);
    long number = numbers.unwrap(transportSequenceNumber);
    if (!started) {
      started = true;
      base = number;
      end = number;
    }
    if (number < base - MAX_LATENESS || number <= end - CAPACITY) {
      return;
    }
    if (number >= end) {
      moveEndTo(number + 1);
    }
    int index = index(number);
    if (arrivals[index] != ABSENT) {
      return; // a duplicate: the first arrival counts
    }
    arrivals[index] = nowNanos;
    base = Math.min(base, number);
    mediaSsrc = ssrc;
    news = true;
    if (dueNanos == Long.MAX_VALUE) {
      dueNanos = nowNanos + intervalNanos;
    }
  }

  private void measure(int bytes, long nowNanos) {
    if (!started) {
      windowNanos = nowNanos;
    }
    if (nowNanos - windowNanos >= RATE_WINDOW_NANOS) {
      double bytesPerNano = (double) windowBytes / (nowNanos - windowNanos);
      intervalNanos =
          Math.clamp(
              (long) (REPORT_BYTES / (SHARE * bytesPerNano)),
              MIN_INTERVAL_NANOS,
              MAX_INTERVAL_NANOS);
      windowNanos = nowNanos;
      windowBytes = 0;
    }
    windowBytes += bytes;
  }

  private void moveEndTo(long newEnd) {
    if (newEnd - end >= CAPACITY) {
      Arrays.fill(arrivals, ABSENT);
    } else {
      for (long number = end; number < newEnd; number++) {
        arrivals[index(number)] = ABSENT;
      }
    }
    end = newEnd;
    base = Math.max(base, end - CAPACITY);
  }

  /** The source of the packet that came last. */
  public long mediaSsrc() {
    return mediaSsrc;
  }

  /** When feedback is due; {@link Long#MAX_VALUE} while there is nothing to report. */
  public long nextTimeoutNanos() {
    return dueNanos;
  }

  /**
   * The next feedback packet if one is due, else null; to be called until it gives null.
   *
   * @param senderSsrc the source that the feedback is sent under
   */
  public TransportFeedback poll(long senderSsrc, long nowNanos) {
    if (nowNanos < dueNanos) {
      return null;
    }
    while (news && base < end && arrivals[index(base)] == ABSENT) {
      base++;
    }
    if (!news || base >= end) {
      news = false;
      dueNanos = Long.MAX_VALUE;
      return null;
    }
    long reference = TransportFeedback.TICK_NANOS * TransportFeedback.TICKS_PER_REFERENCE;
    long referenceTime = Math.floorDiv(arrivals[index(base)], reference);
    long origin = referenceTime * reference;
    long[] ticks = new long[(int) Math.min(end - base, MAX_PER_FEEDBACK)];
    int length = 0;
    long previous = 0;
    for (int i = 0; i < ticks.length; i++) {
      long arrival = arrivals[index(base + i)];
      ticks[i] = TransportFeedback.NOT_RECEIVED;
      if (arrival == ABSENT) {
        continue;
      }
      long tick = Math.floorDiv(arrival - origin, TransportFeedback.TICK_NANOS);
      if (tick - previous != (short) (tick - previous)) {
        break; // too far apart for one packet: the next one goes on from here
      }
      ticks[i] = tick;
      previous = tick;
      length = i + 1;
    }
    TransportFeedback feedback =
        TransportFeedback.of(
            senderSsrc,
            mediaSsrc,
            (int) base & 0xffff,
            (int) referenceTime,
            feedbackCount++,
            Arrays.copyOf(ticks, length));
    base += length;
    return feedback;
  }

  private static int index(long number) {
    return (int) number & (CAPACITY - 1);
  }
}
