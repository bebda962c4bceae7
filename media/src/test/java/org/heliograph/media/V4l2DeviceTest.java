package org.heliograph.media;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is made of drivers that leave some of V4L2's questions unanswered. */
class V4l2DeviceTest {
  private static final int YUYV = 'Y' | 'U' << 8 | 'Y' << 16 | 'V' << 24;
  private static final int UYVY = 'U' | 'Y' << 8 | 'V' << 16 | 'Y' << 24;
  private static final int DISCRETE = 1;
  private static final int STEPWISE = 3;

  /** A grabber that is set to 720x576 YUYV. */
  static class Grabber implements V4l2Device.Control {
    List<Integer> formats = List.of(YUYV, UYVY);

    @Override
    public int ioctl(long request, MemorySegment argument) {
      return switch ((int) (request & 0xFF)) {
        case 2 -> enumFormats(argument);
        case 4 -> getFormat(argument);
        case 64 -> tryFormat(argument);
        case 74 -> enumSizes(argument);
        case 75 -> enumIntervals(argument);
        default -> V4l2Device.ENOTTY;
      };
    }

    int enumFormats(MemorySegment description) {
      int index = description.get(JAVA_INT, 0);
      if (index >= formats.size()) {
        return V4l2Device.EINVAL;
      }
      description.set(JAVA_INT, 44, formats.get(index));
      return 0;
    }

    int getFormat(MemorySegment format) {
      return set(format, 720, 576, YUYV);
    }

    int tryFormat(MemorySegment format) {
      return 0;
    }

    int enumSizes(MemorySegment size) {
      return V4l2Device.ENOTTY;
    }

    int enumIntervals(MemorySegment interval) {
      return V4l2Device.ENOTTY;
    }

    static int set(MemorySegment format, int width, int height, int pixelFormat) {
      format.set(JAVA_INT, 8, width);
      format.set(JAVA_INT, 12, height);
      format.set(JAVA_INT, 16, pixelFormat);
      return 0;
    }

    static int range(MemorySegment size, int type, int... values) {
      size.set(JAVA_INT, 8, type);
      for (int i = 0; i < values.length; i++) {
        size.set(JAVA_INT, 12 + 4 * i, values[i]);
      }
      return 0;
    }
  }

  private static List<CameraFormat> formats(V4l2Device.Control control) {
    try (V4l2Device device = new V4l2Device(control)) {
      return device.formats();
    }
  }

  private static CameraFormat yuyv(int width, int height) {
    return new CameraFormat("YUYV", width, height, 0);
  }

  @Test
  void whatListsNoSizesIsTakenAtTheSizeThatItIsSetTo() {
    assertThat(formats(new Grabber()))
        .containsExactly(yuyv(720, 576), new CameraFormat("UYVY", 720, 576, 0));
  }

  @Test
  void aDriverThatMakesAnotherSizeOfItIsTakenAtItsWord() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int tryFormat(MemorySegment format) {
                    return set(format, 704, 480, format.get(JAVA_INT, 16));
                  }
                }))
        .containsExactly(yuyv(704, 480), new CameraFormat("UYVY", 704, 480, 0));
  }

  @Test
  void aPixelFormatThatTheDriverChangesIsNotOffered() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int tryFormat(MemorySegment format) {
                    return set(format, 720, 576, YUYV);
                  }
                }))
        .containsExactly(yuyv(720, 576));
  }

  @Test
  void aDriverThatCannotBeAskedWhatItWouldDoIsTriedNevertheless() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int tryFormat(MemorySegment format) {
                    return V4l2Device.ENOTTY;
                  }
                }))
        .containsExactly(yuyv(720, 576), new CameraFormat("UYVY", 720, 576, 0));
  }

  @Test
  void aPixelFormatThatTheDriverRefusesIsNotOffered() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int tryFormat(MemorySegment format) {
                    return V4l2Device.EINVAL;
                  }
                }))
        .as("what it is set to, it gives")
        .containsExactly(yuyv(720, 576));
  }

  @Test
  void whatListsNoFormatsIsTakenAtThatWhichItIsSetTo() {
    Grabber grabber = new Grabber();
    grabber.formats = List.of();
    assertThat(formats(grabber)).containsExactly(yuyv(720, 576));
  }

  @Test
  void aDeviceThatSaysNothingOrNonsenseOffersNothing() {
    assertThat(formats((_, _) -> V4l2Device.ENOTTY)).isEmpty();
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int getFormat(MemorySegment format) {
                    return set(format, 0, 1 << 30, YUYV);
                  }
                }))
        .isEmpty();
  }

  @Test
  void aRangeWithoutAUsualSizeIsTakenAtTheSizeThatItIsSetTo() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int enumSizes(MemorySegment size) {
                    return range(size, STEPWISE, 720, 720, 16, 480, 576, 96);
                  }
                }))
        .containsExactly(yuyv(720, 576), new CameraFormat("UYVY", 720, 576, 0));
  }

  @Test
  void aRangesStepsAreKept() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int enumSizes(MemorySegment size) {
                    return range(size, STEPWISE, 48, 700, 16, 32, 500, 32);
                  }
                }))
        .contains(yuyv(320, 160), yuyv(640, 480), yuyv(640, 352))
        .doesNotContain(yuyv(320, 180));
  }

  @Test
  void listedSizesAreTakenAsTheyAre() {
    assertThat(
            formats(
                new Grabber() {
                  @Override
                  int enumSizes(MemorySegment size) {
                    return size.get(JAVA_INT, 0) == 0
                        ? range(size, DISCRETE, 800, 600)
                        : V4l2Device.EINVAL;
                  }
                }))
        .containsExactly(yuyv(800, 600), new CameraFormat("UYVY", 800, 600, 0));
  }
}
