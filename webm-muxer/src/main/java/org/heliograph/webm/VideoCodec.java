package org.heliograph.webm;

/** The video codecs of WebM. */
public enum VideoCodec {
  /** RFC 6386; blocks hold one frame. */
  VP8("V_VP8"),
  /** Blocks hold one frame or superframe. */
  VP9("V_VP9"),
  /** Blocks hold one temporal unit in the low-overhead format, without its delimiter. */
  AV1("V_AV1");

  private final String codecId;

  VideoCodec(String codecId) {
    this.codecId = codecId;
  }

  /** Matroska's CodecID. */
  String codecId() {
    return codecId;
  }
}
