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
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The local side: bases, the candidates that they are or have outside a NAT (RFC 8445 5.1), and the
 * questions to STUN servers that find these out and keep the NAT's mappings until a path is found.
 */
final class Gatherer {
  /** Four transmissions: a server that does not answer holds gathering up for 5.5 seconds. */
  private static final int TRANSMISSIONS = 4;

  /** How often a mapping is refreshed (RFC 8445 11). */
  private static final Duration REFRESH = Duration.ofSeconds(15);

  private record LocalCandidate(Candidate candidate, LocalBase base) {}

  /** One base asking one server. */
  private static final class Question {
    private final LocalBase base;
    private final InetSocketAddress server;
    private StunTransaction transaction;
    private boolean settled;
    private long askAgainNanos = Long.MAX_VALUE;
    private Duration rto = StunTransaction.INITIAL_RTO;

    Question(LocalBase base, InetSocketAddress server) {
      this.base = base;
      this.server = server;
    }
  }

  private final RandomGenerator random;
  private final StunWriter writer;
  private final IceAgent.Output output;
  private final Map<InetSocketAddress, LocalBase> bases = new LinkedHashMap<>();
  private final List<LocalCandidate> candidates = new ArrayList<>();
  private final List<InetSocketAddress> servers = new ArrayList<>();
  private final List<Question> questions = new ArrayList<>();
  private final Map<String, Integer> foundations = new HashMap<>();
  private final Map<InetAddress, Integer> preferences = new HashMap<>();
  private String usernameFragment;
  private int basesSeen;
  private boolean allNamed;
  private boolean complete;

  Gatherer(
      RandomGenerator random, StunWriter writer, IceAgent.Output output, String usernameFragment) {
    this.random = random;
    this.writer = writer;
    this.output = output;
    this.usernameFragment = usernameFragment;
  }

  /** Every base, in the order in which they were added. */
  Iterable<LocalBase> bases() {
    return bases.values();
  }

  Optional<LocalBase> base(InetSocketAddress address) {
    return Optional.ofNullable(bases.get(address));
  }

