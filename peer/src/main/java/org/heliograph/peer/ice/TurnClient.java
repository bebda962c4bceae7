package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One allocation on a TURN server (RFC 8656), over one path to it, from the first request to the
 * end. It never begins anew: {@link Relay} makes another one.
 *
 * <p>To a peer with a channel goes ChannelData, to any other one a Send indication, once the server
 * has permitted that. Permissions and channels are kept as long as they are used.
 */
final class TurnClient {
  /** What the client tells. Nothing here may call it back. */
  interface Listener {
    /** The server has answered for the first time, whatever it said. */
    void onAnswer(TurnClient client);

    /** The allocation is there. */
    void onAllocated(TurnClient client);

    /** The server names another one (RFC 8489 10). */
    void onRedirected(TurnClient client, InetSocketAddress server, Optional<String> domain);

    /**
     * There is no allocation, or no more.
     *
     * @param errorCode what the server has refused with; {@link IcePaths#UNREACHABLE} where it said
     *     nothing
     */
    void onEnd(TurnClient client, End end, int errorCode, String reason);

    /** A peer's packet arrived at a relayed address, position to limit. */
    void onPacket(
        long nowNanos, InetSocketAddress relayed, InetSocketAddress peer, ByteBuffer packet);
  }

  /** How it ended. */
  enum End {
    /** The path leads nowhere. */
    UNANSWERED,
    /** The server does not want to. */
    REFUSED,
    /** The server cannot, or not for this user, but may later (RFC 8656 6.4). */
    BUSY,
    /** The server has an allocation for this path that this side cannot end (RFC 8656 6.4: 437). */
    OCCUPIED,
    /** There was an allocation. */
    LOST
  }

  static final String NO_ANSWER = "it does not answer";

  /** Four transmissions: a server that does not answer is given up after 5.5 seconds. */
  private static final int TRANSMISSIONS = 4;

  /** The same time for a path that needs no retransmissions. */
  private static final Duration STREAM_TIMEOUT = Duration.ofMillis(5500);

  /** Permissions last five minutes (RFC 8656 9), channels ten, and bind a permission. */
  private static final Duration PEER_REFRESH = Duration.ofMinutes(4);

  /** How long before its end an allocation is refreshed (RFC 8656 8). */
  private static final Duration REFRESH_AHEAD = Duration.ofMinutes(1);

  /** How soon a refresh that failed is repeated at most, as long as the allocation lasts. */
  private static final Duration REFRESH_REPETITION = Duration.ofSeconds(10);

  /** How soon a peer is asked for again that the server could not serve just now. */
  private static final Duration PEER_REPETITION = Duration.ofSeconds(5);

  private static final long DEFAULT_LIFETIME_SECONDS = 600;

  /** What keeps a NAT's mapping to the server while nothing is sent (RFC 8489 6.1). */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(20);

  /** How long data goes unanswered by anything before the allocation is looked after. */
  private static final Duration SILENCE = Duration.ofSeconds(2);

  /** How often one request is made again because of a new nonce. */
  private static final int MAX_CHALLENGES = 3;

  private static final int MAX_PERMISSIONS = 128;

  private static final int UDP = 17;

  /** Addresses that the server lets through (RFC 8656 9). */
  private static final class Permission {
    private static final int MAX_HELD = 4;

    private boolean granted;
    private boolean refused;
    private boolean used;
    private long refreshNanos = Long.MAX_VALUE;

    /** What was sent too soon, of which the newest is kept. */
    private final Deque<Held> held = new ArrayDeque<>();

    private void hold(InetSocketAddress peer, ByteBuffer packet) {
      if (held.size() == MAX_HELD) {
        held.poll();
      }
      held.add(new Held(peer, ByteBuffer.allocate(packet.remaining()).put(packet).flip()));
    }
  }

  private record Held(InetSocketAddress peer, ByteBuffer packet) {}

  /** A peer's number (RFC 8656 12). */
  private static final class Channel {
    private final InetSocketAddress peer;
    private final InetSocketAddress relayed;
    private final int number;
    private boolean bound;
    private boolean binding;
    private boolean used;
    private long refreshNanos = Long.MAX_VALUE;

    private Channel(InetSocketAddress peer, InetSocketAddress relayed, int number) {
      this.peer = peer;
      this.relayed = relayed;
      this.number = number;
    }
  }

  /** A request under way. */
  private static final class Request {
    private final int method;
    private Permission permission;
    private Channel channel;
    private InetAddress permitted;
    private long lifetimeSeconds = DEFAULT_LIFETIME_SECONDS;
    private StunTransaction transaction;
    private boolean authenticated;
    private int challenges;

