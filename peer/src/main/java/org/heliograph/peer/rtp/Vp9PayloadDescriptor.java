package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The descriptor that leads each RTP payload of VP9 (RFC 9628 4.2). A view that is used for packet
 * after packet; optional fields that a packet lacks are {@link #ABSENT}.
 *
 * <p>A picture is a frame of each spatial layer, one after the other, with one RTP time stamp.
 */
public final class Vp9PayloadDescriptor {
  /** The value of a field that the descriptor lacks. */
  public static final int ABSENT = -1;

  /** The most pictures that one picture may refer to. */
  public static final int MAX_REFERENCES = 3;

  /** How long a descriptor of {@link #write} is. */
  public static final int WRITTEN_LENGTH = 3;

  private static final int KEY_FRAME_SHOWN_AND_TYPE_BITS = 0b1100;

  private final int[] references = new int[MAX_REFERENCES];
  private int length;
  private boolean interPicturePredicted;
  private boolean flexible;
  private boolean startsLayerFrame;
  private boolean endsLayerFrame;
  private boolean unusedByHigherLayers;
  private int pictureId;
  private int pictureIdBits;
  private int temporalId;
  private boolean switchingUpPoint;
  private int spatialId;
  private boolean interLayerPredicted;
  private int tl0PictureIndex;
  private int referenceCount;
  private boolean key;
  private ScalabilityStructure structure;

  /**
   * What a sender says of its layers, for the pictures from this one on.
   *
   * @param spatialLayers how many spatial layers there are, 1 to 8
   * @param sizes the picture size of each layer; empty if it is not told
   * @param group how pictures refer to each other, in a pattern that repeats itself; empty if it is
   *     not told
   */
  public record ScalabilityStructure(
      int spatialLayers, List<LayerSize> sizes, List<GroupPicture> group) {
    public ScalabilityStructure {
      sizes = List.copyOf(sizes);
      group = List.copyOf(group);
    }
  }

  /** A spatial layer's size in pixels. */
  public record LayerSize(int width, int height) {}

  /**
   * A picture in the repeated pattern of a non-flexible stream.
   *
   * @param temporalId its temporal layer
   * @param switchingUpPoint whether higher layers can be taken up after it
   * @param references how many pictures back each picture is that it refers to
   */
  public record GroupPicture(int temporalId, boolean switchingUpPoint, List<Integer> references) {
    public GroupPicture {
      references = List.copyOf(references);
    }
  }

  /**
   * Reads the descriptor of a payload.
   *
   * @param buffer what the payload is in
   * @param offset the payload's first byte, an absolute index
   * @param payloadLength the payload's length
   * @throws MalformedPacketException if the descriptor is cut off or no VP9 follows it
   */
  public void parse(ByteBuffer buffer, int offset, int payloadLength)
      throws MalformedPacketException {
    int end = offset + payloadLength;
    int at = offset;
    int first = next(buffer, at++, end);
    interPicturePredicted = (first & 0x40) != 0;
    flexible = (first & 0x10) != 0;
    startsLayerFrame = (first & 0x08) != 0;
    endsLayerFrame = (first & 0x04) != 0;
    unusedByHigherLayers = (first & 0x01) != 0;
    pictureId = ABSENT;
    pictureIdBits = 0;
    temporalId = ABSENT;
    switchingUpPoint = false;
    spatialId = 0;
    interLayerPredicted = false;
    tl0PictureIndex = ABSENT;
    referenceCount = 0;
    structure = null;
    if ((first & 0x80) != 0) {
      pictureId = next(buffer, at++, end);
      pictureIdBits = 7;
      if ((pictureId & 0x80) != 0) {
        pictureId = (pictureId & 0x7f) << 8 | next(buffer, at++, end);
        pictureIdBits = 15;
      }
    }
    if ((first & 0x20) != 0) {
      int layers = next(buffer, at++, end);
      temporalId = layers >>> 5;
      switchingUpPoint = (layers & 0x10) != 0;
      spatialId = layers >>> 1 & 0x07;
      interLayerPredicted = (layers & 0x01) != 0;
      if (!flexible) {
        tl0PictureIndex = next(buffer, at++, end);
      }
    }
    if (flexible && interPicturePredicted) {
      at = parseReferences(buffer, at, end);
    }
    if ((first & 0x02) != 0) {
      at = parseStructure(buffer, at, end);
    }
    if (at >= end) {
      throw new MalformedPacketException("VP9 payload is only a descriptor");
    }
    length = at - offset;
    key =
        startsLayerFrame
            && spatialId == 0
            && !interPicturePredicted
            && isKeyFrame(buffer.get(at) & 0xff);
  }

  private int parseReferences(ByteBuffer buffer, int start, int end)
      throws MalformedPacketException {
    int at = start;
    int reference;
    do {
      if (referenceCount == MAX_REFERENCES) {
        throw new MalformedPacketException("VP9 picture refers to more than three others");
      }
      reference = next(buffer, at++, end);
      references[referenceCount++] = reference >>> 1;
    } while ((reference & 0x01) != 0);
    return at;
  }

  private int parseStructure(ByteBuffer buffer, int start, int end)
      throws MalformedPacketException {
    int at = start;
    int head = next(buffer, at++, end);
    int layers = (head >>> 5) + 1;
    List<LayerSize> sizes = new ArrayList<>();
    if ((head & 0x10) != 0) {
      for (int i = 0; i < layers; i++) {
        int width = next(buffer, at++, end) << 8 | next(buffer, at++, end);
        int height = next(buffer, at++, end) << 8 | next(buffer, at++, end);
        sizes.add(new LayerSize(width, height));
      }
    }
    List<GroupPicture> group = new ArrayList<>();
    if ((head & 0x08) != 0) {
      int pictures = next(buffer, at++, end);
      for (int i = 0; i < pictures; i++) {
        int picture = next(buffer, at++, end);
        List<Integer> distances = new ArrayList<>();
        for (int count = picture >>> 2 & 0x03; count > 0; count--) {
          distances.add(next(buffer, at++, end));
        }
        group.add(new GroupPicture(picture >>> 5, (picture & 0x10) != 0, distances));
      }
    }
    structure = new ScalabilityStructure(layers, sizes, group);
    return at;
  }

  /** What the first byte of the uncompressed header says (VP9 bitstream specification 6.2). */
  private static boolean isKeyFrame(int header) {
    boolean reserved = (header & 0x30) == 0x30; // profile 3 has a bit more before them
    int shownAndType = reserved ? header << 1 : header;
    return (shownAndType & KEY_FRAME_SHOWN_AND_TYPE_BITS) == 0;
  }

  private static int next(ByteBuffer buffer, int at, int end) throws MalformedPacketException {
    if (at >= end) {
      throw new MalformedPacketException("VP9 payload descriptor is cut off");
    }
    return buffer.get(at) & 0xff;
  }

  /**
   * Writes a descriptor of a stream without layers, in non-flexible mode, with a picture id of 15
   * bits, {@link #WRITTEN_LENGTH} bytes.
   *
   * @param key whether the frame is a key frame
   * @param startsFrame whether the frame's first byte follows
   * @param endsFrame whether the frame's last byte follows
   * @param pictureId taken modulo 2^15
   */
  public static void write(
      ByteBuffer out, boolean key, boolean startsFrame, boolean endsFrame, int pictureId) {
    out.put((byte) (0x80 | (key ? 0 : 0x40) | (startsFrame ? 0x08 : 0) | (endsFrame ? 0x04 : 0)));
    out.put((byte) (0x80 | (pictureId >>> 8 & 0x7f)));
    out.put((byte) pictureId);
  }

  /** The descriptor's length: the VP9 bytes follow it. */
  public int length() {
    return length;
  }

  /** P: the layer frame refers to earlier pictures. */
  public boolean interPicturePredicted() {
    return interPicturePredicted;
  }

  /** F: each layer frame says which pictures it refers to. */
  public boolean flexible() {
    return flexible;
  }

  /** B: a layer frame's first byte follows. */
  public boolean startsLayerFrame() {
    return startsLayerFrame;
  }

  /** E: a layer frame's last byte follows. */
  public boolean endsLayerFrame() {
    return endsLayerFrame;
  }

  /** Z: higher spatial layers do not need this one, nor the next pictures of it. */
  public boolean unusedByHigherLayers() {
    return unusedByHigherLayers;
  }

  /** Whether a key frame's base layer starts here, by the descriptor and by the frame itself. */
  public boolean startsKeyFrame() {
    return key;
  }

  /** Picture ID, 7 or 15 bits. */
  public int pictureId() {
    return pictureId;
  }

  /** How many bits the picture id has: 0, 7 or 15. */
  public int pictureIdBits() {
    return pictureIdBits;
  }

  /** TID: the temporal layer, 0 (base) to 7. */
  public int temporalId() {
    return temporalId;
  }

  /** U: higher temporal layers can be taken up after this picture. */
  public boolean switchingUpPoint() {
    return switchingUpPoint;
  }

  /** SID: the spatial layer, 0 (base) to 7; 0 where the descriptor does not tell. */
  public int spatialId() {
    return spatialId;
  }

  /** D: the layer frame refers to the spatial layer below it in the same picture. */
  public boolean interLayerPredicted() {
    return interLayerPredicted;
  }

  /** TL0PICIDX, 8 bits, in non-flexible mode: counts the pictures of the temporal base layer. */
  public int tl0PictureIndex() {
    return tl0PictureIndex;
  }

  /** How many pictures the layer frame says it refers to; only in flexible mode. */
  public int referenceCount() {
    return referenceCount;
  }

  /** P_DIFF: how many pictures back the one is that it refers to. */
  public int reference(int index) {
    return references[index];
  }

  /** SS: what the sender says of its layers, if this packet tells. */
  public Optional<ScalabilityStructure> scalabilityStructure() {
    return Optional.ofNullable(structure);
  }
}
