package org.heliograph.agent.capture;

import org.heliograph.agent.codec.I420Picture;

/**
 * A raw picture from a camera.
 *
 * @param timeNanos when it was captured, on the clock of {@link System#nanoTime()}
 */
record Picture(long timeNanos, I420Picture pixels) {}
