package org.heliograph.media;

import java.time.Duration;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This machine's devices with settings that may change while the agent runs. New ones wait until no
 * call has a device open: two sets of settings for one camera would want it twice, and the second
 * would find it busy. A device that a call has just let go of is waited for, two seconds at most.
 */
public final class SwitchableDevices implements Devices {
  private static final Logger log = LoggerFactory.getLogger(SwitchableDevices.class);
  private static final Duration LONGEST_RELEASE = Duration.ofSeconds(2);

  private CaptureSettings wanted;
  private CaptureSettings used;
  private LocalDevices current;

  /** Takes note of the settings; opens no device. */
  public SwitchableDevices(CaptureSettings settings) {
    wanted = settings;
    used = settings;
    current = new LocalDevices(settings);
  }

  /** Lets other settings hold from the moment on when no device is open. */
  public synchronized void reconfigure(CaptureSettings settings) {
    wanted = settings;
  }

  /** The devices as they are to be opened now. */
  public synchronized LocalDevices current() {
    if (!wanted.equals(used) && current.awaitAllClosed(LONGEST_RELEASE)) {
      log.info("Camera and microphone have new settings");
      current.close();
      current = new LocalDevices(wanted);
      used = wanted;
    }
    return current;
  }

  @Override
  public CaptureTrack open(TrackSource source, ContentHint hint, CaptureListener listener)
      throws DeviceException {
    return current().open(source, hint, listener);
  }

  @Override
  public synchronized void close() {
    current.close();
  }
}
