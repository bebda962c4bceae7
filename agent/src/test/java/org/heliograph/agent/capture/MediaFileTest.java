package org.heliograph.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;
import org.heliograph.agent.codec.FfmpegDecoder;
import org.heliograph.agent.codec.FfmpegDecoder.DecodedPicture;
import org.heliograph.agent.codec.Goertzel;
import org.heliograph.agent.codec.OpusEncoder;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MediaFileTest {
  private static final long MILLI = 1_000_000;

  /** 0.8 s long; for the first 0.3 s the picture is white and a tone of 1000 Hz sounds. */
  private static final String PICTURE =
      "color=black:size=320x180:rate=25,drawbox=color=white:t=fill:enable='lt(t,0.3)'";

  private static final String SOUND =
      "aevalsrc='0.5*sin(2*PI*1000*t)*lt(t,0.3)|0.5*sin(2*PI*1000*t)*lt(t,0.3)':s=44100";

  @TempDir private static Path directory;

  @BeforeAll
  static void makeFiles() throws Exception {
    make("vp8.webm", "-c:v", "libvpx", "-c:a", "libopus");
    make("mpeg4.mp4", "-c:v", "mpeg4", "-c:a", "aac");
    // Without a duration in its header.
    make("streamed.webm", "-c:v", "libvpx", "-c:a", "libopus", "-live", "1");
  }

  private static void make(String name, String... codecs) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Loader.load(ffmpeg.class));
    command.addAll(
        List.of("-v", "error", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND));
    command.addAll(List.of(codecs));
    command.addAll(List.of("-t", "0.8", directory.resolve(name).toString()));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private static CaptureSettings settings(String file) {
    String source = "file:" + directory.resolve(file);
    return new CaptureSettings(source, source, 320, 240, 30, 500_000, 32_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vp8.webm", "mpeg4.mp4", "streamed.webm"})
  void pictureAndSoundLoopTogether(String file) throws Exception {
    RecordingListener pictures = new RecordingListener();
    RecordingListener sounds = new RecordingListener();
    List<Long> flashes;
    List<Long> beeps;
    try (LocalDevices devices = new LocalDevices(settings(file));
        CaptureTrack _ = devices.openCamera(pictures);
        CaptureTrack _ = devices.openMicrophone(sounds)) {
      flashes = flashes(pictures);
      beeps = beeps(sounds);
    }
    assertThat(flashes).hasSizeGreaterThanOrEqualTo(3);
    for (int i = 1; i < flashes.size(); i++) {
      assertThat(flashes.get(i) - flashes.get(i - 1)).isBetween(650 * MILLI, 950 * MILLI);
    }
    for (long flash : flashes) {
      assertThat(beeps)
          .as("a beep with each flash")
          .anyMatch(beep -> Math.abs(beep - flash) < 120 * MILLI);
    }
  }

  /** When the picture turns white, during three rounds. */
  private static List<Long> flashes(RecordingListener pictures) throws Exception {
    List<Long> times = new ArrayList<>();
    try (FfmpegDecoder decoder = FfmpegDecoder.vp8()) {
      boolean wasWhite = true;
      MediaFrame frame = pictures.nextFrame();
      long end = frame.timeNanos() + 2600 * MILLI;
      for (; frame.timeNanos() < end; frame = pictures.nextFrame()) {
        DecodedPicture picture = decoder.decodePicture(frame).orElseThrow();
        assertThat(picture.width()).isEqualTo(320);
        assertThat(picture.height()).as("the picture keeps its shape").isEqualTo(180);
        boolean white = picture.at(160, 90) > 126;
        if (white && !wasWhite) {
          times.add(frame.timeNanos());
        }
        wasWhite = white;
      }
    }
    return times;
  }

  /** When the tone begins, during the same time. */
  private static List<Long> beeps(RecordingListener sounds) throws Exception {
    List<Long> times = new ArrayList<>();
    try (FfmpegDecoder decoder = FfmpegDecoder.opus(2)) {
      boolean wasLoud = true;
      MediaFrame frame = sounds.nextFrame();
      long end = frame.timeNanos() + 2800 * MILLI;
      long expected = frame.timeNanos();
      for (; frame.timeNanos() < end; frame = sounds.nextFrame()) {
        assertThat(frame.timeNanos()).as("no gap").isEqualTo(expected);
        expected += OpusEncoder.FRAME_NANOS;
        boolean loud = Goertzel.amplitude(decoder.decodeSound(frame), 1000) > 0.1;
        if (loud && !wasLoud) {
          times.add(frame.timeNanos());
        }
        wasLoud = loud;
      }
    }
    return times;
  }

  @Test
  void aCameraSwitchedOnLaterJoinsInWhereTheFileIs() throws Exception {
    RecordingListener sounds = new RecordingListener();
    RecordingListener pictures = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings("vp8.webm"));
        CaptureTrack _ = devices.openMicrophone(sounds)) {
      MediaFrame first = sounds.nextFrame();
      MediaFrame later = sounds.nextFrame();
      while (later.timeNanos() - first.timeNanos() < 300 * MILLI) {
        later = sounds.nextFrame();
      }
      try (CaptureTrack _ = devices.openCamera(pictures)) {
        List<Long> flashes = flashes(pictures);
        assertThat(flashes).isNotEmpty();
        for (long flash : flashes) {
          long off = Math.floorMod(flash - first.timeNanos() + 400 * MILLI, 800 * MILLI);
          assertThat(off / MILLI).as("flash within the round, + 400 ms").isBetween(280L, 520L);
        }
      }
    }
  }

  @Test
  void switchingAFileOnAndOffManyTimesLeavesNothingBehind() throws Throwable {
    RecordingListener pictures = new RecordingListener();
    RecordingListener sounds = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings("mpeg4.mp4"))) {
      openAndClose(devices, pictures, sounds, 15);
      long before = NativeMemory.allocatedKilobytes();
      openAndClose(devices, pictures, sounds, 60);
      // 60 inputs with their decoders, pictures and encoders are some 100 MB.
      assertThat(NativeMemory.allocatedKilobytes() - before).as("growth in kB").isLessThan(15_000);
    }
  }

  private static void openAndClose(
      LocalDevices devices, RecordingListener pictures, RecordingListener sounds, int times)
      throws Exception {
    for (int i = 0; i < times; i++) {
      try (CaptureTrack _ = devices.openCamera(pictures);
          CaptureTrack _ = devices.openMicrophone(sounds)) {
        pictures.nextFrame();
      }
      pictures.frames.clear();
      sounds.frames.clear();
    }
    System.gc();
  }
}
