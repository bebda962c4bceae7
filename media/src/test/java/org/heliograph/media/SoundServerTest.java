package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;
import org.heliograph.media.PulseServer.Offer;
import org.heliograph.media.PulseServer.SoundSource;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Microphones of a sound server, which is a PulseAudio of each test's own. */
@Timeout(60)
class SoundServerTest {
  private static final String MICROPHONE =
      "module-sine-source source_name=microphone frequency=" + TestSoundServer.TONE_HERTZ;

  private final RecordingListener listener = new RecordingListener();

  private static LocalDevices devices(TestSoundServer server, String microphone) {
    return new LocalDevices(
        new CaptureSettings("none", microphone, 320, 240, 30, 300_000, 32_000),
        Optional.of(server.address()));
  }

  /** Listens until the frequency is heard; a server begins with up to a second of silence. */
  private void awaitTone(int hertz) throws Exception {
    awaitAmplitude(hertz, amplitude -> amplitude > 0.1);
  }

  private void awaitAmplitude(int hertz, DoublePredicate wanted) throws Exception {
    try (FfmpegDecoder decoder = FfmpegDecoder.opus(1)) {
      double amplitude;
      do {
        amplitude = Goertzel.amplitude(decoder.decodeSound(listener.nextFrame()), hertz);
      } while (!wanted.test(amplitude));
    }
  }

  @Test
  void theMicrophoneIsTakenThoughTheDefaultIsAMonitor() throws Exception {
    try (TestSoundServer server = new TestSoundServer(MICROPHONE);
        LocalDevices devices = devices(server, "auto")) {
      server.control("set-default-source", "loudspeaker.monitor");
      CaptureTrack _ = devices.openMicrophone(listener);
      awaitTone(TestSoundServer.TONE_HERTZ);
      DeviceCatalog.SoundServer told = DeviceCatalog.soundServer(Optional.of(server.address()));
      assertThat(told.microphone()).contains("microphone");
      assertThat(told.problem()).isEmpty();
    }
  }

  @Test
  void whereThereIsOnlyAMonitorAutoTakesTheTestTone() throws Exception {
    try (TestSoundServer server = new TestSoundServer();
        LocalDevices devices = devices(server, "auto")) {
      CaptureTrack _ = devices.openMicrophone(listener);
      awaitTone(440);
    }
  }

  @Test
  void whereThereIsOnlyAMonitorTheServersMicrophoneIsMissing() throws Exception {
    try (TestSoundServer server = new TestSoundServer();
        LocalDevices devices = devices(server, "pulse")) {
      DeviceException refused =
          catchThrowableOfType(DeviceException.class, () -> devices.openMicrophone(listener));
      assertThat(refused.reason()).isEqualTo(Reason.MISSING);
      assertThat(refused).hasMessageContaining("no microphone, only what its loudspeakers play");
      assertThat(DeviceCatalog.soundServer(Optional.of(server.address())).problem())
          .isEqualTo(refused.getMessage());
    }
  }

  @Test
  void whoNamesAMonitorHasIt() throws Exception {
    try (TestSoundServer server = new TestSoundServer();
        LocalDevices devices = devices(server, "pulse:loudspeaker.monitor")) {
      CaptureTrack track = devices.openMicrophone(listener);
      listener.nextFrame();
      assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
    }
  }

  @Test
  void aSourceThatTheServerDoesNotHaveIsMissing() throws Exception {
    try (TestSoundServer server = new TestSoundServer(MICROPHONE);
        LocalDevices devices = devices(server, "pulse:headset")) {
      DeviceException refused =
          catchThrowableOfType(DeviceException.class, () -> devices.openMicrophone(listener));
      assertThat(refused.reason()).isEqualTo(Reason.MISSING);
      assertThat(refused).hasMessageContaining("headset").hasMessageContaining(": microphone.");
    }
  }

  /** PulseAudio moves the recording to the monitor by itself. */
  @Test
  void aMicrophoneThatIsUnpluggedIsNotReplacedByTheLoudspeaker() throws Exception {
    try (TestSoundServer server = new TestSoundServer(MICROPHONE);
        LocalDevices devices = devices(server, "auto")) {
      CaptureTrack track = devices.openMicrophone(listener);
      listener.nextFrame();
      server.control("unload-module", "module-sine-source");
      DeviceException lost = listener.nextLoss();
      assertThat(lost.reason()).isEqualTo(Reason.LOST);
      assertThat(lost).hasMessageContaining("microphone is gone");
      assertThat(track.state()).isNotEqualTo(CaptureTrack.State.ON);
    }
  }

