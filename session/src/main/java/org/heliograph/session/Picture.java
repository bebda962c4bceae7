package org.heliograph.session;

/**
 * A raw picture from a camera.
 *
 * @param timeNanos when it was captured, on the clock of {@link System#nanoTime()}
 */
public record Picture(long timeNanos, I420Picture pixels) {}
