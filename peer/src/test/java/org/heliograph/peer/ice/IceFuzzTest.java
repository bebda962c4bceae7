package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hostile input: whatever comes, nothing is thrown but what is declared, nothing hangs and nothing
 * grows. Each file of the corpus is a test, and so is a seed's worth of mutations of all of them; a
 * file that once broke something stays in the corpus.
 */
class IceFuzzTest {
  private static final int LENGTH = Integer.getInteger("heliograph.fuzz", 1);

  private static final InetSocketAddress STRANGER =
      new InetSocketAddress(InetAddress.ofLiteral("198.51.100.7"), 4242);

  static List<Path> stunCorpus() {
    return corpus("stun");
  }

  static List<Path> candidateCorpus() {
    return corpus("candidate");
  }

  private static List<Path> corpus(String name) {
    try (Stream<Path> files =
        Files.list(Path.of(IceFuzzTest.class.getResource("corpus/" + name).toURI()))) {
      return files.sorted().toList();
    } catch (IOException | URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("stunCorpus")
  void stunOfTheCorpusIsParsedOrRefused(Path file) throws IOException {
    byte[] packet = Files.readAllBytes(file);
    parse(ByteBuffer.wrap(packet));
    Target target = new Target(1);
    target.receive(STRANGER, ByteBuffer.wrap(packet));
    target.assertBounded();
  }

  @ParameterizedTest
  @MethodSource("candidateCorpus")
  void candidatesOfTheCorpusAreParsedOrRefused(Path file) throws IOException {
    parseCandidate(Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedStunIsParsedOrRefused(long seed) throws IOException {
    Random random = new Random(seed);
    Target target = new Target(seed);
    for (Path file : stunCorpus()) {
      for (int i = 0; i < 100 * LENGTH; i++) {
        byte[] packet = mutated(random, Files.readAllBytes(file));
        parse(ByteBuffer.wrap(packet));
        target.receive(STRANGER, ByteBuffer.wrap(packet));
      }
      target.assertBounded();
    }
    for (int i = 0; i < 2_000 * LENGTH; i++) {
      parse(ByteBuffer.wrap(mutated(random, anyMessage(random, StunKey.shortTerm("key")))));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedCandidatesAreParsedOrRefused(long seed) throws IOException {
    Random random = new Random(seed);
    String[] words = {
      "candidate:1",
      "1",
      "udp",
      "tcp",
      "2130706431",
      "10.0.0.2",
      "::1",
      "a.local",
      "5000",
      "typ",
      "host",
      "srflx",
      "raddr",
      "rport",
      "ufrag",
      "tcptype",
      "",
      "-1",
      "99999999999",
      "%",
      "\u00e9"
    };
    for (Path file : candidateCorpus()) {
      for (int i = 0; i < 500; i++) {
        StringBuilder line = new StringBuilder(Files.readString(file));
        for (int edits = random.nextInt(5); edits >= 0; edits--) {
          int at = random.nextInt(line.length() + 1);
          int end = Math.min(line.length(), at + random.nextInt(6));
          line.replace(at, end, words[random.nextInt(words.length)]);
        }
        parseCandidate(line.toString());
      }
    }
  }

  /** Some bytes changed, or the end cut off, or some bytes more, or the length made to fit. */
  private static byte[] mutated(Random random, byte[] packet) {
    byte[] mutated = packet.clone();
    if (random.nextInt(6) == 0) {
      mutated = Arrays.copyOf(mutated, random.nextInt(packet.length + 40));
    }
    if (mutated.length == 0) {
      return mutated;
    }
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
    }
    if (mutated.length >= 20 && random.nextBoolean()) {
      ByteBuffer.wrap(mutated).putShort(2, (short) (mutated.length - 20 & ~3));
    }
    return mutated;
  }

  /** The other side knows the password, and may send whatever it likes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agentBearsAnAuthenticButInsaneRemote(long seed) {
    Random random = new Random(seed);
    Target target = new Target(seed);
    target.connect();
    for (int i = 0; i < 1_500; i++) {
      InetSocketAddress from =
          new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 1 + random.nextInt(2000));
      target.receive(from, ByteBuffer.wrap(anyMessage(random, target.key(random))));
      if (random.nextInt(50) == 0) {
        target.network.run(Duration.ofMillis(random.nextInt(3000)));
      }
      target.assertBounded();
    }
  }

  /** Every method at every time, in an order that makes no sense. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agentBearsAnyOrderOfCalls(long seed) {
    Random random = new Random(seed);
    Target target = new Target(seed);
    for (int i = 0; i < 500; i++) {
      target.doSomething(random);
      target.network.run(Duration.ofMillis(random.nextInt(200)));
      target.assertBounded();
    }
    assertThat(target.left.states).as("the calls make enough sense").contains(IceState.CONNECTED);
    target.left.agent.close();
    assertThat(target.left.agent.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  private static void parse(ByteBuffer packet) {
    try {
      StunMessage message = StunMessage.parse(packet);
      assertThat(message.isAuthentic(StunKey.shortTerm("a password that nobody has"))).isFalse();
    } catch (StunException e) {
      assertThat(e).hasMessageMatching(".+");
    }
  }

  private static void parseCandidate(String text) {
    try {
      Candidate candidate = Candidate.parse(text);
      assertThat(Candidate.parse(candidate.format())).isEqualTo(candidate);
    } catch (CandidateFormatException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  private static byte[] anyMessage(Random random, StunKey key) {
    StunWriter writer = new StunWriter();
    StunClass[] classes = StunClass.values();
    writer.begin(
        classes[random.nextInt(classes.length)],
        random.nextInt(10) == 0 ? random.nextInt(0x1000) : StunMessage.BINDING,
        new TransactionId(random.nextInt(), random.nextLong()));
    for (int count = random.nextInt(8); count > 0; count--) {
      writer.add(anyAttribute(random));
    }
    ByteBuffer packet = random.nextInt(10) == 0 ? writer.finish() : writer.finish(key);
    byte[] bytes = new byte[packet.remaining()];
    packet.get(bytes);
    return bytes;
  }

  private static StunAttribute anyAttribute(Random random) {
    String text = HexFormat.of().toHexDigits(random.nextLong()).substring(random.nextInt(16));
    byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(ip);
    return switch (random.nextInt(10)) {
      case 0 -> new StunAttribute.ErrorCode(300 + random.nextInt(400), text);
      case 1 -> new StunAttribute.UnknownAttributes(List.of(random.nextInt(0x10000)));
      case 2 -> new StunAttribute.XorMappedAddress(address(ip, random.nextInt(0x10000)));
      case 3 -> new StunAttribute.MappedAddress(address(ip, random.nextInt(0x10000)));
      case 4 -> new StunAttribute.Priority(random.nextInt() & 0xFFFF_FFFFL);
      case 5 -> new StunAttribute.UseCandidate();
      case 6 -> new StunAttribute.IceControlled(random.nextLong());
      case 7 -> new StunAttribute.IceControlling(random.nextLong());
      case 8 -> new StunAttribute.Software(text);
      default -> new StunAttribute.Username(text);
    };
  }

  private static InetSocketAddress address(byte[] ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** An agent under attack, and the honest one at the other end. */
  private static final class Target {
    final NetworkEmulator network;
    final IcePeer left;
    private final IcePeer right;
    private final List<InetSocketAddress> bound = new ArrayList<>();

    Target(long seed) {
      network = new NetworkEmulator(seed);
      Host leftHost = network.host("192.0.2.1", "2001:db8::1");
      Host rightHost = network.host("192.0.2.2", "2001:db8::2");
      left = new IcePeer(network, leftHost, IceRole.CONTROLLING, seed);
      right = new IcePeer(network, rightHost, IceRole.CONTROLLED, seed + 1);
      bound.add(left.bind("192.0.2.1"));
      right.bind("192.0.2.2");
    }

    void connect() {
      left.signalTo(right);
      right.signalTo(left);
      assertThat(
              network.runUntil(
                  () -> left.isConnected() && right.isConnected(), Duration.ofSeconds(5)))
          .isTrue();
    }

    /** The key that protects a request, or that of an answer. */
    StunKey key(Random random) {
      IcePeer owner = random.nextBoolean() ? left : right;
      return StunKey.shortTerm(owner.agent.localCredentials().password());
    }

    void receive(InetSocketAddress from, ByteBuffer packet) {
      left.agent.handleDatagram(network.nanoTime(), bound.getFirst(), from, packet);
      // Half of the packets say whom they are for, as a true remote's would.
      addressed(packet)
          .forEach(p -> left.agent.handleDatagram(network.nanoTime(), bound.getFirst(), from, p));
    }

    /** The same attributes, behind the right USERNAME and with the right integrity. */
    private List<ByteBuffer> addressed(ByteBuffer packet) {
      try {
        StunMessage message = StunMessage.parse(packet);
        StunWriter writer = new StunWriter();
        StunClass messageClass = message.messageClass();
        TransactionId id =
            messageClass == StunClass.REQUEST
                ? message.transactionId()
                : left.lastRequest().orElse(message).transactionId();
        writer.begin(messageClass, StunMessage.BINDING, id);
        writer.add(
            new StunAttribute.Username(
                left.agent.localCredentials().usernameFragment()
                    + ":"
                    + right.agent.localCredentials().usernameFragment()));
        message.attribute(StunAttribute.Priority.class).ifPresent(writer::add);
        message.attribute(StunAttribute.UseCandidate.class).ifPresent(writer::add);
        message.attribute(StunAttribute.IceControlled.class).ifPresent(writer::add);
        message.attribute(StunAttribute.IceControlling.class).ifPresent(writer::add);
        message.attribute(StunAttribute.XorMappedAddress.class).ifPresent(writer::add);
        message.attribute(StunAttribute.ErrorCode.class).ifPresent(writer::add);
        IcePeer owner = messageClass == StunClass.REQUEST ? left : right;
        return List.of(writer.finish(StunKey.shortTerm(owner.agent.localCredentials().password())));
      } catch (StunException e) {
        return List.of();
      }
    }

    void doSomething(Random random) {
      long now = network.nanoTime();
      switch (random.nextInt(12)) {
        case 0 -> bound.add(left.bind(random.nextBoolean() ? "192.0.2.1" : "2001:db8::1"));
        case 1 -> {
          if (bound.size() > 1) {
            left.agent.removeLocalAddress(now, bound.remove(random.nextInt(bound.size())));
          }
        }
        case 2 -> left.agent.addStunServer(now, STRANGER);
        case 3 -> left.agent.endOfLocalAddresses(now);
        case 4 -> {
          left.agent.restart(now);
          right.agent.restart(now);
        }
        case 5, 6 -> {
          try {
            right.signalTo(left);
            left.signalTo(right);
          } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("restarted");
          }
        }
        case 7 -> left.agent.endOfRemoteCandidates(now);
        case 8 ->
            left.agent.setRole(random.nextBoolean() ? IceRole.CONTROLLING : IceRole.CONTROLLED);
        case 9 ->
            right.agent.setRole(random.nextBoolean() ? IceRole.CONTROLLING : IceRole.CONTROLLED);
        default -> receive(STRANGER, ByteBuffer.wrap(anyMessage(random, key(random))));
      }
    }

    void assertBounded() {
      assertThat(left.agent.statistics()).hasSizeLessThanOrEqualTo(CheckList.MAX_PAIRS + 1);
      assertThat(left.agent.openCheckCount()).isLessThanOrEqualTo(256);
    }
  }
}
