package org.heliograph.interop.peer;

import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;

/** Janus's video room, in which somebody is watched: it offers what somebody else publishes. */
final class JanusWatched extends JanusPeer {
  private JanusRoom room;
  private JanusRoom.Member publisher;
  private JanusRoom.Member firstViewer;
  private JanusSession.Handle handle;
  private long feed;

  @Override
  void attach(JanusSession session) {
    room = new JanusRoom(session);
    publisher = room.newPublisher();
    handle = session.attach("videoroom");
    firstViewer = null;
    feed = 0;
  }

  @Override
  void detach() {
    if (room != null) {
      room.close();
      room = null;
    }
    super.detach();
  }

  @Override
  boolean receives() {
    return false;
  }

  @Override
  int toneHertz() {
    return JanusRoom.TONE_HERTZ;
  }

  @Override
  void send(MediaKind kind) {
    publisher.peer().send(kind);
  }

  @Override
  void prepare(MediaKind kind) {
    publisher.peer().prepare(kind);
  }

  private void publish() {
    if (feed == 0) {
      feed = room.publish(publisher);
    }
  }

  /** The peer that is tested comes after that one. */
  @Override
  void admitViewer() {
    publish();
    firstViewer = room.newWatcher(feed);
  }

  @Override
  String offer() {
    publish();
    return room.joinToWatch(handle, feed);
  }

  @Override
  void accept(String answer) {
    room.watch(handle, answer);
  }

  @Override
  void addCandidate(IceCandidateInit candidate) {
    handle.trickle(candidate);
  }

  /** What the viewer sees who was there before. */
  @Override
  ReceivedContent received() {
    // Both have candidates to tell.
    var _ = publisher.peer();
    return firstViewer == null ? ReceivedContent.NOTHING : firstViewer.peer().received();
  }

  @Override
  void forget() {}
}
