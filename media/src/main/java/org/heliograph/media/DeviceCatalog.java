package org.heliograph.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.heliograph.media.V4l2Device.ErrnoException;
import org.heliograph.session.DeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cameras and microphones of this machine, for the user to see and to choose from. */
public final class DeviceCatalog {
  private static final Logger log = LoggerFactory.getLogger(DeviceCatalog.class);
  private static final Path DEVICES = Path.of("/dev");
  private static final Pattern VIDEO_NODE = Pattern.compile("video\\d{1,4}");

  private DeviceCatalog() {}

  /** Whether a device can be used now. */
  public enum Availability {
    USABLE,
    BUSY,
    NO_PERMISSION,
    UNSUPPORTED
  }

  /**
   * A camera.
   *
   * @param device what {@link CaptureSettings#camera()} calls it, such as {@code /dev/video0}
   * @param name what its maker calls it; the device where that cannot be asked
   * @param availability whether it can be used now
   * @param problem what is wrong and what to do about it; empty when it can be used
   * @param formats what it can give; empty where that cannot be asked
   */
  public record Camera(
      String device,
      String name,
      Availability availability,
      String problem,
      List<CameraFormat> formats) {}

  /**
   * A microphone.
   *
   * @param device what {@link CaptureSettings#microphone()} calls it, such as {@code plughw:1,0}
   * @param name what its driver calls it
   * @param availability whether it can be used now
   * @param problem what is wrong and what to do about it; empty when it can be used
   * @param loopback whether it hears what is played on this machine; {@code auto} never takes it
   */
  public record Microphone(
      String device, String name, Availability availability, String problem, boolean loopback) {}

  /** Every camera, in the order of its number. Nodes that give no pictures are left out. */
  public static List<Camera> cameras() {
    List<Camera> cameras = new ArrayList<>();
    for (Path node : videoNodes()) {
      describeCamera(node.toString(), cameras);
    }
    return cameras;
  }

