package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.heliograph.session.I420Picture;

/**
 * Turns frames of any pixel format into I420 in limited range, made smaller where they are larger
 * than a given box. A picture is turned as its display matrix says and gets square pixels; its
 * shape is kept.
 */
final class PictureScaler implements AutoCloseable {
  /** Beyond this a pixel's aspect is an error of the file. */
  private static final double MOST_ASPECT = 8;

  private final int maxWidth;
  private final int maxHeight;
  private SwsContext context;
  private int sourceWidth;
  private int sourceHeight;
  private int sourceFormat;
  private int sourceRange;
  private int sourceColorSpace;
  private double sourceAspect;
  private Orientation orientation = Orientation.UPRIGHT;
  private I420Picture picture;

  /** The picture as it is seen; null where that is as it is stored. */
  private I420Picture turned;

  private PointerPointer<BytePointer> planes;
  private IntPointer strides;

  PictureScaler(int maxWidth, int maxHeight) {
    this.maxWidth = maxWidth;
    this.maxHeight = maxHeight;
  }

  /** The frame as I420; the picture is valid until the next call. */
  I420Picture scale(AVFrame frame) {
    if (context == null
        || frame.width() != sourceWidth
        || frame.height() != sourceHeight
        || frame.format() != sourceFormat
        || frame.color_range() != sourceRange
        || frame.colorspace() != sourceColorSpace
        || aspect(frame) != sourceAspect
        || !Orientation.of(frame).equals(orientation)) {
      prepare(frame);
    }
    int _ = sws_scale(context, frame.data(), frame.linesize(), 0, frame.height(), planes, strides);
    if (turned == null) {
      return picture;
    }
    orientation.turn(picture, turned);
    return turned;
  }

  /** A pixel's width to its height; 1 where the frame does not say, or says what cannot be. */
  private static double aspect(AVFrame frame) {
    AVRational aspect = frame.sample_aspect_ratio();
    double ratio = (double) aspect.num() / aspect.den();
    return ratio >= 1 / MOST_ASPECT && ratio <= MOST_ASPECT ? ratio : 1;
  }

  private void prepare(AVFrame frame) {
    close();
    sourceWidth = frame.width();
    sourceHeight = frame.height();
    sourceFormat = frame.format();
    sourceRange = frame.color_range();
    sourceColorSpace = frame.colorspace();
    sourceAspect = aspect(frame);
    orientation = Orientation.of(frame);
    // The longer side of a pixel is kept: nothing is lost by squares.
    double squareWidth = sourceWidth * Math.max(1, sourceAspect);
    double squareHeight = sourceHeight / Math.min(1, sourceAspect);
    int boxWidth = orientation.transposed() ? maxHeight : maxWidth;
    int boxHeight = orientation.transposed() ? maxWidth : maxHeight;
    double shrink = Math.min(1, Math.min(boxWidth / squareWidth, boxHeight / squareHeight));
    int width = Math.max(2, (int) Math.round(squareWidth * shrink) & ~1);
    int height = Math.max(2, (int) Math.round(squareHeight * shrink) & ~1);
    context =
        sws_getContext(
            sourceWidth,
            sourceHeight,
            sourceFormat,
            width,
            height,
            AV_PIX_FMT_YUV420P,
            SWS_BILINEAR,
            (SwsFilter) null,
            (SwsFilter) null,
            (DoublePointer) null);
    if (context == null) {
      throw new IllegalStateException("pictures of this pixel format cannot be converted");
    }
    boolean fullRange =
        sourceRange == AVCOL_RANGE_JPEG
            || sourceFormat == AV_PIX_FMT_YUVJ420P
            || sourceFormat == AV_PIX_FMT_YUVJ422P
            || sourceFormat == AV_PIX_FMT_YUVJ444P;
    int matrix = frame.colorspace() == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    int _ =
        sws_setColorspaceDetails(
            context,
            sws_getCoefficients(matrix),
            fullRange ? 1 : 0,
            sws_getCoefficients(SWS_CS_ITU601),
            0,
            0,
            1 << 16,
            1 << 16);
    picture = new I420Picture(width, height);
    if (!orientation.equals(Orientation.UPRIGHT)) {
      turned =
          orientation.transposed()
              ? new I420Picture(height, width)
              : new I420Picture(width, height);
    }
    planes =
        new PointerPointer<>(
            new BytePointer(picture.y().asByteBuffer()),
            new BytePointer(picture.u().asByteBuffer()),
            new BytePointer(picture.v().asByteBuffer()));
    strides = new IntPointer(width, width / 2, width / 2);
  }

  @Override
  public void close() {
    if (context != null) {
      sws_freeContext(context);
      planes.close();
      strides.close();
      picture.close();
      if (turned != null) {
        turned.close();
        turned = null;
      }
      context = null;
    }
  }
}
