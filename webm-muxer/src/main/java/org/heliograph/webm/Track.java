package org.heliograph.webm;

/** A track of a WebM stream. */
public sealed interface Track permits VideoTrack, AudioTrack {
  /** The largest track number; with it a block's header always has the same size. */
  int MAX_NUMBER = 126;

  /** The number that {@link WebmMuxer#write} is given, 1 to {@value #MAX_NUMBER}. */
  int number();

  /** The track's part of the MIME type's {@code codecs} parameter, such as {@code vp8}. */
  String codecString();
}
