package org.heliograph.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recordings on disks that are slow, full, or fail. */
@Timeout(60)
class RecordingTest {
  @TempDir Path directory;

  private final BlockingQueue<RecordingStatus> droppedEvents = new LinkedBlockingQueue<>();
  private final BlockingQueue<RecordingStatus> endedEvents = new LinkedBlockingQueue<>();
  private final BlockingQueue<RecordedStream> keyFrameRequests = new LinkedBlockingQueue<>();

  /** A disk that does what the test wants. */
  private class Disk implements RecordingFiles {
    final Path path = directory.resolve("call.webm");
    volatile long room = Long.MAX_VALUE;
    volatile CountDownLatch stall = new CountDownLatch(0);
    volatile Error error;
    final CountDownLatch stalled = new CountDownLatch(1);
    private final long capacity;

    Disk(long capacity) {
      this.capacity = capacity;
    }

    @Override
    public SeekableByteChannel next() throws IOException {
      FileChannel file =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new SlowChannel(file);
    }

    @Override
    public List<String> paths() {
      return List.of(path.toString());
    }

    @Override
    public void look() {}

    @Override
    public long roomBytes() {
      return room;
    }

    @Override
    public void force() {}

    @Override
    public void close() {}

    private final class SlowChannel implements SeekableByteChannel {
      private final FileChannel file;

      SlowChannel(FileChannel file) {
        this.file = file;
      }

      @Override
      public int write(ByteBuffer bytes) throws IOException {
        if (stall.getCount() > 0) {
          stalled.countDown();
          awaitUninterruptibly(stall);
        }
        if (error != null) {
          throw error;
        }
        if (file.position() + bytes.remaining() > capacity) {
          throw new IOException("No space left on device");
        }
        return file.write(bytes);
      }

      @Override
      public int read(ByteBuffer target) throws IOException {
        return file.read(target);
      }

      @Override
      public long position() throws IOException {
        return file.position();
      }

      @Override
      public SeekableByteChannel position(long position) throws IOException {
        return file.position(position);
      }

      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public SeekableByteChannel truncate(long size) throws IOException {
        return file.truncate(size);
      }

