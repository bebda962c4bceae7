package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WebmFileTest {
  private static final long MILLISECOND = 1_000_000;
  private static final VideoTrack VIDEO = VideoTrack.vp8(1, 640, 480);
  private static final AudioTrack AUDIO = AudioTrack.opus(2, 2);
  private static final int INDEX_BYTES = 2048;
  private static final WebmFileOptions OPTIONS =
      WebmFileOptions.defaults().withIndexBytes(INDEX_BYTES);

  private final MemoryChannel channel = new MemoryChannel();

  /** A block with its time in the file. */
  private record TimedBlock(long time, EbmlElement.Block block) {}

  private static ByteBuffer opus(int size) {
    return ByteBuffer.allocate(size).put(0, (byte) 0xfc); // one frame of 20 ms
  }

  private static EbmlElement parse(MemoryChannel channel) {
    return EbmlElement.parse(channel.content());
  }

  private static List<TimedBlock> blocks(EbmlElement document) {
    List<TimedBlock> blocks = new ArrayList<>();
    for (EbmlElement cluster : document.all("Cluster")) {
      if (cluster.children().isEmpty()) {
        continue; // torn before its time
      }
      long time = cluster.find("Timecode").unsigned();
      for (EbmlElement element : cluster.all("SimpleBlock")) {
        EbmlElement.Block block = element.block();
        blocks.add(new TimedBlock(time + block.time(), block));
      }
    }
    return blocks;
  }

  /** A call of so many seconds: 25 pictures a second, a key frame every other second, and sound. */
  private static void writeCall(WebmFile file, int seconds) throws IOException {
    for (int millis = 0; millis < seconds * 1000; millis += 20) {
      if (millis % 40 == 0) {
        boolean key = millis % 2000 == 0;
        file.write(1, millis * MILLISECOND, key, key ? Vp8Frames.key(640, 480) : Vp8Frames.delta());
      }
      file.write(2, millis * MILLISECOND, true, opus(40));
    }
  }

  private WebmFile call() {
    return call(channel);
  }

  private static WebmFile call(MemoryChannel channel) {
    WebmFile file = new WebmFile(channel, OPTIONS);
    file.addTrack(VIDEO, "Camera");
    file.addTrack(AUDIO, "Microphone");
    return file;
  }

  @Test
  void theHeadNamesTheTracksTheDateAndTheDuration() throws IOException {
    Instant date = Instant.parse("2026-03-01T10:00:00.250Z");
    WebmFileOptions options = OPTIONS.withTitle("A call").withDate(date);
    try (WebmFile file = new WebmFile(channel, options)) {
      file.addTrack(VIDEO, "Camera");
      file.addTrack(AUDIO, "");
      writeCall(file, 3);
    }

    EbmlElement document = parse(channel);
    assertThat(document.find("EBML/DocTypeVersion").unsigned()).isEqualTo(4);
    assertThat(document.find("Info/Title").text()).isEqualTo("A call");
    assertThat(document.find("Info/Duration").content().getDouble(0)).isEqualTo(3000.0);
    long sinceMillennium = document.find("Info/DateUTC").content().getLong(0);
    assertThat(Instant.parse("2001-01-01T00:00:00Z").plusNanos(sinceMillennium)).isEqualTo(date);
    List<EbmlElement> tracks = document.all("Tracks/TrackEntry");
    assertThat(tracks.get(0).find("Name").text()).isEqualTo("Camera");
    assertThat(tracks.get(1).all("Name")).isEmpty();
  }

  @Test
  void theIndexComesBeforeTheClustersAndTheSegmentHasItsSize() throws IOException {
    try (WebmFile file = call()) {
      writeCall(file, 3);
    }

    EbmlElement segment = parse(channel).find("Segment");
    assertThat(segment.children().stream().map(EbmlElement::name).distinct())
        .containsExactly("SeekHead", "Info", "Tracks", "Void", "Cues", "Cluster");
    assertThat(segment.contentPosition() + segment.content().limit())
        .isEqualTo((int) channel.size());
    assertThat(channel.content()[segment.position() + 4])
        .as("a size of 8 bytes")
        .isEqualTo((byte) 1);
  }

  @Test
  void theSeekHeadFindsInfoTracksAndCues() throws IOException {
    try (WebmFile file = call()) {
      writeCall(file, 1);
    }

    EbmlElement segment = parse(channel).find("Segment");
    Map<Long, Long> seeks = new HashMap<>();
    for (EbmlElement seek : segment.all("SeekHead/Seek")) {
      seeks.put(seek.find("SeekID").unsigned(), seek.find("SeekPosition").unsigned());
    }
    int start = segment.contentPosition();
    assertThat(seeks)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                0x1549A966L, (long) segment.find("Info").position() - start,
                0x1654AE6BL, (long) segment.find("Tracks").position() - start,
                0x1C53BB6BL, (long) segment.find("Cues").position() - start));
  }

  @Test
  void eachCueLeadsToItsKeyFrame() throws IOException {
    try (WebmFile file = call()) {
      file.addTrack(VideoTrack.vp8(3, 320, 240), "Second camera");
      for (long i = 0; i < 400; i++) {
        file.write(1, i * 40 * MILLISECOND, i % 50 == 0, picture(i % 50 == 0, 640, 480));
        file.write(2, i * 40 * MILLISECOND, true, opus(40));
        // Its key frames come shortly after the first camera's.
        boolean key = i % 50 == 3;
        if (i >= 3) {
          file.write(3, i * 40 * MILLISECOND, key, picture(key, 320, 240));
        }
      }
    }

    EbmlElement segment = parse(channel).find("Segment");
    List<String> cues = checkedCues(segment);
    assertThat(cues).hasSize(16).contains("1 at 0", "3 at 120", "1 at 2000", "3 at 2120");
    assertThat(segment.all("Cues/CuePoint/CueTrackPositions"))
        .as("a second camera's key frame lies within the first one's cluster")
        .anyMatch(cue -> cue.find("CueRelativePosition").unsigned() > 100);
  }

  /** Follows every cue to its block; gives their tracks and times. */
  private static List<String> checkedCues(EbmlElement segment) {
    List<String> cues = new ArrayList<>();
    for (EbmlElement point : segment.all("Cues/CuePoint")) {
      EbmlElement positions = point.find("CueTrackPositions");
      long clusterPosition = positions.find("CueClusterPosition").unsigned();
      EbmlElement cluster =
          segment.all("Cluster").stream()
              .filter(each -> each.position() - segment.contentPosition() == clusterPosition)
              .findFirst()
              .orElseThrow();
      long relative = positions.find("CueRelativePosition").unsigned();
      EbmlElement.Block block =
          cluster.all("SimpleBlock").stream()
              .filter(each -> each.position() - cluster.contentPosition() == relative)
              .findFirst()
              .orElseThrow()
              .block();
      long time = point.find("CueTime").unsigned();
      assertThat(block.key()).isTrue();
      assertThat(block.track()).isEqualTo((int) positions.find("CueTrack").unsigned());
      assertThat(cluster.find("Timecode").unsigned() + block.time()).isEqualTo(time);
      cues.add(block.track() + " at " + time);
    }
    return cues;
  }

  private static ByteBuffer picture(boolean key, int width, int height) {
    return key ? Vp8Frames.key(width, height) : Vp8Frames.delta();
  }

  @Test
  void soundAloneHasACueForEachCluster() throws IOException {
    try (WebmFile file = new WebmFile(channel, OPTIONS)) {
      file.addTrack(AUDIO, "");
      for (long i = 0; i < 500; i++) {
        file.write(2, i * 20 * MILLISECOND, true, opus(40));
      }
    }

    EbmlElement segment = parse(channel).find("Segment");
    assertThat(segment.all("Cluster")).hasSize(10);
    assertThat(checkedCues(segment)).hasSize(10);
  }

  @Test
  void clustersAreBoundedAndBeginWithEachKeyFrame() throws IOException {
    try (WebmFile file = call()) {
      writeCall(file, 10);
    }

    for (EbmlElement cluster : parse(channel).all("Cluster")) {
      List<EbmlElement.Block> blocks =
          cluster.all("SimpleBlock").stream().map(EbmlElement::block).toList();
      assertThat(blocks).allMatch(block -> block.time() >= 0 && block.time() < 1000);
      assertThat(blocks.subList(1, blocks.size()))
          .noneMatch(block -> block.track() == 1 && block.key());
    }
  }

  @Test
  void aClusterHoldsNoMoreThanAMegabyte() throws IOException {
    try (WebmFile file = call()) {
      file.write(1, 0, true, Vp8Frames.key(640, 480));
      for (int i = 1; i < 30; i++) {
        file.write(1, i * MILLISECOND, false, ByteBuffer.allocate(300_000).put(0, (byte) 0x31));
      }
      file.write(1, 30 * MILLISECOND, false, ByteBuffer.allocate(3 << 20).put(0, (byte) 0x31));
    }

    EbmlElement document = parse(channel);
    assertThat(blocks(document)).hasSize(31);
    assertThat(document.all("Cluster"))
        .allMatch(c -> c.content().limit() <= 1 << 20 || c.all("SimpleBlock").size() == 1);
  }

  @Test
  void timeStartsAtZeroWithTheFirstPacket() throws IOException {
    long start = 77_000_000_123_456L;
    try (WebmFile file = call()) {
      file.write(2, start, true, opus(40));
      file.write(1, start + 30 * MILLISECOND, true, Vp8Frames.key(640, 480));
      assertThatThrownBy(() -> file.write(2, start - 1, true, opus(40)))
          .isInstanceOf(IllegalArgumentException.class);
    }

    assertThat(blocks(parse(channel))).extracting(TimedBlock::time).containsExactly(0L, 30L);
  }

  @Test
  void aTrackMayComeLaterThanThePacketsOfOthers() throws IOException {
    try (WebmFile file = new WebmFile(channel, OPTIONS)) {
      file.addTrack(AUDIO, "");
      for (long i = 0; i < 200; i++) {
        file.write(2, i * 20 * MILLISECOND, true, opus(40));
      }
      file.addTrack(VIDEO, "Camera");
      file.write(1, 4000 * MILLISECOND, true, Vp8Frames.key(640, 480));
    }

    EbmlElement segment = parse(channel).find("Segment");
    assertThat(segment.all("Tracks/TrackEntry")).hasSize(2);
    assertThat(checkedCues(segment)).contains("1 at 4000");
  }

  @Test
  void anotherSizeStaysInItsTrackWhichIsAsLargeAsTheLargestPicture() throws IOException {
    try (WebmFile file = call()) {
      file.write(1, 0, true, Vp8Frames.key(320, 240));
      file.write(1, 1000 * MILLISECOND, true, Vp8Frames.key(1280, 720));
      file.write(1, 2000 * MILLISECOND, true, Vp8Frames.key(640, 360));
    }

    EbmlElement document = parse(channel);
    assertThat(document.find("EBML").position()).isZero();
    assertThat(blocks(document)).hasSize(3);
    EbmlElement video = document.all("Tracks/TrackEntry").getFirst();
    assertThat(video.find("Video/PixelWidth").unsigned()).isEqualTo(1280);
    assertThat(video.find("Video/PixelHeight").unsigned()).isEqualTo(720);
  }

  @Test
  void mistakesAreToldAndLeaveTheFileAsItWas() throws IOException {
    try (WebmFile file = call()) {
      file.write(1, 20 * MILLISECOND, true, Vp8Frames.key(640, 480));
      assertThatThrownBy(() -> file.write(9, 0, true, opus(1))).hasMessageContaining("no track 9");
      assertThatThrownBy(() -> file.write(1, 0, false, Vp8Frames.delta()))
          .hasMessageContaining("backwards");
      assertThatThrownBy(() -> file.write(2, 30 * MILLISECOND, true, ByteBuffer.allocate(0)))
          .hasMessageContaining("empty");
      assertThatThrownBy(() -> file.write(1, 30 * MILLISECOND, true, opus(20)))
          .isInstanceOf(MalformedFrameException.class);
      assertThatThrownBy(() -> file.addTrack(VIDEO, "")).hasMessageContaining("track 1");
      assertThatThrownBy(() -> file.addTrack(AudioTrack.opus(3, 1), "x".repeat(5000)))
          .hasMessageContaining("there is room for");
      file.write(2, 40 * MILLISECOND, true, opus(40));
    }

    EbmlElement document = parse(channel);
    assertThat(blocks(document)).hasSize(2);
    assertThat(document.all("Tracks/TrackEntry")).hasSize(2);
  }

  @Test
  void aFileWithoutAPacketStaysEmpty() throws IOException {
    call().close();
    assertThat(channel.size()).isZero();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void afterEachSingleWriteTheFileIsWholeAndCanBeSoughtIn() throws IOException {
    List<TimedBlock> before = new ArrayList<>();
    List<Long> durations = new ArrayList<>();
    channel.observedBy(
        written -> {
          if (written.size() <= 4096 + INDEX_BYTES) {
            return; // no cluster yet
          }
          EbmlElement segment = EbmlElement.parse(written.content()).find("Segment");
          List<TimedBlock> now = blocks(segment);
          assertThat(now.size()).isGreaterThanOrEqualTo(before.size());
          before.clear();
          before.addAll(now);
          checkedCues(segment);
          durations.add((long) segment.find("Info/Duration").content().getDouble(0));
          long lastBlock = now.getLast().time();
          assertThat(lastBlock - durations.getLast()).as("the duration lags").isLessThan(1001);
        });
    try (WebmFile file = call()) {
      writeCall(file, 10);
    }

    assertThat(before).hasSize(750);
    assertThat(durations).isSorted().contains(1000L, 5000L).endsWith(10_000L);
  }

  @Test
  void aFileThatEndsAnywhereIsReadUpToThere() throws IOException {
    try (WebmFile file = call()) {
      writeCall(file, 5);
    }

    byte[] whole = channel.content();
    List<TimedBlock> all = blocks(EbmlElement.parse(whole));
    int last = 0;
    for (int length = 4096 + INDEX_BYTES; length <= whole.length; length++) {
      byte[] torn = Arrays.copyOf(whole, length);
      List<TimedBlock> left = blocks(EbmlElement.parseTorn(torn));
      assertThat(left.size()).isBetween(last, last + 1);
      last = left.size();
      assertThat(left.isEmpty() || left.getLast().equals(all.get(last - 1))).isTrue();
    }
    assertThat(last).isEqualTo(all.size());
  }

  @Test
  void onAFullDiskTheFileIsCompleteUpToTheLastClusterThatFits() throws IOException {
    int front = 4096 + INDEX_BYTES;
    for (int capacity = front; capacity < front + 40_000; capacity += 97) {
      MemoryChannel disk = new MemoryChannel(capacity);
      WebmFile file = call(disk);
      assertThatThrownBy(() -> writeCall(file, 60))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");
      assertThatThrownBy(() -> file.write(2, 61_000 * MILLISECOND, true, opus(40)))
          .isInstanceOf(IllegalStateException.class);
      file.close();

      EbmlElement segment = parse(disk).find("Segment");
      List<TimedBlock> written = blocks(segment);
      checkedCues(segment);
      assertThat(disk.isOpen()).isFalse();
      assertThat(file.size()).isEqualTo(disk.size()).isGreaterThan(capacity - 6000L);
      if (!written.isEmpty()) {
        assertThat(segment.find("Info/Duration").content().getDouble(0))
            .isGreaterThanOrEqualTo((double) written.getLast().time());
      }
    }
  }

  @Test
  void aFullIndexIsThinnedOutAndStillCoversTheWholeFile() throws IOException {
    try (WebmFile file = new WebmFile(channel, OPTIONS.withIndexBytes(1024))) {
      file.addTrack(VIDEO, "");
      file.addTrack(VideoTrack.vp8(2, 16, 16), "");
      for (long second = 0; second < 2000; second++) {
        file.write(1, second * 1000 * MILLISECOND, true, Vp8Frames.key(640, 480));
        file.write(2, second * 1000 * MILLISECOND, true, Vp8Frames.key(16, 16));
      }
    }

    EbmlElement segment = parse(channel).find("Segment");
    checkedCues(segment);
    for (int track = 1; track <= 2; track++) {
      int number = track;
      List<Long> times =
          segment.all("Cues/CuePoint").stream()
              .filter(p -> p.find("CueTrackPositions/CueTrack").unsigned() == number)
              .map(p -> p.find("CueTime").unsigned())
              .toList();
      assertThat(times).isSorted().hasSizeBetween(8, 20);
      assertThat(times.getFirst()).isZero();
      for (int i = 1; i < times.size(); i++) {
        assertThat(times.get(i) - times.get(i - 1)).isLessThan(400_000);
      }
      assertThat(2_000_000 - times.getLast()).isLessThan(400_000);
    }
  }

  @Test
  void anyOrderOfPacketsGivesAStrictFile() throws IOException {
    int rounds = 40 * Integer.getInteger("heliograph.fuzz", 1);
    for (int seed = 0; seed < rounds; seed++) {
      Random random = new Random(seed);
      MemoryChannel fuzzed = new MemoryChannel();
      int written = 0;
      try (WebmFile file =
          new WebmFile(
              fuzzed,
              OPTIONS
                  .withIndexBytes(1024 + random.nextInt(4096))
                  .withClusterDuration(Duration.ofMillis(100 + random.nextInt(29_000))))) {
        List<Long> times = new ArrayList<>();
        List<Boolean> sound = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
          if (times.isEmpty() || (times.size() < 12 && random.nextInt(80) == 0)) {
            int number = times.size() + 1;
            boolean video = random.nextBoolean();
            file.addTrack(
                video ? VideoTrack.vp8(number, 16, 16) : AudioTrack.opus(number, 1),
                (video ? "v" : "a") + "x".repeat(random.nextInt(40)));
            times.add(-1L);
            sound.add(!video);
          }
          int track = random.nextInt(times.size());
          long before = times.get(track);
          try {
            long time = Math.max(0, before) + (long) (random.nextInt(2000) * MILLISECOND * 0.7);
            boolean key = before < 0 || sound.get(track) || random.nextInt(10) == 0;
            ByteBuffer frame =
                random.nextInt(50) == 0
                    ? ByteBuffer.allocate(random.nextInt(100_000)).put(0, (byte) 0x31)
                    : picture(key, 16 + random.nextInt(200), 16 + random.nextInt(200));
            file.write(track + 1, time, key, frame);
            times.set(track, time);
            written++;
          } catch (IllegalArgumentException | IndexOutOfBoundsException mistake) {
            // told, and nothing of it is in the file
          }
        }
      }
      EbmlElement segment = parse(fuzzed).find("Segment");
      assertThat(blocks(segment)).as("seed %d", seed).hasSize(written);
      checkedCues(segment);
    }
  }
}
