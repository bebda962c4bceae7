package org.heliograph.interop.devices;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.heliograph.interop.lab.DeviceLab;
import org.heliograph.media.CaptureListener;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.CaptureTrack;
import org.heliograph.media.DeviceCatalog;
import org.heliograph.media.LocalDevices;
import org.heliograph.media.V4l2Camera;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.Picture;

/**
 * Runs in the device lab, whose cameras are grabbers there: what each offers and gives, and whether
 * the loopback card, the only one, is left alone by {@code auto}. What is found goes into a file.
 */
public final class GrabberProgram {
  /** The file with what was found. */
  public static final String RESULTS = "results.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PICTURES = 5;

  private GrabberProgram() {}

  public static void main(String[] arguments) throws Exception {
    ObjectNode results = JSON.createObjectNode();
    try {
      ArrayNode grabbers = results.putArray("grabbers");
      for (DeviceCatalog.Camera camera : DeviceCatalog.cameras()) {
        ObjectNode found = grabbers.addObject();
        found.put("device", camera.device());
        found.put("formats", camera.formats().toString());
        describePicture(camera.device(), found);
      }
      results.put("open_with_auto", soundDevicesOpenWithAuto().toString());
      results.put(
          "loopback",
          DeviceCatalog.microphones().stream().allMatch(DeviceCatalog.Microphone::loopback));
    } catch (DeviceException e) {
      results.put("error", e.getMessage());
    } finally {
      Files.writeString(DeviceLab.OUTPUT.resolve(RESULTS), results.toPrettyString());
    }
    System.exit(0);
  }

  private static void describePicture(String device, ObjectNode found) throws Exception {
    CaptureSettings settings = new CaptureSettings(device, "none", 640, 480, 10, 500_000, 32_000);
    try (V4l2Camera camera = new V4l2Camera(device, settings)) {
      for (int count = 0; count < PICTURES; ) {
        Optional<Picture> next = camera.next();
        if (next.isPresent() && ++count == PICTURES) {
          I420Picture pixels = next.get().pixels();
          found.put("width", pixels.width());
          found.put("height", pixels.height());
          found.put("y", mean(pixels.y()));
          found.put("u", mean(pixels.u()));
          found.put("v", mean(pixels.v()));
        }
      }
    }
  }

  private static long mean(MemorySegment plane) {
    long sum = 0;
    for (long i = 0; i < plane.byteSize(); i++) {
      sum += plane.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
    }
    return sum / plane.byteSize();
  }

  private static List<String> soundDevicesOpenWithAuto() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    CaptureListener listener =
        new CaptureListener() {
          @Override
          public void onFrame(MediaFrame frame) {
            heard.countDown();
          }

          @Override
          public void onDeviceLost(DeviceException cause) {
            throw new IllegalStateException(cause);
          }
        };
    try (LocalDevices devices =
            new LocalDevices(new CaptureSettings("none", "auto", 640, 480, 10, 500_000, 32_000));
        CaptureTrack _ = devices.openMicrophone(listener)) {
      heard.await();
      return openSoundDevices();
    }
  }

  private static List<String> openSoundDevices() throws IOException {
    List<String> open = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path each : descriptors.filter(Files::isSymbolicLink).toList()) {
        String target = Files.readSymbolicLink(each).toString();
        if (target.startsWith("/dev/snd/")) {
          open.add(target);
        }
      }
    }
    return open;
  }
}