  /** Adds a base and its host candidate; empty if it is known or cannot be sent from. */
  Optional<LocalBase> addBase(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null || ip.isAnyLocalAddress()) {
      throw new IllegalArgumentException("not the address of an interface: " + address);
    }
    boolean unscoped =
        ip instanceof Inet6Address ipv6 && ip.isLinkLocalAddress() && ipv6.getScopeId() == 0;
    if (unscoped || bases.containsKey(address)) {
      return Optional.empty();
    }
    LocalBase base = new LocalBase(address, LocalBase.Kind.HOST, preference(ip));
    bases.put(address, base);
    complete = false;
    tell(base, candidate(base, address, CandidateType.HOST, Optional.empty(), ""));
    servers.forEach(server -> ask(base, server));
    return Optional.of(base);
  }

  /**
   * The local preference of a new base: loopback comes after all others, and an address that has
   * been away is worth again what it was. Two must not be the same (RFC 8445 5.1.2.1).
   */
  private int preference(InetAddress ip) {
    int before = preferences.getOrDefault(ip, -1);
    if (before >= 0 && bases.values().stream().noneMatch(base -> base.preference() == before)) {
      return before;
    }
    int preference = Math.max(0, (ip.isLoopbackAddress() ? 32767 : 65535) - basesSeen++);
    preferences.putIfAbsent(ip, preference);
    return preference;
  }

  /** Adds a relayed address and its candidate; empty if it is known. */
  Optional<LocalBase> addRelayedAddress(
      InetSocketAddress relayed, InetSocketAddress related, int preference) {
    if (bases.containsKey(relayed)) {
      return Optional.empty();
    }
    LocalBase base = new LocalBase(relayed, LocalBase.Kind.RELAYED, preference);
    bases.put(relayed, base);
    complete = false;
    tell(base, candidate(base, relayed, CandidateType.RELAYED, Optional.of(related), ""));
    return Optional.of(base);
  }

  /** Adds what TCP connections are opened from, which is no candidate to be told. */
  Optional<LocalBase> addTcpBase(InetSocketAddress wildcard) {
    LocalBase base = new LocalBase(wildcard, LocalBase.Kind.TCP, 0);
    return bases.putIfAbsent(wildcard, base) == null ? Optional.of(base) : Optional.empty();
  }

  /** Forgets what the TCP connections of generations were opened from that are over. */
  void removeTcpBases(Predicate<LocalBase> which) {
    bases.values().removeIf(base -> base.kind() == LocalBase.Kind.TCP && which.test(base));
  }

  /** Whether TCP connections can be opened. */
  boolean usesTcp() {
    return bases.values().stream().anyMatch(base -> base.kind() == LocalBase.Kind.TCP);
  }

  /** Whether there is any address to send datagrams from. */
  boolean hasCandidates() {
    return !candidates.isEmpty();
  }

  /** Removes a base, its candidates and its questions. */
  Optional<LocalBase> removeBase(InetSocketAddress address) {
    LocalBase base = bases.remove(address);
    if (base != null) {
      candidates.removeIf(candidate -> candidate.base.equals(base));
      questions.removeIf(question -> question.base.equals(base));
    }
    return Optional.ofNullable(base);
  }

  void addServer(InetSocketAddress server) {
    if (server.isUnresolved()) {
      throw new IllegalArgumentException("not resolved: " + server);
    }
    if (!servers.contains(server)) {
      servers.add(server);
      bases.values().forEach(base -> ask(base, server));
    }
  }

  private void ask(LocalBase base, InetSocketAddress server) {
    boolean sensible =
        base.kind() == LocalBase.Kind.HOST
            && base.reaches(server.getAddress())
            && (!base.address().getAddress().isLoopbackAddress()
                || server.getAddress().isLoopbackAddress());
    if (sensible) {
      questions.add(new Question(base, server));
      complete = false;
    }
  }

  /** Says that every base and server is named. */
  void endOfBases() {
    allNamed = true;
  }

  /** Whether every candidate has been told. */
  boolean isComplete() {
    return complete;
  }

  /** Tells all candidates again, as those of a new generation. */
  void tellAgain(String newUsernameFragment) {
    usernameFragment = newUsernameFragment;
    complete = false;
    List<LocalCandidate> known = List.copyOf(candidates);
    candidates.clear();
    for (LocalCandidate old : known) {
      Candidate same = old.candidate;
      Candidate renewed =
          Candidate.udp(
              same.foundation(),
              same.priority(),
              same.address(),
              same.type(),
              same.relatedAddress(),
              usernameFragment);
      candidates.add(new LocalCandidate(renewed, old.base));
      output.onLocalCandidate(renewed);
    }
  }

  /** The candidate of a base that has an address, which may be a new, peer-reflexive one. */
  Candidate candidateAt(LocalBase base, InetSocketAddress mapped) {
    for (LocalCandidate local : candidates) {
      if (local.base.equals(base) && local.candidate.address().equals(mapped)) {
        return local.candidate;
      }
    }
    return candidate(base, mapped, CandidateType.PEER_REFLEXIVE, Optional.of(base.address()), "");
  }

  /** The host candidate of a base. */
  Candidate hostCandidate(LocalBase base) {
    return candidateAt(base, base.address());
  }

  /** Whether a question waits for its first, paced transmission. */
  boolean hasUnasked() {
    return questions.stream().anyMatch(question -> isUnasked(question));
  }

  private static boolean isUnasked(Question question) {
    return question.transaction == null && !question.settled;
  }

  /** Sends the first question that waits. */
  void askNext(long nowNanos) {
    questions.stream()
        .filter(question -> isUnasked(question))
        .findFirst()
        .ifPresent(question -> send(nowNanos, question));
  }

  private void send(long nowNanos, Question question) {
    TransactionId id = TransactionId.generate(random);
    ByteBuffer request = writer.begin(StunClass.REQUEST, StunMessage.BINDING, id).finish();
    question.askAgainNanos = Long.MAX_VALUE;
    question.transaction =
        new StunTransaction(
            nowNanos,
            id,
            question.base.address(),
            question.server,
            request,
            TRANSMISSIONS,
            question.rto);
    output.send(question.base.address(), question.server, request);
  }

  /**
   * Does what is due: retransmits, gives up, refreshes mappings while they are wanted, and tells
   * that gathering is complete.
   */
  void proceed(long nowNanos, boolean mappingsWanted) {
    for (Question question : questions) {
      StunTransaction transaction = question.transaction;
      if (transaction != null && transaction.isExpired(nowNanos)) {
        settle(nowNanos, question);
      } else if (transaction != null && nowNanos >= transaction.dueNanos()) {
        transaction.retransmit(nowNanos, output);
      } else if (nowNanos >= question.askAgainNanos) {
        if (mappingsWanted) {
          send(nowNanos, question);
        } else {
          question.askAgainNanos = Long.MAX_VALUE;
        }
      }
    }
    if (allNamed && !complete && questions.stream().allMatch(question -> question.settled)) {
      complete = true;
      output.onGatheringComplete();
    }
  }

  /** Asks every server again, because the NAT's mappings may be others now. */
  void askAgain(long nowNanos) {
    for (Question question : questions) {
      if (question.settled && question.transaction == null) {
        question.askAgainNanos = nowNanos;
        question.rto = StunTransaction.RECOVERY_RTO;
      }
    }
  }

  private static void settle(long nowNanos, Question question) {
    question.transaction = null;
    question.settled = true;
    question.askAgainNanos = nowNanos + REFRESH.toNanos();
  }

  /** When {@link #proceed} has to be called. */
  long nextDueNanos() {
    long next = Long.MAX_VALUE;
    for (Question question : questions) {
      next = Math.min(next, question.askAgainNanos);
      if (question.transaction != null) {
        next = Math.min(next, question.transaction.dueNanos());
      }
    }
    return next;
  }

  /** Takes a server's response; says whether it was one. */
  boolean handleResponse(long nowNanos, InetSocketAddress remote, StunMessage response) {
    for (Question question : questions) {
      StunTransaction transaction = question.transaction;
      if (transaction != null
          && transaction.id().equals(response.transactionId())
          && transaction.remote().equals(remote)) {
        settle(nowNanos, question);
        if (response.messageClass() == StunClass.SUCCESS_RESPONSE) {
          mappedAddress(response).ifPresent(mapped -> found(question, mapped));
        }
        return true;
      }
    }
    return false;
  }

  private void found(Question question, InetSocketAddress mapped) {
    output.onStunAnswer(question.server, mapped);
    tell(
        question.base,
        candidate(
            question.base,
            mapped,
            CandidateType.SERVER_REFLEXIVE,
            Optional.of(question.base.address()),
            question.server.getAddress().getHostAddress()));
  }

  static Optional<InetSocketAddress> mappedAddress(StunMessage response) {
    return response
        .attribute(StunAttribute.XorMappedAddress.class)
        .map(StunAttribute.XorMappedAddress::address)
        .or(
            () ->
                response
                    .attribute(StunAttribute.MappedAddress.class)
                    .map(StunAttribute.MappedAddress::address));
  }

  /** Tells a candidate, unless it is redundant (RFC 8445 5.1.3). */
  private void tell(LocalBase base, Candidate candidate) {
    boolean redundant =
        candidates.stream()
            .anyMatch(
                known ->
                    known.base.equals(base)
                        && known.candidate.address().equals(candidate.address()));
    if (!redundant) {
      candidates.add(new LocalCandidate(candidate, base));
      output.onLocalCandidate(candidate);
    }
  }

  private Candidate candidate(
      LocalBase base,
      InetSocketAddress address,
      CandidateType type,
      Optional<InetSocketAddress> related,
      String server) {
    boolean tcp = base.kind() == LocalBase.Kind.TCP;
    String origin =
        (tcp ? "tcp " : "udp ")
            + type.token()
            + ' '
            + base.address().getAddress().getHostAddress()
            + ' '
            + server;
    int foundation = foundations.computeIfAbsent(origin, unseen -> foundations.size() + 1);
    return new Candidate(
        Integer.toString(foundation),
        1,
        tcp ? "tcp" : "udp",
        base.priority(type),
        address,
        type,
        related,
        tcp ? Optional.of("active") : Optional.empty(),
        Optional.of(usernameFragment));
  }
}
