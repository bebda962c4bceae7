package org.heliograph.agent.capture;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.heliograph.agent.capture.DeviceException.Reason;
import org.heliograph.agent.codec.CodecException;
import org.heliograph.agent.codec.Encoders;
import org.heliograph.agent.codec.OpusEncoder;
import org.heliograph.agent.codec.VideoEncoder;

/**
 * The devices of this machine, as {@link CaptureSettings} names them. Safe for use by several
 * threads; opening and switching wait for the device, some seconds at most.
 */
public final class LocalDevices implements Devices {
  private final CaptureSettings settings;
  private final SharedSource<Picture> camera;
  private final SharedSource<Sound> microphone;
  private final int channels;
  private final Set<CaptureTrack> tracks = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Takes note of the settings; nothing is opened yet. */
  public LocalDevices(CaptureSettings settings) {
    this.settings = settings;
    this.channels = settings.microphoneChoice() instanceof MicrophoneChoice.File ? 2 : 1;
    this.camera = new SharedSource<>(settings.camera(), this::openCameraSource);
    this.microphone = new SharedSource<>(settings.microphone(), this::openMicrophoneSource);
  }

  private Source<Picture> openCameraSource() throws DeviceException {
    return switch (settings.cameraChoice()) {
      case CameraChoice.None() ->
          throw new DeviceException(
              "camera", Reason.MISSING, "No camera is configured (camera = none).", null);
      default -> new TestPicture(settings.width(), settings.height(), settings.framesPerSecond());
    };
  }

  private Source<Sound> openMicrophoneSource() throws DeviceException {
    return switch (settings.microphoneChoice()) {
      case MicrophoneChoice.None() ->
          throw new DeviceException(
              "microphone",
              Reason.MISSING,
              "No microphone is configured (microphone = none).",
              null);
      case MicrophoneChoice.Test(int hertz) -> new TestTone(hertz, channels);
      default -> new TestTone(440, channels);
    };
  }

  @Override
  public CaptureTrack openCamera(CaptureListener listener) throws DeviceException {
    VideoEncoder encoder;
    try {
      encoder =
          Encoders.openVp8(
              new VideoEncoder.Settings(
                  settings.width() & ~1,
                  settings.height() & ~1,
                  settings.framesPerSecond(),
                  settings.videoBitsPerSecond(),
                  false));
    } catch (CodecException e) {
      throw new DeviceException("VP8 encoder", Reason.UNSUPPORTED, e.getMessage(), e);
    }
    return keep(new CameraTrack(camera, listener, settings, encoder));
  }

  @Override
  public CaptureTrack openMicrophone(CaptureListener listener) throws DeviceException {
    OpusEncoder encoder;
    try {
      encoder =
          Encoders.openOpus(
              new OpusEncoder.Settings(channels, settings.audioBitsPerSecond(), true, 10, false));
    } catch (CodecException e) {
      throw new DeviceException("Opus encoder", Reason.UNSUPPORTED, e.getMessage(), e);
    }
    return keep(new MicrophoneTrack(microphone, listener, settings, encoder, channels));
  }

  private CaptureTrack keep(CaptureTrack track) {
    CaptureTrack kept = new KeptTrack(track);
    tracks.add(kept);
    if (closed) {
      kept.close();
      throw new IllegalStateException("the devices are closed");
    }
    return kept;
  }

  @Override
  public void close() {
    closed = true;
    tracks.forEach(CaptureTrack::close);
  }

  /** A track that is forgotten when it is closed. */
  private final class KeptTrack implements CaptureTrack {
    private final CaptureTrack track;

    KeptTrack(CaptureTrack track) {
      this.track = track;
    }

    @Override
    public void setEnabled(boolean enabled) throws DeviceException {
      track.setEnabled(enabled);
    }

    @Override
    public void requestKeyFrame() {
      track.requestKeyFrame();
    }

    @Override
    public void setBitsPerSecond(int bitsPerSecond) {
      track.setBitsPerSecond(bitsPerSecond);
    }

    @Override
    public void close() {
      tracks.remove(this);
      track.close();
    }
  }
}
