package org.heliograph.media;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a V4L2 device says of itself, asked by the ioctls of {@code linux/videodev2.h}. The pictures
 * themselves come through FFmpeg.
 */
final class V4l2Device implements AutoCloseable {
  /** errno values that have a meaning here. */
  static final int ENOENT = 2;

  static final int ENXIO = 6;
  static final int ENOTTY = 25;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int ENODEV = 19;
  static final int EINVAL = 22;

  private static final int NONE = -1;
  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  private static final long VIDIOC_QUERYCAP = 0x80685600L;
  private static final long VIDIOC_ENUM_FMT = 0xC0405602L;
  private static final long VIDIOC_G_FMT = 0xC0D05604L;
  private static final long VIDIOC_TRY_FMT = 0xC0D05640L;
  private static final long VIDIOC_REQBUFS = 0xC0145608L;
  private static final long VIDIOC_CROPCAP = 0xC02C563AL;
  private static final long VIDIOC_ENUM_FRAMESIZES = 0xC02C564AL;
  private static final long VIDIOC_ENUM_FRAMEINTERVALS = 0xC034564BL;

  private static final int BUF_TYPE_VIDEO_CAPTURE = 1;
  private static final int MEMORY_MMAP = 1;
  private static final int CAP_VIDEO_CAPTURE = 0x1;
  private static final int CAP_STREAMING = 0x04000000;
  private static final int CAP_DEVICE_CAPS = 0x80000000;
  private static final int TYPE_DISCRETE = 1;

  private static final int ENUMERATION_LIMIT = 64;
  private static final int MOST_LENGTH = 16_384;

