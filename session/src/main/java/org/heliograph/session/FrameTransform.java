package org.heliograph.session;

import org.heliograph.peer.media.MediaFrame;

/**
 * What is done with each frame of a track before it is sent, or before it is handed on: end-to-end
 * encryption, by LiveKit's or by a page's own rules (W3C WebRTC Encoded Transform 4). Called by one
 * thread at a time, which it must not block.
 */
@FunctionalInterface
public interface FrameTransform {
  /** Leaves frames as they are. */
  FrameTransform NONE = frame -> frame;

  /**
   * Transforms a frame.
   *
   * @return the frame that goes on instead, or null to drop it, such as one that cannot be
   *     decrypted
   */
  MediaFrame apply(MediaFrame frame);
}
