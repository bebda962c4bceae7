package org.heliograph.peer.stream.receive;

import java.util.Arrays;
import org.heliograph.peer.stream.receive.PictureHeader.Layer;

/**
 * Knows whether a picture can be decoded after those that were handed on, when packets were lost
 * between. VP9 in flexible mode says which pictures a picture needs (RFC 9628 4.2). VP8, and VP9
 * otherwise, do not, but what they tell bounds it (RFC 7741 4.2): a base layer picture (TID 0)
 * needs only base layer pictures, which TL0PICIDX counts; one with Y set needs only the base
 * layer's last one; behind one with U set the higher layers begin anew; one with N set is needed by
 * none; the picture id tells that only packets without a picture are missing. Where that leaves a
 * doubt the picture counts as not decodable.
 */
final class PictureReferences {
  private static final int LAYERS = 8;

  private final boolean[] layerIntact = new boolean[LAYERS];
  private boolean baseIntact;
  private PictureHeader previous = PictureHeader.NONE;
  private int tl0PictureIndex = -1;
  private long lostPackets;

  /** Which pictures were handed on: bit n for the one n before {@link #newest}. */
  private long handedOn;

  private PictureHeader newest = PictureHeader.NONE;

  /** Nothing can be decoded before a key frame comes. */
  boolean needsKeyFrame() {
    return !baseIntact;
  }

  /** Forgets all frames. */
  void breakOff() {
    baseIntact = false;
  }

  /** Whether nothing but packets without a picture can be missing before this frame. */
  boolean continuesWith(PictureHeader frame, long missingPackets) {
    return frame.follows(previous)
        && lostPackets + missingPackets < (1L << frame.pictureIdBits()) - 1;
  }

  /**
   * Whether decoding could go on with this frame, or with one after it before the next key frame,
   * if all that is missing before it were given up.
   *
   * @param partial a packet of a frame that has come in part before it, or null if none has
   */
  boolean goesOnWithout(PictureHeader partial, long missingPackets, PictureHeader frame) {
    if (!baseIntact) {
      return false;
    }
    if (partial != null && !partial.dispensable()) {
      return false;
    }
    if (frame.layer().flexible()) {
      return hasReferences(frame);
    }
    return baseContinues(frame, lostPackets + missingPackets)
        || (partial != null && partial.follows(previous) && frame.follows(partial));
  }

  /** A packet is given up of which nothing is known. */
  void onPacketLost() {
    lostPackets++;
  }

  /** A frame is given up of which at least this packet came. */
  void onPartialFrame(PictureHeader frame) {
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
  boolean admit(PictureHeader frame) {
    boolean decodable = frame.key() || decodable(frame);
    if (frame.key()) {
      baseIntact = true;
      Arrays.fill(layerIntact, true);
    }
    if (decodable && frame.temporalId() <= 0) {
      tl0PictureIndex = frame.tl0PictureIndex();
    }
    if (decodable) {
      remember(frame);
    }
    previous = frame;
    lostPackets = 0;
    return decodable;
  }

  private void remember(PictureHeader frame) {
    int distance = frame.distanceFrom(newest);
    boolean goesOn = !frame.key() && frame.pictureIdBits() == newest.pictureIdBits();
    handedOn = goesOn && distance < Long.SIZE ? handedOn << distance | 1 : 1;
    newest = frame;
  }

  /** Whether the pictures that a picture says it needs were handed on. */
  private boolean hasReferences(PictureHeader frame) {
    int distance = frame.distanceFrom(newest);
    if (frame.pictureIdBits() != newest.pictureIdBits() || distance >= Long.SIZE) {
      return false;
    }
    long there = distance == 0 ? 0 : (handedOn << (distance - 1)) & Layer.REACHED;
    return (frame.layer().references() & ~there) == 0;
  }

  private boolean decodable(PictureHeader frame) {
    if (frame.layer().flexible()) {
      boolean decodable = baseIntact && hasReferences(frame);
      if (!decodable && frame.temporalId() <= 0) {
        breakOff();
      }
      return decodable;
    }
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
      beginHigherLayers(frame);
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
    if (lowerIntact) {
      beginHigherLayers(frame);
    }
    return lowerIntact;
  }

  private void beginHigherLayers(PictureHeader frame) {
    if (frame.layer().switchingUpPoint()) {
      Arrays.fill(layerIntact, Math.max(frame.temporalId(), 0) + 1, LAYERS, true);
    }
  }

  /** Whether no base layer frame is among the lost ones. */
  private boolean baseContinues(PictureHeader frame, long lost) {
    if (frame.temporalId() < 0 || frame.tl0PictureIndex() < 0 || tl0PictureIndex < 0) {
      return false;
    }
    int step = frame.temporalId() == 0 ? 1 : 0;
    return lost < 256 && frame.tl0PictureIndex() == ((tl0PictureIndex + step) & 0xff);
  }

  /** Fewer packets are lost than pictures would have to be for the picture id to come round. */
  private boolean numbersAreUnambiguous(PictureHeader frame) {
    return lostPackets < (1L << frame.pictureIdBits()) - 1;
  }
}
