package org.heliograph.agent.call;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.session.MediaSession;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;

/** Connections whose descriptions are words, and whose states the test sets. */
public final class FakeConnections implements Sessions {
  /** One connection. */
  public static final class Connection implements MediaSession {
    /** What the other side does: one track of each kind, until a test says otherwise. */
    final OtherSide listener;

    final List<RemoteTrack> remoteTracks = new CopyOnWriteArrayList<>();
    final List<Section> sections = new CopyOnWriteArrayList<>();
    final List<TrackId> sentTracks = new CopyOnWriteArrayList<>();
    final List<TrackId> keyFramesAskedFor = new CopyOnWriteArrayList<>();
    volatile boolean complete = true;
    final List<IceCandidateInit> candidates = new CopyOnWriteArrayList<>();
    final List<MediaFrame> sent = new CopyOnWriteArrayList<>();
    final List<MediaKind> sentKinds = new CopyOnWriteArrayList<>();
    volatile Set<MediaKind> offeredToSend = Set.of();
    private boolean gathered;
    volatile int offers;
    volatile int keyFrameRequests;
    volatile int statsTaken;
    volatile boolean handsOnPackets;
    volatile boolean closed;
    volatile boolean hasTurnServers;

    private final FakeConnections factory;

    private Connection(MediaSession.Listener listener, FakeConnections factory) {
      this.listener = new OtherSide(this, listener);
      this.factory = factory;
    }

    private void described(List<Section> described) {
      sections.clear();
      sections.addAll(described);
      offeredToSend =
          described.stream().filter(Section::sends).map(Section::kind).collect(Collectors.toSet());
    }

    @Override
    public boolean hasTurnServers() {
      return hasTurnServers;
    }

    @Override
    public synchronized CompletableFuture<String> createOffer(List<Section> described) {
      described(described);
      gatherOnce();
      Set<MediaKind> kinds = described.stream().map(Section::kind).collect(Collectors.toSet());
      String offer = "offer " + ++offers + " " + sorted(kinds);
      return factory.released.thenApply(_ -> offer);
    }

