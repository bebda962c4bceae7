package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What carries an {@link IceAgent}'s packets: bound UDP sockets, allocations on TURN servers, and
 * TCP connections to the other side (RFC 6544). It names them to the agent as local addresses, and
 * stands between the agent and the driver for whatever is sent from them or comes to them. It also
 * decides which of them are used at all, and has the names of remote candidates looked up.
 *
 * <p>Like the agent it owns no socket, no thread and no clock. A stream is a TCP connection that
 * the driver opens, known by a number.
 */
public final class IcePaths {
  /** What is asked of the driver, and what is told. Nothing here may call back. */
  public interface Output {
    /** Sends a datagram from a bound socket, position to limit; the buffer is used again. */
    void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram);

    /**
     * Begins to open a TCP connection.
     *
     * @param tlsServerName where TLS is spoken: the name that the certificate must have
     * @return whether that can be done at all
     */
    boolean connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName);

    /** Sends a message over an open connection, wholly or not at all; the buffer is used again. */
    void sendToStream(int stream, ByteBuffer message);

    /** Ends a connection. */
    void disconnect(int stream);

    /** Begins to look a name up; says whether that can be done at all. */
    boolean lookUp(String name);

    /** A packet came through a relay or a stream, position to limit, in a buffer used again. */
    void onPacket(
        long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet);

    /** A STUN server sees this side at an address, or a TURN server relays there. */
    void onServerUsable(String url, InetSocketAddress address);

    /**
     * A server is of no use.
     *
     * @param errorCode what it has refused with; {@link #UNREACHABLE} where it says nothing
     */
    void onServerFailed(String url, int errorCode, String reason);

    /** A remote candidate is not used. */
    void onRemoteCandidateSkipped(Candidate candidate, String reason);
  }

  /** A server that cannot be reached (W3C {@code icecandidateerror}). */
  public static final int UNREACHABLE = 701;

  /** More servers than this help nobody and delay everything. */
  static final int MAX_RELAYS = 16;

  static final String UNKNOWN_NAME = "its name is not known here";

  private static final int MAX_TCP_CONNECTIONS = 8;
  private static final int MAX_LOOKUPS = 16;
  private static final Duration RECONNECT_PAUSE = Duration.ofSeconds(1);

  /** A relayed packet of any size that a path carries, and what is put around it. */
  private static final int FRAME_CAPACITY = 4096;

  /** What TCP connections are opened from: whatever address the system takes. */
  private static final InetAddress ANY_IPV4 = InetAddress.ofLiteral("0.0.0.0");

  private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");

  /** What a stream is for. */
  private sealed interface StreamUser {}

  private final class TurnStream implements TurnPath, StreamUser {
    private final int number;
    private final Relay relay;
    private final InetSocketAddress server;
    private final StreamDeframer deframer = new StreamDeframer(StreamDeframer.Format.TURN);
    private final Consumer<ByteBuffer> taker = this::take;
    private Optional<InetAddress> local = Optional.empty();

    private TurnStream(int number, Relay relay, InetSocketAddress server) {
      this.number = number;
      this.relay = relay;
      this.server = server;
    }

    @Override
    public InetSocketAddress server() {
      return server;
    }

    @Override
    public boolean isBetween(InetSocketAddress ours, InetSocketAddress theirs) {
      return false;
    }

    @Override
    public boolean isStream() {
      return true;
    }

    /** A message from the server. */
    private void take(ByteBuffer message) {
      TurnClient client = relay.clientOn(this);
      if (client != null) {
        relay.handleMessage(nowNanos, client, message);
      }
    }

    @Override
    public void send(ByteBuffer message) {
      output.sendToStream(number, message);
    }
  }

  private record TurnDatagrams(
      IcePaths.Output output, InetSocketAddress local, InetSocketAddress server)
      implements TurnPath {
    @Override
    public boolean isBetween(InetSocketAddress ours, InetSocketAddress theirs) {
      return server.equals(theirs) && local.equals(ours);
    }

    @Override
    public boolean isStream() {
      return false;
    }

    @Override
    public void send(ByteBuffer message) {
      output.send(local, server, message);
    }
  }

  /** A connection to a passive TCP candidate. */
  private final class TcpConnection implements StreamUser {
    private final int number;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final long openedNanos;
    private final StreamDeframer deframer = new StreamDeframer(StreamDeframer.Format.RFC4571);
    private final Consumer<ByteBuffer> taker = this::take;
    private boolean open;
    private boolean closed;

    /** The newest packet that was sent before the connection was open, or null. */
    private ByteBuffer held;

    private TcpConnection(
        int number, InetSocketAddress local, InetSocketAddress remote, long openedNanos) {
      this.number = number;
      this.local = local;
      this.remote = remote;
      this.openedNanos = openedNanos;
    }

    private void take(ByteBuffer packet) {
      output.onPacket(nowNanos, local, remote, packet);
    }
  }

  private final IceAgent agent;
  private final boolean relayOnly;
  private final RandomGenerator random;
  private final Output output;
  private final StunWriter writer = new StunWriter();
  private final ByteBuffer frame = ByteBuffer.allocateDirect(FRAME_CAPACITY);
  private final List<InetSocketAddress> localAddresses = new ArrayList<>();
  private final List<Relay> relays = new ArrayList<>();
  private final Map<InetSocketAddress, TurnClient> allocations = new HashMap<>();

  /** The URLs of STUN servers; and those of which nothing is known yet, with their addresses. */
  private final Map<InetSocketAddress, String> stunUrls = new HashMap<>();

  private final Map<String, List<InetSocketAddress>> unansweredStunServers = new LinkedHashMap<>();

  /** Which server has told a reflexive address. */
  private final Map<InetSocketAddress, String> mappedBy = new HashMap<>();

  private final Map<Integer, StreamUser> streams = new HashMap<>();
  private final List<TcpConnection> tcpConnections = new ArrayList<>();
  private final Map<String, List<Candidate>> lookups = new HashMap<>();
  private final Surroundings surroundings = new Surroundings();

  private boolean allNamed;
  private boolean allServersNamed;
  private boolean endTold;
  private boolean closed;
  private int lastStream;
  private int relayedAddresses;

  /** When the octets came that are being taken. */
  private long nowNanos;

  /**
   * Makes the paths of an agent.
   *
   * @param relayOnly whether only relays are used, so that the other side learns no address of this
   *     one (W3C {@code iceTransportPolicy} "relay")
   */
  public IcePaths(IceAgent agent, boolean relayOnly, RandomGenerator random, Output output) {
    this.agent = agent;
    this.relayOnly = relayOnly;
    this.random = random;
    this.output = output;
    if (!relayOnly) {
      agent.addTcpFamily(ANY_IPV4);
      agent.addTcpFamily(ANY_IPV6);
    }
  }

  // ---- The way of a packet ----

  /** Sends a packet, position to limit, from one of the agent's local addresses. */
  public void send(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    TurnClient relay = allocations.isEmpty() ? null : allocations.get(local);
    if (relay != null) {
      relay.sendTo(nowNanos, remote, packet);
    } else if (local.getAddress().isAnyLocalAddress()) {
      sendOverTcp(nowNanos, local, remote, packet);
    } else {
      output.send(local, remote, packet);
    }
  }

  /**
   * Takes a datagram, if it is from a TURN server; what was relayed in it is told by {@link
   * Output#onPacket}.
   *
   * @return whether it was; if not, it is for the agent, or data
   */
  public boolean handleDatagram(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    for (int i = 0; i < relays.size(); i++) {
      Relay relay = relays.get(i);
      TurnClient client = relay.clientBetween(local, remote);
      if (client != null && relay.handleMessage(nowNanos, client, datagram)) {
        proceed(nowNanos);
        return true;
      }
    }
    return false;
  }

  // ---- What there is ----

  /** Adds the address of a bound UDP socket. */
  public void addLocalAddress(long nowNanos, InetSocketAddress address) {
    localAddresses.add(address);
    if (!relayOnly) {
      agent.addLocalAddress(nowNanos, address);
    }
    relays.forEach(relay -> relay.networkChanged(nowNanos));
    proceed(nowNanos);
  }

  /** Ends the use of a local address, whose network has gone, and of the relays behind it. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    localAddresses.remove(address);
    agent.removeLocalAddress(nowNanos, address);
    for (Relay relay : relays) {
      for (TurnClient client : relay.clients()) {
        boolean gone =
            switch (client.path()) {
              case TurnDatagrams path -> path.local.equals(address);
              case TurnStream stream -> stream.local.equals(Optional.of(address.getAddress()));
              default -> false;
            };
        if (gone) {
          relay.pathLost(nowNanos, client.path(), "its network has gone");
        }
      }
    }
    proceed(nowNanos);
  }

  /**
   * Adds a STUN server; not asked where only relays are used.
   *
   * @param addresses what the server's name stands for; none where it is unknown
   */
  public void addStunServer(long nowNanos, String url, List<InetSocketAddress> addresses) {
    if (relayOnly) {
      return;
    }
    if (addresses.isEmpty()) {
      output.onServerFailed(url, UNREACHABLE, UNKNOWN_NAME);
      return;
    }
    unansweredStunServers.putIfAbsent(url, List.copyOf(addresses));
    addresses.forEach(address -> ask(nowNanos, url, address));
  }

  private void ask(long nowNanos, String url, InetSocketAddress stunServer) {
    if (!relayOnly) {
      stunUrls.putIfAbsent(stunServer, url);
      agent.addStunServer(nowNanos, stunServer);
    }
  }

  /** A STUN server has answered. */
  public void onStunAnswer(InetSocketAddress server, InetSocketAddress mapped) {
    String url = stunUrls.get(server);
    mappedBy.putIfAbsent(mapped, url);
    if (unansweredStunServers.remove(url) != null) {
      output.onServerUsable(url, mapped);
    }
  }

  /** The agent has all candidates: who has not answered by now is not waited for. */
  public void onGatheringComplete() {
    unansweredStunServers.forEach(
        (url, addresses) ->
            output.onServerFailed(
                url,
                UNREACHABLE,
                addresses.stream()
                        .allMatch(
                            address -> surroundings.localAddresses(address.getAddress()).isEmpty())
                    ? noWayTo(addresses)
                    : TurnClient.NO_ANSWER));
    unansweredStunServers.clear();
  }

  static String noWayTo(List<InetSocketAddress> addresses) {
    return "there is no way to its addresses " + addresses + " from here";
  }

  /** Which server a local candidate is from; empty where it is from none. */
  public Optional<CandidateOrigin> origin(Candidate local) {
    return switch (local.type()) {
      case RELAYED ->
          Optional.ofNullable(allocations.get(local.address()))
              .map(TurnClient::server)
              .map(
                  server ->
                      new CandidateOrigin(
                          server.toString(), Optional.of(server.transport().token())));
      case SERVER_REFLEXIVE ->
          Optional.ofNullable(mappedBy.get(local.address()))
              .map(url -> new CandidateOrigin(url, Optional.empty()));
      case HOST, PEER_REFLEXIVE -> Optional.empty();
    };
  }

  /**
   * Adds a TURN server, unless it is known: one allocation is made for each server and transport.
   *
   * @param addresses what the server's name stands for; they count as one server
   */
  public void addTurnServer(long nowNanos, TurnServer server, List<InetSocketAddress> addresses) {
    boolean known =
        relays.stream()
            .map(Relay::server)
            .anyMatch(
                other ->
                    other.name().equals(server.name())
                        && other.port() == server.port()
                        && other.transport() == server.transport());
    if (known || closed || relays.size() == MAX_RELAYS) {
      return;
    }
    if (server.transport() == TurnTransport.UDP) {
      addresses.forEach(address -> ask(nowNanos, server.toString(), address));
    }
    Relay relay = new Relay(server, addresses, surroundings);
    relays.add(relay);
    relay.start(nowNanos);
    proceed(nowNanos);
  }

  /** Says that all local addresses and servers are named. */
  public void endOfLocalAddresses(long nowNanos) {
    allNamed = true;
    proceed(nowNanos);
  }

  /** Says that every server has been named: none follows that is still being looked up. */
  public void endOfServers(long nowNanos) {
    allServersNamed = true;
    proceed(nowNanos);
  }

  /** Takes a remote candidate, whose address may be a name. */
  public void addRemoteCandidate(long nowNanos, Candidate candidate) {
    if (!candidate.address().isUnresolved()) {
      agent.addRemoteCandidate(nowNanos, candidate);
      return;
    }
    String name = candidate.address().getHostString();
    List<Candidate> waiting = lookups.get(name);
    if (relayOnly) {
      output.onRemoteCandidateSkipped(
          candidate, "it is a name of the local network, and only relays are used");
    } else if (waiting != null && waiting.size() < MAX_LOOKUPS) {
      waiting.add(candidate);
    } else if (waiting != null || lookups.size() == MAX_LOOKUPS) {
      output.onRemoteCandidateSkipped(candidate, "too many names are being looked up");
    } else if (!output.lookUp(name)) {
      output.onRemoteCandidateSkipped(candidate, "it is a name, which is not looked up here");
    } else {
      lookups.put(name, new ArrayList<>(List.of(candidate)));
    }
  }

  /** A name was looked up; without an address it is unknown. */
  public void handleAddressesFound(long nowNanos, String name, List<InetAddress> addresses) {
    List<Candidate> waiting = lookups.remove(name);
    if (waiting == null || closed) {
      return;
    }
    for (Candidate candidate : waiting) {
      if (addresses.isEmpty()) {
        output.onRemoteCandidateSkipped(candidate, "nobody here knows the name " + name);
      }
      for (InetAddress address : addresses) {
        agent.addRemoteCandidate(nowNanos, candidate.at(address));
      }
    }
  }

  /** Data takes another pair: a relay gives its peer a channel. */
  public void onSelectedPairChange(long nowNanos, SelectedPair pair) {
    TurnClient relay = allocations.get(pair.local());
    if (relay != null) {
      relay.bindChannel(nowNanos, pair.remote());
    }
    if (pair.local().getAddress().isAnyLocalAddress()) {
      endConnections(connection -> connection.local.getPort() < pair.local().getPort());
    }
  }

  /** Every server that relays nothing, and why. */
  public List<String> failures() {
    return relays.stream()
        .flatMap(relay -> relay.failure().map(reason -> relay.server() + ": " + reason).stream())
        .toList();
  }

  // ---- Streams ----

  private Optional<Integer> connect(
      StreamUserFactory user, InetSocketAddress remote, Optional<String> tlsServerName) {
    int number = ++lastStream;
    if (!output.connect(number, remote, tlsServerName)) {
      return Optional.empty();
    }
    streams.put(number, user.of(number));
    return Optional.of(number);
  }

  private interface StreamUserFactory {
    StreamUser of(int number);
  }

  /** A stream is open, from a local address. */
  public void handleStreamConnected(long nowNanos, int stream, InetSocketAddress local) {
    switch (streams.get(stream)) {
      case TurnStream turn -> {
        turn.local = Optional.of(local.getAddress());
        turn.relay.streamOpened(nowNanos, turn);
      }
      case TcpConnection connection -> {
        connection.open = true;
        if (connection.held != null) {
          sendFramed(connection, connection.held);
          connection.held = null;
        }
      }
      case null -> {}
    }
    proceed(nowNanos);
  }

  /** Octets came through a stream, position to limit. */
  public void handleStreamData(long nowNanos, int stream, ByteBuffer bytes) {
    this.nowNanos = nowNanos;
    boolean understood =
        switch (streams.get(stream)) {
          case TurnStream turn -> turn.deframer.take(bytes, turn.taker);
          case TcpConnection connection -> connection.deframer.take(bytes, connection.taker);
          case null -> true;
        };
    if (!understood) {
      output.disconnect(stream);
      handleStreamClosed(nowNanos, stream, "it sends what is not of its protocol");
    }
    proceed(nowNanos);
  }

  /** A stream has ended, or could not be opened. */
  public void handleStreamClosed(long nowNanos, int stream, String reason) {
    switch (streams.remove(stream)) {
      case TurnStream turn -> turn.relay.pathLost(nowNanos, turn, reason);
      case TcpConnection connection -> {
        connection.open = false;
        connection.closed = true;
      }
      case null -> {}
    }
    proceed(nowNanos);
  }

  // ---- TCP candidates ----

  private void sendOverTcp(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    TcpConnection connection = tcpConnection(local, remote);
    if (connection == null || connection.closed) {
      connection = reconnect(nowNanos, local, remote, connection);
    }
    if (connection == null) {
      return;
    }
    if (connection.open) {
      sendFramed(connection, packet);
    } else {
      connection.held = ByteBuffer.allocate(packet.remaining()).put(packet.duplicate()).flip();
    }
  }

  private TcpConnection tcpConnection(InetSocketAddress local, InetSocketAddress remote) {
    for (int i = 0; i < tcpConnections.size(); i++) {
      TcpConnection connection = tcpConnections.get(i);
      if (connection.remote.equals(remote) && connection.local.equals(local)) {
        return connection;
      }
    }
    return null;
  }

  /** A connection that broke is opened again, but not at once; null for none. */
  private TcpConnection reconnect(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, TcpConnection before) {
    if (before != null && nowNanos < before.openedNanos + RECONNECT_PAUSE.toNanos()) {
      return null;
    }
    if (before == null && tcpConnections.size() == MAX_TCP_CONNECTIONS) {
      makeRoom();
    }
    Optional<Integer> number =
        connect(
            stream -> {
              TcpConnection connection = new TcpConnection(stream, local, remote, nowNanos);
              tcpConnections.remove(before);
              tcpConnections.add(connection);
              return connection;
            },
            remote,
            Optional.empty());
    return number.isPresent() ? tcpConnections.getLast() : null;
  }

  /** Ends the oldest connection that data does not take. */
  private void makeRoom() {
    tcpConnections.stream()
        .filter(connection -> !isUsed(connection))
        .findFirst()
        .ifPresent(oldest -> endConnections(oldest::equals));
  }

  private boolean isUsed(TcpConnection connection) {
    return agent
        .selectedPair()
        .filter(
            pair ->
                pair.local().equals(connection.local) && pair.remote().equals(connection.remote))
        .isPresent();
  }

  private void endConnections(Predicate<TcpConnection> which) {
    for (TcpConnection connection : List.copyOf(tcpConnections)) {
      if (which.test(connection)) {
        tcpConnections.remove(connection);
        if (streams.remove(connection.number) != null) {
          output.disconnect(connection.number);
        }
      }
    }
  }

  private void sendFramed(TcpConnection connection, ByteBuffer packet) {
    if (packet.remaining() <= FRAME_CAPACITY - 2) {
      frame.clear();
      frame.putShort((short) packet.remaining());
      frame.put(2, packet, packet.position(), packet.remaining());
      output.sendToStream(connection.number, frame.limit(2 + packet.remaining()).position(0));
    }
  }

  // ---- Relays ----

  private final class Surroundings implements Relay.Surroundings {
    @Override
    public List<InetSocketAddress> localAddresses(InetAddress server) {
      return localAddresses.stream()
          .filter(
              local ->
                  local.getAddress() instanceof Inet6Address == server instanceof Inet6Address
                      && local.getAddress().isLinkLocalAddress() == server.isLinkLocalAddress()
                      && (!local.getAddress().isLoopbackAddress() || server.isLoopbackAddress()))
          .toList();
    }

    @Override
    public TurnPath datagrams(InetSocketAddress local, InetSocketAddress server) {
      return new TurnDatagrams(output, local, server);
    }

    @Override
    public Optional<TurnPath> stream(
        Relay relay, InetSocketAddress server, Optional<String> tlsServerName) {
      return connect(number -> new TurnStream(number, relay, server), server, tlsServerName)
          .map(number -> (TurnStream) streams.get(number));
    }

    @Override
    public void release(TurnPath path) {
      if (path instanceof TurnStream stream && streams.remove(stream.number) != null) {
        output.disconnect(stream.number);
      }
    }

    @Override
    public TurnClient client(TurnServer server, TurnPath path, TurnClient.Listener listener) {
      boolean wantsIpv6 =
          path.server().getAddress() instanceof Inet6Address
              || localAddresses.stream()
                  .anyMatch(
                      local ->
                          local.getAddress() instanceof Inet6Address
                              && !local.getAddress().isLoopbackAddress());
      return new TurnClient(server, path, wantsIpv6, random, writer, frame, listener);
    }

    @Override
    public void onAllocated(Relay relay, TurnClient client) {
      changes.add(now -> addRelayed(now, relay, client));
    }

    @Override
    public void onFailed(Relay relay, int errorCode, String reason) {
      output.onServerFailed(relay.server().toString(), errorCode, reason);
    }

    @Override
    public void onLost(Relay relay, TurnClient client) {
      client.relayed().forEach(allocations::remove);
      changes.add(
          now -> client.relayed().forEach(address -> agent.removeLocalAddress(now, address)));
    }

    @Override
    public void onPacket(
        long nowNanos, InetSocketAddress relayed, InetSocketAddress peer, ByteBuffer packet) {
      output.onPacket(nowNanos, relayed, peer, packet);
    }
  }

  private interface Change {
    void apply(long nowNanos);
  }

  /** What the agent is to be told once it may be called. */
  private final List<Change> changes = new ArrayList<>();

  private void addRelayed(long nowNanos, Relay relay, TurnClient client) {
    for (InetSocketAddress relayed : client.relayed()) {
      allocations.put(relayed, client);
      int preference =
          (relay.server().transport().preference() << 13) + Math.max(0, 8191 - relayedAddresses++);
      agent.addRelayedAddress(nowNanos, relayed, related(relayed, client), preference);
    }
    output.onServerUsable(relay.server().toString(), client.relayed().getFirst());
  }

  /** The mapped address (RFC 8839 5.1), unless it is to be kept secret. */
  private InetSocketAddress related(InetSocketAddress relayed, TurnClient client) {
    if (!relayOnly) {
      return client.mapped();
    }
    boolean ipv6 = relayed.getAddress() instanceof Inet6Address;
    return new InetSocketAddress(ipv6 ? ANY_IPV6 : ANY_IPV4, 0);
  }

  // ---- Time ----

  /** Does what is due, but for the agent's part. */
  public void handleTimeout(long nowNanos) {
    relays.forEach(relay -> relay.handleTimeout(nowNanos));
    proceed(nowNanos);
  }

  private void proceed(long nowNanos) {
    while (!changes.isEmpty()) {
      changes.removeFirst().apply(nowNanos);
    }
    if (allNamed && !endTold && relays.stream().allMatch(Relay::isSettled)) {
      endTold = true;
      agent.endOfLocalAddresses(nowNanos);
    }
    if (relayOnly && allServersNamed && relays.stream().allMatch(Relay::isGivenUp)) {
      agent.expectNoLocalAddress(nowNanos, "only relays may be used, and none is left");
    }
  }

  /** When {@link #handleTimeout} has to be called; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < relays.size(); i++) {
      next = Math.min(next, relays.get(i).nextTimeoutNanos());
    }
    return next;
  }

  /** Gives all allocations back and ends all connections. */
  public void close(long nowNanos) {
    closed = true;
    relays.forEach(relay -> relay.close(nowNanos));
    List.copyOf(streams.keySet()).forEach(output::disconnect);
    streams.clear();
    tcpConnections.clear();
    allocations.clear();
    lookups.clear();
  }
}