      @Override
      public boolean isOpen() {
        return file.isOpen();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Recording start(RecordingFiles files) {
    return Recording.start(
        files,
        "Call with bert",
        keyFrameRequests::add,
        new Recording.Listener() {
          @Override
          public void onDropped(RecordingStatus status) {
            droppedEvents.add(status);
          }

          @Override
          public void onEnded(RecordingStatus status) {
            endedEvents.add(status);
          }
        });
  }

  /** A frame as large as that, now. */
  private static MediaFrame picture(boolean key, int size) {
    ByteBuffer payload = ByteBuffer.allocate(size);
    if (key) {
      payload.put(0, new byte[] {0x10, 0, 0, (byte) 0x9d, 1, 0x2a, 0x40, 1, (byte) 0xf0, 0});
    } else {
      payload.put(0, (byte) 0x31);
    }
    return new MediaFrame(MediaFormat.VP8, System.nanoTime(), 0, key, payload);
  }

  private RecordingStatus end() throws InterruptedException {
    RecordingStatus status = endedEvents.poll(30, TimeUnit.SECONDS);
    assertThat(status).as("the end").isNotNull();
    return status;
  }

  @Test
  void itBeginsWithKeyFramesOfBothPictures() throws Exception {
    Recording recording = start(new Disk(Long.MAX_VALUE));
    assertThat(keyFrameRequests)
        .containsExactlyInAnyOrder(RecordedStream.REMOTE_PICTURE, RecordedStream.OWN_PICTURE);
    recording.stop().get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatHasComeWhenItIsStoppedIsWritten() throws Exception {
    Disk disk = new Disk(Long.MAX_VALUE);
    Recording recording = start(disk);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    recording.frame(RecordedStream.OWN_PICTURE, picture(false, 1000));

    RecordingStatus status = recording.stop().get(30, TimeUnit.SECONDS);
    assertThat(status.state()).isEqualTo("stopped");
    assertThat(status.bytes()).isEqualTo(Files.size(disk.path));
    assertThat(RecordedFile.read(disk.path).track("Own picture").packets()).hasSize(2);
    assertThat(end()).isEqualTo(status);
    assertThat(recording.stop().get()).as("again").isEqualTo(status);
    recording.frame(RecordedStream.OWN_PICTURE, picture(false, 1000));
  }

  @Test
  void aFullDiskEndsItAndWhatWasWrittenPlays() throws Exception {
    Disk disk = new Disk(2_000_000);
    Recording recording = start(disk);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    while (endedEvents.isEmpty()) {
      recording.frame(RecordedStream.OWN_PICTURE, picture(false, 20_000));
      Thread.onSpinWait();
    }

    RecordingStatus status = end();
    assertThat(status.state()).isEqualTo("failed");
    assertThat(status.code()).isEqualTo("recording_disk_full");
    assertThat(status.detail()).contains("disk is full", "is kept");
    assertThat(status.hint()).contains("recording.directory");
    assertThat(Files.size(disk.path)).isEqualTo(status.bytes()).isLessThanOrEqualTo(2_000_000);
    assertThat(RecordedFile.read(disk.path).track("Own picture").packets()).isNotEmpty();
  }

  @Test
  void aDiskThatMustNotGetFullerEndsIt() throws Exception {
    Disk disk = new Disk(Long.MAX_VALUE);
    disk.room = 0;
    start(disk);
    assertThat(end().code()).isEqualTo("recording_disk_full");
  }

  @Test
  void aDiskThatStallsCostsTheCallNoTimeAndIsCounted() throws Exception {
    Disk disk = new Disk(Long.MAX_VALUE);
    Recording recording = start(disk);
    disk.stall = new CountDownLatch(1);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    for (int i = 0; i < 30; i++) { // more than a cluster, and less than the queue takes
      recording.frame(RecordedStream.OWN_PICTURE, picture(false, 50_000));
    }
    assertThat(disk.stalled.await(30, TimeUnit.SECONDS)).as("the disk is written to").isTrue();
    // The disk stands still, and the call goes on: each of these returns.
    for (int i = 0; i < 1000; i++) {
      recording.frame(RecordedStream.OWN_PICTURE, picture(false, 50_000));
    }
    assertThat(droppedEvents).isEmpty();
    disk.stall.countDown();

    RecordingStatus told = droppedEvents.poll(30, TimeUnit.SECONDS);
    assertThat(told).as("the loss is told").isNotNull();
    assertThat(told.droppedFrames()).isGreaterThan(500);
    // What waited is written, so that there is room again.
    while (recording.status().bytes() < 8_000_000) {
      Thread.sleep(10);
    }
    recording.frame(RecordedStream.OWN_PICTURE, picture(false, 5));
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 777));
    RecordingStatus status = recording.stop().get(30, TimeUnit.SECONDS);

    assertThat(status.state()).isEqualTo("stopped");
    assertThat(status.droppedFrames()).isGreaterThan(told.droppedFrames());
    List<RecordedFile.Packet> packets = RecordedFile.read(disk.path).track("Own picture").packets();
    assertThat(packets).noneMatch(packet -> packet.size() == 5);
    assertThat(packets.getLast()).satisfies(last -> assertThat(last.key()).isTrue());
  }

  private Recording startIn(Path recordings) throws IOException {
    return start(
        new RecordingDirectory(recordings, 0).create(Optional.of("call"), "bert", Instant.now()));
  }

  private static void assertFileIsGone(RecordingStatus status, Path file) {
    assertThat(status.state()).isEqualTo("failed");
    assertThat(status.code()).isEqualTo("recording_file_gone");
    assertThat(status.detail()).contains(file.toString(), "was removed").endsWith(".");
    assertThat(status.hint()).isNotEmpty();
    assertThat(status.files()).isEmpty();
  }

