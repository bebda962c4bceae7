package org.heliograph.signaling;

/** Which kinds of media a call, or one side of it, has. */
public record CallMedia(boolean audio, boolean video) {
  public static final CallMedia AUDIO_AND_VIDEO = new CallMedia(true, true);

  /** What both have. */
  public CallMedia and(CallMedia other) {
    return new CallMedia(audio && other.audio, video && other.video);
  }
}
