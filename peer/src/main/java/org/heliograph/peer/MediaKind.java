package org.heliograph.peer;

/**
 * The kind of a media section (W3C webrtc-pc {@code kind}; the SDP media type of RFC 8866 5.14).
 */
public enum MediaKind {
  AUDIO,
  VIDEO
}
