package org.heliograph.peer.stream.receive;

import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor;

/**
 * What a packet says of its picture; optional numbers are -1 where it does not.
 *
 * @param startsFrame whether the packet is the picture's first
 * @param key whether the packet is the first of a key frame
 * @param nonReference whether no other picture needs this one
 * @param pictureId of {@code pictureIdBits} bits
 * @param pictureIdBits 0, 7 or 15
 * @param tl0PictureIndex the number of the base layer's picture that this one is or needs
 * @param temporalId the picture's temporal layer
 * @param layerSync whether the picture needs nothing but the base layer
 * @param layer what VP9 says of the spatial layer; {@link Layer#WHOLE} of VP8
 */
record PictureHeader(
    boolean startsFrame,
    boolean key,
    boolean nonReference,
    int pictureId,
    int pictureIdBits,
    int tl0PictureIndex,
    int temporalId,
    boolean layerSync,
    Layer layer) {

  /**
   * A spatial layer's frame in a picture of VP9 (RFC 9628 4.2).
   *
   * @param ends whether the packet is the layer frame's last
   * @param switchingUpPoint whether higher temporal layers need nothing of their own from before
   *     this picture
   * @param flexible whether the references are told
   * @param references the pictures that are needed, if that is told: bit n for the one n + 1 back
   */
  record Layer(boolean ends, boolean switchingUpPoint, boolean flexible, long references) {
    /** A frame without layers. */
    static final Layer WHOLE = new Layer(false, false, false, 0);

    private static final int MAX_DISTANCE = Long.SIZE - 1;

    /** A picture further back than all that are remembered, and as good as lost. */
    private static final long TOO_FAR = 1L << MAX_DISTANCE;

    /** The pictures that are not too far back. */
    static final long REACHED = ~TOO_FAR;
  }

  static final PictureHeader NONE = new PictureHeader(false, false, false, -1, 0, -1, -1, false);

  /** A picture without spatial layers. */
  PictureHeader(
      boolean startsFrame,
      boolean key,
      boolean nonReference,
      int pictureId,
      int pictureIdBits,
      int tl0PictureIndex,
      int temporalId,
      boolean layerSync) {
    this(
        startsFrame,
        key,
        nonReference,
        pictureId,
        pictureIdBits,
        tl0PictureIndex,
        temporalId,
        layerSync,
        Layer.WHOLE);
  }

  /**
   * What a descriptor says.
   *
   * @param before what the packet before said: it is used again if this one says the same
   */
  static PictureHeader of(Vp8PayloadDescriptor descriptor, PictureHeader before) {
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

  private static PictureHeader of(Vp8PayloadDescriptor descriptor) {
    return new PictureHeader(
        descriptor.startsFrame(),
        descriptor.startsKeyFrame(),
        descriptor.nonReference(),
        descriptor.pictureId(),
        descriptor.pictureIdBits(),
        descriptor.tl0PictureIndex(),
        descriptor.temporalId(),
        descriptor.layerSync());
  }

  /**
   * What a descriptor says.
   *
   * @param before what the packet before said: it is used again if this one says the same
   */
  static PictureHeader of(Vp9PayloadDescriptor descriptor, PictureHeader before) {
    return before.isOf(descriptor) ? before : of(descriptor);
  }

  private boolean isOf(Vp9PayloadDescriptor descriptor) {
    return startsFrame == startsPicture(descriptor)
        && key == descriptor.startsKeyFrame()
        && pictureId == descriptor.pictureId()
        && pictureIdBits == descriptor.pictureIdBits()
        && tl0PictureIndex == descriptor.tl0PictureIndex()
        && temporalId == descriptor.temporalId()
        && layer.ends == descriptor.endsLayerFrame()
        && layer.switchingUpPoint == descriptor.switchingUpPoint()
        && layer.flexible == isFlexible(descriptor)
        && layer.references == references(descriptor);
  }

  private static boolean startsPicture(Vp9PayloadDescriptor descriptor) {
    return descriptor.startsLayerFrame() && descriptor.spatialId() == 0;
  }

  private static boolean isFlexible(Vp9PayloadDescriptor descriptor) {
    return descriptor.flexible() && descriptor.pictureIdBits() != 0;
  }

  private static PictureHeader of(Vp9PayloadDescriptor descriptor) {
    return new PictureHeader(
        startsPicture(descriptor),
        descriptor.startsKeyFrame(),
        false,
        descriptor.pictureId(),
        descriptor.pictureIdBits(),
        descriptor.tl0PictureIndex(),
        descriptor.temporalId(),
        false,
        new Layer(
            descriptor.endsLayerFrame(),
            descriptor.switchingUpPoint(),
            isFlexible(descriptor),
            references(descriptor)));
  }

  private static long references(Vp9PayloadDescriptor descriptor) {
    long references = 0;
    for (int i = 0; i < descriptor.referenceCount(); i++) {
      int distance = descriptor.reference(i);
      references |=
          distance >= 1 && distance <= Layer.MAX_DISTANCE ? 1L << (distance - 1) : Layer.TOO_FAR;
    }
    return references;
  }

  /** The same picture, which also needs what another of its layers needs. */
  PictureHeader with(PictureHeader upper) {
    long both = layer.references | upper.layer.references;
    if (both == layer.references) {
      return this;
    }
    return new PictureHeader(
        startsFrame,
        key,
        nonReference,
        pictureId,
        pictureIdBits,
        tl0PictureIndex,
        temporalId,
        layerSync,
        new Layer(layer.ends, layer.switchingUpPoint, layer.flexible, both));
  }

  /** Whether the base layer goes on without this frame. */
  boolean dispensable() {
    return nonReference || temporalId > 0;
  }

  /** Whether this picture is the next after that one, as far as picture ids can tell. */
  boolean follows(PictureHeader previous) {
    return pictureIdBits != 0
        && pictureIdBits == previous.pictureIdBits
        && pictureId == ((previous.pictureId + 1) & ((1 << pictureIdBits) - 1));
  }

  boolean samePicture(PictureHeader other) {
    return pictureIdBits != 0
        && pictureIdBits == other.pictureIdBits
        && pictureId == other.pictureId;
  }

  /** How many pictures this one comes after that one; picture ids are the same after a while. */
  int distanceFrom(PictureHeader previous) {
    return (pictureId - previous.pictureId) & ((1 << pictureIdBits) - 1);
  }
}
