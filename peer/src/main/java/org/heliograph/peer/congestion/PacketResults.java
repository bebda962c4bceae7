package org.heliograph.peer.congestion;

import java.util.Arrays;

/**
 * What one feedback packet tells of the packets that were sent: those that have arrived, in the
 * order of their arrival, and how many have not. One object is filled again and again.
 */
public final class PacketResults {
  private static final int FIRST_CAPACITY = 64;

  private long[] sentNanos = new long[FIRST_CAPACITY];
  private long[] arrivalNanos = new long[FIRST_CAPACITY];
  private int[] bytes = new int[FIRST_CAPACITY];
  private int[] probes = new int[FIRST_CAPACITY];
  private int received;
  private int lost;
  private int foundAgain;
  private long lostBytes;

  void clear() {
    received = 0;
    lost = 0;
    foundAgain = 0;
    lostBytes = 0;
  }

  /** Puts an arrival at its place; they come nearly in order, so that there is little to move. */
  void addReceived(long sent, long arrival, int length, int probe) {
    if (received == sentNanos.length) {
      sentNanos = Arrays.copyOf(sentNanos, 2 * received);
      arrivalNanos = Arrays.copyOf(arrivalNanos, 2 * received);
      bytes = Arrays.copyOf(bytes, 2 * received);
      probes = Arrays.copyOf(probes, 2 * received);
    }
    int at = received++;
    while (at > 0 && arrivalNanos[at - 1] > arrival) {
      sentNanos[at] = sentNanos[at - 1];
      arrivalNanos[at] = arrivalNanos[at - 1];
      bytes[at] = bytes[at - 1];
      probes[at] = probes[at - 1];
      at--;
    }
    sentNanos[at] = sent;
    arrivalNanos[at] = arrival;
    bytes[at] = length;
    probes[at] = probe;
  }

  void addLost(int length) {
    lost++;
    lostBytes += length;
  }

  void addFoundAgain() {
    foundAgain++;
  }

  /** How many packets have arrived. */
  public int received() {
    return received;
  }

  /** How many packets have not arrived, by their first report. */
  public int lost() {
    return lost;
  }

  /** The bytes of those. */
  public long lostBytes() {
    return lostBytes;
  }

  /** How many of the received ones an earlier report had called lost: they were only late. */
  public int foundAgain() {
    return foundAgain;
  }

  /** When an arrived packet was sent, on the driver's clock. */
  public long sentNanos(int index) {
    return sentNanos[index];
  }

  /** When it arrived, on the receiver's clock, of which only differences mean something. */
  public long arrivalNanos(int index) {
    return arrivalNanos[index];
  }

  /** Its length, without SRTP and below. */
  public int bytes(int index) {
    return bytes[index];
  }

  /** The probe that it was part of, or {@link Probe#NONE}. */
  public int probe(int index) {
    return probes[index];
  }
}