  private static List<Path> videoNodes() {
    List<Path> nodes = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(DEVICES, "video*")) {
      for (Path node : found) {
        if (VIDEO_NODE.matcher(node.getFileName().toString()).matches()) {
          nodes.add(node);
        }
      }
    } catch (IOException e) {
      log.debug("{} cannot be listed", DEVICES, e);
    }
    nodes.sort(Comparator.comparingInt(DeviceCatalog::number));
    return nodes;
  }

  private static int number(Path node) {
    return Integer.parseInt(node.getFileName().toString().substring("video".length()));
  }

  private static void describeCamera(String path, List<Camera> cameras) {
    try (V4l2Device device = new V4l2Device(path)) {
      if (!device.isCamera()) {
        return;
      }
      List<CameraFormat> formats = device.formats();
      if (device.isBusy()) {
        DeviceException busy = V4l2Camera.refused(path, V4l2Device.EBUSY, null);
        cameras.add(new Camera(path, device.card(), Availability.BUSY, busy.getMessage(), formats));
      } else if (formats.stream().noneMatch(format -> format.ffmpegName().isPresent())) {
        String problem = "It offers none of the picture formats known here.";
        cameras.add(new Camera(path, device.card(), Availability.UNSUPPORTED, problem, formats));
      } else {
        cameras.add(new Camera(path, device.card(), Availability.USABLE, "", formats));
      }
    } catch (ErrnoException e) {
      DeviceException refused = V4l2Camera.refused(path, e.errno(), e);
      cameras.add(new Camera(path, path, availability(refused), refused.getMessage(), List.of()));
    }
  }

  /** Every ALSA device that records. */
  public static List<Microphone> microphones() {
    List<Microphone> microphones = new ArrayList<>();
    List<SoundCards.CaptureDevice> devices = SoundCards.captureDevices();
    if (devices.isEmpty()) {
      return microphones;
    }
    for (SoundCards.CaptureDevice device : devices) {
      String alsaName = device.alsaName();
      try {
        DeviceMicrophone.probeAlsa(alsaName);
        microphones.add(
            new Microphone(alsaName, device.name(), Availability.USABLE, "", device.isLoopback()));
      } catch (DeviceException e) {
        microphones.add(
            new Microphone(
                alsaName, device.name(), availability(e), e.getMessage(), device.isLoopback()));
      }
    }
    return microphones;
  }

  /**
   * The sound server, PulseAudio or PipeWire.
   *
   * @param runs whether there is one, even if it does not answer
   * @param microphone what {@code auto} and {@code pulse} take of it, for a person; empty where it
   *     has none
   * @param sources the names that {@code pulse:NAME} takes
   * @param problem what is wrong with it and what to do about it; empty when it can be used
   */
  public record SoundServer(boolean runs, String microphone, List<String> sources, String problem) {
    /** None. */
    public static final SoundServer ABSENT = new SoundServer(false, "", List.of(), "");

    /** Whether it gave no answer. */
    boolean hangs() {
      return runs && sources.isEmpty() && !problem.isEmpty();
    }

    private static SoundServer of(PulseServer.Offer offer) {
      List<String> names = offer.sources().stream().map(PulseServer.SoundSource::name).toList();
      return offer
          .microphone()
          .map(source -> new SoundServer(true, source.toString(), names, ""))
          .orElseGet(
              () -> new SoundServer(true, "", names, PulseInput.onlyLoudspeakers().getMessage()));
    }
  }

  /** Asks the user's sound server what it has; waits some seconds for one that hangs. */
  public static SoundServer soundServer() {
    return soundServer(Optional.empty());
  }

  static SoundServer soundServer(Optional<String> address) {
    Optional<PulseServer> found;
    try {
      found = PulseServer.find(address);
    } catch (DeviceException hangs) {
      return new SoundServer(true, "", List.of(), hangs.getMessage());
    }
    if (found.isEmpty()) {
      return SoundServer.ABSENT;
    }
    try (PulseServer server = found.get()) {
      return SoundServer.of(server.offer());
    } catch (DeviceException e) {
      return new SoundServer(true, "", List.of(), e.getMessage());
    }
  }

  /**
   * Why the configured camera cannot be had at all.
   *
   * @return what is wrong and what to do about it; empty where it is there
   */
  public static Optional<String> cameraProblem(CaptureSettings settings) {
    return switch (settings.cameraChoice()) {
      case CameraChoice.Auto(), CameraChoice.Test(int _), CameraChoice.None() -> Optional.empty();
      case CameraChoice.Device(String path) -> deviceProblem(path);
      case CameraChoice.File(Path path) -> MediaFile.problem(path).map(Throwable::getMessage);
    };
  }

  private static Optional<String> deviceProblem(String path) {
    try (V4l2Device device = new V4l2Device(path)) {
      return device.isCamera()
          ? Optional.empty()
          : Optional.of(path + " is not a camera that gives pictures.");
    } catch (ErrnoException e) {
      return Optional.of(V4l2Camera.refused(path, e.errno(), e).getMessage());
    }
  }

  /**
   * Why the configured microphone cannot be had at all.
   *
   * @param server what {@link #soundServer()} told
   * @return what is wrong and what to do about it; empty where it is there
   */
  public static Optional<String> microphoneProblem(CaptureSettings settings, SoundServer server) {
    return switch (settings.microphoneChoice()) {
      case MicrophoneChoice.Auto(), MicrophoneChoice.Test _, MicrophoneChoice.None() ->
          Optional.empty();
      case MicrophoneChoice.Alsa(String name) -> alsaProblem(name, server);
      case MicrophoneChoice.Pulse(String name) -> pulseProblem(name, server);
      case MicrophoneChoice.File(Path path) -> MediaFile.problem(path).map(Throwable::getMessage);
    };
  }

  private static Optional<String> alsaProblem(String name, SoundServer server) {
    if (!SoundCards.isHardware(name) && server.hangs()) {
      return Optional.of(server.problem()); // opening it may wait for the server, without a limit
    }
    try {
      DeviceMicrophone.probeAlsa(name);
      return Optional.empty();
    } catch (DeviceException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<String> pulseProblem(String name, SoundServer server) {
    if (!server.runs()) {
      return Optional.of(PulseServer.notThere().getMessage());
    }
    if (name.equals(PulseInput.DEFAULT) || server.hangs()) {
      return Optional.of(server.problem()).filter(problem -> !problem.isEmpty());
    }
    return server.sources().contains(name)
        ? Optional.empty()
        : Optional.of(
            "The sound server has no source %s. Plug it in, or choose another one."
                .formatted(name));
  }

  private static Availability availability(DeviceException refused) {
    return switch (refused.reason()) {
      case BUSY -> Availability.BUSY;
      case NO_PERMISSION -> Availability.NO_PERMISSION;
      case MISSING, UNSUPPORTED, LOST -> Availability.UNSUPPORTED;
    };
  }

  /** Ends the watching of devices. */
  @FunctionalInterface
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Watches for cameras and sound cards that come and go.
   *
   * @param onChange called on a thread of its own, once for changes that come close together
   */
  public static Watch watch(Runnable onChange) {
    return watch(DEVICES, onChange);
  }

  static Watch watch(Path devices, Runnable onChange) {
    DeviceWatch watch;
    try {
      watch = new DeviceWatch(devices, onChange);
    } catch (IOException e) {
      throw new UncheckedIOException("devices cannot be watched", e);
    }
    Thread.ofPlatform().daemon().name("watch devices").start(watch);
    return watch;
  }
}
