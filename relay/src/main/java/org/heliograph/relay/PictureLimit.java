package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.MalformedFrameException;
import org.heliograph.webm.Vp8FrameHeader;
import org.heliograph.webm.Vp9FrameHeader;

/**
 * Keeps pictures back that are too large to be shown, or whose size cannot be read, and all that
 * may need them: up to the next key frame within the bound. A few hundred kilobytes can describe a
 * picture for which a decoder and a page take gigabytes.
 *
 * <p>VP8 says its size in key frames. VP9 says it there, in intra-only frames, and in frames that
 * are predicted from ones of another size; else a frame has that of a frame before it, which was
 * within the bound. Each frame of a superframe counts, shown or not. One thread at a time.
 */
public final class PictureLimit {
  /** As many pixels as 4096×4096 has. */
  public static final int MAX_PIXELS = 4096 * 4096;

  /** The longest side that VP8 can have; a VP9 picture may not be longer either. */
  public static final int MAX_SIDE = 16_383;

  private enum Verdict {
    GOOD,
    TOO_LARGE,
    UNREADABLE
  }

  private Verdict last = Verdict.GOOD;

  /** Of the last frame: whether it says a size, and one within the bound. */
  private boolean sizeIsGood;

  /** Of the last frame: whether its content is a key frame, whatever its packets say. */
  private boolean keyFrame;

  private String why = "";

  /** Whether a frame may be handed on. */
  public boolean admits(MediaFrame frame) {
    sizeIsGood = false;
    keyFrame = false;
    Verdict verdict;
    try {
      verdict =
          switch (frame.format()) {
            case VP8 -> vp8(frame.payload());
            case VP9 -> vp9(frame.payload());
            case OPUS -> throw new IllegalArgumentException("sound has no size");
          };
    } catch (MalformedFrameException e) {
      why = "its size cannot be read (" + e.getMessage() + ")";
      verdict = Verdict.UNREADABLE;
    }
    if (verdict != Verdict.GOOD || (frame.key() && keyFrame)) {
      last = verdict;
    }
    return last == Verdict.GOOD;
  }

  /**
   * Whether a key frame would help, now that a frame was kept back: not while a sender goes on with
   * pictures that are too large, which begins a smaller one with a key frame by itself.
   */
  public boolean wantsKeyFrame() {
    return last == Verdict.UNREADABLE || (last == Verdict.TOO_LARGE && sizeIsGood);
  }

  /** Why the last frame was kept back that was so on its own account, in words. */
  public String why() {
    return why;
  }

  private Verdict vp8(ByteBuffer payload) {
    Vp8FrameHeader header = Vp8FrameHeader.parse(payload);
    keyFrame = header.keyFrame();
    return keyFrame ? judge(header.width(), header.height()) : Verdict.GOOD;
  }

  private Verdict vp9(ByteBuffer payload) {
    List<Vp9FrameHeader> headers = Vp9FrameHeader.parseAll(payload);
    keyFrame = headers.getFirst().keyFrame();
    for (Vp9FrameHeader header : headers) {
      if (header.width() > 0 && judge(header.width(), header.height()) != Verdict.GOOD) {
        return Verdict.TOO_LARGE;
      }
    }
    return Verdict.GOOD;
  }

  private Verdict judge(int width, int height) {
    if (isTooLarge(width, height)) {
      sizeIsGood = false;
      why = "it is %d×%d pixels".formatted(width, height);
      return Verdict.TOO_LARGE;
    }
    sizeIsGood = true;
    return Verdict.GOOD;
  }

  /** Whether a picture of that size is beyond the bound. */
  public static boolean isTooLarge(int width, int height) {
    return Math.max(width, height) > MAX_SIDE || (long) width * height > MAX_PIXELS;
  }
}
