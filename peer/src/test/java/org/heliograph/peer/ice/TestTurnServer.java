package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;

/**
 * A TURN server on an emulated host (RFC 8656), which is strict about permissions, channels and
 * their ends, and refuses what a test tells it to refuse.
 */
final class TestTurnServer {
  static final String USER = "ann";
  static final String PASSWORD = "secret";
  static final String REALM = "example.org";
  static final int PORT = 3478;

  /** What a client has allocated. */
  private final class Allocation {
    final Consumer<ByteBuffer> client;
    final List<VirtualSocket> sockets = new ArrayList<>();
    final Map<InetAddress, Long> permissions = new HashMap<>();
    final Map<Integer, InetSocketAddress> channels = new HashMap<>();
    final Map<Integer, Long> channelEnds = new HashMap<>();
    long endNanos;

    Allocation(Consumer<ByteBuffer> client) {
      this.client = client;
    }

    void arrived(InetSocketAddress local, InetSocketAddress peer, ByteBuffer packet) {
      if (silent) {
        return;
      }
      if (!isPermitted(peer.getAddress()) || endNanos < network.nanoTime()) {
        refusedPackets++;
        return;
      }
      for (Map.Entry<Integer, InetSocketAddress> channel : channels.entrySet()) {
        if (channel.getValue().equals(peer) && isBound(channel.getKey())) {
          ByteBuffer data = ByteBuffer.allocate(4 + ((packet.remaining() + 3) & ~3));
          data.putShort(channel.getKey().shortValue()).putShort((short) packet.remaining());
          data.put(packet.duplicate());
          client.accept(data.rewind());
          return;
        }
      }
      writer
          .begin(StunClass.INDICATION, StunMessage.DATA, new TransactionId(1, network.nanoTime()))
          .add(new StunAttribute.XorPeerAddress(peer))
          .add(new StunAttribute.Data(packet));
      client.accept(writer.finish());
    }

    boolean isPermitted(InetAddress peer) {
      return permissions.getOrDefault(peer, Long.MIN_VALUE) >= network.nanoTime();
    }

    boolean isBound(int channel) {
      return channelEnds.getOrDefault(channel, Long.MIN_VALUE) >= network.nanoTime();
    }

    void relay(InetSocketAddress peer, ByteBuffer packet) {
      if (!isPermitted(peer.getAddress()) || endNanos < network.nanoTime()) {
        refusedPackets++;
        return;
      }
      boolean ipv6 = peer.getAddress() instanceof Inet6Address;
      sockets.stream()
          .filter(socket -> socket.local().getAddress() instanceof Inet6Address == ipv6)
          .forEach(socket -> socket.send(peer, packet));
    }

    void free() {
      sockets.forEach(VirtualSocket::close);
    }
  }

  final List<String> requests = new ArrayList<>();
  int indications;
  int channelPackets;
  int refusedPackets;
  int freed;

  /** Errors to be answered instead, by method; the first is taken. */
  private final Map<Integer, Deque<StunAttribute[]>> refusals = new HashMap<>();

  private final NetworkEmulator network;
  private final Host host;
  private final String[] relayAddresses;
  private final VirtualSocket socket;
  private final StunWriter writer = new StunWriter();
  private StunKey key = StunKey.longTerm(USER, REALM, PASSWORD);

  /** What the server offers for hashing passwords (RFC 8489 9.2.1); none for RFC 5389's way. */
  private List<Integer> algorithms = List.of();

  private boolean anonymous;
  private boolean algorithmsAreLost;
  private final Map<Object, Allocation> allocations = new HashMap<>();
  private String nonce = "nonce1";
  private int nonces = 1;
  private Duration lifetime = Duration.ofMinutes(10);
  private boolean silent;

  TestTurnServer(NetworkEmulator network, String address, String... relayAddresses) {
    this.network = network;
    List<String> all = new ArrayList<>(List.of(address));
    for (String relay : relayAddresses) {
      if (!relay.equals(address)) {
        all.add(relay);
      }
    }
    host = network.host(all.toArray(String[]::new));
    this.relayAddresses = relayAddresses.length == 0 ? new String[] {address} : relayAddresses;
    socket = host.bind(address, PORT, this::receive);
  }

  InetSocketAddress address() {
    return socket.local();
  }

  TurnServer server() {
    return server(TurnTransport.UDP, PASSWORD);
  }

  TurnServer server(TurnTransport transport, String password) {
    return new TurnServer(address().getAddress().getHostAddress(), PORT, transport, USER, password);
  }

  /** The nonce is not good any more. */
  void renewNonce() {
    nonce = "nonce" + ++nonces;
  }

