package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class LocalDevicesTest {
  private static CaptureSettings settings(String camera, String microphone) {
    return new CaptureSettings(camera, microphone, 320, 240, 30, 300_000, 32_000);
  }

  @ParameterizedTest
  @CsvSource({
    "none, MISSING",
    "/dev/video99, MISSING",
    "/dev/null, UNSUPPORTED",
    "file:/no/such/file.webm, MISSING"
  })
  void aCameraThatCannotBeUsedIsNamedWithTheReason(String camera, Reason reason) {
    try (LocalDevices devices = new LocalDevices(settings(camera, "test"))) {
      DeviceException thrown =
          catchThrowableOfType(
              DeviceException.class, () -> devices.openCamera(new RecordingListener()));
      assertThat(thrown.reason()).isEqualTo(reason);
      assertThat(camera).endsWith(thrown.device().equals("camera") ? "none" : thrown.device());
      assertThat(thrown).hasMessageContaining(thrown.device());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "none, MISSING",
    "'hw:77,0', MISSING",
    "no-such-pcm, MISSING",
    "file:/no/such/file.webm, MISSING"
  })
  void aMicrophoneThatCannotBeUsedIsNamedWithTheReason(String microphone, Reason reason) {
    try (LocalDevices devices = new LocalDevices(settings("test", microphone))) {
      DeviceException thrown =
          catchThrowableOfType(
              DeviceException.class, () -> devices.openMicrophone(new RecordingListener()));
      assertThat(thrown.reason()).isEqualTo(reason);
      assertThat(thrown).hasMessageContaining(thrown.device());
    }
  }

  @Test
  void aFileThatIsNoMediaIsRefused(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("letter.txt"), "Dear Sir or Madam");
    try (LocalDevices devices = new LocalDevices(settings("file:" + file, "test"))) {
      assertThatThrownBy(() -> devices.openCamera(new RecordingListener()))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("letter.txt")
          .extracting(e -> ((DeviceException) e).reason())
          .isEqualTo(Reason.UNSUPPORTED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"webcam", "", "file:"})
  void anUnknownCameraIsRefusedByTheSettings(String camera) {
    assertThatThrownBy(() -> settings(camera, "test"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/dev/video0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"test:loud", "test:5", "", "file:"})
  void anImpossibleMicrophoneIsRefusedByTheSettings(String microphone) {
    assertThatThrownBy(() -> settings("test", microphone))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void closingTheDevicesEndsEveryTrack() throws Exception {
    RecordingListener picture = new RecordingListener();
    RecordingListener sound = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings("test", "test"))) {
      CaptureTrack _ = devices.openCamera(picture);
      CaptureTrack _ = devices.openMicrophone(sound);
      picture.nextFrame();
      sound.nextFrame();
    }
    assertThat(captureThreads()).isEmpty();
    assertThatThrownBy(
            () -> {
              LocalDevices closed = new LocalDevices(settings("test", "test"));
              closed.close();
              CaptureTrack _ = closed.openCamera(picture);
            })
        .isInstanceOf(IllegalStateException.class);
    assertThat(captureThreads()).isEmpty();
  }

  @Test
  void whatIsBeingClosedIsWaitedForAndWhatIsInUseIsNot() throws Exception {
    FakeCamera camera = new FakeCamera();
    try (LocalDevices devices =
        new LocalDevices(
            settings("test", "test"), Optional.of(camera::openSource), Optional.empty())) {
      assertThat(devices.awaitAllClosed(Duration.ZERO)).isTrue();
      CaptureTrack track = devices.openCamera(new RecordingListener());
      assertThat(devices.awaitAllClosed(Duration.ofSeconds(60))).isFalse();
      camera.closeSlowly(Duration.ofMillis(300));
      Thread hangingUp = Thread.ofPlatform().start(track::close);
      camera.awaitClosing();
      assertThat(devices.awaitAllClosed(Duration.ZERO)).isFalse();
      assertThat(devices.awaitAllClosed(Duration.ofSeconds(60))).isTrue();
      assertThat(camera.open).hasValue(0);
      hangingUp.join();
    }
  }

  @Test
  void openingAndClosingManyTimesLeavesNothingBehind() throws Throwable {
    openAndClose(10);
    long before = NativeMemory.allocatedKilobytes();
    openAndClose(60);
    long after = NativeMemory.allocatedKilobytes();
    assertThat(captureThreads()).isEmpty();
    // 60 pairs of a VP8 encoder and its pictures are some 60 MB.
    assertThat(after - before).as("growth in kB").isLessThan(15_000);
  }

  private static void openAndClose(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      RecordingListener picture = new RecordingListener();
      RecordingListener sound = new RecordingListener();
      try (LocalDevices devices = new LocalDevices(settings("test", "test"));
          CaptureTrack camera = devices.openCamera(picture);
          CaptureTrack _ = devices.openMicrophone(sound)) {
        picture.nextFrame();
        camera.setEnabled(false);
        sound.nextFrame();
      }
    }
    System.gc();
  }

  private static Set<String> captureThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("capture ") || name.startsWith("encode "))
        .collect(Collectors.toSet());
  }
}
