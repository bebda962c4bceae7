package org.heliograph.peer.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One TURN server over one transport. It tries the paths there are to the server side by side,
 * keeps the first that is answered on, and begins anew when the allocation was lost.
 */
final class Relay implements TurnClient.Listener {
  /** What the relay needs of those around it. */
  interface Surroundings {
    /** The local addresses that this server may be reached from by datagrams. */
    List<InetSocketAddress> localAddresses(InetAddress server);

    TurnPath datagrams(InetSocketAddress local, InetSocketAddress server);

    /**
     * Begins to open a connection; {@link #streamOpened} or {@link #pathLost} follows.
     *
     * @return empty if there can be none
     */
    Optional<TurnPath> stream(
        Relay relay, InetSocketAddress server, Optional<String> tlsServerName);

    /** A path is not used any more. */
    void release(TurnPath path);

    TurnClient client(TurnServer server, TurnPath path, TurnClient.Listener listener);

    void onAllocated(Relay relay, TurnClient client);

    /** The server relays nothing, for a reason that was not told before. */
    void onFailed(Relay relay, int errorCode, String reason);

    /** The addresses of an allocation that {@link #onAllocated} told have gone. */
    void onLost(Relay relay, TurnClient client);

    void onPacket(
        long nowNanos, InetSocketAddress relayed, InetSocketAddress peer, ByteBuffer packet);
  }

  /** Paths that are tried at a time. */
  private static final int MAX_ATTEMPTS = 4;

  private static final int MAX_REDIRECTIONS = 4;
  private static final int TRY_ALTERNATE = 300;

  /** How long a connection, with TLS, may take to open. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** How long a server is left alone that cannot serve this user now (RFC 8656 6.4: 486, 508). */
  private static final Duration BUSY_PAUSE = Duration.ofMinutes(1);

  /** The same where an allocation is in the way (RFC 8656 6.4: 437). */
  private static final Duration OCCUPIED_PAUSE = Duration.ofMinutes(2);

  /** How long an allocation must last for the next one to be asked for at once. */
  private static final Duration LASTING = Duration.ofMinutes(1);

  private final TurnServer server;
  private final Surroundings surroundings;
  private final Set<InetSocketAddress> redirections = new HashSet<>();
  private final List<TurnClient> attempts = new ArrayList<>();
  private final List<TurnClient> connecting = new ArrayList<>();

  /** What the server's name stands for. */
  private final List<InetSocketAddress> named;

  /** What is asked: those, or an alternate server. */
  private List<InetSocketAddress> addresses;

  private String tlsServerName;
  private TurnClient live;
  private String failure;
  private boolean everAllocated;
  private boolean closed;
  private Duration pause = Duration.ZERO;
  private long allocatedNanos;
  private long startNanos = Long.MAX_VALUE;
  private long connectDeadlineNanos = Long.MAX_VALUE;
  private long nowNanos;

  Relay(TurnServer server, List<InetSocketAddress> addresses, Surroundings surroundings) {
    this.server = server;
    this.named = List.copyOf(addresses);
    this.addresses = named;
    this.surroundings = surroundings;
    tlsServerName = server.name();
  }

  TurnServer server() {
    return server;
  }

  /** Whether it is known if the server relays: nothing more is waited for. */
  boolean isSettled() {
    return live != null || failure != null;
  }

  /** Whether the server does not relay, and is not going to be asked again. */
  boolean isGivenUp() {
    return failure != null && live == null && attempts.isEmpty() && startNanos == Long.MAX_VALUE;
  }

  /** Why the server does not relay; empty as long as it may, or does. */
  Optional<String> failure() {
    return live == null ? Optional.ofNullable(failure) : Optional.empty();
  }

  /** Begins, or begins anew where nothing is under way. */
  void start(long now) {
    nowNanos = now;
    startNanos = Long.MAX_VALUE;
    if (closed || live != null || !attempts.isEmpty()) {
      return;
    }
    for (InetSocketAddress address : addresses) {
      if (server.transport() == TurnTransport.UDP) {
        for (InetSocketAddress local : surroundings.localAddresses(address.getAddress())) {
          attempt(surroundings.datagrams(local, address));
        }
      } else if (attempts.size() < MAX_ATTEMPTS) {
        Optional<String> tls =
            server.transport() == TurnTransport.TLS ? Optional.of(tlsServerName) : Optional.empty();
        surroundings.stream(this, address, tls).ifPresent(this::attempt);
      }
    }
    connecting.clear();
    connecting.addAll(attempts.stream().filter(client -> client.path().isStream()).toList());
    connectDeadlineNanos = connecting.isEmpty() ? Long.MAX_VALUE : now + CONNECT_TIMEOUT.toNanos();
    if (attempts.isEmpty()) {
      fail(
          IcePaths.UNREACHABLE,
          addresses.isEmpty() ? IcePaths.UNKNOWN_NAME : IcePaths.noWayTo(addresses));
    }
    for (TurnClient client : List.copyOf(attempts)) {
      if (!client.path().isStream()) {
        client.start(now);
      }
    }
  }

  private void attempt(TurnPath path) {
    if (attempts.size() < MAX_ATTEMPTS) {
      attempts.add(surroundings.client(server, path, this));
    }
  }

  /** A connection is open. */
  void streamOpened(long now, TurnPath path) {
    nowNanos = now;
    TurnClient client = clientOn(path);
    if (client != null) {
      connecting.remove(client);
      client.start(now);
    }
  }

  /** A path has gone. */
  void pathLost(long now, TurnPath path, String reason) {
    nowNanos = now;
    TurnClient client = clientOn(path);
    if (client != null) {
      client.pathLost(reason);
    }
  }

