package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.AudioTrack;
import org.heliograph.webm.Track;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.WebmMuxer;
import org.heliograph.webm.WebmOptions;
import org.heliograph.webm.WebmSink;

/**
 * Live WebM: an init segment, then a cluster per frame.
 *
 * <p>An init segment names exactly the tracks that follow, because a player waits for ever for one
 * that is named and does not come. So a stream begins when all tracks that are expected have given
 * a frame, or after a short wait with those that have; and another begins, with time from 0, when a
 * track comes late or ends, when the picture falls silent, when its codec or size changes, and
 * after a pause that is too long to be filled. Sound that falls silent, because the sender is
 * muted, goes on as silence. With a picture in it, a stream begins with a key frame.
 */
final class WebmPackaging implements Packaging {
  /** How long the first track waits for a second that is expected and gives nothing. */
  static final Duration WAIT_FOR_TRACK = Duration.ofMillis(400);

  /** How long sound waits for a key frame of a picture whose other frames are coming. */
  static final Duration WAIT_FOR_KEY_FRAME = Duration.ofSeconds(1);

  private static final int CHANNELS = 2; // what every Opus decoder can give (RFC 7587 7)

  private final Output output;
  private final WebmMuxer muxer;
  private final WebmVideoLane video;
  private final WebmAudioLane audio;
  private Set<MediaKind> expected = EnumSet.allOf(MediaKind.class);

  /** The kinds in the stream that was begun; empty while none is. */
  private Set<MediaKind> stream = EnumSet.noneOf(MediaKind.class);

  private long heldSinceNanos;

  WebmPackaging(Output output) {
    this.output = output;
    this.muxer = new WebmMuxer(WebmOptions.live(), new Messages());
    this.video = new WebmVideoLane(muxer);
    this.audio = new WebmAudioLane(muxer);
  }

  @Override
  public void frame(RelayedFrame relayed, long nowNanos) {
    MediaKind kind = relayed.kind();
    MediaFrame frame = relayed.frame();
    WebmLane lane = lane(kind);
    if (!expected.contains(kind)) {
      return;
    }
    if (!lane.inOrder(frame)) {
      output.dropped();
      return;
    }
    boolean broken = lane.isBrokenBy(frame, nowNanos) || isOutage(nowNanos);
    lane.note(frame, nowNanos);
    Optional<VideoTrack> keyFrame = Optional.empty();
    if (relayed.isKeyPicture()) {
      keyFrame = relayed.track();
      if (keyFrame.isEmpty()) {
        output.dropped();
        restart(List.of(), nowNanos);
        return;
      }
    }
    if (broken && stream.contains(kind)) {
      restart(List.of(), nowNanos);
    }
    if (stream.isEmpty()) {
      hold(lane, frame, keyFrame, nowNanos);
      beginIfReady(nowNanos);
    } else if (beginsAnotherStream(kind, keyFrame, nowNanos)) {
      Set<MediaKind> kinds = flowing(nowNanos);
      hold(lane, frame, keyFrame, nowNanos);
      begin(kinds);
    } else if (!stream.contains(kind) || !lane.write(frame)) {
      output.dropped();
    }
  }

  @Override
  public void tick(long nowNanos) {
    if (stream.isEmpty()) {
      beginIfReady(nowNanos);
      return;
    }
    keepUp(nowNanos);
    Set<MediaKind> flowing = flowing(nowNanos);
    if (!flowing.equals(stream) && flowing.contains(MediaKind.VIDEO)) {
      output.keyFrameNeeded();
    }
  }

  /** Whether everything has been silent, the picture too, which is not made up for ever. */
  private boolean isOutage(long nowNanos) {
    return stream.contains(MediaKind.VIDEO)
        && video.isSilent(nowNanos, WebmLane.SILENCE)
        && audio.isSilent(nowNanos, WebmLane.SILENCE);
  }

  /** Makes up what is missing. The picture is not repeated for ever, but silence is filled in. */
  private void keepUp(long nowNanos) {
    boolean pictureFlows = !video.isSilent(nowNanos, WebmLane.SILENCE);
    if (stream.contains(MediaKind.VIDEO) && pictureFlows) {
      video.fill(video.senderNanos(nowNanos));
    }
    if (stream.contains(MediaKind.AUDIO)) {
      if (pictureFlows && audio.isSilent(nowNanos, WebmLane.SILENCE)) {
        audio.fill(video.senderNanos(nowNanos)); // so that they do not drift apart
      } else if (audio.heard()) {
        audio.fill(audio.senderNanos(nowNanos));
      }
    }
  }

  @Override
  public void soundIsKnown() {
    audio.becomeKnown();
  }

  @Override
  public void expect(Set<MediaKind> kinds, long nowNanos) {
    if (kinds.contains(MediaKind.VIDEO) && !expected.contains(MediaKind.VIDEO)) {
      output.keyFrameNeeded();
    }
    expected = kinds.isEmpty() ? Set.of() : EnumSet.copyOf(kinds);
    for (MediaKind kind : MediaKind.values()) {
      if (!expected.contains(kind)) {
        lane(kind).forget();
      }
    }
    if (!expected.containsAll(stream)) {
      restart(List.of(), nowNanos);
    }
  }

