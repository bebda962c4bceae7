package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeviceCatalogTest {
  @TempDir private Path devices;

  private static void awaitChange(Semaphore changes) throws InterruptedException {
    assertThat(changes.tryAcquire(30, TimeUnit.SECONDS)).as("a change is reported").isTrue();
  }

  @Test
  void aCameraThatComesOrGoesIsReported() throws Exception {
    Semaphore changes = new Semaphore(0);
    try (DeviceCatalog.Watch _ = DeviceCatalog.watch(devices, changes::release)) {
      Files.createFile(devices.resolve("video0"));
      awaitChange(changes);
      Files.delete(devices.resolve("video0"));
      awaitChange(changes);
    }
  }

  @Test
  void anErrorOfWhoeverIsToldDoesNotKeepTheNextChangeFromHim() throws Exception {
    Semaphore changes = new Semaphore(0);
    try (DeviceCatalog.Watch _ =
        DeviceCatalog.watch(
            devices,
            () -> {
              changes.release();
              throw new OutOfMemoryError("by the test");
            })) {
      Files.createFile(devices.resolve("video0"));
      awaitChange(changes);
      Files.delete(devices.resolve("video0"));
      awaitChange(changes);
    }
  }

  @Test
  void aSoundCardIsReportedThoughItsDirectoryIsNew() throws Exception {
    Semaphore changes = new Semaphore(0);
    try (DeviceCatalog.Watch _ = DeviceCatalog.watch(devices, changes::release)) {
      Path sound = Files.createDirectory(devices.resolve("snd"));
      awaitChange(changes);
      Files.createFile(sound.resolve("pcmC0D0c"));
      awaitChange(changes);
    }
  }

  @Test
  void changesThatComeTogetherAreReportedOnceAndOthersNotAtAll() throws Exception {
    Semaphore changes = new Semaphore(0);
    try (DeviceCatalog.Watch _ = DeviceCatalog.watch(devices, changes::release)) {
      Files.createFile(devices.resolve("ttyS0"));
      for (int i = 0; i < 10; i++) {
        Files.createFile(devices.resolve("video" + i));
      }
      awaitChange(changes);
      Files.createFile(devices.resolve("video10"));
      awaitChange(changes);
      assertThat(changes.availablePermits()).isZero();
    }
  }

  @Test
  void aProcessThatHoldsADeviceIsNamed() throws Exception {
    Path device = Files.createFile(devices.resolve("video0")).toRealPath();
    assertThat(DeviceHolders.of(device.toString(), 0)).isEqualTo(DeviceHolders.SOME_PROGRAM);
    Process holder = new ProcessBuilder("sleep", "60").redirectInput(device.toFile()).start();
    try (var _ = Files.newInputStream(device)) {
      assertThat(DeviceHolders.of(device.toString(), 0))
          .isEqualTo("Heliograph itself, sleep (" + holder.pid() + ")");
      assertThat(DeviceHolders.of(device.toString(), 1)).isEqualTo("sleep (" + holder.pid() + ")");
    } finally {
      holder.destroy();
    }
  }
}