  /** Sizes that are offered of a camera that takes any within limits. */
  private static final List<int[]> USUAL_SIZES =
      List.of(
          new int[] {320, 180},
          new int[] {320, 240},
          new int[] {640, 360},
          new int[] {640, 480},
          new int[] {960, 540},
          new int[] {1280, 720},
          new int[] {1920, 1080});

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_FIELD =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      libc("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO, variadicFrom(2));
  private static final MethodHandle IOCTL =
      libc(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          ERRNO,
          variadicFrom(2));
  private static final MethodHandle CLOSE =
      libc("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment callState = arena.allocate(Linker.Option.captureStateLayout());
  private final int descriptor;
  private final Control control;

  /** One ioctl; gives 0, or the errno. */
  @FunctionalInterface
  interface Control {
    int ioctl(long request, MemorySegment argument);
  }

  private static Linker.Option variadicFrom(int index) {
    return Linker.Option.firstVariadicArg(index);
  }

  private static MethodHandle libc(
      String name, FunctionDescriptor signature, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, options);
  }

  /** A system call failed. */
  static final class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int errno;

    ErrnoException(String action, int errno) {
      super(action + " failed with errno " + errno);
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  /** Opens the device, without starting it; several programs may do so at once. */
  V4l2Device(String path) throws ErrnoException {
    int opened;
    try {
      opened =
          (int)
              OPEN.invokeExact(
                  callState, arena.allocateFrom(path), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
    if (opened < 0) {
      int errno = errno();
      arena.close();
      throw new ErrnoException("opening " + path, errno);
    }
    descriptor = opened;
    control = this::nativeIoctl;
  }

  /** A device that answers as it is told to. */
  V4l2Device(Control control) {
    this.descriptor = NONE;
    this.control = control;
  }

  private int errno() {
    return (int) ERRNO_FIELD.get(callState, 0L);
  }

  private int ioctl(long request, MemorySegment argument) {
    return control.ioctl(request, argument);
  }

  private int nativeIoctl(long request, MemorySegment argument) {
    try {
      int result = (int) IOCTL.invokeExact(callState, descriptor, request, argument);
      return result < 0 ? errno() : 0;
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
  }

  /** The camera's name, from its {@code v4l2_capability}. */
  String card() throws ErrnoException {
    MemorySegment capability = queryCapability();
    byte[] card = capability.asSlice(16, 32).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    int length = (int) IntStream.range(0, card.length).takeWhile(i -> card[i] != 0).count();
    return new String(card, 0, length, StandardCharsets.UTF_8);
  }

  /** Whether it gives pictures: many cameras have a second node for metadata only. */
  boolean isCamera() throws ErrnoException {
    MemorySegment capability = queryCapability();
    int all = capability.get(JAVA_INT, 84);
    int own = (all & CAP_DEVICE_CAPS) != 0 ? capability.get(JAVA_INT, 88) : all;
    return (own & CAP_VIDEO_CAPTURE) != 0 && (own & CAP_STREAMING) != 0;
  }

  private MemorySegment queryCapability() throws ErrnoException {
    MemorySegment capability = arena.allocate(104, 8);
    int errno = ioctl(VIDIOC_QUERYCAP, capability);
    if (errno != 0) {
      throw new ErrnoException("VIDIOC_QUERYCAP", errno);
    }
    return capability;
  }

  /** Whether another program streams from it. */
  boolean isBusy() {
    MemorySegment request = arena.allocate(20, 8);
    request.set(JAVA_INT, 0, 1);
    request.set(JAVA_INT, 4, BUF_TYPE_VIDEO_CAPTURE);
    request.set(JAVA_INT, 8, MEMORY_MMAP);
    int errno = ioctl(VIDIOC_REQBUFS, request);
    if (errno == 0) {
      request.set(JAVA_INT, 0, 0);
      int _ = ioctl(VIDIOC_REQBUFS, request);
    }
    return errno == EBUSY;
  }

  /** Every format that the camera offers, at its highest frame rate. */
  List<CameraFormat> formats() {
    List<CameraFormat> formats = new ArrayList<>();
    for (int index = 0; index < ENUMERATION_LIMIT; index++) {
      MemorySegment description = arena.allocate(64, 8);
      description.set(JAVA_INT, 0, index);
      description.set(JAVA_INT, 4, BUF_TYPE_VIDEO_CAPTURE);
      if (ioctl(VIDIOC_ENUM_FMT, description) != 0) {
        break;
      }
      int pixelFormat = description.get(JAVA_INT, 44);
      for (int[] size : sizes(pixelFormat)) {
        double rate = highestRate(pixelFormat, size[0], size[1]);
        formats.add(new CameraFormat(CameraFormat.fourCc(pixelFormat), size[0], size[1], rate));
      }
    }
    if (formats.isEmpty()) {
      current().ifPresent(format -> formats.add(format.asOffered(highestRate(format))));
    }
    return formats;
  }

  /** What the device is set to. */
  private record Current(int pixelFormat, int width, int height) {
    static Current of(MemorySegment format) {
      return new Current(
          format.get(JAVA_INT, 16), format.get(JAVA_INT, 8), format.get(JAVA_INT, 12));
    }

    boolean isPossible() {
      return width > 0 && height > 0 && width <= MOST_LENGTH && height <= MOST_LENGTH;
    }

    CameraFormat asOffered(double rate) {
      return new CameraFormat(CameraFormat.fourCc(pixelFormat), width, height, rate);
    }
  }

  private double highestRate(Current format) {
    return highestRate(format.pixelFormat(), format.width(), format.height());
  }

  private Optional<Current> current() {
    MemorySegment format = format();
    if (ioctl(VIDIOC_G_FMT, format) != 0) {
      return Optional.empty();
    }
    return Optional.of(Current.of(format)).filter(Current::isPossible);
  }

  /** A {@code v4l2_format}: the type, then width, height and pixel format from byte 8 on. */
  private MemorySegment format() {
    MemorySegment format = arena.allocate(208, 8);
    format.set(JAVA_INT, 0, BUF_TYPE_VIDEO_CAPTURE);
    return format;
  }

  /**
   * The size that a device that lists none gives in a pixel format: that which it is set to, or
   * what it makes of it. A device that cannot be asked is taken at its present word.
   */
  private List<int[]> presentSize(int pixelFormat) {
    Optional<Current> present = current();
    if (present.isEmpty()) {
      return List.of();
    }
    Current now = present.get();
    MemorySegment wanted = format();
    wanted.set(JAVA_INT, 8, now.width());
    wanted.set(JAVA_INT, 12, now.height());
    wanted.set(JAVA_INT, 16, pixelFormat);
    int errno = ioctl(VIDIOC_TRY_FMT, wanted);
    Current got =
        switch (errno) {
          case 0 -> Current.of(wanted);
          case ENOTTY -> new Current(pixelFormat, now.width(), now.height());
          default -> now;
        };
    return got.pixelFormat() == pixelFormat && got.isPossible()
        ? List.of(new int[] {got.width(), got.height()})
        : List.of();
  }

  /**
   * What a pixel is wide and high, in pictures that are not scaled.
   *
   * @param pictureWidth the size of these pictures
   */
  record PixelAspect(int pictureWidth, int pictureHeight, int width, int height) {}

  /**
   * The pixel's aspect, which is none of a square with analogue video; empty where it is unknown.
   */
  Optional<PixelAspect> pixelAspect() {
    // A v4l2_cropcap: type, bounds, default rectangle, and the aspect as height to width.
    MemorySegment capability = arena.allocate(44, 8);
    capability.set(JAVA_INT, 0, BUF_TYPE_VIDEO_CAPTURE);
    if (ioctl(VIDIOC_CROPCAP, capability) != 0) {
      return Optional.empty();
    }
    return Optional.of(
        new PixelAspect(
            capability.get(JAVA_INT, 28),
            capability.get(JAVA_INT, 32),
            capability.get(JAVA_INT, 40),
            capability.get(JAVA_INT, 36)));
  }

  private List<int[]> sizes(int pixelFormat) {
    List<int[]> sizes = new ArrayList<>();
    for (int index = 0; index < ENUMERATION_LIMIT; index++) {
      MemorySegment size = arena.allocate(44, 8);
      size.set(JAVA_INT, 0, index);
      size.set(JAVA_INT, 4, pixelFormat);
      if (ioctl(VIDIOC_ENUM_FRAMESIZES, size) != 0) {
        break;
      }
      if (size.get(JAVA_INT, 8) != TYPE_DISCRETE) {
        sizes.addAll(usualSizesWithin(size));
        break;
      }
      sizes.add(new int[] {size.get(JAVA_INT, 12), size.get(JAVA_INT, 16)});
    }
    return sizes.isEmpty() ? presentSize(pixelFormat) : sizes;
  }

  /** The {@code v4l2_frmsize_stepwise} holds least, most and step of the width, then the height. */
  private static List<int[]> usualSizesWithin(MemorySegment size) {
    int leastWidth = size.get(JAVA_INT, 12);
    int mostWidth = size.get(JAVA_INT, 16);
    int leastHeight = size.get(JAVA_INT, 24);
    int mostHeight = size.get(JAVA_INT, 28);
    int widthStep = size.get(JAVA_INT, 20);
    int heightStep = size.get(JAVA_INT, 32);
    return USUAL_SIZES.stream()
        .filter(
            usual ->
                usual[0] >= leastWidth
                    && usual[0] <= mostWidth
                    && usual[1] >= leastHeight
                    && usual[1] <= mostHeight)
        .map(
            usual ->
                new int[] {
                  onStep(usual[0], leastWidth, widthStep), onStep(usual[1], leastHeight, heightStep)
                })
        .toList();
  }

  private static int onStep(int length, int least, int step) {
    return step <= 1 ? length : length - (length - least) % step;
  }

  /** Frames per second; 0 when the camera does not say. */
  private double highestRate(int pixelFormat, int width, int height) {
    double highest = 0;
    for (int index = 0; index < ENUMERATION_LIMIT; index++) {
      MemorySegment interval = arena.allocate(52, 8);
      interval.set(JAVA_INT, 0, index);
      interval.set(JAVA_INT, 4, pixelFormat);
      interval.set(JAVA_INT, 8, width);
      interval.set(JAVA_INT, 12, height);
      if (ioctl(VIDIOC_ENUM_FRAMEINTERVALS, interval) != 0) {
        break;
      }
      // A discrete interval, or the shortest of a range.
      int numerator = interval.get(JAVA_INT, 20);
      int denominator = interval.get(JAVA_INT, 24);
      if (numerator > 0) {
        highest = Math.max(highest, (double) denominator / numerator);
      }
      if (interval.get(JAVA_INT, 16) != TYPE_DISCRETE) {
        break;
      }
    }
    return highest;
  }

  @Override
  public void close() {
    try {
      if (descriptor != NONE) {
        int _ = (int) CLOSE.invokeExact(descriptor);
      }
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
    arena.close();
  }
}
