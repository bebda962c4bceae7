package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;

/**
 * The index at the end of a VP9 superframe, which makes the frames of a picture's spatial layers
 * one for decoders and containers (VP9 bitstream specification, annex B). Used again and again.
 */
final class SuperframeIndex {
  private static final int MAX_FRAMES = 8;
  private static final int MARKER = 0b110;

  private final int[] sizes = new int[MAX_FRAMES];
  private int frames;
  private int largest;

  void clear() {
    frames = 0;
    largest = 0;
  }

  /** Adds the next frame's size; of more than eight nothing is written. */
  void add(int size) {
    if (frames < MAX_FRAMES) {
      sizes[frames] = size;
    }
    frames++;
    largest = Math.max(largest, size);
  }

  /** How long the index is; 0 of a single frame, which needs none. */
  int length() {
    return frames < 2 || frames > MAX_FRAMES ? 0 : 2 + frames * sizeBytes();
  }

  void writeTo(ByteBuffer out) {
    if (length() == 0) {
      return;
    }
    byte marker = (byte) (MARKER << 5 | (sizeBytes() - 1) << 3 | (frames - 1));
    out.put(marker);
    for (int i = 0; i < frames; i++) {
      for (int b = 0; b < sizeBytes(); b++) {
        out.put((byte) (sizes[i] >>> (8 * b)));
      }
    }
    out.put(marker);
  }

  private int sizeBytes() {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(largest) + 7) / 8);
  }
}