  /**
   * Authenticates as RFC 8489 9.2.1 has it, and refuses all else.
   *
   * @param algorithms the password algorithms, the one to be used first
   * @param anonymous whether a hash stands for the user's name
   */
  void secure(List<Integer> algorithms, boolean anonymous) {
    this.algorithms = List.copyOf(algorithms);
    this.anonymous = anonymous;
    key = StunKey.longTermSha256(USER, REALM, PASSWORD, algorithms.getFirst() == 2);
    byte[] features = {0, 0, (byte) (anonymous ? 3 : 1)};
    nonce = "obMatJos2" + Base64.getEncoder().encodeToString(features) + "nonce";
  }

  /** Someone on the way takes the password algorithms out of what the server says. */
  void loseAlgorithms() {
    algorithmsAreLost = true;
  }

  void setLifetime(Duration lifetime) {
    this.lifetime = lifetime;
  }

  /** Answers nothing any more, and relays nothing. */
  void fallSilent() {
    silent = true;
  }

  /** Forgets all allocations, as a server that was restarted. */
  void forgetAllocations() {
    allocations.values().forEach(Allocation::free);
    allocations.clear();
  }

  /** The next request of a method is answered with an error. */
  void refuse(int method, int code, StunAttribute... further) {
    StunAttribute[] all = new StunAttribute[further.length + 1];
    all[0] = new StunAttribute.ErrorCode(code, "Refused");
    System.arraycopy(further, 0, all, 1, further.length);
    refusals.computeIfAbsent(method, unseen -> new ArrayDeque<>()).add(all);
  }

  int liveAllocations() {
    return (int)
        allocations.values().stream()
            .filter(allocation -> allocation.endNanos >= network.nanoTime())
            .count();
  }

  long count(String request) {
    return requests.stream().filter(request::equals).count();
  }

  private void receive(InetSocketAddress local, InetSocketAddress client, ByteBuffer message) {
    take(client, message, answer -> socket.send(client, answer));
  }

  /** Takes a message of a client, known by any key. */
  void take(Object client, ByteBuffer message, Consumer<ByteBuffer> answers) {
    if (silent) {
      return;
    }
    if ((message.get(message.position()) & 0xC0) == 0x40) {
      Allocation allocation = allocations.get(client);
      int channel = message.getShort(message.position()) & 0xFFFF;
      if (allocation != null && allocation.isBound(channel)) {
        channelPackets++;
        int length = message.getShort(message.position() + 2) & 0xFFFF;
        allocation.relay(
            allocation.channels.get(channel), message.slice(message.position() + 4, length));
      } else {
        refusedPackets++;
      }
      return;
    }
    StunMessage stun;
    try {
      stun = StunMessage.parse(message);
    } catch (StunException e) {
      throw new AssertionError(e);
    }
    if (stun.messageClass() == StunClass.INDICATION) {
      if (stun.method() == StunMessage.SEND && allocations.containsKey(client)) {
        indications++;
        allocations
            .get(client)
            .relay(
                stun.attribute(StunAttribute.XorPeerAddress.class).orElseThrow().address(),
                stun.attribute(StunAttribute.Data.class).orElseThrow().payload());
      }
      return;
    }
    answer(client, stun, answers);
  }

  private void answer(Object client, StunMessage request, Consumer<ByteBuffer> answers) {
    int method = request.method();
    TransactionId id = request.transactionId();
    if (method == StunMessage.BINDING) {
      writer
          .begin(StunClass.SUCCESS_RESPONSE, method, id)
          .add(new StunAttribute.XorMappedAddress((InetSocketAddress) client));
      answers.accept(writer.finish());
      return;
    }
    if (!request.has(StunAttribute.Nonce.class)) {
      refuseUnauthenticated(request, 401, answers);
      return;
    }
    if (!request.attribute(StunAttribute.Nonce.class).orElseThrow().value().equals(nonce)) {
      refuseUnauthenticated(request, 438, answers);
      return;
    }
    if (!namesTheUser(request) || !echoesAlgorithms(request) || !request.isAuthentic(key)) {
      refuseUnauthenticated(request, 401, answers);
      return;
    }
    requests.add(name(request));
    StunAttribute[] refusal =
        Optional.ofNullable(refusals.get(method)).map(Deque::poll).orElse(null);
    if (refusal != null) {
      refuse(request, answers, refusal);
      return;
    }
    Allocation allocation = allocations.get(client);
    boolean mismatch = (allocation == null) == (method != StunMessage.ALLOCATE);
    if (mismatch) {
      refuse(request, answers, new StunAttribute.ErrorCode(437, "Allocation Mismatch"));
      return;
    }
    switch (method) {
      case StunMessage.ALLOCATE -> allocate(client, request, answers);
      case StunMessage.REFRESH -> {
        long seconds = request.attribute(StunAttribute.Lifetime.class).orElseThrow().seconds();
        if (seconds == 0) {
          allocations.remove(client).free();
          freed++;
        } else {
          allocation.endNanos = network.nanoTime() + lifetime.toNanos();
        }
        writer
            .begin(StunClass.SUCCESS_RESPONSE, method, id)
            .add(new StunAttribute.Lifetime(seconds == 0 ? 0 : lifetime.toSeconds()));
        answers.accept(writer.finish(key));
      }
      case StunMessage.CREATE_PERMISSION -> {
        permit(allocation, peer(request).getAddress());
        writer.begin(StunClass.SUCCESS_RESPONSE, method, id);
        answers.accept(writer.finish(key));
      }
      default -> {
        int channel = request.attribute(StunAttribute.ChannelNumber.class).orElseThrow().channel();
        permit(allocation, peer(request).getAddress());
        allocation.channels.put(channel, peer(request));
        allocation.channelEnds.put(channel, network.nanoTime() + Duration.ofMinutes(10).toNanos());
        writer.begin(StunClass.SUCCESS_RESPONSE, method, id);
        answers.accept(writer.finish(key));
      }
    }
  }

