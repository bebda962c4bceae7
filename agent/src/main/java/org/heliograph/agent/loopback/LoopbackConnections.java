package org.heliograph.agent.loopback;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;

/**
 * A call's connections to pages that have a PeerConnection of their own: each is sent what the
 * other side sends, as the packets that it comes in. A page that reloads makes a new connection;
 * the old one ends by itself, when nobody answers any more. Its methods may be called from any
 * thread.
 */
public final class LoopbackConnections {
  /** More pages than anyone watches a call in, and reloads of them. */
  static final int MAX_CONNECTIONS = 16;

  private static final int ID_BYTES = 12;

  /** What the call gives. */
  public interface Source {
    /** Sets whether packets are wanted at all; does not block. */
    void setPacketsWanted(boolean wanted);

    /** Asks the other side for a key frame; does not block, and limits its own rate. */
    void requestKeyFrame();
  }

  /**
   * The answer to a page's offer.
   *
   * @param connection the connection's name, for its candidates and its later offers
   * @param sdp the answer, with every candidate in it
   */
  public record Answer(String connection, String sdp) {}

  private final Source source;
  private final SecureRandom random = new SecureRandom();

  /** In the order in which they were made. */
  private final List<LoopbackConnection> connections = new CopyOnWriteArrayList<>();

  /** What is received now, and what it is to a page; written by one thread at a time. */
  private volatile Map<RemoteTrack, Forwarded> tracks = Map.of();

  private boolean ended;

  public LoopbackConnections(Source source) {
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * Answers a page's offer, with a new connection or with the one that is named. The future fails
   * with {@link LoopbackException}.
   *
   * @throws LoopbackException if there are too many, or none of that name
   * @throws IOException if no socket can be opened
   */
  public CompletableFuture<Answer> offer(Optional<String> connection, String sdp)
      throws LoopbackException, IOException {
    LoopbackConnection accepting = connection.isPresent() ? find(connection) : open();
    return accepting
        .accept(sdp)
        .whenComplete(
            (_, failure) -> {
              if (failure != null && connection.isEmpty()) {
                remove(accepting);
              }
            })
        .thenApply(answer -> new Answer(accepting.id(), answer));
  }

  private LoopbackConnection open() throws LoopbackException, IOException {
    List<LoopbackConnection> gone =
        connections.stream().filter(connection -> !connection.isLive()).toList();
    if (connections.size() >= MAX_CONNECTIONS) {
      gone.forEach(this::remove);
    }
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    LoopbackConnection opened =
        new LoopbackConnection(
            Base64.getUrlEncoder().withoutPadding().encodeToString(id), new Events());
    try {
      add(opened);
    } catch (LoopbackException refused) {
      opened.close();
      throw refused;
    }
    return opened;
  }

  private synchronized void add(LoopbackConnection opened) throws LoopbackException {
    if (ended) {
      throw new LoopbackException(
          LoopbackException.Code.UNKNOWN_CONNECTION, "The call has just ended.");
    }
    if (connections.size() >= MAX_CONNECTIONS) {
      throw new LoopbackException(
          LoopbackException.Code.TOO_MANY_CONNECTIONS,
          "The call has " + MAX_CONNECTIONS + " connections to pages already.");
    }
    connections.add(opened);
    source.setPacketsWanted(true);
  }

  private void remove(LoopbackConnection connection) {
    synchronized (this) {
      if (connections.remove(connection) && connections.isEmpty()) {
        source.setPacketsWanted(false);
      }
    }
    connection.close();
  }

  /**
   * Takes a page's candidate. The future fails with {@link LoopbackException}.
   *
   * @param connection empty for the newest connection
   * @throws LoopbackException if there is no such connection
   */
  public CompletableFuture<Void> addCandidate(
      Optional<String> connection, IceCandidateInit candidate) throws LoopbackException {
    return find(connection).add(candidate);
  }

  /**
   * Hands over every candidate of this side, those that there are and those that come; one that is
   * empty ends them.
   *
   * @param connection empty for the newest connection
   * @return ends that
   * @throws LoopbackException if there is no such connection
   */
  public Runnable follow(Optional<String> connection, Consumer<IceCandidateInit> follower)
      throws LoopbackException {
    LoopbackConnection followed = find(connection);
    followed.follow(follower);
    return () -> followed.unfollow(follower);
  }

  private LoopbackConnection find(Optional<String> connection) throws LoopbackException {
    return connections.reversed().stream()
        .filter(known -> connection.isEmpty() || known.id().equals(connection.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new LoopbackException(
                    LoopbackException.Code.UNKNOWN_CONNECTION,
                    "The call has no such connection to a page, or it has ended."));
  }

  /** What a page knows a track as. */
  private record Forwarded(MediaKind kind, int place, TrackId slot, ForwardedPictureLimit limit) {}

  /**
   * Takes note of what is received from now on. A track keeps its place at the pages while it is
   * received; a new one gets the first that is free.
   */
  public void receive(List<RemoteTrack> received) {
    Map<RemoteTrack, Forwarded> before = tracks;
    Map<RemoteTrack, Forwarded> now = new HashMap<>();
    for (RemoteTrack track : received) {
      Forwarded kept = before.get(track);
      if (kept != null) {
        now.put(track, kept);
      }
    }
    for (RemoteTrack track : received) {
      int place = 0;
      while (!now.containsKey(track) && place < LoopbackConnection.MAX_OF_A_KIND) {
        if (isFree(track.kind(), place, now.values())) {
          TrackId slot = LoopbackConnection.slot(track.kind(), place);
          now.put(track, new Forwarded(track.kind(), place, slot, new ForwardedPictureLimit()));
        }
        place++;
      }
    }
    tracks = Map.copyOf(now);
  }

  private static boolean isFree(MediaKind kind, int place, Collection<Forwarded> taken) {
    return taken.stream().noneMatch(one -> one.kind() == kind && one.place() == place);
  }

  /**
   * Sends on to every page what the call has received, but for pictures that are too large; never
   * blocks. One thread at a time.
   */
  public void publish(RemoteTrack track, MediaPacket packet) {
    Forwarded forwarded = tracks.get(track);
    if (forwarded == null
        || (forwarded.kind() == MediaKind.VIDEO && !forwarded.limit().admits(packet))) {
      return;
    }
    for (LoopbackConnection connection : connections) {
      connection.forward(forwarded.slot(), packet);
    }
  }

  /** How many pages are connected, or about to be. */
  public int count() {
    return connections.size();
  }

  /** The call is over: ends every connection, and returns when they hold nothing any more. */
  public void end() {
    synchronized (this) {
      ended = true;
    }
    connections.forEach(this::remove);
  }

  private final class Events implements LoopbackConnection.Listener {
    @Override
    public void onKeyFrameWanted() {
      source.requestKeyFrame();
    }

    @Override
    public void onEnded(LoopbackConnection connection) {
      remove(connection);
    }
  }
}
