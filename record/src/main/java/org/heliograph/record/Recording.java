package org.heliograph.record;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.text.Cause;
import org.heliograph.webm.WebmFile;
import org.heliograph.webm.WebmFileOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One recording of a call, while it runs. Frames are taken from the call's threads without ever
 * making them wait; a thread of its own writes, so that a disk that stalls costs frames of the
 * recording and nothing of the call.
 */
public final class Recording {
  /** Who is told of a recording; called on its thread, and must not block. */
  public interface Listener {
    /** Frames were dropped. */
    void onDropped(RecordingStatus status);

    /** It is over: stopped, or failed. Comes once. */
    void onEnded(RecordingStatus status);
  }

  private static final Logger log = LoggerFactory.getLogger(Recording.class);
  private static final long STEP_NANOS = Duration.ofMillis(100).toNanos();

  /** How often it is looked at the file and its disk. */
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long FORCE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long TELL_NANOS = Duration.ofSeconds(5).toNanos();

  private final RecordingFiles files;
  private final Listener listener;
  private final String title;
  private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final RecordingQueue queue = new RecordingQueue();
  private final RecordingWriter writer;
  private final CompletableFuture<RecordingStatus> ended = new CompletableFuture<>();
  private final Thread thread;

  private volatile RecordingStatus status;
  private volatile boolean stopping;

  // Of the writing thread alone.
  private long nextLookNanos;
  private long nextForceNanos;
  private long nextTellNanos;
  private long toldDropped;

  private Recording(
      RecordingFiles files,
      String title,
      Consumer<RecordedStream> keyFrameRequests,
      Listener listener) {
    this.files = files;
    this.title = title;
    this.listener = listener;
    long now = System.nanoTime();
    this.writer = new RecordingWriter(this::openFile, keyFrameRequests, startedAt, now);
    this.nextLookNanos = now;
    this.nextForceNanos = now + FORCE_NANOS;
    this.nextTellNanos = now;
    this.status = currentStatus();
    this.thread = Thread.ofPlatform().daemon().name("heliograph-recording").unstarted(this::run);
  }

  /**
   * Begins.
   *
   * @param title what the file is called within
   * @param keyFrameRequests asks for a picture's key frame, from any thread; must not block
   */
  public static Recording start(
      RecordingFiles files,
      String title,
      Consumer<RecordedStream> keyFrameRequests,
      Listener listener) {
    Recording recording = new Recording(files, title, keyFrameRequests, listener);
    recording.thread.start();
    keyFrameRequests.accept(RecordedStream.REMOTE_PICTURE);
    keyFrameRequests.accept(RecordedStream.OWN_PICTURE);
    return recording;
  }

  /**
   * Takes a frame; never blocks. Called by one thread at a time for each stream. What comes after
   * the end is left out.
   */
  public void frame(RecordedStream stream, MediaFrame frame) {
    if (!stopping) {
      queue.offer(stream, frame, System.nanoTime());
    }
  }

  /** Nothing more comes of a stream that came beside the first of its kind; never blocks. */
  public void ended(RecordedStream stream) {
    if (!stopping) {
      queue.end(stream, System.nanoTime());
    }
  }

  /** How it stands. */
  public RecordingStatus status() {
    return status;
  }

  /** Ends it; completes, with how it ended, when the file is complete. */
  public CompletableFuture<RecordingStatus> stop() {
    stopping = true;
    LockSupport.unpark(thread);
    return ended.copy();
  }

  private WebmFile openFile(Instant date) throws IOException {
    return new WebmFile(files.next(), WebmFileOptions.defaults().withTitle(title).withDate(date));
  }

  /** However it ends, whoever listens and whoever waits hears of it. */
  private void run() {
    RecordingStatus end;
    try {
      write();
      end = currentStatus().stopped();
    } catch (IOException | RuntimeException | Error failure) {
      stopping = true;
      RecordingException why = explain(failure);
      closeAfter(why);
      end = currentStatus().failed(why);
    }
    status = end;
    try {
      listener.onEnded(end);
    } finally {
      ended.complete(end);
    }
  }

