package org.heliograph.peer.stream.send;

import org.heliograph.peer.media.MediaFormat;

/**
 * Lets the picture ids and the base layer's picture counter (TL0PICIDX) of a forwarded stream go on
 * where its sender has begun anew: decoders tell from them what refers to what. Until that happens
 * payloads stay as they are.
 */
final class PictureRenumbering {
  private static final int NONE = -1;

  private MediaFormat format;
  private boolean anew;
  private int idOffset;
  private int layerOffset;
  private int newestId = NONE;
  private int newestLayerIndex = NONE;

  /** The next payload is a new sender's first one. */
  void beginAnew() {
    anew = true;
  }

  /**
   * Reads the numbers of a payload's descriptor (RFC 7741 4.2, RFC 9628 4.2) and changes them in
   * place where that is needed. Their sizes stay as they are.
   *
   * @param newest whether no later packet has come yet
   */
  void renumber(MediaFormat of, boolean newest, byte[] payload, int length) {
    if (of != format) {
      // Another format begins with another decoder.
      format = of;
      anew = false;
      idOffset = 0;
      layerOffset = 0;
      newestId = NONE;
      newestLayerIndex = NONE;
    }
    switch (of) {
      case VP8 -> renumberVp8(newest, payload, length);
      case VP9 -> renumberVp9(newest, payload, length);
      case OPUS -> {}
    }
  }

  private void renumberVp8(boolean newest, byte[] payload, int length) {
    if (length < 3 || (payload[0] & 0x80) == 0) {
      return;
    }
    int at = 2;
    boolean hasId = (payload[1] & 0x80) != 0;
    boolean hasLayerIndex = (payload[1] & 0x40) != 0;
    int layerIndexAt = hasId ? at + idLength(payload, at) : at;
    renumber(newest, payload, length, hasId ? at : NONE, hasLayerIndex ? layerIndexAt : NONE);
  }

  private void renumberVp9(boolean newest, byte[] payload, int length) {
    if (length < 2) {
      return;
    }
    int at = 1;
    boolean hasId = (payload[0] & 0x80) != 0;
    boolean hasLayerIndex = (payload[0] & 0x20) != 0 && (payload[0] & 0x10) == 0;
    int layersAt = hasId ? at + idLength(payload, at) : at;
    renumber(newest, payload, length, hasId ? at : NONE, hasLayerIndex ? layersAt + 1 : NONE);
  }

  private static int idLength(byte[] payload, int at) {
    return (payload[at] & 0x80) != 0 ? 2 : 1;
  }

  private void renumber(boolean newest, byte[] payload, int length, int idAt, int layerIndexAt) {
    boolean hasId = idAt != NONE && idAt + idLength(payload, idAt) <= length;
    boolean hasLayerIndex = layerIndexAt != NONE && layerIndexAt < length;
    int id = hasId ? id(payload, idAt) : NONE;
    int layerIndex = hasLayerIndex ? payload[layerIndexAt] & 0xff : NONE;
    if (anew) {
      anew = false;
      idOffset = hasId && newestId != NONE ? newestId + 1 - id : 0;
      layerOffset =
          hasLayerIndex && newestLayerIndex != NONE ? newestLayerIndex + 1 - layerIndex : 0;
    }
    if (hasId && idOffset != 0) {
      id = writeId(payload, idAt, id + idOffset);
    }
    if (hasLayerIndex && layerOffset != 0) {
      layerIndex = (layerIndex + layerOffset) & 0xff;
      payload[layerIndexAt] = (byte) layerIndex;
    }
    if (newest) {
      newestId = id;
      newestLayerIndex = layerIndex;
    }
  }

  private static int id(byte[] payload, int at) {
    return idLength(payload, at) == 2
        ? (payload[at] & 0x7f) << 8 | (payload[at + 1] & 0xff)
        : payload[at] & 0x7f;
  }

  private static int writeId(byte[] payload, int at, int id) {
    if (idLength(payload, at) == 1) {
      payload[at] = (byte) (id & 0x7f);
      return id & 0x7f;
    }
    payload[at] = (byte) (0x80 | (id >>> 8 & 0x7f));
    payload[at + 1] = (byte) id;
    return id & 0x7fff;
  }
}
