package org.heliograph.session;

import java.util.Optional;
import org.heliograph.peer.media.MediaFrame;

/**
 * A VP8 encoder for live pictures. Used by one thread at a time, which need not always be the same.
 */
public interface VideoEncoder extends AutoCloseable {
  /**
   * What an encoder is opened with.
   *
   * @param width of the first picture, in pixels, even; a later picture may have another size
   * @param height of the first picture, in pixels, even
   * @param framesPerSecond how many pictures are about to come
   * @param bitsPerSecond the target
   * @param errorResilient whether a lost frame should harm the entropy coding of later ones less,
   *     at the price of a few per cent of the bits
   */
  record Settings(
      int width, int height, int framesPerSecond, int bitsPerSecond, boolean errorResilient) {
    public Settings {
      if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
        throw new IllegalArgumentException(
            "width and height must be even, not " + width + "x" + height);
      }
      if (framesPerSecond < 1 || bitsPerSecond < 1) {
        throw new IllegalArgumentException("frame rate and bit rate must be positive");
      }
    }

    public Settings withSize(int newWidth, int newHeight) {
      return new Settings(newWidth, newHeight, framesPerSecond, bitsPerSecond, errorResilient);
    }

    public Settings withBitsPerSecond(int newBitsPerSecond) {
      return new Settings(width, height, framesPerSecond, newBitsPerSecond, errorResilient);
    }
  }

  /**
   * Encodes one picture. A picture of another size than the one before starts with a key frame.
   *
   * @param timeNanos when it was captured, later than the picture before
   * @param key whether it must become a key frame
   * @return the frame, with that time; empty when the encoder left the picture out to keep the rate
   * @throws CodecException if the encoder fails; it can then only be closed
   */
  Optional<MediaFrame> encode(I420Picture picture, long timeNanos, boolean key)
      throws CodecException;

  /** Sets the target, in bits per second, from the next picture on. */
  void setBitsPerSecond(int bitsPerSecond) throws CodecException;

  /** The implementation's name and version, for logs and for {@code doctor}. */
  String name();

  /** Frees the encoder; does nothing the second time. */
  @Override
  void close();
}