  private void write() throws IOException {
    while (!stopping) {
      LockSupport.parkNanos(this, STEP_NANOS);
      step(System.nanoTime());
    }
    long now = System.nanoTime();
    takeWaiting(now);
    files.look();
    writer.finish(now);
    files.close();
  }

  private void step(long nowNanos) throws IOException {
    if (nowNanos - nextLookNanos >= 0) {
      nextLookNanos = nowNanos + LOOK_NANOS;
      files.look();
      if (files.roomBytes() <= 0) {
        throw diskFull(null);
      }
    }
    takeWaiting(nowNanos);
    writer.advance(nowNanos);
    if (nowNanos - nextForceNanos >= 0) {
      nextForceNanos = nowNanos + FORCE_NANOS;
      files.force();
    }
    status = currentStatus();
    tellDropped(nowNanos);
  }

  private void takeWaiting(long nowNanos) throws IOException {
    for (RecordingQueue.Entry entry = queue.poll(nowNanos);
        entry != null;
        entry = queue.poll(nowNanos)) {
      if (writer.isFull(entry.stream())) {
        writer.advance(nowNanos);
      }
      if (entry.frame() == null) {
        writer.end(entry.stream());
      } else {
        writer.take(entry.stream(), entry.frame(), entry.arrivedNanos());
      }
    }
  }

  private void tellDropped(long nowNanos) {
    if (status.droppedFrames() > toldDropped && nowNanos - nextTellNanos >= 0) {
      nextTellNanos = nowNanos + TELL_NANOS;
      toldDropped = status.droppedFrames();
      log.warn("{} frames of a recording are dropped so far", toldDropped);
      listener.onDropped(status);
    }
  }

  private RecordingStatus currentStatus() {
    return RecordingStatus.recording(
        files.paths(),
        startedAt.toString(),
        writer.duration().toMillis(),
        writer.bytes(),
        queue.dropped() + writer.droppedFrames());
  }

  private void closeAfter(RecordingException why) {
    log.warn("A recording has ended: {}", why.getMessage());
    try {
      writer.close();
    } catch (IOException | RuntimeException | Error again) {
      log.warn("The file of a recording may lack its end: {}", again.toString());
    }
    try {
      files.close();
    } catch (IOException | RuntimeException | Error again) {
      log.warn("The file of a recording did not close: {}", again.toString());
    }
  }

  private RecordingException explain(Throwable failure) {
    return switch (failure) {
      case RecordingException said -> said;
      case IOException cause when isDiskFull(cause) -> diskFull(cause);
      case IOException cause ->
          new RecordingException(
              RecordingException.Reason.WRITING_FAILED,
              "The recording could not be written: " + Cause.words(cause) + ".",
              "Look at the disk, or set recording.directory to another one.",
              cause);
      default -> {
        log.error("A recording failed", failure);
        yield new RecordingException(
            RecordingException.Reason.WRITING_FAILED,
            "The recording failed: " + failure + ".",
            "The agent's log says more.",
            new IOException(failure));
      }
    };
  }

  /** By its words, and by the disk itself, since the words are in the user's language. */
  private boolean isDiskFull(IOException failure) {
    String words = ("" + failure.getMessage()).toLowerCase(Locale.ROOT);
    if (words.contains("no space left") || words.contains("quota")) {
      return true;
    }
    try {
      return files.roomBytes() <= 0;
    } catch (IOException unknown) {
      return false;
    }
  }

  private static RecordingException diskFull(IOException cause) {
    return new RecordingException(
        RecordingException.Reason.DISK_FULL,
        "The recording has ended, because its disk is full, or has less left than"
            + " recording.keep_free_megabytes. What was recorded is kept.",
        "Free some space, or set recording.directory to another disk.",
        cause);
  }
}