  @Test
  void anotherMicrophoneInItsPlaceIsGoneOnWith() throws Exception {
    try (TestSoundServer server =
            new TestSoundServer(MICROPHONE, "module-null-source source_name=other");
        LocalDevices devices = devices(server, "pulse:microphone")) {
      CaptureTrack track = devices.openMicrophone(listener);
      awaitTone(TestSoundServer.TONE_HERTZ);
      server.control("set-default-source", "other");
      server.control("unload-module", "module-sine-source");
      awaitAmplitude(TestSoundServer.TONE_HERTZ, amplitude -> amplitude < 0.01);
      assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
      assertThat(listener.losses).isEmpty();
    }
  }

  @Test
  void aServerThatHangsIsNamed() throws Exception {
    try (TestSoundServer server = new TestSoundServer(MICROPHONE);
        LocalDevices devices = devices(server, "auto")) {
      server.hang();
      DeviceException refused =
          catchThrowableOfType(DeviceException.class, () -> devices.openMicrophone(listener));
      assertHangs(refused);
      DeviceCatalog.SoundServer told = DeviceCatalog.soundServer(Optional.of(server.address()));
      assertThat(told.problem()).isEqualTo(refused.getMessage());
      assertThat(
              DeviceCatalog.microphoneProblem(
                  new CaptureSettings("none", "default", 320, 240, 30, 300_000, 32_000), told))
          .contains(refused.getMessage());
    }
  }

  @Test
  void aServerThatHangsInACallIsNamed() throws Exception {
    try (TestSoundServer server = new TestSoundServer(MICROPHONE);
        LocalDevices devices = devices(server, "pulse")) {
      CaptureTrack _ = devices.openMicrophone(listener);
      listener.nextFrame();
      server.hang();
      assertHangs(listener.nextLoss());
    }
  }

  private static void assertHangs(DeviceException told) {
    assertThat(told.reason()).isEqualTo(Reason.LOST);
    assertThat(told)
        .message()
        .containsIgnoringCase("sound server")
        .contains("Restart")
        .doesNotContainIgnoringCase("plug");
  }

  @Test
  void aServerThatIsGoneIsTold() throws Exception {
    TestSoundServer server = new TestSoundServer(MICROPHONE);
    try (LocalDevices devices = devices(server, "pulse")) {
      CaptureTrack _ = devices.openMicrophone(listener);
      listener.nextFrame();
      server.close();
      assertThat(listener.nextLoss()).hasMessageContaining("The sound server has ended");
    }
  }

  @Test
  void theDesktopsChoiceIsTakenUnlessItIsALoudspeaker() {
    SoundSource monitor = new SoundSource(0, "speaker.monitor", "Monitor", true);
    SoundSource loopback = new SoundSource(1, "alsa_input.aloop", "Loopback", true);
    SoundSource first = new SoundSource(2, "first", "First", false);
    SoundSource second = new SoundSource(3, "second", "Second", false);
    List<SoundSource> all = List.of(monitor, loopback, first, second);
    assertThat(new Offer(all, "second").microphone()).contains(second);
    assertThat(new Offer(all, "speaker.monitor").microphone()).contains(first);
    assertThat(new Offer(all, "alsa_input.aloop").microphone()).contains(first);
    assertThat(new Offer(all, "").microphone()).contains(first);
    assertThat(new Offer(List.of(monitor, loopback), "speaker.monitor").microphone()).isEmpty();
  }

  @Test
  void aLoopbackCardIsToldFromACardThatHears() {
    List<SoundCards.CaptureDevice> devices =
        SoundCards.captureDevices(
            List.of(
                "00-00: Loopback PCM : Loopback PCM : playback 1 : capture 1",
                "00-01: Loopback PCM : Loopback PCM : playback 1 : capture 1",
                "01-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1",
                "01-03: HDMI 0 : HDMI 0 : playback 1"));
    assertThat(devices)
        .extracting(SoundCards.CaptureDevice::isLoopback)
        .containsExactly(true, true, false);
  }
}
