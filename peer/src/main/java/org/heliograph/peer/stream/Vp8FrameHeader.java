package org.heliograph.peer.stream;

import org.heliograph.peer.rtp.Vp8PayloadDescriptor;

/**
 * What a VP8 packet says of its frame; optional fields are {@link Vp8PayloadDescriptor#ABSENT}.
 *
 * @param startsFrame whether the packet is the frame's first
 * @param key whether the packet is the first of a key frame
 * @param nonReference whether no other frame needs the frame
 * @param pictureId of {@code pictureIdBits} bits
 * @param pictureIdBits 0, 7 or 15
 * @param tl0PictureIndex the number of the base layer's frame that this one is or needs
 * @param temporalId the frame's temporal layer
 * @param layerSync whether the frame needs nothing but the base layer
 */
record Vp8FrameHeader(
    boolean startsFrame,
    boolean key,
    boolean nonReference,
    int pictureId,
    int pictureIdBits,
    int tl0PictureIndex,
    int temporalId,
    boolean layerSync) {
  static final Vp8FrameHeader NONE =
      new Vp8FrameHeader(
          false,
          false,
          false,
          Vp8PayloadDescriptor.ABSENT,
          0,
          Vp8PayloadDescriptor.ABSENT,
          Vp8PayloadDescriptor.ABSENT,
          false);

  /**
   * What a descriptor says.
   *
   * @param before what the packet before said: it is used again if this one says the same
   */
  static Vp8FrameHeader of(Vp8PayloadDescriptor descriptor, Vp8FrameHeader before) {
    return before.isOf(descriptor) ? before : of(descriptor);
  }

  private boolean isOf(Vp8PayloadDescriptor descriptor) {
    return startsFrame == descriptor.startsFrame()
        && key == descriptor.startsKeyFrame()
        && nonReference == descriptor.nonReference()
        && pictureId == descriptor.pictureId()
        && pictureIdBits == descriptor.pictureIdBits()
        && tl0PictureIndex == descriptor.tl0PictureIndex()
        && temporalId == descriptor.temporalId()
        && layerSync == descriptor.layerSync();
  }

  private static Vp8FrameHeader of(Vp8PayloadDescriptor descriptor) {
    return new Vp8FrameHeader(
        descriptor.startsFrame(),
        descriptor.startsKeyFrame(),
        descriptor.nonReference(),
        descriptor.pictureId(),
        descriptor.pictureIdBits(),
        descriptor.tl0PictureIndex(),
        descriptor.temporalId(),
        descriptor.layerSync());
  }

  /** Whether the base layer goes on without this frame. */
  boolean dispensable() {
    return nonReference || temporalId > 0;
  }

  /** Whether this picture is the next after that one, as far as picture ids can tell. */
  boolean follows(Vp8FrameHeader previous) {
    return pictureIdBits != 0
        && pictureIdBits == previous.pictureIdBits
        && pictureId == ((previous.pictureId + 1) & ((1 << pictureIdBits) - 1));
  }

  boolean samePicture(Vp8FrameHeader other) {
    return pictureIdBits != 0
        && pictureIdBits == other.pictureIdBits
        && pictureId == other.pictureId;
  }
}
