package org.heliograph.media;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the device directory for cameras and sound cards that come and go. */
final class DeviceWatch implements DeviceCatalog.Watch, Runnable {
  private static final Logger log = LoggerFactory.getLogger(DeviceWatch.class);
  private static final String SOUND_DIRECTORY = "snd";
  private static final String CAMERA_PREFIX = "video";

  /** A device that is plugged in makes several nodes; their permissions come a moment later. */
  private static final long QUIET_MILLIS = 300;

  private static final int MOST_QUIET_WAITS = 10;

  private final WatchService service;
  private final Path soundDevices;
  private final Runnable onChange;

  DeviceWatch(Path devices, Runnable onChange) throws IOException {
    this.service = devices.getFileSystem().newWatchService();
    this.soundDevices = devices.resolve(SOUND_DIRECTORY);
    this.onChange = onChange;
    register(devices);
    if (Files.isDirectory(soundDevices)) {
      register(soundDevices);
    }
  }

  private void register(Path directory) throws IOException {
    WatchKey _ =
        directory.register(
            service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
  }

  @Override
  public void run() {
    try {
      while (true) {
        if (concernsDevices(service.take())) {
          awaitQuiet();
          tell();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // The watch is over.
    }
  }

  private void tell() {
    try {
      onChange.run();
    } catch (RuntimeException | Error e) {
      log.error("a listener of device changes failed", e); // and is told of the next one
    }
  }

  private boolean concernsDevices(WatchKey key) {
    boolean concerns = key.watchable().equals(soundDevices);
    for (WatchEvent<?> event : key.pollEvents()) {
      String name = String.valueOf(event.context());
      concerns |= name.startsWith(CAMERA_PREFIX);
      if (name.equals(SOUND_DIRECTORY)) {
        concerns = true;
        watchSoundDevices();
      }
    }
    boolean _ = key.reset();
    return concerns;
  }

  /** The directory is there only while there is a sound card. */
  private void watchSoundDevices() {
    if (Files.isDirectory(soundDevices)) {
      try {
        register(soundDevices);
      } catch (IOException e) {
        log.debug("{} cannot be watched", soundDevices, e);
      }
    }
  }

  private void awaitQuiet() throws InterruptedException {
    for (int i = 0; i < MOST_QUIET_WAITS; i++) {
      WatchKey key = service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
      if (key == null) {
        return;
      }
      boolean _ = concernsDevices(key);
    }
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      log.debug("the watch of devices did not close", e);
    }
  }
}
