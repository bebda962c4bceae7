package org.heliograph.peer;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shares a rate out between the streams of a simulcast sender: the smallest picture first, each up
 * to its most. A stream for which too little is left is not sent at all, nor is any larger one, and
 * what is left goes nowhere: the smaller ones are as good as they get.
 */
public final class SimulcastRates {
  /** A stream is worth sending from this share of its most. */
  private static final double LEAST_SHARE = 0.3;

  /** One that was left out comes back when there is so much more than the least. */
  private static final double RETURN_FACTOR = 1.2;

  private final Set<String> sent = new HashSet<>();

  /** Shares nothing out yet: every stream begins as one that was left out. */
  public SimulcastRates() {}

  /**
   * Shares a rate out.
   *
   * @param encodings the streams
   * @param bitsPerSecond what all of them may take together
   * @return the rate of each by its rid, in bits per second; 0 for one that is not to be sent. The
   *     smallest active stream always gets what there is
   */
  public Map<String, Long> share(List<SendEncoding> encodings, long bitsPerSecond) {
    Map<String, Long> rates = new LinkedHashMap<>();
    encodings.forEach(encoding -> rates.put(encoding.rid(), 0L));
    List<SendEncoding> rising =
        encodings.stream()
            .filter(SendEncoding::active)
            .sorted(Comparator.comparingDouble(SendEncoding::scaleResolutionDownBy).reversed())
            .toList();
    long left = bitsPerSecond;
    boolean enough = true;
    for (SendEncoding encoding : rising) {
      long most = encoding.mostBitsPerSecond();
      double least = LEAST_SHARE * most * (sent.contains(encoding.rid()) ? 1 : RETURN_FACTOR);
      boolean smallest = encoding.equals(rising.getFirst());
      enough &= smallest || left >= least;
      long rate = enough ? Math.min(left, most) : 0;
      rates.put(encoding.rid(), rate);
      left -= rate;
    }
    sent.clear();
    rates.forEach(
        (rid, rate) -> {
          if (rate > 0) {
            sent.add(rid);
          }
        });
    return rates;
  }
}
