package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.ffmpeg;
import org.bytedeco.javacpp.Loader;
import org.heliograph.media.FfmpegDecoder.DecodedPicture;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.heliograph.session.OpusEncoder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
    make("vp8.webm", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus");
    make("mpeg4.mp4", "-c:v", "mpeg4", "-c:a", "aac");
    // Without a duration in its header.
    make(
        "streamed.webm",
        "-c:v",
        "libvpx",
        "-deadline",
        "realtime",
        "-c:a",
        "libopus",
        "-live",
        "1");
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

  /** The files play at the same time, since they play in real time. */
  @TestFactory
  Stream<DynamicTest> pictureAndSoundLoopTogether() throws DeviceException {
    List<Playing> files = new ArrayList<>();
    for (String file : List.of("vp8.webm", "mpeg4.mp4", "streamed.webm")) {
      files.add(new Playing(file));
    }
    return files.stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.file, () -> assertThatTheyAgree(each.pictures, each.sounds)))
        .onClose(() -> files.forEach(Playing::close));
  }

  /** A file that is camera and microphone. */
  private static final class Playing {
    final String file;
    final RecordingListener pictures = new RecordingListener();
    final RecordingListener sounds = new RecordingListener();
    private final LocalDevices devices;

    @SuppressWarnings("resource") // the devices close their tracks
    Playing(String file) throws DeviceException {
      this.file = file;
      devices = new LocalDevices(settings(file));
      devices.openCamera(pictures);
      devices.openMicrophone(sounds);
    }

    void close() {
      devices.close();
    }
  }

  @Test
  void aCameraSwitchedOnLaterJoinsInWhereTheSoundIs() throws Exception {
    RecordingListener sounds = new RecordingListener();
    RecordingListener pictures = new RecordingListener();
    try (LocalDevices devices = new LocalDevices(settings("vp8.webm"));
        CaptureTrack _ = devices.openMicrophone(sounds)) {
      for (int i = 0; i < 15; i++) {
        sounds.nextFrame();
      }
      sounds.frames.clear();
      try (CaptureTrack _ = devices.openCamera(pictures)) {
        assertThatTheyAgree(pictures, sounds);
      }
    }
  }

  /** The picture is white when the tone sounds, over two rounds and more. */
  private static void assertThatTheyAgree(RecordingListener pictures, RecordingListener sounds)
      throws Exception {
    NavigableMap<Long, Boolean> white = whitePictures(pictures);
    NavigableMap<Long, Boolean> loud = loudSounds(sounds, white.lastKey());
    assertThat(changes(white)).as("flashes that begin or end").isGreaterThanOrEqualTo(4);
    int compared = 0;
    int agreeing = 0;
    for (Map.Entry<Long, Boolean> picture : white.tailMap(loud.firstKey()).entrySet()) {
      compared++;
      if (picture.getValue().equals(loud.floorEntry(picture.getKey()).getValue())) {
        agreeing++;
      }
    }
    // A machine under load loses a picture or a packet; an offset of 80 ms costs a fifth.
    assertThat((double) agreeing / compared).as("agreement").isGreaterThan(0.85);
  }

  private static long changes(NavigableMap<Long, Boolean> states) {
    List<Boolean> values = List.copyOf(states.values());
    return IntStream.range(1, values.size())
        .filter(i -> !values.get(i).equals(values.get(i - 1)))
        .count();
  }

  private static NavigableMap<Long, Boolean> whitePictures(RecordingListener pictures)
      throws Exception {
    NavigableMap<Long, Boolean> white = new TreeMap<>();
    try (FfmpegDecoder decoder = FfmpegDecoder.vp8()) {
      MediaFrame frame = pictures.nextFrame();
      long end = frame.timeNanos() + 2000 * MILLI;
      for (; frame.timeNanos() < end; frame = pictures.nextFrame()) {
        DecodedPicture picture = decoder.decodePicture(frame).orElseThrow();
        assertThat(picture.width()).isEqualTo(320);
        assertThat(picture.height()).as("the picture keeps its shape").isEqualTo(180);
        white.put(frame.timeNanos(), picture.at(160, 90) > 126);
      }
    }
    return white;
  }

  private static NavigableMap<Long, Boolean> loudSounds(RecordingListener sounds, long untilNanos)
      throws Exception {
    NavigableMap<Long, Boolean> loud = new TreeMap<>();
    try (FfmpegDecoder decoder = FfmpegDecoder.opus(2)) {
      MediaFrame frame = sounds.nextFrame();
      long expected = frame.timeNanos();
      for (; frame.timeNanos() <= untilNanos; frame = sounds.nextFrame()) {
        assertThat(frame.timeNanos()).as("no gap").isEqualTo(expected);
        expected += OpusEncoder.FRAME_NANOS;
        loud.put(frame.timeNanos(), Goertzel.amplitude(decoder.decodeSound(frame), 1000) > 0.1);
      }
    }
    return loud;
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
