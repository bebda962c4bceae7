package org.heliograph.agent.relay;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/** Hands one sender's frames on to any number of subscribers, none of which can slow it. */
public final class MediaRelay {
  /**
   * @param keyFrameRequest asks the sender for a key frame; called from any thread, must not block,
   *     and limits its own rate
   */
  public MediaRelay(Runnable keyFrameRequest) {
    Objects.requireNonNull(keyFrameRequest, "keyFrameRequest");
  }

  /** Says which kinds the sender is negotiated to send from now on; from any thread. */
  public void expect(Set<MediaKind> kinds) {}

  /** Hands a frame on; never blocks. A frame after {@link #end} is ignored. */
  public void publish(MediaKind kind, MediaFrame frame) {}

  /** Tells the call's state to every subscriber, and to each later one when it comes. */
  public void state(String state) {}

  /**
   * Ends every subscription with {@code {"type":"ended"}} and close code 1000; does nothing the
   * second time.
   */
  public void end(String reason) {}

  /** The figures of each subscriber there is. */
  public List<SubscriberStats> stats() {
    return List.of();
  }
}
