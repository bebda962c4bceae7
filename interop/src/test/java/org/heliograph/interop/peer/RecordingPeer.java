package org.heliograph.interop.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.media.MediaFrame;

/** Keeps what a connection tells, for a test to wait for and to look at. */
final class RecordingPeer implements PeerListener {
  final Queue<IceCandidateInit> candidates = new ConcurrentLinkedQueue<>();
  private final List<MediaFrame> video = new ArrayList<>();
  private final List<MediaFrame> audio = new ArrayList<>();
  private final List<PeerConnectionState> states = new ArrayList<>();
  private final CountDownLatch keyFrameRequested = new CountDownLatch(1);
  private long firstFrameNanos;
  private String failure = "";

  @Override
  public void onIceCandidate(IceCandidateInit candidate) {
    candidates.add(candidate);
  }

  @Override
  public synchronized void onConnectionStateChange(PeerConnectionState state) {
    states.add(state);
    notifyAll();
  }

  @Override
  public synchronized void onFailed(String reason) {
    failure = reason;
  }

  @Override
  public synchronized void onFrame(Transceiver transceiver, MediaFrame frame) {
    if (firstFrameNanos == 0) {
      firstFrameNanos = System.nanoTime();
    }
    (transceiver.kind() == MediaKind.VIDEO ? video : audio).add(frame);
    notifyAll();
  }

  @Override
  public void onKeyFrameRequested(Transceiver transceiver) {
    keyFrameRequested.countDown();
  }

  boolean isKeyFrameRequested() {
    return keyFrameRequested.getCount() == 0;
  }

  synchronized boolean has(PeerConnectionState state) {
    return states.contains(state);
  }

  synchronized String failure() {
    return failure;
  }

  synchronized long firstFrameNanos() {
    return firstFrameNanos;
  }

  synchronized List<MediaFrame> video() {
    return List.copyOf(video);
  }

  synchronized List<MediaFrame> audio() {
    return List.copyOf(audio);
  }

  synchronized void awaitFrames(MediaKind kind, int count) throws InterruptedException {
    List<MediaFrame> frames = kind == MediaKind.VIDEO ? video : audio;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (frames.size() < count) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(
            "only " + frames.size() + " frames of " + kind + "; states " + states + " " + failure);
      }
      wait(left);
    }
  }

  synchronized void awaitState(PeerConnectionState state) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!states.contains(state)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("not " + state + ", only " + states + " " + failure);
      }
      wait(left);
    }
  }
}
