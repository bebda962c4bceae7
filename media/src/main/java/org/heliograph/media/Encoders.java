package org.heliograph.media;

import org.heliograph.codec.LibopusEncoder;
import org.heliograph.codec.LibvpxVp8Encoder;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the best encoder that the machine has. */
public final class Encoders {
  private static final Logger log = LoggerFactory.getLogger(Encoders.class);

  private Encoders() {}

  /**
   * Opens a VP8 encoder: libvpx, or FFmpeg's where libvpx is missing or of an unknown version.
   *
   * @throws CodecException if neither can be used; it says what to install
   */
  public static VideoEncoder openVp8(VideoEncoder.Settings settings) throws CodecException {
    try {
      return new LibvpxVp8Encoder(settings);
    } catch (CodecException e) {
      log.warn(
          "{} FFmpeg encodes VP8 instead: each change of the rate costs a key frame.",
          e.getMessage());
      return fallback(e, () -> new FfmpegVp8Encoder(settings));
    }
  }

  /**
   * Opens an Opus encoder: libopus, or FFmpeg's where libopus is missing.
   *
   * @throws CodecException if neither can be used; it says what to install
   */
  public static OpusEncoder openOpus(OpusEncoder.Settings settings) throws CodecException {
    try {
      return new LibopusEncoder(settings);
    } catch (CodecException e) {
      log.warn("{} FFmpeg encodes Opus instead.", e.getMessage());
      return fallback(e, () -> new FfmpegOpusEncoder(settings));
    }
  }

  private interface Opener<T> {
    T open() throws CodecException;
  }

  private static <T> T fallback(CodecException first, Opener<T> opener) throws CodecException {
    try {
      return opener.open();
    } catch (CodecException second) {
      first.addSuppressed(second);
      throw first;
    } catch (LinkageError e) {
      first.addSuppressed(e);
      throw first;
    }
  }
}
