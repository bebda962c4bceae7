package org.heliograph.agent.call;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.record.Recording;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.record.RecordingException;
import org.heliograph.record.RecordingFiles;
import org.heliograph.record.RecordingStatus;
import org.heliograph.session.TrackId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recordings of one call, one at a time. All but {@link #frame} belongs to the calls' loop. */
final class CallRecorder {
  private static final Logger log = LoggerFactory.getLogger(CallRecorder.class);

  /** The call that is recorded. */
  interface Host {
    /** Asks whoever makes a track for a key frame. */
    void requestKeyFrame(TrackId track);

    /** The first picture of a side, if there is one. */
    Optional<TrackId> firstPicture(boolean own);

    /** Why nothing can be recorded any more; empty while the call goes on. */
    Optional<CallException> whyOver();

    void emit(CallEvent event);
  }

  private record Running(Recording recording, RecordedTracks tracks) {}

  private final Host host;
  private final Optional<RecordingDirectory> directory;
  private final String channelId;
  private final String peer;
  private final Executor loop;
  private final Executor threads;

  /** The recording that runs, or null; read by the threads that have frames for it. */
  private volatile Running running;

  private boolean begins;
  private RecordingStatus last = RecordingStatus.NONE;

  /**
   * @param directory where recordings go; empty where none are made
   * @param threads may block
   */
  CallRecorder(
      Host host,
      Optional<RecordingDirectory> directory,
      String channelId,
      String peer,
      Executor loop,
      Executor threads) {
    this.host = host;
    this.directory = directory;
    this.channelId = channelId;
    this.peer = peer;
    this.loop = loop;
    this.threads = threads;
  }

  /**
   * Begins to record what both sides send.
   *
   * @param fileName what the file is to be called; empty for the time and the peer's name
   */
  CompletableFuture<RecordingStatus> start(Optional<String> fileName) throws CallException {
    RecordingDirectory into =
        directory.orElseThrow(
            () ->
                new CallException(
                    CallException.Code.RECORDING_DISABLED,
                    "Recording is switched off in this agent.",
                    "Set recording.enabled = true in the configuration."));
    if (running != null || begins) {
      throw new CallException(
          CallException.Code.ALREADY_RECORDING,
          "The call is being recorded already.",
          "Stop that recording first.");
    }
    begins = true;
    return CompletableFuture.supplyAsync(() -> createFiles(into, fileName), threads)
        .handleAsync(
            (files, failure) -> {
              begins = false;
              if (failure != null) {
                throw new CompletionException(Call.unwrap(failure));
              }
              return recordInto(files);
            },
            loop);
  }

  private RecordingFiles createFiles(RecordingDirectory into, Optional<String> fileName) {
    try {
      return into.create(fileName, peer, Instant.now());
    } catch (RecordingException cause) {
      throw new CompletionException(new CallException(cause));
    }
  }

  private RecordingStatus recordInto(RecordingFiles files) {
    RecordedTracks tracks = new RecordedTracks();
    Recording started =
        Recording.start(
            files,
            "Call with " + peer,
            stream ->
                tracks
                    .of(stream)
                    .or(() -> host.firstPicture(stream.own()))
                    .ifPresent(host::requestKeyFrame),
            new Events());
    running = new Running(started, tracks);
    host.whyOver()
        .ifPresent(
            over -> {
              var _ = started.stop();
              throw new CompletionException(over);
            });
    RecordingStatus status = started.status();
    log.info("Call {} with {} is recorded to {}", channelId, peer, first(status));
    host.emit(new CallEvent.Recording(channelId, status));
    return status;
  }

  /**
   * Takes a frame, if a recording runs; from any thread, one at a time for each track, and does not
   * wait.
   *
   * @param own whether this side sends it
   * @param first whether it is the first of its kind and side now
   * @param name what the track is called in the file, if it is not the first
   */
  void frame(
      TrackId track,
      MediaKind kind,
      boolean own,
      boolean first,
      Optional<String> name,
      MediaFrame frame) {
    Running now = running;
    if (now != null) {
      now.tracks().stream(track, kind, own, first, name)
          .ifPresent(stream -> now.recording().frame(stream, frame));
    }
  }

  /** A track has ended; after its last frame. */
  void ended(TrackId track) {
    Running now = running;
    if (now != null) {
      now.tracks().stream(track)
          .filter(stream -> stream.track().isPresent())
          .ifPresent(now.recording()::ended);
    }
  }

  /** Ends the recording; completes when its file is complete. */
  CompletableFuture<RecordingStatus> stop() throws CallException {
    if (running == null) {
      throw new CallException(
          CallException.Code.NOT_RECORDING, "The call is not being recorded.", "");
    }
    return running.recording().stop();
  }

  /** Ends the recording, if one runs; completes when its file is complete. */
  CompletableFuture<Void> close() {
    return running == null
        ? CompletableFuture.completedFuture(null)
        : running.recording().stop().thenApply(_ -> null);
  }

  /** How the recording that runs stands; empty if none does. */
  Optional<RecordingStatus> running() {
    return Optional.ofNullable(running).map(now -> now.recording().status());
  }

  /** How the recording that runs stands, or how the last one ended. */
  RecordingStatus status() {
    return running().orElse(last);
  }

  private void ended(RecordingStatus status) {
    running = null;
    last = status;
    log.info(
        "Call {}: the recording {} is over, {} files: {}",
        channelId,
        first(status),
        status.files().size(),
        status.state());
    host.emit(new CallEvent.Recording(channelId, status));
    if (status.code() != null) {
      host.emit(
          new CallEvent.Failure(channelId, status.code(), status.detail(), status.hint(), null));
    }
  }

  /** One file stands for all: the others have its name and a number. */
  private static String first(RecordingStatus status) {
    return status.files().isEmpty() ? "of nothing" : status.files().getFirst();
  }

  /** The way from the recording's thread to the loop. */
  private final class Events implements Recording.Listener {
    @Override
    public void onDropped(RecordingStatus status) {
      loop.execute(() -> host.emit(new CallEvent.Recording(channelId, status)));
    }

    @Override
    public void onEnded(RecordingStatus status) {
      loop.execute(() -> ended(status));
    }
  }
}