  /** There are other ways out now: what failed before may work. */
  void networkChanged(long now) {
    nowNanos = now;
    if (failure != null && live == null && attempts.isEmpty()) {
      pause = Duration.ZERO;
      failure = null;
      start(now);
    }
  }

  /** The client whose path is between two sockets, or null. */
  TurnClient clientBetween(InetSocketAddress local, InetSocketAddress remote) {
    if (live != null && live.path().isBetween(local, remote)) {
      return live;
    }
    for (int i = 0; i < attempts.size(); i++) {
      if (attempts.get(i).path().isBetween(local, remote)) {
        return attempts.get(i);
      }
    }
    return null;
  }

  /** The client on a path, or null. */
  TurnClient clientOn(TurnPath path) {
    if (live != null && live.path().equals(path)) {
      return live;
    }
    for (int i = 0; i < attempts.size(); i++) {
      if (attempts.get(i).path().equals(path)) {
        return attempts.get(i);
      }
    }
    return null;
  }

  /**
   * Takes a message of the server that came over a client's path, position to limit.
   *
   * @return whether it was for the client: the server also answers what others asked it
   */
  boolean handleMessage(long now, TurnClient client, ByteBuffer message) {
    nowNanos = now;
    return client.handleMessage(now, message);
  }

  /** Every client there is, at most a few. */
  List<TurnClient> clients() {
    List<TurnClient> all = new ArrayList<>(attempts);
    if (live != null) {
      all.add(live);
    }
    return all;
  }

  // ---- What a client tells ----

  @Override
  public void onAnswer(TurnClient client) {
    for (TurnClient other : List.copyOf(attempts)) {
      if (other != client) {
        abandon(other);
      }
    }
  }

  private void abandon(TurnClient client) {
    attempts.remove(client);
    connecting.remove(client);
    client.close(nowNanos);
    surroundings.release(client.path());
  }

  @Override
  public void onAllocated(TurnClient client) {
    attempts.remove(client);
    live = client;
    everAllocated = true;
    failure = null;
    allocatedNanos = nowNanos;
    surroundings.onAllocated(this, client);
  }

  @Override
  public void onRedirected(
      TurnClient client, InetSocketAddress alternate, Optional<String> domain) {
    attempts.remove(client);
    surroundings.release(client.path());
    if (redirections.size() >= MAX_REDIRECTIONS
        || addresses.contains(alternate)
        || !redirections.add(alternate)) {
      fail(TRY_ALTERNATE, "it sends this side from server to server");
      return;
    }
    addresses = List.of(alternate);
    tlsServerName = domain.orElse(tlsServerName);
    startNanos = nowNanos;
  }

  @Override
  public void onEnd(TurnClient client, TurnClient.End end, int errorCode, String reason) {
    attempts.remove(client);
    connecting.remove(client);
    if (client == live) {
      live = null;
      if (nowNanos - allocatedNanos >= LASTING.toNanos()) {
        pause = Duration.ZERO;
      }
      surroundings.onLost(this, client);
    }
    surroundings.release(client.path());
    if (end == TurnClient.End.REFUSED || attempts.isEmpty()) {
      fail(errorCode, reason);
      switch (end) {
        case REFUSED -> {}
        case BUSY -> beginAnewAfter(BUSY_PAUSE);
        case OCCUPIED -> beginAnewAfter(OCCUPIED_PAUSE);
        case UNANSWERED, LOST -> {
          if (everAllocated) {
            beginAnewAfter(pause);
            pause = nextPause();
          }
        }
      }
    }
  }

  /** Begins with the server that was configured, wherever that has sent this side. */
  private void beginAnewAfter(Duration wait) {
    addresses = named;
    tlsServerName = server.name();
    redirections.clear();
    startNanos = nowNanos + wait.toNanos();
  }

  private Duration nextPause() {
    Duration doubled = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  private void fail(int errorCode, String reason) {
    if (!reason.equals(failure)) {
      surroundings.onFailed(this, errorCode, reason);
    }
    failure = reason;
    List.copyOf(attempts).forEach(this::abandon);
  }

  @Override
  public void onPacket(
      long now, InetSocketAddress relayed, InetSocketAddress peer, ByteBuffer packet) {
    surroundings.onPacket(now, relayed, peer, packet);
  }

  // ---- Time ----

  /** Does what is due. */
  void handleTimeout(long now) {
    nowNanos = now;
    if (now >= startNanos) {
      start(now);
    }
    if (now >= connectDeadlineNanos) {
      connectDeadlineNanos = Long.MAX_VALUE;
      for (TurnClient client : List.copyOf(connecting)) {
        client.pathLost("no connection to it opens");
      }
    }
    if (live != null && attempts.isEmpty()) {
      live.handleTimeout(now);
    } else {
      clients().forEach(client -> client.handleTimeout(now));
    }
  }

  /** When {@link #handleTimeout} has to be called; {@link Long#MAX_VALUE} for never. */
  long nextTimeoutNanos() {
    long next = Math.min(startNanos, connecting.isEmpty() ? Long.MAX_VALUE : connectDeadlineNanos);
    for (int i = 0; i < attempts.size(); i++) {
      next = Math.min(next, attempts.get(i).nextTimeoutNanos());
    }
    return live == null ? next : Math.min(next, live.nextTimeoutNanos());
  }

  /** Gives the allocation back. */
  void close(long now) {
    closed = true;
    startNanos = Long.MAX_VALUE;
    connecting.clear();
    for (TurnClient client : clients()) {
      client.close(now);
      surroundings.release(client.path());
    }
    attempts.clear();
    live = null;
  }
}