    private Request(int method) {
      this.method = method;
    }

    /** Whether it ends an allocation. */
    private boolean removes() {
      return method == StunMessage.REFRESH && lifetimeSeconds == 0;
    }
  }

  private final TurnServer server;
  private final TurnPath path;
  private final RandomGenerator random;
  private final StunWriter writer;
  private final ByteBuffer frame;
  private final Listener listener;
  private final LongTermSession session;
  private final boolean wantsIpv6;
  private final List<Request> requests = new ArrayList<>();
  private final Map<InetAddress, Permission> permissions = new HashMap<>();
  private final Map<InetSocketAddress, Channel> channels = new HashMap<>();
  private final List<Channel> channelsByNumber = new ArrayList<>();

  private List<InetSocketAddress> relayed = List.of();
  private InetSocketAddress mapped;
  private boolean onlyIpv6;
  private boolean mismatched;
  private boolean answered;
  private boolean ended;
  private long refreshNanos = Long.MAX_VALUE;

  /** When a refresh is due in any case, and when the allocation ends without one. */
  private long regularRefreshNanos;

  private long expiryNanos;
  private long lastSentNanos;
  private long unansweredSinceNanos = Long.MAX_VALUE;

  /**
   * A client that has not begun.
   *
   * @param wantsIpv6 whether a relayed IPv6 address is of use
   * @param frame what messages to peers are written into; direct, so that a channel sends from it
   *     without another copy
   */
  TurnClient(
      TurnServer server,
      TurnPath path,
      boolean wantsIpv6,
      RandomGenerator random,
      StunWriter writer,
      ByteBuffer frame,
      Listener listener) {
    this.server = server;
    this.path = path;
    this.wantsIpv6 = wantsIpv6;
    this.random = random;
    this.writer = writer;
    this.frame = frame;
    this.listener = listener;
    session = new LongTermSession(server.username(), server.password());
  }

  TurnServer server() {
    return server;
  }

  TurnPath path() {
    return path;
  }

  /** The relayed addresses, at most one of each family; none before there is an allocation. */
  List<InetSocketAddress> relayed() {
    return relayed;
  }

  /** This side's address as the server sees it. */
  InetSocketAddress mapped() {
    return mapped;
  }

  private boolean isAllocated() {
    return !relayed.isEmpty();
  }

  /** Asks for the allocation. */
  void start(long nowNanos) {
    send(nowNanos, new Request(StunMessage.ALLOCATE));
  }

  // ---- Requests ----

  private void send(long nowNanos, Request request) {
    TransactionId id = TransactionId.generate(random);
    writer.begin(StunClass.REQUEST, request.method, id);
    switch (request.method) {
      case StunMessage.ALLOCATE -> {
        writer.add(new StunAttribute.RequestedTransport(UDP));
        if (onlyIpv6) {
          writer.add(new StunAttribute.RequestedAddressFamily(true));
        } else if (wantsIpv6) {
          writer.add(new StunAttribute.AdditionalAddressFamily(true));
        }
      }
      case StunMessage.REFRESH -> writer.add(new StunAttribute.Lifetime(request.lifetimeSeconds));
      case StunMessage.CREATE_PERMISSION ->
          writer.add(new StunAttribute.XorPeerAddress(new InetSocketAddress(request.permitted, 0)));
      case StunMessage.CHANNEL_BIND ->
          writer
              .add(new StunAttribute.ChannelNumber(request.channel.number))
              .add(new StunAttribute.XorPeerAddress(request.channel.peer));
      default -> throw new IllegalArgumentException("no request of TURN: " + request.method);
    }
    request.authenticated = session.isChallenged();
    ByteBuffer message = session.finish(writer);
    request.transaction =
        new StunTransaction(
            nowNanos,
            id,
            null,
            path.server(),
            message,
            path.isStream() ? 1 : TRANSMISSIONS,
            path.isStream() ? STREAM_TIMEOUT : StunTransaction.INITIAL_RTO);
    requests.remove(request);
    requests.add(request);
    lastSentNanos = nowNanos;
    path.send(message);
  }

  private boolean isUnderWay(int method) {
    return requests.stream().anyMatch(request -> request.method == method);
  }

  private void refresh(long nowNanos) {
    refreshNanos = Long.MAX_VALUE;
    if (!isUnderWay(StunMessage.REFRESH)) {
      send(nowNanos, new Request(StunMessage.REFRESH));
    }
  }

