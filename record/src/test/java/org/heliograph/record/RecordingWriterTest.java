package org.heliograph.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.record.RecordedStream.OWN_PICTURE;
import static org.heliograph.record.RecordedStream.OWN_SOUND;
import static org.heliograph.record.RecordedStream.REMOTE_PICTURE;
import static org.heliograph.record.RecordedStream.REMOTE_SOUND;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.TrackId;
import org.heliograph.webm.WebmFile;
import org.heliograph.webm.WebmFileOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording in virtual time, read back by FFmpeg. */
class RecordingWriterTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long PACKET_MILLIS = 20;

  @TempDir Path directory;

  private final List<Path> files = new ArrayList<>();
  private final List<Instant> dates = new ArrayList<>();
  private final List<String> keyFrameRequests = new ArrayList<>();
  private final Instant startedAt = Instant.parse("2026-03-01T10:00:00Z");
  private final RecordingWriter writer =
      new RecordingWriter(this::open, stream -> keyFrameRequests.add("" + stream), startedAt, 0);
  private long nowMillis;
  private int mostFiles = Integer.MAX_VALUE;

  private WebmFile open(Instant date) throws IOException {
    if (files.size() == mostFiles) {
      throw new IOException("no more files here");
    }
    Path path = directory.resolve(files.size() + 1 + ".webm");
    files.add(path);
    dates.add(date);
    return new WebmFile(
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        WebmFileOptions.defaults());
  }

  private static MediaFrame key(long millis, int width) {
    return picture(
        MediaFormat.VP8, millis, true, 0x10, 0, 0, 0x9d, 1, 0x2a, width & 0xff, width >> 8, 120, 0);
  }

  private static MediaFrame delta(long millis) {
    return picture(MediaFormat.VP8, millis, false, 0x31, 0, 0, 1, 2, 3);
  }

  private static MediaFrame vp9Key(long millis) {
    return picture(
        MediaFormat.VP9, millis, true, 0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70);
  }

  private static MediaFrame picture(MediaFormat format, long millis, boolean key, int... bytes) {
    ByteBuffer payload = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      payload.put((byte) value);
    }
    return new MediaFrame(format, millis * MILLISECOND, 0, key, payload.flip());
  }

  private static MediaFrame sound(long millis) {
    ByteBuffer packet = ByteBuffer.wrap(new byte[] {(byte) 0xfc, 1, 2, 3});
    long duration = PACKET_MILLIS * MILLISECOND;
    return new MediaFrame(MediaFormat.OPUS, millis * MILLISECOND, duration, true, packet);
  }

  /** A frame comes when it was made. */
  private void take(RecordedStream stream, MediaFrame frame) {
    writer.take(stream, frame, frame.timeNanos());
  }

  private void advanceTo(long millis) throws IOException {
    for (; nowMillis < millis; nowMillis += 100) {
      writer.advance(nowMillis * MILLISECOND);
    }
  }

  private RecordedFile finishedAt(long millis) throws Exception {
    advanceTo(millis);
    writer.finish(millis * MILLISECOND);
    return RecordedFile.read(files.getLast());
  }

  private void speak(RecordedStream stream, long fromMillis, long toMillis) {
    for (long millis = fromMillis; millis < toMillis; millis += PACKET_MILLIS) {
      take(stream, sound(millis));
    }
  }

  private static List<Long> everyPacketUpTo(long millis) {
    return LongStream.iterate(0, time -> time < millis, time -> time + PACKET_MILLIS)
        .boxed()
        .toList();
  }

  @Test
  void eachStreamIsATrackWithItsName() throws Exception {
    take(OWN_PICTURE, key(0, 320));
    take(REMOTE_PICTURE, key(5, 640));
    take(REMOTE_SOUND, sound(7));
    take(OWN_SOUND, sound(9));

    RecordedFile file = finishedAt(2000);
    assertThat(file.names())
        .containsExactlyInAnyOrder("Remote picture", "Remote sound", "Own picture", "Own sound");
    assertThat(file.track("Remote picture").width()).isEqualTo(640);
    assertThat(file.track("Own picture").width()).isEqualTo(320);
  }

  @Test
  void allStreamsKeepTheirDistanceInTime() throws Exception {
    take(REMOTE_PICTURE, key(1000, 640));
    take(OWN_PICTURE, key(1250, 320));
    take(REMOTE_PICTURE, delta(1040));
    take(OWN_PICTURE, delta(1290));

    RecordedFile file = finishedAt(4000);
    assertThat(file.track("Remote picture").times()).containsExactly(0L, 40L);
    assertThat(file.track("Own picture").times()).containsExactly(250L, 290L);
    assertThat(dates).containsExactly(startedAt.plusSeconds(1));
  }

  @Test
  void whatComesInAnyOrderIsWrittenInTheOrderOfItsTimes() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    for (int i = 1; i < 50; i++) {
      // The network holds the remote's picture up for 600 ms.
      take(OWN_SOUND, sound(i * PACKET_MILLIS));
      advanceTo(i * PACKET_MILLIS);
    }
    for (int i = 1; i < 50; i++) {
      writer.take(REMOTE_PICTURE, delta(i * PACKET_MILLIS + 1), 1000 * MILLISECOND);
    }
    writer.finish(2000 * MILLISECOND);

    String order =
        RecordedFile.run(
            "ffprobe",
            "-v",
            "error",
            "-show_entries",
            "packet=pts",
            "-of",
            "csv=p=0",
            "" + files.getLast());
    List<Long> times =
        order.lines().map(line -> line.replace(",", "").strip()).map(Long::valueOf).toList();
    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i)).isGreaterThan(times.get(i - 1) - 8); // FFmpeg moves sound by 7 ms
    }
  }

  @Test
  void aMutedSenderIsSilentForAsLong() throws Exception {
    speak(REMOTE_SOUND, 0, 1000);
    speak(REMOTE_SOUND, 9000, 10_000);

    RecordedFile file = finishedAt(12_000);
    RecordedFile.Track sound = file.track("Remote sound");
    assertThat(sound.times().subList(0, 500)).isEqualTo(everyPacketUpTo(10_000));
    assertThat(sound.packets().get(60).size()).as("made up by the decoder").isEqualTo(1);
    assertThat(sound.packets().get(200).size()).as("silence").isEqualTo(3);
    assertThat(sound.packets().get(460).size()).as("speech").isEqualTo(4);
  }

  @Test
  void soundLastsToTheEndThoughItsSenderHasStopped() throws Exception {
    speak(OWN_SOUND, 0, 200);
    take(REMOTE_PICTURE, key(0, 640));
    for (long millis = 40; millis < 5000; millis += 40) {
      take(REMOTE_PICTURE, delta(millis));
    }

    RecordedFile file = finishedAt(5000);
    assertThat(file.track("Own sound").times().getLast()).isBetween(4950L, 5000L);
  }

  @Test
  void silenceIsWrittenWhileItLastsAndNotAfterwards() throws Exception {
    speak(OWN_SOUND, 0, 200);
    take(REMOTE_PICTURE, key(0, 640));
    advanceTo(5000);
    assertThat(writer.duration().toMillis()).isBetween(3900L, 4020L);
  }

  @Test
  void aPacketWhosePlaceWasFilledIsLeftOut() throws Exception {
    speak(REMOTE_SOUND, 0, 1000);
    advanceTo(4000);
    writer.take(REMOTE_SOUND, sound(1500), 4000 * MILLISECOND);
    speak(REMOTE_SOUND, 4000, 5000);

    RecordedFile file = finishedAt(7000);
    assertThat(file.track("Remote sound").times().subList(0, 250)).isEqualTo(everyPacketUpTo(5000));
    assertThat(writer.droppedFrames()).isEqualTo(1);
  }

  @Test
  void aKindThatComesLateIsATrackFromThenOn() throws Exception {
    speak(OWN_SOUND, 0, 4000);
    advanceTo(4000);
    take(OWN_PICTURE, key(4000, 320));
    speak(OWN_SOUND, 4000, 5000);

    RecordedFile file = finishedAt(7000);
    assertThat(file.track("Own picture").times()).containsExactly(4000L);
  }

  @Test
  void aPictureBeginsWithAKeyFrameWhichIsAskedForOnceASecond() throws Exception {
    for (long millis = 0; millis < 3000; millis += 40) {
      take(REMOTE_PICTURE, delta(millis));
      advanceTo(millis);
    }
    take(REMOTE_PICTURE, key(3000, 640));
    take(REMOTE_PICTURE, delta(3040));

    RecordedFile file = finishedAt(4000);
    assertThat(file.track("Remote picture").times()).containsExactly(0L, 40L);
    assertThat(keyFrameRequests).hasSizeBetween(2, 4).containsOnly("Remote picture");
    assertThat(writer.droppedFrames()).as("what came before the beginning is not lost").isZero();
  }

  @Test
  void aKeyFrameIsAskedForEvery30Seconds() throws Exception {
    int answered = 0;
    take(OWN_PICTURE, key(0, 320));
    for (long millis = 40; millis < 95_000; millis += 40) {
      boolean asked = keyFrameRequests.size() > answered;
      answered = keyFrameRequests.size();
      take(OWN_PICTURE, asked ? key(millis, 320) : delta(millis));
      advanceTo(millis);
    }
    assertThat(keyFrameRequests).hasSize(3);
  }

  @Test
  void aDamagedKeyFrameIsLeftOutWithWhatNeedsIt() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    take(REMOTE_PICTURE, picture(MediaFormat.VP8, 40, true, 0x10, 0, 0, 1, 2, 3, 4, 5, 6, 7));
    take(REMOTE_PICTURE, delta(80));
    take(REMOTE_PICTURE, key(120, 640));

    RecordedFile file = finishedAt(2000);
    assertThat(file.track("Remote picture").times()).containsExactly(0L, 120L);
    assertThat(writer.droppedFrames()).isEqualTo(2);
  }

  @Test
  void anotherSizeStaysInTheFile() throws Exception {
    take(REMOTE_PICTURE, key(0, 320));
    take(REMOTE_PICTURE, key(1000, 640));

    RecordedFile file = finishedAt(3000);
    assertThat(files).hasSize(1);
    assertThat(file.track("Remote picture").packets()).hasSize(2);
    assertThat(file.track("Remote picture").width()).isEqualTo(640);
  }

  @Test
  void anotherCodecGoesOnInAnotherFileWithAllStreams() throws Exception {
    take(REMOTE_PICTURE, key(0, 320));
    take(OWN_PICTURE, key(10, 320));
    speak(OWN_SOUND, 0, 6000);
    take(REMOTE_PICTURE, vp9Key(3000));
    take(OWN_PICTURE, delta(3010));
    take(OWN_PICTURE, key(4000, 320));

    RecordedFile second = finishedAt(6000);
    RecordedFile first = RecordedFile.read(files.getFirst());
    assertThat(files).hasSize(2);
    assertThat(first.track("Remote picture").codec()).isEqualTo("vp8");
    assertThat(first.track("Own sound").times()).hasSize(150);
    assertThat(second.track("Remote picture").codec()).isEqualTo("vp9");
    assertThat(second.track("Remote picture").times()).containsExactly(0L);
    assertThat(second.track("Own picture").times()).containsExactly(1000L);
    assertThat(second.track("Own sound").times()).hasSizeBetween(149, 150).startsWith(0L);
    assertThat(writer.duration().toMillis()).isBetween(5990L, 6100L);
    assertThat(dates.getLast()).isEqualTo(startedAt.plusSeconds(3));
  }

  private static RecordedStream further(int number, MediaKind kind) {
    return new RecordedStream(
        number, kind, false, "Screen " + number, Optional.of(new TrackId("in-" + number)));
  }

  @Test
  void aTrackThatComesBesideTheOthersBeginsAnotherFileWithNothingLost() throws Exception {
    RecordedStream screen = further(5, MediaKind.VIDEO);
    take(REMOTE_PICTURE, key(0, 640));
    speak(OWN_SOUND, 0, 10_000);
    long millis = 40;
    for (; millis < 6000; millis += 40) {
      boolean asked = keyFrameRequests.contains("Remote picture");
      keyFrameRequests.clear();
      take(REMOTE_PICTURE, asked ? key(millis, 640) : delta(millis));
      if (millis >= 3000) {
        take(screen, millis < 3040 ? key(millis, 320) : delta(millis));
      }
      advanceTo(millis);
    }

    RecordedFile second = finishedAt(10_000);
    RecordedFile first = RecordedFile.read(files.getFirst());
    assertThat(files).hasSize(2);
    assertThat(first.names()).doesNotContain("Screen 5");
    assertThat(second.track("Screen 5").times()).hasSize(75).startsWith(0L);
    assertThat(second.track("Remote picture").packets().getFirst().key()).isTrue();
    assertThat(
            first.track("Remote picture").times().size()
                + second.track("Remote picture").times().size())
        .isEqualTo(150);
    assertThat(first.track("Own sound").times().size() + second.track("Own sound").times().size())
        .isEqualTo(500);
    assertThat(writer.droppedFrames()).isZero();
  }

  @Test
  void aPictureWithoutAKeyFrameDoesNotKeepTheFileBeforeOpen() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    take(further(6, MediaKind.AUDIO), sound(3000));
    for (long millis = 40; millis < 9000; millis += 40) {
      take(REMOTE_PICTURE, delta(millis));
      advanceTo(millis);
    }
    long before = writer.droppedFrames();
    take(REMOTE_PICTURE, key(9000, 640));

    RecordedFile second = finishedAt(10_000);
    assertThat(before).isPositive();
    assertThat(RecordedFile.read(files.getFirst()).track("Remote picture").times().getLast())
        .isBetween(5_900L, 6_100L);
    assertThat(second.track("Remote picture").times()).containsExactly(6000L);
  }

  @Test
  void aSoundThatHasEndedIsNotFilledUp() throws Exception {
    RecordedStream second = further(5, MediaKind.AUDIO);
    speak(OWN_SOUND, 0, 8_000);
    speak(second, 1_000, 2_000);
    advanceTo(2_500);
    writer.end(second);

    assertThat(finishedAt(9_000).track("Screen 5").times()).hasSize(50);
  }

  /** So many as a file's head has no room for. */
  @Test
  void whereAFileHasNoRoomForATrackTheNextOneHas() throws Exception {
    speak(OWN_SOUND, 0, 60_000);
    for (int number = 5; number <= RecordedStream.MAX_NUMBER; number++) {
      RecordedStream each = further(number, MediaKind.VIDEO);
      take(each, key(400L * number, 320));
      writer.end(each);
      advanceTo(400L * number);
    }

    RecordedFile last = finishedAt(60_000);
    assertThat(files).hasSizeBetween(4, RecordingWriter.MAX_FILES);
    assertThat(last.track("Screen " + RecordedStream.MAX_NUMBER).times()).hasSize(1);
    assertThat(writer.droppedFrames()).isZero();
  }

  /** Who adds and removes tracks must not fill the directory. */
  @Test
  void tracksThatComeOneAfterTheOtherShareAFileAndLoseNothing() throws Exception {
    take(OWN_PICTURE, key(0, 320));
    for (int i = 0; i < 20; i++) {
      take(further(5 + i, MediaKind.VIDEO), key(1000L + 200L * i, 320));
      take(further(5 + i, MediaKind.VIDEO), delta(1040L + 200L * i));
      advanceTo(1000L + 200L * i);
    }

    RecordedFile last = finishedAt(12_000);
    assertThat(files).hasSize(2);
    for (int i = 0; i < 20; i++) {
      assertThat(last.track("Screen " + (5 + i)).times()).hasSize(2);
    }
  }

  @Test
  void aSenderWhoseClockLeapsIsHeldNearTheTimeOfItsComing() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    writer.take(REMOTE_PICTURE, delta(3_600_000), 100 * MILLISECOND);
    writer.take(REMOTE_PICTURE, delta(-3_600_000), 10_000 * MILLISECOND);

    RecordedFile file = finishedAt(15_000);
    assertThat(file.track("Remote picture").times()).containsExactly(0L, 1100L, 5000L);
  }

  /**
   * The other side changes its codec with each key frame, for five minutes; this side's camera
   * answers each request, and its microphone speaks.
   */
  private void changeTheCodecAllTheWhile(long stepMillis) throws IOException {
    int answered = 0;
    boolean vp9 = false;
    take(OWN_PICTURE, key(0, 320));
    for (long millis = 0; millis < 300_000; millis += PACKET_MILLIS) {
      take(OWN_SOUND, sound(millis));
      if (millis % stepMillis == 0) {
        vp9 = !vp9;
        take(REMOTE_PICTURE, vp9 ? vp9Key(millis) : key(millis, 640));
      }
      boolean asked =
          keyFrameRequests.subList(answered, keyFrameRequests.size()).contains("Own picture");
      answered = keyFrameRequests.size();
      take(OWN_PICTURE, asked ? key(millis + 1, 320) : delta(millis + 1));
      advanceTo(millis);
    }
    writer.finish(300_000 * MILLISECOND);
  }

  @Test
  void whoChangesTheCodecAllTheWhileGetsAFileEveryTenSecondsAndTwentyInAll() throws Exception {
    changeTheCodecAllTheWhile(40);

    assertThat(files).hasSize(20);
    for (int i = 2; i < dates.size(); i++) {
      assertThat(Duration.between(dates.get(i - 1), dates.get(i)).toMillis())
          .isBetween(9_900L, 11_500L);
    }
    assertThat(writer.droppedFrames()).isGreaterThan(3_000);
    long ownPictures = 0;
    long ownSounds = 0;
    for (Path file : files) {
      RecordedFile read = RecordedFile.read(file);
      ownSounds += read.track("Own sound").packets().size();
      ownPictures += read.track("Own picture").packets().size();
    }
    assertThat(ownSounds).as("nothing of this side's sound is missing").isBetween(14_990L, 15_005L);
    assertThat(ownPictures).as("nor of its picture").isBetween(14_990L, 15_005L);
  }

  @Test
  void afterTheLastFileThePictureThatFitsIsStillRecordedAndNoKeyFrameIsAskedFor() throws Exception {
    changeTheCodecAllTheWhile(40);
    RecordedFile last = RecordedFile.read(files.getLast());

    long ofItsCodec = last.track("Remote picture").packets().size();
    assertThat(ofItsCodec).isGreaterThan(1_000);
    assertThat(last.track("Own sound").times().getLast()).isGreaterThan(90_000);
  }

  @Test
  void aCodecThatStaysIsRecordedTenSecondsAfterTheChangeBeforeIt() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    take(REMOTE_PICTURE, vp9Key(3_000));
    take(REMOTE_PICTURE, key(4_000, 640));
    int answered = 0;
    for (long millis = 4_040; millis < 20_000; millis += 40) {
      boolean asked = keyFrameRequests.size() > answered;
      answered = keyFrameRequests.size();
      take(REMOTE_PICTURE, asked ? key(millis, 640) : delta(millis));
      advanceTo(millis);
    }

    RecordedFile third = finishedAt(21_000);
    assertThat(files).hasSize(3);
    assertThat(third.track("Remote picture").codec()).isEqualTo("vp8");
    assertThat(dates.getLast()).isBetween(startedAt.plusSeconds(13), startedAt.plusMillis(14_200));
    assertThat(keyFrameRequests).as("none before it is of use").hasSizeLessThan(3);
  }

  @Test
  void aFileThatCannotBeMadeForAnotherCodecCostsThatPictureAndNothingElse() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    take(OWN_PICTURE, key(10, 320));
    speak(OWN_SOUND, 0, 6000);
    advanceTo(2000);
    mostFiles = 1;
    take(REMOTE_PICTURE, vp9Key(3000));
    take(REMOTE_PICTURE, vp9Key(3500));
    take(OWN_PICTURE, delta(4000));

    RecordedFile file = finishedAt(6000);
    assertThat(files).hasSize(1);
    assertThat(file.track("Own sound").times()).hasSize(300);
    assertThat(file.track("Own picture").times()).containsExactly(10L, 4000L);
    assertThat(file.track("Remote picture").times()).containsExactly(0L);
    assertThat(writer.droppedFrames()).isEqualTo(2);
  }

  @Test
  void soMuchAsTheOtherSideSendsTakesNoRoomOfThisSide() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    take(OWN_PICTURE, key(1, 320));
    ByteBuffer megabyte = ByteBuffer.allocate(1 << 20).put(0, (byte) 0x31);
    for (int i = 1; i < 100; i++) {
      take(REMOTE_PICTURE, new MediaFrame(MediaFormat.VP8, i * MILLISECOND, 0, false, megabyte));
    }
    long leftOut = writer.droppedFrames();
    for (long millis = 100; millis < 1000; millis += 40) {
      take(OWN_PICTURE, delta(millis));
    }
    advanceTo(2000);
    take(REMOTE_PICTURE, delta(2000));
    take(REMOTE_PICTURE, key(2040, 640));

    RecordedFile file = finishedAt(4000);
    assertThat(leftOut).isBetween(80L, 90L);
    assertThat(file.track("Own picture").packets()).hasSize(24);
    assertThat(file.track("Remote picture").packets().getLast().key()).isTrue();
  }

  @Test
  void morePicturesThanThereIsTimeForDoNotRunAwayFromTheCall() throws Exception {
    take(REMOTE_PICTURE, key(0, 640));
    speak(OWN_SOUND, 0, 10_000);
    for (long millis = 0; millis < 10_000; millis += 10) {
      for (int i = 0; i < 50; i++) {
        take(REMOTE_PICTURE, i == 0 ? key(millis, 640) : delta(millis));
      }
      advanceTo(millis);
    }
    writer.finish(10_000 * MILLISECOND);

    assertThat(writer.duration().toMillis()).isLessThan(11_500);
    assertThat(writer.droppedFrames()).isGreaterThan(30_000);
  }
}
