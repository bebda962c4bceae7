package org.heliograph.interop.peer;

import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;

/**
 * Janus's video room, to which is published: it answers, and somebody who watches tells what came.
 */
final class JanusPublishedTo extends JanusPeer {
  private JanusRoom room;
  private JanusSession.Handle handle;
  private long feed;
  private JanusRoom.Member watcher;

  @Override
  void attach(JanusSession session) {
    room = new JanusRoom(session);
    handle = session.attach("videoroom");
    feed = room.joinToPublish(handle);
    watcher = null;
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
  boolean sends() {
    return false;
  }

  @Override
  int toneHertz() {
    return JanusRoom.TONE_HERTZ;
  }

  @Override
  void send(MediaKind kind) {}

  @Override
  void prepare(MediaKind kind) {}

  @Override
  String answer(String offer) {
    return room.publish(handle, offer);
  }

  /** Tells from now on what another one sees. */
  @Override
  void admitViewer() {
    watcher = room.newWatcher(feed);
  }

  @Override
  void requestPicture() {
    watcher.peer().requestPicture();
  }

  @Override
  void addCandidate(IceCandidateInit candidate) {
    handle.trickle(candidate);
  }

  @Override
  ReceivedContent received() {
    if (watcher == null && handle.isUp()) {
      admitViewer();
    }
    return watcher == null ? ReceivedContent.NOTHING : watcher.peer().received();
  }

  @Override
  void forget() {
    if (watcher != null) {
      watcher.peer().forget();
    }
  }
}