  /** The past is held, and so follows each other at once when the stream begins. */
  @Override
  public void restart(List<RelayedFrame> past, long nowNanos) {
    stream = EnumSet.noneOf(MediaKind.class);
    video.held.clear();
    audio.held.clear();
    if (!expected.contains(MediaKind.VIDEO)) {
      return;
    }
    if (past.isEmpty() || past.getFirst().track().isEmpty()) {
      output.keyFrameNeeded();
      return;
    }
    for (RelayedFrame picture : past) {
      video.note(picture.frame(), picture.arrivedNanos());
      hold(video, picture.frame(), keyPicture(picture), nowNanos);
    }
    beginIfReady(nowNanos);
  }

  private static Optional<VideoTrack> keyPicture(RelayedFrame frame) {
    return frame.isKeyPicture() ? frame.track() : Optional.empty();
  }

  /**
   * The kinds that a stream should have now. Sound stays in it, for where none comes silence does.
   */
  private Set<MediaKind> flowing(long nowNanos) {
    Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
    for (MediaKind kind : expected) {
      Duration limit = stream.contains(kind) ? WebmLane.SILENCE : WAIT_FOR_TRACK;
      if (!lane(kind).isSilent(nowNanos, limit)) {
        kinds.add(kind);
      }
    }
    if (kinds.isEmpty()) {
      return stream; // where all are silent, the network may be
    }
    if (stream.contains(MediaKind.AUDIO) && expected.contains(MediaKind.AUDIO)) {
      kinds.add(MediaKind.AUDIO);
    }
    return kinds;
  }

  private boolean beginsAnotherStream(
      MediaKind kind, Optional<VideoTrack> keyFrame, long nowNanos) {
    Set<MediaKind> flowing = flowing(nowNanos);
    if (flowing.equals(stream)) {
      return keyFrame.isPresent() && !keyFrame.equals(video.track());
    }
    if (!flowing.contains(MediaKind.VIDEO)) {
      return kind == MediaKind.AUDIO;
    }
    if (keyFrame.isEmpty()) {
      output.keyFrameNeeded();
    }
    return keyFrame.isPresent();
  }

  /** Keeps a frame for the stream that is to begin. */
  private void hold(WebmLane lane, MediaFrame frame, Optional<VideoTrack> keyFrame, long nowNanos) {
    if (video.held.isEmpty() && audio.held.isEmpty()) {
      heldSinceNanos = nowNanos;
    }
    if (lane == audio) {
      long oldest = frame.timeNanos() - WAIT_FOR_TRACK.toNanos();
      audio.held.removeIf(held -> held.timeNanos() < oldest);
    } else if (keyFrame.isPresent()) {
      video.held.clear();
      video.describe(keyFrame.get());
    } else if (video.held.isEmpty()) {
      output.keyFrameNeeded();
      output.dropped();
      return;
    }
    lane.held.add(frame);
  }

  private void beginIfReady(long nowNanos) {
    Set<MediaKind> ready = EnumSet.noneOf(MediaKind.class);
    for (MediaKind kind : expected) {
      if (!lane(kind).held.isEmpty()) {
        ready.add(kind);
      }
    }
    if (ready.isEmpty()) {
      return;
    }
    if (ready.contains(MediaKind.VIDEO) && expected.contains(MediaKind.AUDIO) && audio.isKnown()) {
      ready.add(MediaKind.AUDIO); // it comes, or is muted: then a silence begins
    }
    boolean keyFrameMissing =
        !ready.contains(MediaKind.VIDEO) && !video.isSilent(nowNanos, WAIT_FOR_TRACK);
    Duration wait = keyFrameMissing ? WAIT_FOR_KEY_FRAME : WAIT_FOR_TRACK;
    if (ready.containsAll(expected) || nowNanos - heldSinceNanos >= wait.toNanos()) {
      begin(ready);
    }
  }

  /**
   * Begins a stream with what is held. It begins at the latest frame, since a player never makes up
   * for what it has to play first: pictures from before it follow each other at once, and sound
   * from before it is left out.
   */
  private void begin(Set<MediaKind> kinds) {
    stream = kinds;
    List<Track> tracks = new ArrayList<>();
    if (kinds.contains(MediaKind.VIDEO)) {
      tracks.add(video.track().orElseThrow());
    }
    if (kinds.contains(MediaKind.AUDIO)) {
      tracks.add(AudioTrack.opus(RelayMessage.AUDIO_ID, CHANNELS));
    }
    long startNanos = startNanos(kinds);
    muxer.begin(tracks, startNanos);
    for (MediaKind kind : kinds) {
      WebmLane lane = lane(kind);
      lane.begin(startNanos);
      for (MediaFrame frame : lane.held) {
        if (!lane.write(frame)) {
          output.dropped();
        }
      }
    }
    video.held.clear();
    audio.held.clear();
  }

  private long startNanos(Set<MediaKind> kinds) {
    if (!kinds.contains(MediaKind.VIDEO)) {
      return audio.held.getLast().timeNanos();
    }
    long precedingFrames = video.held.size() - 1L;
    return video.held.getLast().timeNanos() - precedingFrames * Duration.ofMillis(1).toNanos();
  }

  private WebmLane lane(MediaKind kind) {
    return switch (kind) {
      case VIDEO -> video;
      case AUDIO -> audio;
    };
  }

  /** Hands the muxer's output on; each message is a buffer of its own, because queues keep it. */
  private final class Messages implements WebmSink {
    @Override
    public void initSegment(String mime, ByteBuffer segment) {
      output.describe(RelayMessage.init(mime));
      output.media(segment);
    }

    @Override
    public void cluster(ByteBuffer cluster) {
      output.media(cluster);
    }
  }
}
