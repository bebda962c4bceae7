package org.heliograph.relay;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.webm.VideoTrack;

/**
 * Single frames for WebCodecs, the sound decoded where that is wanted. Each track has a decoder of
 * its own in the page, so none waits for another, and a gap in time does no harm. A frame's message
 * is the same for every subscriber.
 */
final class FramesPackaging implements Packaging {
  private final Output output;
  private final boolean decodesSound;
  private final Map<MediaKind, Long> lastTimes = new EnumMap<>(MediaKind.class);
  private Set<MediaKind> expected = EnumSet.allOf(MediaKind.class);
  private boolean videoFlows;
  private boolean described;
  private Optional<VideoTrack> video = Optional.empty();
  private boolean audio;

  /**
   * @param decodesSound whether the subscriber is sent samples, not Opus
   */
  FramesPackaging(Output output, boolean decodesSound) {
    this.output = output;
    this.decodesSound = decodesSound;
  }

  @Override
  public void frame(RelayedFrame frame, long nowNanos) {
    if (!expected.contains(frame.kind())) {
      return;
    }
    if (!inOrder(frame) || !decodable(frame)) {
      output.dropped();
      return;
    }
    lastTimes.put(frame.kind(), frame.microseconds());
    describeTracks();
    if (decodesSound && frame.kind() == MediaKind.AUDIO) {
      frame.sampleMessages().forEach(output::media);
    } else {
      output.media(frame.message());
    }
  }

  @Override
  public void tick(long nowNanos) {}

  @Override
  public void expect(Set<MediaKind> kinds, long nowNanos) {
    if (kinds.contains(MediaKind.VIDEO) && !expected.contains(MediaKind.VIDEO)) {
      output.keyFrameNeeded();
    }
    expected = kinds.isEmpty() ? Set.of() : EnumSet.copyOf(kinds);
    boolean started = video.isPresent() || audio;
    if (!expected.contains(MediaKind.VIDEO)) {
      describe(Optional.empty());
      videoFlows = false;
    }
    hear(audio && expected.contains(MediaKind.AUDIO));
    if (started) {
      describeTracks();
    }
  }

  /** The past is decoded as fast as the page can, and its last picture is the first that counts. */
  @Override
  public void restart(List<RelayedFrame> past, long nowNanos) {
    videoFlows = false;
    described = false;
    if (!expected.contains(MediaKind.VIDEO)) {
      return;
    }
    if (past.isEmpty() || !decodable(past.getFirst())) {
      output.keyFrameNeeded();
      return;
    }
    describeTracks();
    for (RelayedFrame picture : past.subList(0, past.size() - 1)) {
      output.media(picture.pastMessage());
    }
    RelayedFrame latest = past.getLast();
    lastTimes.put(MediaKind.VIDEO, latest.microseconds());
    output.media(latest.message());
  }

  private boolean inOrder(RelayedFrame frame) {
    return frame.microseconds() >= lastTimes.getOrDefault(frame.kind(), 0L);
  }

  private boolean decodable(RelayedFrame frame) {
    if (frame.kind() == MediaKind.AUDIO) {
      hear(true);
      return true;
    }
    if (frame.isKeyPicture()) {
      videoFlows = frame.track().isPresent();
      if (videoFlows) {
        describe(frame.track());
      }
    }
    if (!videoFlows) {
      output.keyFrameNeeded();
    }
    return videoFlows;
  }

  private void describe(Optional<VideoTrack> track) {
    described &= track.equals(video);
    video = track;
  }

  private void hear(boolean heard) {
    described &= heard == audio;
    audio = heard;
  }

  private Optional<String> soundCodec() {
    return audio ? Optional.of(decodesSound ? "pcm-s16" : "opus") : Optional.empty();
  }

  private void describeTracks() {
    if (!described) {
      described = true;
      output.describe(RelayMessage.tracks(video, soundCodec()));
    }
  }
}