  private void end(End end, int errorCode, String reason) {
    if (!ended) {
      ended = true;
      requests.clear();
      listener.onEnd(this, isAllocated() ? End.LOST : end, errorCode, reason);
    }
  }

  private void end(End end, StunAttribute.ErrorCode error) {
    end(end, error.code(), describe(error));
  }

  /** Gives the allocation back, where there is one, and ends without a word. */
  void close(long nowNanos) {
    if (ended) {
      return;
    }
    ended = true;
    if (isAllocated()) {
      Request goodbye = new Request(StunMessage.REFRESH);
      goodbye.lifetimeSeconds = 0;
      send(nowNanos, goodbye);
    }
    requests.clear();
  }

  /** Ends because the path has gone. */
  void pathLost(String reason) {
    end(End.UNANSWERED, IcePaths.UNREACHABLE, reason);
  }

  // ---- What the server says ----

  /**
   * Takes a message that came over the path, position to limit.
   *
   * @return whether it was for this client: the server also answers what others asked it
   */
  boolean handleMessage(long nowNanos, ByteBuffer message) {
    if (ended) {
      return ChannelData.is(message);
    }
    if (ChannelData.is(message)) {
      unansweredSinceNanos = Long.MAX_VALUE;
      int index = ChannelData.channel(message) - ChannelData.FIRST_CHANNEL;
      if (index < channelsByNumber.size() && ChannelData.unwrap(message)) {
        Channel channel = channelsByNumber.get(index);
        listener.onPacket(nowNanos, channel.relayed, channel.peer, message);
      }
      return true;
    }
    StunMessage stun;
    try {
      stun = StunMessage.parse(message);
    } catch (StunException malformed) {
      return false;
    }
    return switch (stun.messageClass()) {
      case INDICATION -> stun.method() == StunMessage.DATA && handleData(nowNanos, stun);
      case SUCCESS_RESPONSE, ERROR_RESPONSE -> handleResponse(nowNanos, stun);
      case REQUEST -> false;
    };
  }

  private boolean handleData(long nowNanos, StunMessage indication) {
    Optional<InetSocketAddress> peer =
        indication
            .attribute(StunAttribute.XorPeerAddress.class)
            .map(StunAttribute.XorPeerAddress::address);
    Optional<ByteBuffer> packet =
        indication.attribute(StunAttribute.Data.class).map(StunAttribute.Data::payload);
    if (isAllocated() && peer.isPresent() && packet.isPresent()) {
      unansweredSinceNanos = Long.MAX_VALUE;
      InetSocketAddress arrivedAt = relayedFor(peer.get());
      if (arrivedAt != null) {
        listener.onPacket(nowNanos, arrivedAt, peer.get(), packet.get());
      }
    }
    return true;
  }

  private boolean handleResponse(long nowNanos, StunMessage response) {
    Request request = null;
    for (Request open : requests) {
      if (open.transaction.id().equals(response.transactionId())
          && open.method == response.method()) {
        request = open;
      }
    }
    if (request == null) {
      return false;
    }
    boolean authentic = session.isAuthentic(response);
    boolean success = response.messageClass() == StunClass.SUCCESS_RESPONSE;
    Optional<StunAttribute.ErrorCode> error = response.attribute(StunAttribute.ErrorCode.class);
    boolean redirects = error.isPresent() && error.get().code() == 300;
    if (request.authenticated && !authentic && (success || redirects)) {
      return true; // Not from who knows the password; the true answer may still come.
    }
    unansweredSinceNanos = Long.MAX_VALUE;
    requests.remove(request);
    if (!answered) {
      answered = true;
      listener.onAnswer(this);
      if (ended) {
        return true;
      }
    }
    if (success) {
      succeed(nowNanos, request, response);
    } else {
      fail(nowNanos, request, response, error.orElse(new StunAttribute.ErrorCode(500, "no code")));
    }
    return true;
  }

  private void succeed(long nowNanos, Request request, StunMessage response) {
    switch (request.method) {
      case StunMessage.ALLOCATE -> allocated(nowNanos, response);
      case StunMessage.REFRESH -> {
        if (request.removes()) {
          start(nowNanos);
        } else {
          scheduleRefresh(nowNanos, response);
        }
      }
      case StunMessage.CREATE_PERMISSION -> {
        request.permission.granted = true;
        request.permission.refreshNanos = nowNanos + PEER_REFRESH.toNanos();
        sendHeld(nowNanos, request.permission);
      }
      default -> {
        Channel channel = request.channel;
        channel.binding = false;
        channel.bound = true;
        channel.refreshNanos = nowNanos + PEER_REFRESH.toNanos();
      }
    }
  }

