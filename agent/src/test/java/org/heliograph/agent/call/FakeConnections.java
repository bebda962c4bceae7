package org.heliograph.agent.call;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.media.MediaFrame;

/** Connections whose descriptions are words, and whose states the test sets. */
public final class FakeConnections implements MediaConnection.Factory {
  /** One connection. */
  public static final class Connection implements MediaConnection {
    final Listener listener;
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

    private Connection(Listener listener, FakeConnections factory) {
      this.listener = listener;
      this.factory = factory;
    }

    @Override
    public boolean hasTurnServers() {
      return hasTurnServers;
    }

    @Override
    public synchronized CompletableFuture<String> createOffer(
        Set<MediaKind> kinds, Set<MediaKind> sending) {
      offeredToSend = Set.copyOf(sending);
      gatherOnce();
      String offer = "offer " + ++offers + " " + sorted(kinds);
      return factory.released.thenApply(_ -> offer);
    }

    @Override
    public CompletableFuture<String> acceptOffer(String sdp, Set<MediaKind> sending) {
      if (!sdp.startsWith("offer")) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("no v= line"));
      }
      offeredToSend = Set.copyOf(sending);
      gatherOnce();
      listener.onReceiving(EnumSet.allOf(MediaKind.class));
      return CompletableFuture.completedFuture("answer to " + sdp);
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
    public void send(MediaKind kind, MediaFrame frame) {
      sentKinds.add(kind);
      sent.add(frame);
    }

    @Override
    public void setHandsOnPackets(boolean handsOn) {
      handsOnPackets = handsOn;
    }

    @Override
    public synchronized void requestKeyFrame() {
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

  private final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
  private final List<Connection> all = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Void>> openings = new CopyOnWriteArrayList<>();
  private volatile boolean broken;
  private volatile CompletableFuture<Void> released = CompletableFuture.completedFuture(null);

  @Override
  public MediaConnection open(boolean onThisMachine, MediaConnection.Listener listener)
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

  private MediaConnection openWhenReleased(MediaConnection.Listener listener) {
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
