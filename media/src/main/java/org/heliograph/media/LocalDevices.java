package org.heliograph.media;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.peer.MediaKind;
import org.heliograph.session.CodecException;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Picture;
import org.heliograph.session.SharedSource;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;
import org.heliograph.session.VideoEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of this machine, as {@link CaptureSettings} names them. Safe for use by several
 * threads; opening and switching wait for the device, some seconds at most.
 */
public final class LocalDevices implements Devices {
  /** The loss that the sound is prepared for until the other side has reported on it. */
  static final int EXPECTED_LOSS_PERCENT = 10;

  private static final Logger log = LoggerFactory.getLogger(LocalDevices.class);
  private static final int DEFAULT_TONE_HERTZ = 440;
  private static final int MANY_SOURCES = 32;
  private static final String PULSE = "pulse";
  private static final String ALSA_DEFAULT = "default";

  private static final String SLOW_FILE =
      "Look at the disk or network folder that it lies on, and whether its picture is as long as"
          + " its sound; then switch it on again.";

  private final CaptureSettings settings;
  private final Optional<String> soundServer;

  /**
   * By the device's name in {@link TrackSource}; each is opened once, however many tracks it has.
   */
  private final Map<String, SharedSource<Picture>> cameras = new ConcurrentHashMap<>();

  private final Map<String, SharedSource<Sound>> microphones = new ConcurrentHashMap<>();

  /** Camera and microphone from the same file share one, and with it the clock. */
  private final Map<Path, MediaFile> mediaFiles = new ConcurrentHashMap<>();

  /** Those that are not closed yet; also those that are about to be. */
  private final Set<KeptTrack> tracks = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /** With {@code auto}, the microphone that is tried now: where it hangs, it is to be named. */
  private volatile String microphoneBeingOpened;

  /** Takes note of the settings; opens no device. */
  public LocalDevices(CaptureSettings settings) {
    this(settings, Optional.empty());
  }

  /**
   * With a sound server that is not the user's own.
   *
   * @param soundServer as {@code PULSE_SERVER} holds it
   */
  public LocalDevices(CaptureSettings settings, Optional<String> soundServer) {
    this(settings, soundServer, Optional.empty(), Optional.empty());
  }

  /** With devices of the caller's own in place of those that the settings name. */
  public LocalDevices(
      CaptureSettings settings,
      Optional<Source.Opener<Picture>> ownCamera,
      Optional<Source.Opener<Sound>> ownMicrophone) {
    this(settings, Optional.empty(), ownCamera, ownMicrophone);
  }

  private LocalDevices(
      CaptureSettings settings,
      Optional<String> soundServer,
      Optional<Source.Opener<Picture>> ownCamera,
      Optional<Source.Opener<Sound>> ownMicrophone) {
    this.settings = settings;
    this.soundServer = soundServer;
    this.microphoneBeingOpened = settings.microphone();
    ownCamera.ifPresent(own -> cameras.put(settings.camera(), camera(settings.camera(), own)));
    ownMicrophone.ifPresent(
        own -> microphones.put(settings.microphone(), microphone(settings.microphone(), own)));
  }

  private SharedSource<Picture> camera(TrackSource source) {
    String device = source.device().isEmpty() ? settings.camera() : source.device();
    forgetUnused(cameras);
    return cameras.computeIfAbsent(
        device, name -> camera(name, () -> openCameraSource(CameraChoice.parse(name))));
  }

  private static SharedSource<Picture> camera(String name, Source.Opener<Picture> opener) {
    return new SharedSource<>(
        nameOf("camera", name), opener, () -> cameraRemedy(CameraChoice.parse(name)));
  }

  private SharedSource<Sound> microphone(TrackSource source) {
    String device = source.device().isEmpty() ? settings.microphone() : source.device();
    forgetUnused(microphones);
    return microphones.computeIfAbsent(
        device, name -> microphone(name, () -> openMicrophoneSource(MicrophoneChoice.parse(name))));
  }

  private SharedSource<Sound> microphone(String name, Source.Opener<Sound> opener) {
    return new SharedSource<>(
        nameOf("microphone", name), opener, () -> microphoneRemedy(MicrophoneChoice.parse(name)));
  }

  /** Whoever may name devices may name many. */
  private static <T> void forgetUnused(Map<String, SharedSource<T>> sources) {
    if (sources.size() >= MANY_SOURCES) {
      sources.values().removeIf(SharedSource::isIdle);
    }
  }

