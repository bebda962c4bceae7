/**
 * VP8 and Opus by libvpx and libopus, through {@code java.lang.foreign}.
 *
 * <p>An encoder is used by one thread at a time; what it holds in native memory is freed by its
 * {@code close}.
 */
package org.heliograph.codec;
