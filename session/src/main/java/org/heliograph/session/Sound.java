package org.heliograph.session;

/**
 * 20 ms of sound from a microphone, at 48 kHz.
 *
 * @param timeNanos when the first sample was captured, on the clock of {@link System#nanoTime()}
 * @param samples interleaved
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on as it is; nobody compares sounds.
public record Sound(long timeNanos, short[] samples) {}