  @Test
  void aFileThatIsRemovedEndsIt() throws Exception {
    Recording recording = startIn(directory);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    Path file = directory.resolve("call.webm");
    Files.delete(file);
    RecordingStatus status = end();
    assertFileIsGone(status, file);
    assertThat(recording.stop().get(30, TimeUnit.SECONDS)).isEqualTo(status);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aDirectoryThatIsRemovedEndsIt() throws Exception {
    Path calls = directory.resolve("calls");
    startIn(calls).frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    Files.delete(calls.resolve("call.webm"));
    Files.delete(calls);
    assertFileIsGone(end(), calls.resolve("call.webm"));
  }

  /** In its last second, in which nobody has looked. */
  @Test
  void whoStopsOneWhoseFileIsRemovedIsToldInWords() throws Exception {
    Recording recording = startIn(directory);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    Path file = directory.resolve("call.webm");
    Files.delete(file);
    assertFileIsGone(recording.stop().get(30, TimeUnit.SECONDS), file);
  }

  /** Another program's file of the old name is not taken for it, and not touched. */
  @Test
  void aFileThatIsRenamedIsWrittenOnAndEndsStopped() throws Exception {
    Recording recording = startIn(directory);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    Path renamed = directory.resolve("\u00fcbung.webm");
    Files.move(directory.resolve("call.webm"), renamed);
    Path another = Files.createFile(directory.resolve("call.webm"));
    while (!recording.status().files().equals(List.of(renamed.toString()))) {
      Thread.sleep(10); // looked at once a second
    }
    assertThat(recording.status().state()).isEqualTo("recording");
    recording.frame(RecordedStream.OWN_PICTURE, picture(false, 1000));
    RecordingStatus status = recording.stop().get(30, TimeUnit.SECONDS);
    assertThat(status.state()).as(status.detail()).isEqualTo("stopped");
    assertThat(status.files()).containsExactly(renamed.toString());
    assertThat(RecordedFile.read(renamed).track("Own picture").packets()).hasSize(2);
    assertThat(another).isEmptyFile();
  }

  @Test
  void aDirectoryThatIsRenamedKeepsItsRecording() throws Exception {
    Path calls = directory.resolve("calls");
    Path moved = directory.resolve("moved");
    Recording recording = startIn(calls);
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    Files.move(calls, moved);
    RecordingStatus status = recording.stop().get(30, TimeUnit.SECONDS);
    assertThat(status.state()).as(status.detail()).isEqualTo("stopped");
    assertThat(status.files()).containsExactly(moved.resolve("call.webm").toString());
    assertThat(RecordedFile.read(moved.resolve("call.webm")).tracks()).hasSize(1);
  }

  @Test
  void anEmptyFileIsDeletedWhateverItIsCalledByNow() throws Exception {
    Recording recording = startIn(directory);
    Files.move(directory.resolve("call.webm"), directory.resolve("moved.webm"));
    Path another = Files.createFile(directory.resolve("call.webm"));
    RecordingStatus status = recording.stop().get(30, TimeUnit.SECONDS);
    assertThat(status.state()).as(status.detail()).isEqualTo("stopped");
    assertThat(status.files()).isEmpty();
    assertThat(directory).isDirectoryNotContaining("glob:**moved.webm");
    assertThat(another).exists();
  }

  static List<Error> errors() {
    return List.of(
        new OutOfMemoryError("Java heap space"),
        new StackOverflowError(),
        new NoClassDefFoundError("org/heliograph/webm/Ebml"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorOfItsThreadEndsItInWords(Error error) throws Exception {
    Disk disk = new Disk(Long.MAX_VALUE);
    Recording recording = start(disk);
    disk.error = error; // closing the file fails by it too
    recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
    while (endedEvents.isEmpty() && recording.status().code() == null) {
      recording.frame(RecordedStream.OWN_PICTURE, picture(false, 20_000));
      Thread.sleep(1);
    }
    RecordingStatus status = end();
    assertThat(status.state()).isEqualTo("failed");
    assertThat(status.code()).isEqualTo("recording_writing_failed");
    assertThat(status.detail()).isNotEmpty();
    assertThat(recording.status()).isEqualTo(status);
    assertThat(recording.stop().get(30, TimeUnit.SECONDS)).isEqualTo(status);
  }

  @Test
  void whoFailsToTakeTheNewsDoesNotKeepItFromWhoStops() throws Exception {
    Recording recording =
        Recording.start(
            new Disk(Long.MAX_VALUE),
            "Call with bert",
            _ -> {},
            new Recording.Listener() {
              @Override
              public void onDropped(RecordingStatus status) {}

              @Override
              public void onEnded(RecordingStatus status) {
                throw new OutOfMemoryError("no thread can be made for it");
              }
            });
    assertThat(recording.stop().get(30, TimeUnit.SECONDS).state()).isEqualTo("stopped");
  }

  @Test
  void aRecordingOfNothingLeavesNoFile() throws Exception {
    RecordingStatus status = startIn(directory).stop().get(30, TimeUnit.SECONDS);
    assertThat(status.files()).isEmpty();
    assertThat(status.bytes()).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  /** A file system of a few megabytes, where this user may mount one. */
  @Test
  void aRealFullDiskIsTold() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount.toString()) == 0,
        "no file system can be mounted");
    try {
      RecordingFiles files =
          new RecordingDirectory(mount, 0).create(Optional.of("call"), "bert", Instant.now());
      Recording recording = start(files);
      recording.frame(RecordedStream.OWN_PICTURE, picture(true, 1000));
      while (endedEvents.isEmpty()) {
        recording.frame(RecordedStream.OWN_PICTURE, picture(false, 20_000));
        Thread.onSpinWait();
      }
      RecordingStatus status = end();
      assertThat(status.code()).isEqualTo("recording_disk_full");
      Path file = mount.resolve("call.webm");
      assertThat(Files.size(file)).isEqualTo(status.bytes());
      assertThat(RecordedFile.read(file).track("Own picture").packets()).isNotEmpty();
    } finally {
      run("umount", mount.toString());
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
