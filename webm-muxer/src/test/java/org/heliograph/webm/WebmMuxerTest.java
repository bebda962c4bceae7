package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebmMuxerTest {
  private static final long MILLISECOND = 1_000_000;
  private static final AudioTrack AUDIO = AudioTrack.opus(2, 2);
  private static final VideoTrack VIDEO = VideoTrack.vp8(1, 640, 480);

  private final CollectingSink sink = new CollectingSink();
  private final WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), sink);

  @Test
  void theInitSegmentDescribesTheTracks() {
    muxer.begin(List.of(VIDEO, new AudioTrack(2, 1, 312)));

    EbmlElement init = EbmlElement.parse(sink.only().initSegment());
    List<EbmlElement> entries = init.all("Tracks/TrackEntry");
    assertThat(entries).hasSize(2);
    EbmlElement video = entries.get(0);
    assertThat(video.find("TrackNumber").unsigned()).isEqualTo(1);
    assertThat(video.find("TrackType").unsigned()).isEqualTo(1);
    assertThat(video.find("CodecID").text()).isEqualTo("V_VP8");
    assertThat(video.find("Video/PixelWidth").unsigned()).isEqualTo(640);
    assertThat(video.find("Video/PixelHeight").unsigned()).isEqualTo(480);
    assertThat(video.all("CodecPrivate")).isEmpty();
    EbmlElement audio = entries.get(1);
    assertThat(audio.find("TrackNumber").unsigned()).isEqualTo(2);
    assertThat(audio.find("TrackType").unsigned()).isEqualTo(2);
    assertThat(audio.find("CodecID").text()).isEqualTo("A_OPUS");
    assertThat(audio.find("Audio/Channels").unsigned()).isEqualTo(1);
    assertThat(audio.find("Audio/SamplingFrequency").content().getDouble(0)).isEqualTo(48_000);
    assertThat(audio.find("CodecDelay").unsigned()).isEqualTo(6_500_000);
    assertThat(audio.find("SeekPreRoll").unsigned()).isEqualTo(80_000_000);
  }

  @Test
  void theOpusHeadHasTheTrueChannelCountAndPreSkip() {
    muxer.begin(List.of(new AudioTrack(1, 1, 0x0203)));

    EbmlElement init = EbmlElement.parse(sink.only().initSegment());
    ByteBuffer head = init.find("Tracks/TrackEntry/CodecPrivate").content();
    assertThat(head)
        .isEqualTo(
            ByteBuffer.wrap(
                new byte[] {
                  'O',
                  'p',
                  'u',
                  's',
                  'H',
                  'e',
                  'a',
                  'd',
                  1,
                  1,
                  3,
                  2,
                  (byte) 0x80,
                  (byte) 0xbb,
                  0,
                  0,
                  0,
                  0,
                  0
                }));
  }

  @Test
  void cuesAndDurationAreAbsentAndTheSegmentHasNoSize() {
    muxer.begin(List.of(VIDEO));

    EbmlElement init = EbmlElement.parse(sink.only().initSegment());
    assertThat(init.find("Segment").children())
        .extracting(EbmlElement::name)
        .containsExactly("Info", "Tracks");
    assertThat(init.find("Info").children())
        .extracting(EbmlElement::name)
        .containsExactly("TimecodeScale", "MuxingApp", "WritingApp");
  }

  @Test
  void theMimeTypeNamesExactlyTheTracks() {
    muxer.begin(List.of(VIDEO));
    muxer.begin(List.of(AUDIO));
    muxer.begin(List.of(VideoTrack.vp9(1, 16, 16), AUDIO));

    assertThat(sink.streams)
        .extracting(CollectingSink.Stream::mime)
        .containsExactly(
            "video/webm; codecs=\"vp8\"",
            "audio/webm; codecs=\"opus\"",
            "video/webm; codecs=\"vp9,opus\"");
  }

  @Test
  void theDocTypeVersionIsWhatTheElementsInUseDemand() {
    muxer.begin(List.of(VIDEO));
    muxer.begin(List.of(VIDEO, AUDIO));

    assertThat(sink.streams)
        .extracting(s -> EbmlElement.parse(s.initSegment()).find("EBML/DocTypeVersion").unsigned())
        .containsExactly(2L, 4L);
  }

  @Test
  void eachPacketIsOneClusterWithItsAbsoluteTimeFromZero() {
    long start = 5_000_000 * MILLISECOND;
    muxer.begin(List.of(VIDEO, AUDIO));
    muxer.write(1, start, true, Vp8Frames.key(640, 480));
    muxer.write(2, start + 7 * MILLISECOND, true, packet(3));
    muxer.write(1, start + 40_000 * MILLISECOND, false, Vp8Frames.delta());

    assertThat(blocks()).extracting(TimedBlock::track).containsExactly(1, 2, 1);
    assertThat(blocks()).extracting(TimedBlock::time).containsExactly(0L, 7L, 40_000L);
    assertThat(clusters()).allSatisfy(c -> assertThat(c.all("SimpleBlock")).hasSize(1));
  }

  @Test
  void keyFramesAndEveryOpusPacketAreFlaggedAsKey() {
    muxer.begin(List.of(VIDEO, AUDIO));
    muxer.write(1, 0, true, Vp8Frames.key(640, 480));
    muxer.write(2, 0, true, packet(3));
    muxer.write(1, 1, false, Vp8Frames.delta());

    assertThat(blocks()).extracting(b -> b.block().key()).containsExactly(true, true, false);
  }

  @Test
  void aHiddenVp8FrameIsFlaggedAsInvisible() {
    muxer.begin(List.of(VIDEO));
    muxer.write(1, 0, true, Vp8Frames.key(640, 480));
    muxer.write(1, 1, false, Vp8Frames.hidden());

    assertThat(blocks()).extracting(b -> b.block().invisible()).containsExactly(false, true);
  }

  @Test
  void timeIsRoundedToTheNearestUnit() {
    muxer.begin(List.of(AUDIO));
    muxer.write(2, 0, true, packet(1));
    muxer.write(2, 20 * MILLISECOND + 499_999, true, packet(1));
    muxer.write(2, 40 * MILLISECOND + 500_000, true, packet(1));

    assertThat(blocks()).extracting(TimedBlock::time).containsExactly(0L, 20L, 41L);
  }

  @Test
  void timesBeyondThirtyTwoBitsAreWritten() {
    long century = Duration.ofDays(36_500).toNanos();
    muxer.begin(List.of(AUDIO), 0);
    muxer.write(2, century, true, packet(1));
    muxer.write(2, Long.MAX_VALUE, true, packet(1));

    assertThat(blocks())
        .extracting(TimedBlock::time)
        .containsExactly(century / MILLISECOND, Long.MAX_VALUE / MILLISECOND + 1);
  }

  @Test
  void aPacketOfManyMegabytesIsWritten() {
    ByteBuffer frame = ByteBuffer.allocate(40_000_000);
    frame.put(0, Vp8Frames.key(640, 480), 0, 10);
    muxer.begin(List.of(VIDEO));
    muxer.write(1, 0, true, frame);

    assertThat(blocks().getFirst().block().frame()).isEqualTo(frame);
  }

  @Test
  void aChangedPictureSizeBeginsANewStreamWhoseTimeStartsAtZero() {
    muxer.begin(List.of(VIDEO, AUDIO));
    muxer.write(1, 0, true, Vp8Frames.key(640, 480));
    muxer.write(1, 100 * MILLISECOND, true, Vp8Frames.key(320, 240));
    muxer.write(2, 110 * MILLISECOND, true, packet(1));

    assertThat(sink.streams).hasSize(2);
    EbmlElement second = EbmlElement.parse(sink.streams.getLast().initSegment());
    EbmlElement video = second.all("Tracks/TrackEntry/Video").getFirst();
    assertThat(video.find("PixelWidth").unsigned()).isEqualTo(320);
    assertThat(video.find("PixelHeight").unsigned()).isEqualTo(240);
    assertThat(second.all("Tracks/TrackEntry")).hasSize(2);
    assertThat(blocks()).extracting(TimedBlock::time).containsExactly(0L, 10L);
  }

  @Test
  void aKeyFrameOfTheSameSizeContinuesTheStream() {
    muxer.begin(List.of(VIDEO));
    muxer.write(1, 0, true, Vp8Frames.key(640, 480));
    muxer.write(1, 100 * MILLISECOND, true, Vp8Frames.key(640, 480));

    assertThat(sink.only().clusters()).hasSize(2);
  }

  @Test
  void anotherBeginChangesTheTracksAndStartsTimeAtZero() {
    muxer.begin(List.of(AUDIO));
    muxer.write(2, 500, true, packet(1));
    muxer.begin(List.of(VIDEO, AUDIO), 30 * MILLISECOND);
    muxer.write(1, 50 * MILLISECOND, true, Vp8Frames.key(640, 480));
    muxer.write(2, 30 * MILLISECOND, true, packet(1));

    assertThat(sink.streams).hasSize(2);
    assertThat(blocks()).extracting(TimedBlock::time).containsExactly(20L, 0L);
  }

  @Test
  void aClusterPerDurationEndsWithItsDuration() {
    WebmMuxer clustered = clustered(Duration.ofMillis(100));
    clustered.begin(List.of(AUDIO));
    for (int i = 0; i < 11; i++) {
      clustered.write(2, i * (20 * MILLISECOND), true, packet(5));
    }
    clustered.flush();

    assertThat(clusters())
        .extracting(c -> c.find("Timecode").unsigned())
        .containsExactly(0L, 100L, 200L);
    assertThat(clusters()).extracting(c -> c.all("SimpleBlock").size()).containsExactly(5, 5, 1);
  }

  @Test
  void aClusterPerDurationBeginsAtEachVideoKeyFrame() {
    WebmMuxer clustered = clustered(Duration.ofSeconds(1));
    clustered.begin(List.of(VIDEO));
    clustered.write(1, 0, true, Vp8Frames.key(640, 480));
    clustered.write(1, 10 * MILLISECOND, false, Vp8Frames.delta());
    clustered.write(1, 20 * MILLISECOND, true, Vp8Frames.key(640, 480));
    clustered.flush();

    assertThat(clusters()).extracting(c -> c.all("SimpleBlock").size()).containsExactly(2, 1);
  }

  @Test
  void blocksWithinAClusterAreSortedByTime() {
    WebmMuxer clustered = clustered(Duration.ofSeconds(1));
    clustered.begin(List.of(VIDEO, AUDIO), 0);
    clustered.write(1, 40 * MILLISECOND, true, Vp8Frames.key(640, 480));
    clustered.write(2, 20 * MILLISECOND, true, packet(1));
    clustered.write(1, 60 * MILLISECOND, false, Vp8Frames.delta());
    clustered.flush();

    assertThat(clusters()).extracting(c -> c.all("SimpleBlock").size()).containsExactly(1, 2);
    assertThat(blocks()).extracting(TimedBlock::time).containsExactly(40L, 20L, 60L);
  }

  @Test
  void aBlocksTimeWithinItsClusterStaysWithinSixteenBits() {
    WebmOptions fine = new WebmOptions(Duration.ofSeconds(30), Duration.ofNanos(100_000), "test");
    WebmMuxer clustered = new WebmMuxer(fine, sink);
    clustered.begin(List.of(AUDIO));
    for (int i = 0; i < 500; i++) {
      clustered.write(2, i * (20 * MILLISECOND), true, packet(1));
    }
    clustered.flush();

    assertThat(clusters()).hasSizeGreaterThan(1);
    assertThat(blocks().getLast().time()).isEqualTo(499 * 200);
  }

  @Test
  void anAv1BlockHasNoTemporalDelimiter(@TempDir Path directory) throws Exception {
    List<EncodedFrame> frames = Samples.encode(directory).av1();
    muxer.begin(List.of(VideoTrack.of(1, VideoCodec.AV1, frames.getFirst().payload())));
    for (EncodedFrame frame : frames) {
      assertThat(frame.payload().get(0))
          .as("the sample begins with a delimiter")
          .isEqualTo((byte) 0x12);
      muxer.write(1, frame.timeNanos(), frame.key(), frame.payload());
    }

    assertThat(sink.only().mime()).isEqualTo("video/webm; codecs=\"av01.0.00M.08\"");
    assertThat(blocks()).hasSize(frames.size());
    for (int i = 0; i < frames.size(); i++) {
      ByteBuffer withoutDelimiter =
          frames.get(i).payload().slice(2, frames.get(i).payload().limit() - 2);
      assertThat(blocks().get(i).block().frame()).isEqualTo(withoutDelimiter);
    }
  }

  @Test
  void theFramesOwnPositionAndLimitStayAsTheyAre() {
    ByteBuffer frame = ByteBuffer.allocate(30).position(10);
    frame.put(10, Vp8Frames.key(640, 480), 0, 10).limit(25);
    muxer.begin(List.of(VIDEO));
    muxer.write(1, 0, true, frame);

    assertThat(frame.position()).isEqualTo(10);
    assertThat(frame.limit()).isEqualTo(25);
    assertThat(blocks().getFirst().block().frame()).isEqualTo(frame);
  }

  @Test
  void directAndReadOnlyBuffersAreWritten() {
    ByteBuffer direct = ByteBuffer.allocateDirect(10).put(Vp8Frames.key(640, 480)).flip();
    muxer.begin(List.of(VIDEO));
    muxer.write(1, 0, true, direct.asReadOnlyBuffer());

    assertThat(blocks().getFirst().block().frame()).isEqualTo(Vp8Frames.key(640, 480));
  }

  @Test
  void aStreamSinkWritesTheSameBytesThroughOneBuffer() {
    var file = new ByteArrayOutputStream();
    WebmMuxer streaming = new WebmMuxer(WebmOptions.live(), WebmSink.to(file));
    for (WebmMuxer each : List.of(muxer, streaming)) {
      each.begin(List.of(VIDEO, AUDIO));
      each.write(1, 0, true, Vp8Frames.key(640, 480));
      each.write(2, 0, true, packet(20_000));
      each.write(1, 1, false, Vp8Frames.delta());
    }

    assertThat(file.toByteArray()).isEqualTo(sink.only().file());
  }

  @Test
  void anUnknownTrackIsRefusedByName() {
    muxer.begin(List.of(VIDEO, AUDIO));

    assertThatThrownBy(() -> muxer.write(3, 0, true, packet(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no track 3; there are 1 (vp8), 2 (opus)");
  }

  @Test
  void anEmptyPacketIsRefused() {
    muxer.begin(List.of(AUDIO));

    assertThatThrownBy(() -> muxer.write(2, 0, true, packet(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a packet of track 2 is empty");
  }

  @Test
  void timeThatFallsWithinATrackIsRefusedAndTheStreamGoesOn() {
    muxer.begin(List.of(AUDIO));
    muxer.write(2, 10, true, packet(1));

    assertThatThrownBy(() -> muxer.write(2, 9, true, packet(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("time goes backwards in track 2: 9 ns after 10 ns");
    muxer.write(2, 10, true, packet(1));
    assertThat(blocks()).hasSize(2);
  }

  @Test
  void timeBeforeTheStreamsStartIsRefused() {
    muxer.begin(List.of(VIDEO, AUDIO), 100);

    assertThatThrownBy(() -> muxer.write(2, 90, true, packet(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a packet of track 2 is 10 ns before the stream's start");
  }

  @Test
  void aFirstVideoFrameThatIsNoKeyFrameIsRefused() {
    muxer.begin(List.of(VIDEO));

    assertThatThrownBy(() -> muxer.write(1, 0, false, Vp8Frames.delta()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the first frame of track 1 is no key frame");
  }

  @Test
  void aDeltaFrameThatIsSaidToBeAKeyFrameIsRefused() {
    muxer.begin(List.of(VIDEO));

    assertThatThrownBy(() -> muxer.write(1, 0, true, Vp8Frames.delta()))
        .isInstanceOf(MalformedFrameException.class);
  }

  @Test
  void aPacketBeforeTheFirstStreamIsRefused() {
    assertThatThrownBy(() -> muxer.write(1, 0, true, packet(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("begin() comes before the first packet");
  }

  @Test
  void impossibleTracksAreRefused() {
    assertThatThrownBy(() -> muxer.begin(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> muxer.begin(List.of(VIDEO, AudioTrack.opus(1, 2))))
        .hasMessageContaining("same number");
    assertThatThrownBy(() -> AudioTrack.opus(0, 2)).hasMessageContaining("track number 0");
    assertThatThrownBy(() -> AudioTrack.opus(127, 2)).hasMessageContaining("track number 127");
    assertThatThrownBy(() -> AudioTrack.opus(1, 3)).hasMessageContaining("3 channels");
    assertThatThrownBy(() -> new AudioTrack(1, 2, -1)).hasMessageContaining("pre-skip -1");
    assertThatThrownBy(() -> VideoTrack.vp8(1, 0, 480)).hasMessageContaining("0x480");
  }

  @Test
  void impossibleOptionsAreRefused() {
    assertThatThrownBy(() -> clustered(Duration.ofMillis(-1)))
        .hasMessageContaining("clusterDuration");
    assertThatThrownBy(() -> clustered(Duration.ofMinutes(1)))
        .hasMessageContaining("clusterDuration");
    assertThatThrownBy(() -> new WebmOptions(Duration.ZERO, Duration.ZERO, "test"))
        .hasMessageContaining("timecodeScale");
  }

  private WebmMuxer clustered(Duration duration) {
    return new WebmMuxer(WebmOptions.live().withClusterDuration(duration), sink);
  }

  private static ByteBuffer packet(int size) {
    return ByteBuffer.allocate(size);
  }

  private record TimedBlock(int track, long time, EbmlElement.Block block) {}

  /** The last stream's clusters. */
  private List<EbmlElement> clusters() {
    return sink.streams.getLast().clusters().stream()
        .map(cluster -> EbmlElement.parse(cluster).find("Cluster"))
        .toList();
  }

  /** The last stream's blocks, with their absolute times. */
  private List<TimedBlock> blocks() {
    return clusters().stream()
        .flatMap(
            cluster -> {
              long time = cluster.find("Timecode").unsigned();
              return cluster.all("SimpleBlock").stream()
                  .map(EbmlElement::block)
                  .map(block -> new TimedBlock(block.track(), time + block.time(), block));
            })
        .toList();
  }
}
