package org.heliograph.media;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a camera can give.
 *
 * @param fourCc the pixel format as V4L2 names it, such as {@code YUYV} or {@code MJPG}
 * @param width in pixels
 * @param height in pixels
 * @param framesPerSecond the highest rate at this size; 0 when the camera does not say
 */
public record CameraFormat(String fourCc, int width, int height, double framesPerSecond) {
  /** The formats that can be used, with FFmpeg's name. */
  private static final Map<String, String> FFMPEG_NAMES =
      Map.ofEntries(
          Map.entry("YUYV", "yuyv422"),
          Map.entry("UYVY", "uyvy422"),
          Map.entry("YU12", "yuv420p"),
          Map.entry("422P", "yuv422p"),
          Map.entry("NV12", "nv12"),
          Map.entry("NV21", "nv21"),
          Map.entry("RGB3", "rgb24"),
          Map.entry("BGR3", "bgr24"),
          Map.entry("GREY", "gray"),
          Map.entry("MJPG", "mjpeg"),
          Map.entry("JPEG", "mjpeg"));

  private static final double UNKNOWN_RATE_TAKEN_AS = 30;

  /** The four letters of a pixel format, the first in the lowest byte. */
  static String fourCc(int pixelFormat) {
    StringBuilder letters = new StringBuilder();
    for (int shift = 0; shift < 32; shift += 8) {
      letters.append((char) (pixelFormat >>> shift & 0x7F));
    }
    return letters.toString().strip();
  }

  /** FFmpeg's name of the pixel format; empty when it cannot be used. */
  Optional<String> ffmpegName() {
    return Optional.ofNullable(FFMPEG_NAMES.get(fourCc));
  }

  /**
   * The best of what a camera offers for a wanted size and rate: rather a little too large than too
   * small, the wanted rate if at all possible, and uncompressed where that costs neither.
   */
  static Optional<CameraFormat> best(List<CameraFormat> offered, CaptureSettings wanted) {
    return ranked(offered, wanted).stream().findFirst();
  }

  /** The best of each pixel format that can be used, the best of all first. */
  static List<CameraFormat> ranked(List<CameraFormat> offered, CaptureSettings wanted) {
    Map<String, CameraFormat> best = new LinkedHashMap<>();
    offered.stream()
        .filter(format -> format.ffmpegName().isPresent())
        .sorted(Comparator.comparingDouble(format -> format.misfit(wanted)))
        .forEach(format -> best.putIfAbsent(format.fourCc(), format));
    return List.copyOf(best.values());
  }

  private double misfit(CaptureSettings wanted) {
    double area = logarithm((double) width * height / ((double) wanted.width() * wanted.height()));
    double rate = framesPerSecond > 0 ? framesPerSecond : UNKNOWN_RATE_TAKEN_AS;
    double tooSlow = Math.max(0, logarithm(wanted.framesPerSecond() / rate));
    double shape =
        Math.abs(logarithm((double) width * wanted.height() / ((double) height * wanted.width())));
    double compressed = ffmpegName().orElse("").equals("mjpeg") ? 0.3 : 0;
    return (area < 0 ? -2 * area : 0.7 * area) + 2 * tooSlow + 0.3 * shape + compressed;
  }

  /** For a person, such as {@code 640x480 YUYV at 30 fps}. */
  @Override
  public String toString() {
    String size = "%dx%d %s".formatted(width, height, fourCc);
    return framesPerSecond > 0
        ? "%s at %s fps"
            .formatted(
                size,
                BigDecimal.valueOf(framesPerSecond)
                    .setScale(2, RoundingMode.HALF_UP)
                    .stripTrailingZeros()
                    .toPlainString())
        : size;
  }

  private static double logarithm(double ratio) {
    return Math.log(ratio) / Math.log(2);
  }
}
