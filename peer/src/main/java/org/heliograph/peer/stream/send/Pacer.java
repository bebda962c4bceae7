package org.heliograph.peer.stream.send;

import org.heliograph.peer.congestion.CongestionController;
import org.heliograph.peer.congestion.Probe;

/**
 * Spreads what is sent over time, so that a picture of many packets does not fill a queue on the
 * path by itself: each packet is a debt that is paid off at 2.5 times the estimated bandwidth, and
 * the next one goes when there is none. Sound does not wait, it only adds to the debt; what is sent
 * again goes before new pictures.
 *
 * <p>A probe is sent at its own rate, with packets that wait, and with padding when none do.
 */
public final class Pacer {
  /** How much faster than the estimate packets leave: a key frame should not take seconds. */
  static final double PACING_FACTOR = 2.5;

  /** So much may be sent at once after a pause, or when the driver has slept too long. */
  private static final double BURST_SECONDS = 0.005;

  /** A probe that cannot be sent within this is given up. */
  private static final long MAX_PROBE_NANOS = 200_000_000;

  private static final double RATE_WINDOW_SECONDS = 1;

  private final CongestionController controller;
  private final PacketQueue media = new PacketQueue();
  private final PacketQueue retransmissions = new PacketQueue();
  private SendStream padding;
  private double debtBits;
  private boolean started;
  private long paidNanos;
  private double retransmittedRate;
  private double protectionRate;
  private Probe probe;
  private int probePackets;
  private long probeBytes;
  private long probeStartNanos;

  public Pacer(CongestionController controller) {
    this.controller = controller;
  }

  // ---- What is to be sent ----

  /** Queues a packet that its stream has put into its history. */
  boolean enqueue(SendStream stream, int sequenceNumber, int length) {
    return media.add(stream, sequenceNumber, length);
  }

  /** Queues a packet that was asked for again. */
  boolean enqueueRetransmission(SendStream stream, int sequenceNumber, int length) {
    return retransmissions.add(stream, sequenceNumber, length);
  }

  /** Names the stream whose packets may be sent again to fill a probe. */
  public void padWith(SendStream stream) {
    padding = stream;
  }

  /** Drops what waits of a stream. */
  void drop(SendStream stream) {
    media.removeAll(stream);
    retransmissions.removeAll(stream);
  }

  /** Forgets a stream. */
  public void remove(SendStream stream) {
    drop(stream);
    if (stream.equals(padding)) {
      padding = null;
    }
  }

  /** How long the queue takes to empty, in nanoseconds. */
  long queueNanos() {
    return (long) (8e9 * (media.bytes() + retransmissions.bytes()) / pacingRate());
  }

  /** What waits, in bits. */
  public double queuedBits() {
    return 8.0 * (media.bytes() + retransmissions.bytes());
  }

  /** What was sent again within about a second, and what waits to be. */
  double retransmittedBits() {
    return 8.0 * retransmissions.bytes() + RATE_WINDOW_SECONDS * retransmittedRate;
  }

  /** How much is sent lately to make losses good, in bits per second: again, or in advance. */
  public double repairBitsPerSecond() {
    return retransmittedRate + protectionRate;
  }

  /** A packet was sent, from the queue or past it. */
  public void onSent(int bytes) {
    debtBits += 8.0 * bytes;
  }

  /** So much of what is sent makes losses good in advance. */
  void onProtection(int bytes) {
    protectionRate += 8.0 * bytes / RATE_WINDOW_SECONDS;
  }

  // ---- Time ----

  /** When {@link #process} is due; {@link Long#MAX_VALUE} while nothing waits. */
  public long nextTimeoutNanos() {
    if (probe != null) {
      return nextProbePacketNanos();
    }
    if (media.isEmpty() && retransmissions.isEmpty()) {
      return controller.isProbeDue() && canPad() ? paidNanos : Long.MAX_VALUE;
    }
    return debtBits <= 0 ? paidNanos : paidNanos + (long) Math.ceil(1e9 * debtBits / pacingRate());
  }

  /** Sends what may leave by now. */
  public void process(long nowNanos) {
    pay(nowNanos);
    while (true) {
      startProbe(nowNanos);
      if (probe != null) {
        if (nowNanos < nextProbePacketNanos() || !sendForProbe(nowNanos)) {
          return;
        }
      } else if (debtBits > 0 || sendQueued(Probe.NONE, nowNanos) < 0) {
        return;
      }
    }
  }

  private void pay(long nowNanos) {
    double rate = pacingRate();
    if (started) {
      double seconds = Math.max(0, (nowNanos - paidNanos) / 1e9);
      debtBits = Math.max(-BURST_SECONDS * rate, debtBits - rate * seconds);
      double kept = Math.max(0, 1 - seconds / RATE_WINDOW_SECONDS);
      retransmittedRate *= kept;
      protectionRate *= kept;
    }
    started = true;
    paidNanos = nowNanos;
  }

  private double pacingRate() {
    return PACING_FACTOR * controller.bitsPerSecond();
  }

  /** Sends the next packet; tells its length, or -1 if none waits. */
  private int sendQueued(int probeId, long nowNanos) {
    while (!retransmissions.isEmpty()) {
      SendStream stream = retransmissions.firstStream();
      int number = retransmissions.firstSequenceNumber();
      retransmissions.removeFirst();
      int sent = stream.retransmit(number, probeId, nowNanos);
      if (sent > 0) {
        retransmittedRate += 8.0 * sent / RATE_WINDOW_SECONDS;
        return sent;
      }
    }
    while (!media.isEmpty()) {
      SendStream stream = media.firstStream();
      int number = media.firstSequenceNumber();
      media.removeFirst();
      int sent = stream.transmit(number, probeId, nowNanos);
      if (sent > 0) {
        if (stream.hasSentSum()) {
          onProtection(sent);
        }
        return sent;
      }
    }
    return -1;
  }

  // ---- Probes ----

  private boolean canPad() {
    return padding != null && padding.canPad();
  }

  private void startProbe(long nowNanos) {
    boolean hasPackets = !media.isEmpty() || !retransmissions.isEmpty() || canPad();
    if (probe == null && hasPackets && controller.isProbeDue()) {
      probe = controller.pollProbe();
      probePackets = 0;
      probeBytes = 0;
      probeStartNanos = nowNanos;
    }
  }

  private long nextProbePacketNanos() {
    return probeStartNanos + (long) (8e9 * probeBytes / probe.bitsPerSecond());
  }

  /** Sends one packet of the probe; false if there is none to send now. */
  private boolean sendForProbe(long nowNanos) {
    if (nowNanos - probeStartNanos > MAX_PROBE_NANOS) {
      probe = null;
      return true;
    }
    int sent = sendQueued(probe.id(), nowNanos);
    if (sent < 0 && canPad()) {
      sent = padding.pad(probe.id(), nowNanos);
    }
    if (sent <= 0) {
      probe = null; // nothing to send it with: the next one comes when there is
      return true;
    }
    probePackets++;
    probeBytes += sent;
    if (probePackets >= Probe.MIN_PACKETS && probeBytes >= probe.minBytes()) {
      probe = null;
    }
    return true;
  }
}