  private void allocated(long nowNanos, StunMessage response) {
    relayed =
        response.attributes(StunAttribute.XorRelayedAddress.class).stream()
            .map(StunAttribute.XorRelayedAddress::address)
            .filter(TurnClient::isAddress)
            .toList();
    if (relayed.isEmpty()) {
      end(End.REFUSED, IcePaths.UNREACHABLE, "it allocates no address");
      return;
    }
    mapped = Gatherer.mappedAddress(response).orElse(relayed.getFirst());
    scheduleRefresh(nowNanos, response);
    listener.onAllocated(this);
  }

  /** A coturn that has no IPv4 to relay from allocates 0.0.0.0:0 of it, and IPv6 beside. */
  private static boolean isAddress(InetSocketAddress relayed) {
    return relayed.getPort() != 0 && !relayed.getAddress().isAnyLocalAddress();
  }

  private void scheduleRefresh(long nowNanos, StunMessage response) {
    long lifetime =
        response
            .attribute(StunAttribute.Lifetime.class)
            .map(StunAttribute.Lifetime::seconds)
            .orElse(DEFAULT_LIFETIME_SECONDS);
    long ahead = Math.min(REFRESH_AHEAD.toSeconds(), lifetime / 2);
    regularRefreshNanos = nowNanos + Duration.ofSeconds(Math.max(1, lifetime - ahead)).toNanos();
    refreshNanos = regularRefreshNanos;
    expiryNanos = nowNanos + Duration.ofSeconds(lifetime).toNanos();
  }

  private void fail(
      long nowNanos, Request request, StunMessage response, StunAttribute.ErrorCode error) {
    boolean stale = error.code() == 438;
    boolean challenged =
        error.code() == 401 && (!request.authenticated || session.isOfAnotherRealm(response));
    if ((stale || challenged)
        && ++request.challenges <= MAX_CHALLENGES
        && session.takeChallenge(response)) {
      send(nowNanos, request);
      return;
    }
    switch (request.method) {
      case StunMessage.ALLOCATE -> allocateFailed(nowNanos, request, response, error);
      case StunMessage.REFRESH -> refreshFailed(nowNanos, request, error);
      default -> peerFailed(nowNanos, request, error);
    }
  }

  private void allocateFailed(
      long nowNanos, Request request, StunMessage response, StunAttribute.ErrorCode error) {
    Optional<InetSocketAddress> alternate =
        response
            .attribute(StunAttribute.AlternateServer.class)
            .map(StunAttribute.AlternateServer::address);
    if (error.code() == 300 && alternate.isPresent()) {
      ended = true;
      listener.onRedirected(
          this,
          alternate.get(),
          response
              .attribute(StunAttribute.AlternateDomain.class)
              .map(StunAttribute.AlternateDomain::name));
    } else if (error.code() == 401 || error.code() == 441) {
      endUnauthorized(error);
    } else if (error.code() == 437) {
      removeOther(nowNanos, error);
    } else if (error.code() == 440 && wantsIpv6 && !onlyIpv6) {
      onlyIpv6 = true;
      send(nowNanos, request);
    } else {
      end(mayPass(error) ? End.BUSY : End.REFUSED, error);
    }
  }

  private void endUnauthorized(StunAttribute.ErrorCode error) {
    end(End.REFUSED, error.code(), "it refuses the user name or password: " + describe(error));
  }

  /** Whether the same request may be granted later (RFC 8489 6.3.4, RFC 8656 6.4). */
  private static boolean mayPass(StunAttribute.ErrorCode error) {
    return error.code() >= 500 || error.code() == 486 || error.code() == 438;
  }

  /**
   * This path has an allocation that this side does not know, from before it was started again (RFC
   * 8656 6.4): it is ended, once.
   */
  private void removeOther(long nowNanos, StunAttribute.ErrorCode error) {
    if (mismatched) {
      endOccupied(error);
      return;
    }
    mismatched = true;
    Request remove = new Request(StunMessage.REFRESH);
    remove.lifetimeSeconds = 0;
    send(nowNanos, remove);
  }

  private void endOccupied(StunAttribute.ErrorCode error) {
    end(
        End.OCCUPIED,
        error.code(),
        "it keeps an earlier allocation of this address, which it does not let go of: "
            + describe(error));
  }