    @Override
    public CompletableFuture<Answer> acceptOffer(String sdp, List<Section> described) {
      if (!sdp.startsWith("offer")) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("no v= line"));
      }
      described(described);
      gatherOnce();
      listener.onReceiving(EnumSet.allOf(MediaKind.class));
      return CompletableFuture.completedFuture(new Answer("answer to " + sdp, complete));
    }

    @Override
    public CompletableFuture<Void> acceptAnswer(String sdp) {
      if (!sdp.startsWith("answer")) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("no v= line"));
      }
      listener.onReceiving(EnumSet.allOf(MediaKind.class));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> addCandidate(IceCandidateInit candidate) {
      if (candidate.candidate().equals("nonsense")) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("no candidate"));
      }
      candidates.add(candidate);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void send(TrackId track, MediaFrame frame) {
      sentTracks.add(track);
      sections.stream()
          .filter(section -> section.track().equals(track))
          .forEach(section -> sentKinds.add(section.kind()));
      sent.add(frame);
    }

    @Override
    public void forward(TrackId track, MediaPacket packet) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setHandsOnPackets(boolean handsOn) {
      handsOnPackets = handsOn;
    }

    @Override
    public synchronized void requestKeyFrame(TrackId track) {
      keyFramesAskedFor.add(track);
      keyFrameRequests++;
    }

    @Override
    public synchronized CompletableFuture<List<Stats>> stats() {
      statsTaken++;
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public void close() {
      closed = true;
    }

    private synchronized void gatherOnce() {
      if (!gathered) {
        gathered = true;
        listener.onCandidate(new IceCandidateInit("candidate:own", "0", 0, "u"));
      }
    }

    void become(PeerConnectionState state) {
      listener.onState(state);
    }

    private static String sorted(Set<MediaKind> kinds) {
      return EnumSet.copyOf(kinds).toString();
    }
  }

  /** What the other side does, told to the call as a session tells it. */
  static final class OtherSide {
    private final Connection connection;
    private final MediaSession.Listener call;

    private OtherSide(Connection connection, MediaSession.Listener call) {
      this.connection = connection;
      this.call = call;
    }

    void onCandidate(IceCandidateInit candidate) {
      call.onCandidate(candidate);
    }

    void onState(PeerConnectionState state) {
      call.onState(state);
    }

    void onFailed(String reason) {
      call.onFailed(reason);
    }

    void onMediaRefused(MediaKind kind, String reason) {
      call.onMediaRefused(kind, reason);
    }

    /** It sends one track of each of these kinds; one that it sent before goes on. */
    void onReceiving(Set<MediaKind> kinds) {
      connection.remoteTracks.removeIf(track -> !kinds.contains(track.kind()));
      for (MediaKind kind : EnumSet.allOf(MediaKind.class)) {
        if (kinds.contains(kind)
            && connection.remoteTracks.stream().noneMatch(track -> track.kind() == kind)) {
          connection.remoteTracks.add(track("in-" + kind.token(), kind));
        }
      }
      tellTracks();
    }

    /** It sends one track more. */
    RemoteTrack add(String id, MediaKind kind) {
      RemoteTrack added = track(id, kind);
      connection.remoteTracks.add(added);
      tellTracks();
      return added;
    }

    /** It sends a track no longer. */
    void remove(RemoteTrack track) {
      connection.remoteTracks.remove(track);
      tellTracks();
    }

    private static RemoteTrack track(String id, MediaKind kind) {
      return new RemoteTrack(new TrackId(id), kind, Optional.of(kind + "\n" + id), List.of());
    }

    private void tellTracks() {
      call.onReceiving(List.copyOf(connection.remoteTracks));
    }

    /** A frame of the first track of a kind has come. */
    void onFrame(MediaKind kind, MediaFrame frame) {
      connection.remoteTracks.stream()
          .filter(track -> track.kind() == kind)
          .findFirst()
          .ifPresent(track -> track.receive(frame));
    }

    void onKeyFrameRequested(MediaKind kind) {
      call.onKeyFrameRequested(kind == MediaKind.AUDIO ? OwnTracks.MICROPHONE : OwnTracks.CAMERA);
    }

    void onBandwidthEstimate(long bitsPerSecond) {
      call.onBandwidthEstimate(bitsPerSecond);
    }

    void onSoundLoss(double share) {
      call.onLossToPrepareFor(OwnTracks.MICROPHONE, share);
    }
  }

  private final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
  private final List<Connection> all = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Void>> openings = new CopyOnWriteArrayList<>();
  private volatile boolean broken;
  private volatile CompletableFuture<Void> released = CompletableFuture.completedFuture(null);

  @Override
  public MediaSession open(boolean onThisMachine, MediaSession.Listener listener)
      throws IOException {
    if (broken) {
      throw new IOException("no address can be bound");
    }
    CompletableFuture<Void> opening = new CompletableFuture<>();
    openings.add(opening);
    try {
      return openWhenReleased(listener);
    } finally {
      opening.complete(null);
    }
  }

  /** Waits for those that are being opened. */
  void awaitOpenings() {
    openings.forEach(CompletableFuture::join);
  }

  private MediaSession openWhenReleased(MediaSession.Listener listener) {
    released.join();
    Connection connection = new Connection(listener, this);
    all.add(connection);
    opened.add(connection);
    return connection;
  }

  /** From now on opening and offers hang until {@link #release}. */
  void holdBack() {
    if (released.isDone()) {
      released = new CompletableFuture<>();
    }
  }

  void release() {
    released.complete(null);
  }

  void breakThem() {
    broken = true;
  }

  /** The next connection to be opened. */
  Connection next() throws InterruptedException {
    Connection connection = opened.poll(10, TimeUnit.SECONDS);
    if (connection == null) {
      throw new AssertionError("no connection was opened");
    }
    return connection;
  }

  /** Connects the next connection to be opened. */
  public void connectNext() throws InterruptedException {
    next().become(PeerConnectionState.CONNECTED);
  }

  List<Connection> all() {
    return all;
  }
}
