package org.heliograph.peer.stream;

import java.util.Arrays;

/**
 * Knows whether a VP8 frame can be decoded after those that were handed on, when packets were lost
 * between. VP8 does not say which frames a frame needs; what RFC 7741 4.2 tells bounds it: a base
 * layer frame (TID 0) needs only base layer frames, which TL0PICIDX counts; one with Y set needs
 * only the base layer's last frame; one with N set is needed by none; the picture id tells that
 * only packets without a picture are missing. Where that leaves a doubt the frame counts as not
 * decodable.
 */
final class Vp8References {
  private static final int LAYERS = 4;

  private final boolean[] layerIntact = new boolean[LAYERS];
  private boolean baseIntact;
  private Vp8FrameHeader previous = Vp8FrameHeader.NONE;
  private int tl0PictureIndex = -1;
  private long lostPackets;

  /** Nothing can be decoded before a key frame comes. */
  boolean needsKeyFrame() {
    return !baseIntact;
  }

  /** Forgets all frames. */
  void breakOff() {
    baseIntact = false;
  }

  /** Whether nothing but packets without a picture can be missing before this frame. */
  boolean continuesWith(Vp8FrameHeader frame, long missingPackets) {
    return frame.follows(previous)
        && lostPackets + missingPackets < (1L << frame.pictureIdBits()) - 1;
  }

  /**
   * Whether decoding could go on with this frame, or with one after it before the next key frame,
   * if all that is missing before it were given up.
   *
   * @param partial a packet of a frame that has come in part before it, or null if none has
   */
  boolean goesOnWithout(Vp8FrameHeader partial, long missingPackets, Vp8FrameHeader frame) {
    if (!baseIntact) {
      return false;
    }
    if (partial != null && !partial.dispensable()) {
      return false;
    }
    return baseContinues(frame, lostPackets + missingPackets)
        || (partial != null && partial.follows(previous) && frame.follows(partial));
  }

  /** A packet is given up of which nothing is known. */
  void onPacketLost() {
    lostPackets++;
  }

  /** A frame is given up of which at least this packet came. */
  void onPartialFrame(Vp8FrameHeader frame) {
    if (frame.samePicture(previous) && lostPackets < (1L << frame.pictureIdBits())) {
      return; // another packet of the frame that was just given up
    }
    if (!frame.follows(previous) || !numbersAreUnambiguous(frame)) {
      return; // the next whole frame is judged by the hole before it
    }
    previous = frame;
    if (frame.nonReference()) {
      return;
    }
    if (frame.dispensable()) {
      Arrays.fill(layerIntact, frame.temporalId(), LAYERS, false);
    } else {
      breakOff();
    }
  }

  /** A whole frame comes up: whether it can be decoded. If so it counts as handed on. */
  boolean admit(Vp8FrameHeader frame) {
    boolean decodable = frame.key() || decodable(frame);
    if (frame.key()) {
      baseIntact = true;
      Arrays.fill(layerIntact, true);
    }
    if (decodable && frame.temporalId() <= 0) {
      tl0PictureIndex = frame.tl0PictureIndex();
    }
    previous = frame;
    lostPackets = 0;
    return decodable;
  }

  private boolean decodable(Vp8FrameHeader frame) {
    boolean holeBefore =
        lostPackets > 0 && !(frame.follows(previous) && numbersAreUnambiguous(frame));
    if (holeBefore) {
      Arrays.fill(layerIntact, false);
      if (!baseContinues(frame, lostPackets)) {
        breakOff();
      }
    }
    if (!baseIntact) {
      return false;
    }
    int layer = frame.temporalId();
    if (layer <= 0) {
      return true;
    }
    boolean lowerIntact = frame.layerSync();
    if (!lowerIntact) {
      lowerIntact = true;
      for (int i = 1; i <= layer; i++) {
        lowerIntact &= layerIntact[i];
      }
    }
    layerIntact[layer] = lowerIntact;
    return lowerIntact;
  }

  /** Whether no base layer frame is among the lost ones. */
  private boolean baseContinues(Vp8FrameHeader frame, long lost) {
    if (frame.temporalId() < 0 || frame.tl0PictureIndex() < 0 || tl0PictureIndex < 0) {
      return false;
    }
    int step = frame.temporalId() == 0 ? 1 : 0;
    return lost < 256 && frame.tl0PictureIndex() == ((tl0PictureIndex + step) & 0xff);
  }

  /** Fewer packets are lost than pictures would have to be for the picture id to come round. */
  private boolean numbersAreUnambiguous(Vp8FrameHeader frame) {
    return lostPackets < (1L << frame.pictureIdBits()) - 1;
  }
}
