package org.heliograph.agent.relay;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.VideoTrack;

/**
 * Single frames for WebCodecs. Each track has a decoder of its own in the page, so none waits for
 * another, and a gap in time does no harm.
 */
final class FramesPackaging implements Packaging {
  static final int HEADER_SIZE = 12;
  private static final int FLAG_KEY = 1;
  private static final int CHANNELS = 2;

  private final Output output;
  private final KeyFrameNeed keyFrameNeed;
  private final Map<MediaKind, Long> lastTimes = new EnumMap<>(MediaKind.class);
  private Set<MediaKind> expected = EnumSet.allOf(MediaKind.class);
  private boolean started;
  private long startNanos;
  private boolean videoFlows;
  private String described = "";
  private Optional<VideoTrack> video = Optional.empty();
  private boolean audio;

  FramesPackaging(Output output) {
    this.output = output;
    this.keyFrameNeed = new KeyFrameNeed(output);
  }

  @Override
  public void frame(MediaKind kind, MediaFrame frame, long nowNanos) {
    if (!expected.contains(kind)) {
      return;
    }
    if (!inOrder(kind, frame) || !decodable(kind, frame, nowNanos)) {
      output.dropped();
      return;
    }
    lastTimes.put(kind, frame.timeNanos());
    describeTracks();
    output.media(message(kind, frame));
  }

  @Override
  public void tick(long nowNanos) {}

  @Override
  public void expect(Set<MediaKind> kinds, long nowNanos) {
    if (kinds.contains(MediaKind.VIDEO) && !expected.contains(MediaKind.VIDEO)) {
      keyFrameNeed.arise(nowNanos);
    }
    expected = kinds.isEmpty() ? Set.of() : EnumSet.copyOf(kinds);
    if (!expected.contains(MediaKind.VIDEO)) {
      video = Optional.empty();
      videoFlows = false;
    }
    audio &= expected.contains(MediaKind.AUDIO);
    if (started) {
      describeTracks();
    }
  }

  @Override
  public void restart(long nowNanos) {
    videoFlows = false;
    described = "";
    if (expected.contains(MediaKind.VIDEO)) {
      keyFrameNeed.arise(nowNanos);
    }
  }

  private boolean inOrder(MediaKind kind, MediaFrame frame) {
    if (!started) {
      started = true;
      startNanos = frame.timeNanos();
    }
    return frame.timeNanos() >= lastTimes.getOrDefault(kind, startNanos);
  }

  private boolean decodable(MediaKind kind, MediaFrame frame, long nowNanos) {
    if (kind == MediaKind.AUDIO) {
      audio = true;
      return true;
    }
    if (frame.key()) {
      Optional<VideoTrack> track = KeyPicture.describe(frame);
      videoFlows = track.isPresent();
      video = track.or(() -> video);
    }
    if (!videoFlows) {
      keyFrameNeed.persist(nowNanos);
    }
    return videoFlows;
  }

  private void describeTracks() {
    String tracks = RelayMessage.tracks(video, audio, CHANNELS);
    if (!tracks.equals(described)) {
      described = tracks;
      output.describe(tracks);
    }
  }

  private ByteBuffer message(MediaKind kind, MediaFrame frame) {
    ByteBuffer payload = frame.payload();
    ByteBuffer message = ByteBuffer.allocate(HEADER_SIZE + payload.remaining());
    message.put((byte) RelayMessage.trackId(kind));
    message.put((byte) (frame.key() ? FLAG_KEY : 0));
    message.putShort((short) 0);
    message.putLong((frame.timeNanos() - startNanos) / 1_000);
    message.put(message.position(), payload, payload.position(), payload.remaining());
    return message.clear();
  }
}