  /** The allocation stays as long as it was granted for, whatever else is wrong. */
  private void refreshFailed(long nowNanos, Request request, StunAttribute.ErrorCode error) {
    if (request.removes()) {
      if (error.code() == 437) {
        start(nowNanos); // It has ended by itself.
      } else {
        endOccupied(error);
      }
      return;
    }
    long left = expiryNanos - nowNanos;
    long pause =
        Math.clamp(left / 4, Duration.ofSeconds(1).toNanos(), REFRESH_REPETITION.toNanos());
    long next = Math.max(nowNanos + pause, regularRefreshNanos);
    if (error.code() == 437 || next >= expiryNanos) {
      end(End.LOST, error);
    } else {
      refreshNanos = next;
    }
  }

  /** An error that concerns a peer concerns no other. */
  private void peerFailed(long nowNanos, Request request, StunAttribute.ErrorCode error) {
    if (error.code() == 437) {
      end(End.LOST, error);
    } else if (error.code() == 401 || error.code() == 441) {
      endUnauthorized(error);
    } else if (request.method == StunMessage.CREATE_PERMISSION) {
      permissionFailed(nowNanos, request.permission, error);
    } else {
      request.channel.binding = false;
      request.channel.bound = false;
      if (mayPass(error)) {
        request.channel.used = true;
        request.channel.refreshNanos = nowNanos + PEER_REPETITION.toNanos();
      }
    }
  }

  private static void permissionFailed(
      long nowNanos, Permission permission, StunAttribute.ErrorCode error) {
    if (mayPass(error)) {
      permission.refreshNanos = nowNanos + PEER_REPETITION.toNanos();
    } else {
      permission.refused = true;
      permission.granted = false;
      permission.held.clear();
    }
  }

  private static String describe(StunAttribute.ErrorCode error) {
    String meaning =
        switch (error.code()) {
          case 486 -> " (this user has as many allocations as it may have)";
          case 508 -> " (the server has no more capacity)";
          default -> "";
        };
    return error.code() + " " + error.reason() + meaning;
  }

  // ---- Peers ----

  /** The relayed address that reaches a peer; null if none does. */
  private InetSocketAddress relayedFor(InetSocketAddress peer) {
    boolean ipv6 = peer.getAddress() instanceof Inet6Address;
    for (InetSocketAddress address : relayed) {
      if (address.getAddress() instanceof Inet6Address == ipv6) {
        return address;
      }
    }
    return null;
  }

  /** Sends a packet to a peer, position to limit; left alone. */
  void sendTo(long nowNanos, InetSocketAddress peer, ByteBuffer packet) {
    if (ended || packet.remaining() > frame.capacity() - 64) {
      return;
    }
    Channel channel = channels.get(peer);
    if (channel != null && channel.bound) {
      channel.used = true;
      frame.clear();
      ChannelData.write(channel.number, packet, path.isStream(), frame);
      sendFrame(nowNanos);
      return;
    }
    Permission permission = permission(nowNanos, peer.getAddress());
    if (permission == null || permission.refused) {
      return;
    }
    permission.used = true;
    if (permission.granted) {
      sendIndication(nowNanos, peer, packet);
    } else {
      permission.hold(peer, packet.duplicate());
    }
  }

  private void sendFrame(long nowNanos) {
    lastSentNanos = nowNanos;
    unansweredSinceNanos = Math.min(unansweredSinceNanos, nowNanos);
    path.send(frame.flip());
  }

  private void sendIndication(long nowNanos, InetSocketAddress peer, ByteBuffer packet) {
    writer
        .begin(StunClass.INDICATION, StunMessage.SEND, TransactionId.generate(random))
        .add(new StunAttribute.XorPeerAddress(peer))
        .add(new StunAttribute.Data(packet));
    lastSentNanos = nowNanos;
    unansweredSinceNanos = Math.min(unansweredSinceNanos, nowNanos);
    path.send(writer.finish());
  }

  private void sendHeld(long nowNanos, Permission permission) {
    for (Held held = permission.held.poll(); held != null; held = permission.held.poll()) {
      sendIndication(nowNanos, held.peer, held.packet);
    }
  }

  /** The permission for an address, asked for if there is none; null when there are too many. */
  private Permission permission(long nowNanos, InetAddress address) {
    Permission permission = permissions.get(address);
    if (permission == null && permissions.size() < MAX_PERMISSIONS) {
      permission = new Permission();
      permissions.put(address, permission);
      askFor(nowNanos, address, permission);
    }
    return permission;
  }

