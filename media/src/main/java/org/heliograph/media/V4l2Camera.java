package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.heliograph.media.V4l2Device.ErrnoException;
import org.heliograph.media.V4l2Device.PixelAspect;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.Picture;
import org.heliograph.session.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A camera, by V4L2 through FFmpeg. */
public final class V4l2Camera implements Source<Picture> {
  private static final Logger log = LoggerFactory.getLogger(V4l2Camera.class);

  private static final String RATE = "framerate";

  /** With these errors no other format is of use. */
  private static final Set<Integer> OTHERS_FAIL_TOO =
      Set.of(
          V4l2Device.ENOENT,
          V4l2Device.ENODEV,
          V4l2Device.ENXIO,
          V4l2Device.EACCES,
          V4l2Device.EBUSY);

  private static final long POLL_NANOS = 2_000_000;
  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  /** Time stamps of a device within this of our clock are on it, as V4L2 says they should be. */
  private static final long SAME_CLOCK_NANOS = 10_000_000_000L;

  private final String path;
  private final FfmpegInput input;
  private final PictureScaler scaler;
  private final Optional<PixelAspect> pixelAspect;
  private final AVRational aspect = new AVRational();
  private long lastPictureNanos = System.nanoTime();
  private long offsetNanos = Long.MIN_VALUE;

  /** Opens the camera in the format that fits best and starts it. */
  public V4l2Camera(String path, CaptureSettings settings) throws DeviceException {
    this.path = path;
    Offer offer = ask(path, settings);
    this.pixelAspect = offer.pixelAspect();
    try {
      this.input = openFirst(path, offer.formats(), settings);
    } catch (FfmpegException e) {
      throw refused(path, -e.error(), e);
    } catch (LinkageError e) {
      throw missingLibraries(path, e);
    }
    this.scaler = new PictureScaler(settings.width(), settings.height());
  }

  /**
   * Opens the first format that the driver takes: some change what they are asked for into another
   * pixel format, or refuse a rate that they did not list.
   */
  private static FfmpegInput openFirst(
      String path, List<CameraFormat> formats, CaptureSettings settings) throws FfmpegException {
    FfmpegException first = null;
    for (CameraFormat format : formats) {
      Map<String, String> options = options(format, settings);
      Map<String, String> anyRate = new HashMap<>(options);
      anyRate.remove(RATE);
      for (Map<String, String> each : List.of(options, anyRate)) {
        try {
          FfmpegInput opened = FfmpegInput.openDevice("v4l2", path, each, AVMEDIA_TYPE_VIDEO);
          log.debug("{}: {}, as {}", path, format, each);
          return opened;
        } catch (FfmpegException e) {
          if (OTHERS_FAIL_TOO.contains(-e.error())) {
            throw e;
          }
          log.debug("{} does not take {}", path, each, e);
          first = first == null ? e : first;
        }
      }
    }
    throw first;
  }

  /** What the camera can give, the best of each pixel format first. */
  private record Offer(List<CameraFormat> formats, Optional<PixelAspect> pixelAspect) {}

  private static Offer ask(String path, CaptureSettings settings) throws DeviceException {
    try (V4l2Device device = new V4l2Device(realPath(path))) {
      if (!device.isCamera()) {
        throw new DeviceException(
            path, Reason.UNSUPPORTED, path + " is not a camera that gives pictures.", null);
      }
      if (device.isBusy()) {
        throw refused(path, V4l2Device.EBUSY, null);
      }
      List<CameraFormat> formats = CameraFormat.ranked(device.formats(), settings);
      if (formats.isEmpty()) {
        throw new DeviceException(
            path,
            Reason.UNSUPPORTED,
            "The camera %s offers none of the picture formats known here.".formatted(path),
            null);
      }
      return new Offer(formats, device.pixelAspect());
    } catch (ErrnoException e) {
      throw refused(path, e.errno(), e);
    }
  }

