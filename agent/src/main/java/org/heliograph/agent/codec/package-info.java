/**
 * Encoders for VP8 and Opus: libvpx and libopus through {@code java.lang.foreign}, FFmpeg where
 * they are missing.
 *
 * <p>An encoder is used by one thread at a time; what it holds in native memory is freed by its
 * {@code close}.
 */
package org.heliograph.agent.codec;