  private void askFor(long nowNanos, InetAddress address, Permission permission) {
    Request request = new Request(StunMessage.CREATE_PERMISSION);
    request.permission = permission;
    request.permitted = address;
    send(nowNanos, request);
  }

  /** Gives a peer a channel, because it is the one that data goes to. */
  void bindChannel(long nowNanos, InetSocketAddress peer) {
    Channel channel = channels.get(peer);
    InetSocketAddress from = relayedFor(peer);
    int number = ChannelData.FIRST_CHANNEL + channelsByNumber.size();
    if (channel == null && from != null && number <= ChannelData.LAST_CHANNEL) {
      channel = new Channel(peer, from, number);
      channels.put(peer, channel);
      channelsByNumber.add(channel);
    }
    if (channel != null && !channel.bound && !ended) {
      bind(nowNanos, channel);
    }
  }

  private void bind(long nowNanos, Channel channel) {
    if (!channel.binding) {
      channel.binding = true;
      Request request = new Request(StunMessage.CHANNEL_BIND);
      request.channel = channel;
      send(nowNanos, request);
    }
  }

  // ---- Time ----

  /** Does what is due. */
  void handleTimeout(long nowNanos) {
    retransmit(nowNanos);
    if (ended || !isAllocated()) {
      return;
    }
    boolean silent =
        unansweredSinceNanos != Long.MAX_VALUE
            && nowNanos >= unansweredSinceNanos + SILENCE.toNanos();
    if (nowNanos >= refreshNanos || silent) {
      // A NAT may have given this side another port, whose packets the server does not know.
      unansweredSinceNanos = Long.MAX_VALUE;
      refresh(nowNanos);
    }
    refreshPeers(nowNanos);
    if (!path.isStream() && nowNanos >= lastSentNanos + KEEP_ALIVE.toNanos()) {
      lastSentNanos = nowNanos;
      TransactionId id = TransactionId.generate(random);
      path.send(writer.begin(StunClass.INDICATION, StunMessage.BINDING, id).finish());
    }
  }

  private void retransmit(long nowNanos) {
    for (int i = 0; i < requests.size() && !ended; i++) {
      StunTransaction transaction = requests.get(i).transaction;
      if (transaction.isExpired(nowNanos)) {
        end(End.UNANSWERED, IcePaths.UNREACHABLE, NO_ANSWER);
      } else if (nowNanos >= transaction.dueNanos()) {
        lastSentNanos = nowNanos;
        path.send(transaction.nextTransmission(nowNanos));
      }
    }
  }

  /** Renews what has been used, and lets go of what has not. */
  private void refreshPeers(long nowNanos) {
    for (Channel channel : channelsByNumber) {
      if (nowNanos >= channel.refreshNanos) {
        channel.refreshNanos = Long.MAX_VALUE;
        if (channel.used) {
          channel.used = false;
          bind(nowNanos, channel);
        } else {
          channel.bound = false;
        }
      }
    }
    for (Iterator<Map.Entry<InetAddress, Permission>> all = permissions.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<InetAddress, Permission> entry = all.next();
      Permission permission = entry.getValue();
      if (nowNanos >= permission.refreshNanos) {
        permission.refreshNanos = Long.MAX_VALUE;
        if (permission.used) {
          permission.used = false;
          askFor(nowNanos, entry.getKey(), permission);
        } else {
          all.remove();
        }
      }
    }
  }

  /** When {@link #handleTimeout} has to be called; {@link Long#MAX_VALUE} for never. */
  long nextTimeoutNanos() {
    if (ended) {
      return Long.MAX_VALUE;
    }
    long next = Long.MAX_VALUE;
    for (int i = 0; i < requests.size(); i++) {
      next = Math.min(next, requests.get(i).transaction.dueNanos());
    }
    if (!isAllocated()) {
      return next;
    }
    next = Math.min(next, refreshNanos);
    if (unansweredSinceNanos != Long.MAX_VALUE) {
      next = Math.min(next, unansweredSinceNanos + SILENCE.toNanos());
    }
    if (!path.isStream()) {
      next = Math.min(next, lastSentNanos + KEEP_ALIVE.toNanos());
    }
    for (int i = 0; i < channelsByNumber.size(); i++) {
      next = Math.min(next, channelsByNumber.get(i).refreshNanos);
    }
    for (Permission permission : permissions.values()) {
      next = Math.min(next, permission.refreshNanos);
    }
    return next;
  }
}