  /** Films have two; what is spoken into a microphone needs one. */
  private int channels(TrackSource source) {
    String device = source.device().isEmpty() ? settings.microphone() : source.device();
    return channels(MicrophoneChoice.parse(device));
  }

  private static int channels(MicrophoneChoice choice) {
    return choice instanceof MicrophoneChoice.File ? 2 : 1;
  }

  private static String cameraRemedy(CameraChoice choice) {
    return choice instanceof CameraChoice.File
        ? SLOW_FILE
        : "Unplug it, plug it in again and switch it on.";
  }

  private String microphoneRemedy(MicrophoneChoice choice) {
    return choice instanceof MicrophoneChoice.File
        ? SLOW_FILE
        : DeviceMicrophone.remedy(microphoneBeingOpened);
  }

  private static String nameOf(String kind, String choice) {
    return choice.equals("auto") ? kind : choice;
  }

  /**
   * Loads the native libraries ahead of the first call, which would otherwise wait for them for a
   * second and more; on the caller's thread. What is missing is reported when it is needed.
   */
  public void loadLibraries() {
    try {
      Encoders.openVp8(new VideoEncoder.Settings(64, 64, 30, 100_000, false)).close();
      Encoders.openOpus(
              new OpusEncoder.Settings(
                  channels(settings.microphoneChoice()),
                  32_000,
                  true,
                  EXPECTED_LOSS_PERCENT,
                  false))
          .close();
      boolean testOnly =
          settings.cameraChoice() instanceof CameraChoice.Test
              && settings.microphoneChoice() instanceof MicrophoneChoice.Test;
      if (!testOnly) {
        FfmpegInput.load();
      }
    } catch (CodecException | LinkageError e) {
      log.debug("a library cannot be loaded", e);
    }
  }

  private Source<Picture> openCameraSource(CameraChoice choice) throws DeviceException {
    return switch (choice) {
      case CameraChoice.Auto() -> openFirstCamera();
      case CameraChoice.Test(int number) -> testPicture(number);
      case CameraChoice.None() ->
          throw new DeviceException(
              "camera", Reason.MISSING, "No camera is configured (camera = none).", null);
      case CameraChoice.Device(String path) -> new V4l2Camera(path, settings);
      case CameraChoice.File(Path path) -> mediaFile(path).openPictures(settings);
    };
  }