  private boolean namesTheUser(StunMessage request) {
    Optional<String> name =
        request.attribute(StunAttribute.Username.class).map(StunAttribute.Username::value);
    Optional<ByteBuffer> hash =
        request.attribute(StunAttribute.UserHash.class).map(StunAttribute.UserHash::hash);
    return anonymous
        ? name.isEmpty() && hash.equals(Optional.of(ByteBuffer.wrap(StunKey.userHash(USER, REALM))))
        : hash.isEmpty() && name.equals(Optional.of(USER));
  }

  /** Against someone on the way who offers the client less (RFC 8489 9.2.4). */
  private boolean echoesAlgorithms(StunMessage request) {
    if (algorithms.isEmpty()) {
      return !request.has(StunAttribute.PasswordAlgorithms.class);
    }
    return request
            .attribute(StunAttribute.PasswordAlgorithms.class)
            .filter(echoed -> echoed.algorithms().equals(algorithms))
            .isPresent()
        && request
            .attribute(StunAttribute.PasswordAlgorithm.class)
            .filter(chosen -> chosen.algorithm() == algorithms.getFirst())
            .isPresent();
  }

  private void permit(Allocation allocation, InetAddress peer) {
    allocation.permissions.put(peer, network.nanoTime() + Duration.ofMinutes(5).toNanos());
  }

  private static InetSocketAddress peer(StunMessage request) {
    return request.attribute(StunAttribute.XorPeerAddress.class).orElseThrow().address();
  }

  private static String name(StunMessage request) {
    return switch (request.method()) {
      case StunMessage.ALLOCATE -> "allocate";
      case StunMessage.REFRESH -> "refresh";
      case StunMessage.CREATE_PERMISSION -> "permission";
      default -> "channel";
    };
  }

  private void allocate(Object client, StunMessage request, Consumer<ByteBuffer> answers) {
    boolean onlyIpv6 = request.has(StunAttribute.RequestedAddressFamily.class);
    boolean both = request.has(StunAttribute.AdditionalAddressFamily.class);
    Allocation allocation = new Allocation(answers);
    for (String address : relayAddresses) {
      boolean ipv6 = address.contains(":");
      if (ipv6 ? onlyIpv6 || both : !onlyIpv6) {
        allocation.sockets.add(host.bind(address, 0, allocation::arrived));
      }
    }
    boolean ipv4 =
        allocation.sockets.stream()
            .anyMatch(bound -> !(bound.local().getAddress() instanceof Inet6Address));
    if (!onlyIpv6 && !ipv4) {
      allocation.free();
      refuse(request, answers, new StunAttribute.ErrorCode(440, "Address Family not Supported"));
      return;
    }
    allocation.endNanos = network.nanoTime() + lifetime.toNanos();
    allocations.put(client, allocation);
    writer.begin(StunClass.SUCCESS_RESPONSE, StunMessage.ALLOCATE, request.transactionId());
    allocation.sockets.forEach(
        bound -> writer.add(new StunAttribute.XorRelayedAddress(bound.local())));
    if (client instanceof InetSocketAddress mapped) {
      writer.add(new StunAttribute.XorMappedAddress(mapped));
    }
    writer.add(new StunAttribute.Lifetime(lifetime.toSeconds()));
    answers.accept(writer.finish(key));
  }

  private void refuseUnauthenticated(StunMessage request, int code, Consumer<ByteBuffer> answers) {
    writer
        .begin(StunClass.ERROR_RESPONSE, request.method(), request.transactionId())
        .add(new StunAttribute.ErrorCode(code, code == 401 ? "Unauthorized" : "Stale Nonce"))
        .add(new StunAttribute.Realm(REALM))
        .add(new StunAttribute.Nonce(nonce));
    if (!algorithms.isEmpty() && !algorithmsAreLost) {
      writer.add(new StunAttribute.PasswordAlgorithms(algorithms));
    }
    answers.accept(writer.finish());
  }

  private void refuse(
      StunMessage request, Consumer<ByteBuffer> answers, StunAttribute... attributes) {
    writer.begin(StunClass.ERROR_RESPONSE, request.method(), request.transactionId());
    for (StunAttribute attribute : attributes) {
      writer.add(attribute);
    }
    answers.accept(writer.finish(key));
  }
}