  private static Map<String, String> options(CameraFormat format, CaptureSettings settings) {
    double offered = format.framesPerSecond();
    double rate =
        offered > 0 ? Math.min(offered, settings.framesPerSecond()) : settings.framesPerSecond();
    return Map.of(
        "input_format",
        format.ffmpegName().orElseThrow(),
        "video_size",
        format.width() + "x" + format.height(),
        RATE,
        String.format(Locale.ROOT, "%.3f", rate));
  }

  /** What an errno of the system means to a user. */
  static DeviceException refused(String path, int errno, Throwable cause) {
    return switch (errno) {
      case V4l2Device.ENOENT, V4l2Device.ENODEV, V4l2Device.ENXIO ->
          new DeviceException(
              path,
              Reason.MISSING,
              "There is no camera %s. Plug it in, or choose another one.".formatted(path),
              cause);
      case V4l2Device.EACCES ->
          new DeviceException(
              path,
              Reason.NO_PERMISSION,
              "This user may not use the camera %s. Add the user to the group video and log in again."
                  .formatted(path),
              cause);
      case V4l2Device.EBUSY -> busy(path, cause);
      default ->
          new DeviceException(
              path,
              Reason.UNSUPPORTED,
              "The camera %s cannot be used (error %d).".formatted(path, errno),
              cause);
    };
  }

  /** Whoever asks has the camera open for that. */
  private static DeviceException busy(String path, Throwable cause) {
    return new DeviceException(
        path,
        Reason.BUSY,
        "The camera %s is in use by %s. Close that program and try again."
            .formatted(path, DeviceHolders.of(realPath(path), 1)),
        cause);
  }

  static DeviceException missingLibraries(String device, LinkageError cause) {
    return new DeviceException(
        device,
        Reason.UNSUPPORTED,
        "%s cannot be used, because a library is missing. Install the packages libasound2, libpulse0, libxcb1 and libxcb-shm0."
            .formatted(device),
        cause);
  }

  /** A camera may be named by a link under {@code /dev/v4l/by-id}. */
  private static String realPath(String path) {
    try {
      return Path.of(path).toRealPath().toString();
    } catch (IOException e) {
      return path;
    }
  }

  @Override
  public String name() {
    return path;
  }

  @Override
  public Optional<Picture> next() throws DeviceException, InterruptedException {
    long begun = System.nanoTime();
    try {
      while (input.read() != FfmpegInput.Result.FRAME) {
        if (System.nanoTime() - begun > LONGEST_WAIT_NANOS) {
          return Optional.empty();
        }
        TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
      }
    } catch (FfmpegException e) {
      throw new DeviceException(
          path,
          Reason.LOST,
          "The camera %s is gone. Plug it in again and switch it on.".formatted(path),
          e);
    }
    lastPictureNanos = System.nanoTime();
    AVFrame frame = input.frame();
    if (pixelAspect.isPresent()) {
      setAspect(frame, pixelAspect.get());
    }
    return Optional.of(new Picture(captureTimeNanos(), scaler.scale(frame)));
  }

  private void setAspect(AVFrame frame, PixelAspect known) {
    if (frame.width() == known.pictureWidth() && frame.height() == known.pictureHeight()) {
      frame.sample_aspect_ratio(aspect.num(known.width()).den(known.height()));
    }
  }

  /** V4L2 stamps pictures by CLOCK_MONOTONIC, which System.nanoTime() reads as well. */
  private long captureTimeNanos() {
    long deviceNanos = input.deviceTimeNanos();
    if (offsetNanos == Long.MIN_VALUE) {
      long difference = lastPictureNanos - deviceNanos;
      offsetNanos = Math.abs(difference) < SAME_CLOCK_NANOS ? 0 : difference;
    }
    return Math.min(deviceNanos + offsetNanos, lastPictureNanos);
  }

  @Override
  public void close() {
    scaler.close();
    input.close();
    aspect.close();
  }
}