  /**
   * The first camera that can be opened; the test picture only where there is no camera at all. A
   * camera that is there but cannot be used is the user's to know of.
   */
  private Source<Picture> openFirstCamera() throws DeviceException {
    DeviceException first = null;
    for (DeviceCatalog.Camera camera : DeviceCatalog.cameras()) {
      try {
        Source<Picture> opened = new V4l2Camera(camera.device(), settings);
        log.info("The camera is {} ({}).", camera.name(), camera.device());
        return opened;
      } catch (DeviceException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    log.info("There is no camera: the test picture takes its place.");
    return testPicture(0);
  }

  private Source<Picture> testPicture(int number) {
    return new TestPicture(settings.width(), settings.height(), settings.framesPerSecond(), number);
  }

  private Source<Sound> openMicrophoneSource(MicrophoneChoice choice) throws DeviceException {
    int channels = channels(choice);
    return switch (choice) {
      case MicrophoneChoice.Auto() -> openFirstMicrophone(channels);
      case MicrophoneChoice.Test(int hertz) -> new TestTone(hertz, channels);
      case MicrophoneChoice.None() ->
          throw new DeviceException(
              "microphone",
              Reason.MISSING,
              "No microphone is configured (microphone = none).",
              null);
      case MicrophoneChoice.Alsa(String name) -> DeviceMicrophone.alsa(name, channels);
      case MicrophoneChoice.Pulse(String source) ->
          DeviceMicrophone.pulse(soundServer, source, channels);
      case MicrophoneChoice.File(Path path) -> mediaFile(path).openSounds(channels);
    };
  }

  /**
   * The sound server's microphone, which is the desktop's choice; ALSA's where no server runs; the
   * first card that can be opened; the test tone where there is no microphone at all. Never what is
   * played on this machine, or the other side would hear itself.
   */
  private Source<Sound> openFirstMicrophone(int channels) throws DeviceException {
    DeviceException first = null;
    boolean serverRuns = true;
    microphoneBeingOpened = PULSE;
    try {
      Optional<PulseServer> server = PulseServer.find(soundServer);
      serverRuns = server.isPresent();
      if (serverRuns) {
        return taken(DeviceMicrophone.pulse(server.get(), channels));
      }
    } catch (DeviceException e) {
      log.info("The sound server's microphone is not taken: {}", e.getMessage());
      first = e.reason() == Reason.MISSING ? null : e;
    }
    for (String candidate : cardsToTry(serverRuns)) {
      microphoneBeingOpened = candidate;
      try {
        return taken(DeviceMicrophone.alsa(candidate, channels));
      } catch (DeviceException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    log.info("There is no microphone: the test tone takes its place.");
    return new TestTone(DEFAULT_TONE_HERTZ, channels);
  }

  private static DeviceMicrophone taken(DeviceMicrophone microphone) {
    log.info("The microphone is {}.", microphone.description());
    return microphone;
  }

  /** ALSA's default is the sound server's where one runs, and has been tried by then. */
  private static List<String> cardsToTry(boolean serverRuns) {
    List<SoundCards.CaptureDevice> cards =
        SoundCards.captureDevices().stream().filter(card -> !card.isLoopback()).toList();
    List<String> candidates = new ArrayList<>();
    if (!cards.isEmpty() && !serverRuns && leadsToOneOf(cards)) {
      candidates.add(ALSA_DEFAULT);
    }
    cards.forEach(card -> candidates.add(card.alsaName()));
    return candidates;
  }

  /** Whether ALSA's default is a card that may be taken, or the configuration's own affair. */
  private static boolean leadsToOneOf(List<SoundCards.CaptureDevice> cards) {
    try {
      int number = new AlsaLibrary().card(ALSA_DEFAULT);
      return number == AlsaLibrary.NO_CARD
          || cards.stream().anyMatch(card -> card.card() == number);
    } catch (IllegalArgumentException missing) {
      return true; // opening it says what is missing
    }
  }

  private MediaFile mediaFile(Path path) {
    return mediaFiles.computeIfAbsent(path, MediaFile::new);
  }

  @Override
  public CaptureTrack open(TrackSource source, ContentHint hint, CaptureListener listener)
      throws DeviceException {
    return source.kind() == MediaKind.VIDEO
        ? openCamera(source, hint, listener)
        : openMicrophone(source, hint, listener);
  }

  private CaptureTrack openCamera(TrackSource source, ContentHint hint, CaptureListener listener)
      throws DeviceException {
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
    return keep(new CameraTrack(camera(source), listener, settings, hint, encoder));
  }

  private CaptureTrack openMicrophone(
      TrackSource source, ContentHint hint, CaptureListener listener) throws DeviceException {
    int channels = channels(source);
    OpusEncoder encoder;
    try {
      encoder =
          Encoders.openOpus(
              new OpusEncoder.Settings(
                  channels,
                  settings.audioBitsPerSecond(),
                  true,
                  EXPECTED_LOSS_PERCENT,
                  false,
                  hint == ContentHint.MUSIC));
    } catch (CodecException e) {
      throw new DeviceException("Opus encoder", Reason.UNSUPPORTED, e.getMessage(), e);
    }
    return keep(new MicrophoneTrack(microphone(source), listener, settings, encoder, channels));
  }

  private CaptureTrack keep(CaptureTrack track) {
    KeptTrack kept = new KeptTrack(track);
    tracks.add(kept);
    if (closed) {
      kept.close();
      throw new IllegalStateException("the devices are closed");
    }
    return kept;
  }

  /**
   * Whether no track is open any more. Where each is being closed it waits for that, as long as
   * that may take; where one is in use it does not.
   */
  boolean awaitAllClosed(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      for (KeptTrack track : tracks) {
        if (!track.closing) {
          return false;
        }
        track.closed.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (TimeoutException | ExecutionException tooSlow) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    closed = true;
    tracks.forEach(CaptureTrack::close);
  }

  /** A track that is forgotten when it is closed. */
  private final class KeptTrack implements CaptureTrack {
    private final CaptureTrack track;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile boolean closing;

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
    public void setExpectedLossPercent(int percent) {
      track.setExpectedLossPercent(percent);
    }

    @Override
    public State state() {
      return track.state();
    }

    @Override
    public void close() {
      closing = true;
      try {
        track.close();
      } finally {
        tracks.remove(this);
        closed.complete(null);
      }
    }
  }
}
