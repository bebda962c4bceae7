package org.heliograph.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A raw picture in native memory: I420, BT.601 in limited range, the planes Y, U and V one after
 * the other without padding. Width and height are even.
 *
 * <p>Its memory is its own and freed by {@link #close()}; reading it afterwards throws {@link
 * IllegalStateException}.
 */
public final class I420Picture implements AutoCloseable {
  private static final byte BLACK_Y = 16;
  private static final byte GREY_CHROMA = (byte) 128;

  private final Arena arena = Arena.ofShared();
  private final int width;
  private final int height;
  private final MemorySegment planes;

  /** Allocates a black picture. */
  public I420Picture(int width, int height) {
    if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
      throw new IllegalArgumentException(
          "an I420 picture needs an even size, not " + width + "x" + height);
    }
    this.width = width;
    this.height = height;
    this.planes = arena.allocate((long) width * height * 3 / 2, 64);
    fillBlack();
  }

  /** Makes the picture black. */
  public void fillBlack() {
    y().fill(BLACK_Y);
    u().fill(GREY_CHROMA);
    v().fill(GREY_CHROMA);
  }

  /** Width in pixels, even. */
  public int width() {
    return width;
  }

  /** Height in pixels, even. */
  public int height() {
    return height;
  }

  /** All three planes. */
  public MemorySegment planes() {
    return planes;
  }

  /** Luma, {@code width} bytes a row. */
  public MemorySegment y() {
    return planes.asSlice(0, (long) width * height);
  }

  /** Blue difference, {@code width / 2} bytes a row, {@code height / 2} rows. */
  public MemorySegment u() {
    return planes.asSlice((long) width * height, (long) width * height / 4);
  }

  /** Red difference, {@code width / 2} bytes a row, {@code height / 2} rows. */
  public MemorySegment v() {
    return planes.asSlice((long) width * height * 5 / 4, (long) width * height / 4);
  }

  /** Whether the other picture has the same width and height. */
  public boolean hasSizeOf(I420Picture other) {
    return width == other.width && height == other.height;
  }

  /** Copies the other picture, which has the same size, into this one. */
  public void copyFrom(I420Picture other) {
    if (!hasSizeOf(other)) {
      throw new IllegalArgumentException(
          "a picture of %dx%d does not fit into %dx%d"
              .formatted(other.width, other.height, width, height));
    }
    planes.copyFrom(other.planes);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
