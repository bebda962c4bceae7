package org.heliograph.peer.netem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkEmulatorTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final List<Integer> arrived = new ArrayList<>();
  private final List<InetSocketAddress> senders = new ArrayList<>();

  private void record(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    arrived.add(packet.getInt(packet.position()));
    senders.add(remote);
  }

  private static ByteBuffer packet(int number) {
    return ByteBuffer.allocate(100).putInt(0, number);
  }

  /** Sends packets 0, 1, 2... one millisecond apart, over a link from a seed. */
  private static List<Integer> arrivals(LinkConditions conditions, long seed, int count) {
    VirtualClock clock = new VirtualClock();
    List<Integer> numbers = new ArrayList<>();
    Link link = new Link(clock, new Random(seed), conditions, p -> numbers.add(p.getInt(0)));
    for (int i = 0; i < count; i++) {
      int number = i;
      clock.after(Duration.ofMillis(i), () -> link.send(packet(number)));
    }
    clock.run(Duration.ofMinutes(1));
    return numbers;
  }

  private static List<Integer> upTo(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(i);
    }
    return numbers;
  }

  @Test
  void deliversInOrderAfterTheDelay() {
    VirtualClock clock = new VirtualClock();
    long start = clock.nanoTime();
    List<Long> times = new ArrayList<>();
    Link link =
        new Link(
            clock,
            new Random(1),
            LinkConditions.delay(Duration.ofMillis(30)),
            p -> times.add(clock.nanoTime() - start));
    link.send(packet(0));
    clock.run(SECOND);
    assertThat(times).containsExactly(30_000_000L);
    assertThat(clock.nanoTime() - start).isEqualTo(SECOND.toNanos());
  }

  @Test
  void sameSeedGivesTheSameRun() {
    LinkConditions bad =
        LinkConditions.delay(Duration.ofMillis(20))
            .withJitter(Duration.ofMillis(10))
            .withLoss(0.1)
            .withDuplicates(0.05)
            .withReordering(0.1, Duration.ofMillis(15));
    assertThat(arrivals(bad, 3, 500)).isEqualTo(arrivals(bad, 3, 500));
    assertThat(arrivals(bad, 3, 500)).isNotEqualTo(arrivals(bad, 4, 500));
  }

  @Test
  void losesTheAskedShare() {
    LinkConditions lossy = LinkConditions.perfect().withLoss(0.2);
    assertThat(arrivals(lossy, 1, 5000)).hasSizeBetween(3800, 4200);
  }

  @Test
  void burstsLoseTheAskedShareInRuns() {
    List<Integer> numbers = arrivals(LinkConditions.perfect().withBurstLoss(0.2, 5), 1, 5000);
    int gaps = 0;
    for (int i = 1; i < numbers.size(); i++) {
      gaps += numbers.get(i) - numbers.get(i - 1) > 1 ? 1 : 0;
    }
    assertThat(numbers).hasSizeBetween(3700, 4300);
    assertThat((5000.0 - numbers.size()) / gaps).isBetween(4.0, 6.0);
  }

  @Test
  void duplicatesTheAskedShare() {
    assertThat(arrivals(LinkConditions.perfect().withDuplicates(0.1), 1, 5000))
        .hasSizeBetween(5400, 5600);
  }

  @Test
  void jitterKeepsTheOrder() {
    assertThat(arrivals(LinkConditions.perfect().withJitter(Duration.ofMillis(50)), 1, 500))
        .isEqualTo(upTo(500));
  }

  @Test
  void driftKeepsTheOrder() {
    assertThat(arrivals(LinkConditions.perfect().withDrift(Duration.ofMillis(50)), 1, 500))
        .isEqualTo(upTo(500));
  }

  @Test
  void reorderedPacketsAreOvertaken() {
    assertThat(
            arrivals(LinkConditions.perfect().withReordering(0.1, Duration.ofMillis(10)), 1, 500))
        .hasSize(500)
        .containsExactlyInAnyOrderElementsOf(upTo(500))
        .isNotEqualTo(upTo(500));
  }

  @Test
  void rateLimitPassesItsRateAndDropsBeyondTheQueue() {
    // 128 bytes with headers each millisecond are 1.024 Mbit/s; half of them fit.
    LinkConditions narrow = LinkConditions.perfect().withRate(512_000, Duration.ofMillis(100));
    assertThat(arrivals(narrow, 1, 2000)).hasSizeBetween(1000, 1060);
  }

  @Test
  void arrivedPacketsAreCopies() {
    Host a = network.host("192.0.2.1");
    Host b = network.host("192.0.2.2");
    b.bind("192.0.2.2", 9, this::record);
    ByteBuffer reused = packet(1);
    VirtualSocket socket = a.bind("192.0.2.1", 0, this::record);
    socket.send(b.address(0, 9), reused);
    reused.putInt(0, 2);
    socket.send(b.address(0, 9), reused);
    network.run(SECOND);
    assertThat(arrived).containsExactly(1, 2);
    assertThat(senders).containsOnly(socket.local());
  }

  @Test
  void fullConeLetsEveryoneIn() {
    assertThat(strangerReaches(Nat.Behaviour.FULL_CONE)).isTrue();
  }

  @Test
  void portRestrictedNatLetsOnlyThoseInWhoWereSentTo() {
    assertThat(strangerReaches(Nat.Behaviour.PORT_RESTRICTED)).isFalse();
  }

  private boolean strangerReaches(Nat.Behaviour behaviour) {
    Nat nat = network.nat(behaviour, "203.0.113.1");
    Host inside = nat.host("10.0.0.2");
    Host known = network.host("192.0.2.1");
    Host stranger = network.host("192.0.2.2");
    VirtualSocket insider = inside.bind("10.0.0.2", 5000, this::record);
    VirtualSocket knownSocket = known.bind("192.0.2.1", 9, this::record);
    VirtualSocket strangerSocket = stranger.bind("192.0.2.2", 9, this::record);
    insider.send(knownSocket.local(), packet(1));
    network.run(SECOND);
    InetSocketAddress mapped = senders.getLast();
    assertThat(mapped.getAddress()).isEqualTo(NetworkEmulator.literal("203.0.113.1"));
    knownSocket.send(mapped, packet(2));
    network.run(SECOND);
    assertThat(arrived).containsExactly(1, 2);
    strangerSocket.send(mapped, packet(3));
    network.run(SECOND);
    return arrived.contains(3);
  }

  @Test
  void symmetricNatMapsEachRemoteApart() {
    Host inside = network.nat(Nat.Behaviour.SYMMETRIC, "203.0.113.1").host("10.0.0.2");
    Host server = network.host("192.0.2.1");
    server.bind("192.0.2.1", 1, this::record);
    server.bind("192.0.2.1", 2, this::record);
    VirtualSocket insider = inside.bind("10.0.0.2", 5000, this::record);
    insider.send(server.address(0, 1), packet(1));
    insider.send(server.address(0, 2), packet(2));
    network.run(SECOND);
    assertThat(senders).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void nestedNatsTranslateTwice() {
    Nat outer = network.nat(Nat.Behaviour.PORT_RESTRICTED, "203.0.113.1");
    Host inside = outer.nat(Nat.Behaviour.PORT_RESTRICTED, "100.64.0.2").host("10.0.0.2");
    Host server = network.host("192.0.2.1");
    VirtualSocket serverSocket = server.bind("192.0.2.1", 1, this::record);
    VirtualSocket insider = inside.bind("10.0.0.2", 5000, this::record);
    insider.send(serverSocket.local(), packet(1));
    network.run(SECOND);
    serverSocket.send(senders.getLast(), packet(2));
    network.run(SECOND);
    assertThat(arrived).containsExactly(1, 2);
  }

  @Test
  void rebindingGivesNewPorts() {
    Nat nat = network.nat(Nat.Behaviour.FULL_CONE, "203.0.113.1");
    Host server = network.host("192.0.2.1");
    server.bind("192.0.2.1", 1, this::record);
    VirtualSocket insider = nat.host("10.0.0.2").bind("10.0.0.2", 5000, this::record);
    insider.send(server.address(0, 1), packet(1));
    insider.send(server.address(0, 1), packet(2));
    network.run(SECOND);
    nat.rebind();
    insider.send(server.address(0, 1), packet(3));
    network.run(SECOND);
    assertThat(senders.get(1)).isEqualTo(senders.get(0));
    assertThat(senders.get(2)).isNotEqualTo(senders.get(0));
  }

  @Test
  void removedAddressNeitherSendsNorReceives() {
    Host a = network.host("192.0.2.1");
    Host b = network.host("192.0.2.2");
    VirtualSocket from = a.bind("192.0.2.1", 9, this::record);
    VirtualSocket to = b.bind("192.0.2.2", 9, this::record);
    b.removeAddress("192.0.2.2");
    from.send(to.local(), packet(1));
    to.send(from.local(), packet(2));
    network.run(SECOND);
    assertThat(arrived).isEmpty();
  }

  @Test
  void drivenObjectsAreCalledWhenTheyAsk() {
    VirtualClock clock = new VirtualClock();
    List<Long> calls = new ArrayList<>();
    long start = clock.nanoTime();
    clock.drive(
        new VirtualClock.Driven() {
          @Override
          public long nextTimeoutNanos() {
            return calls.size() == 3 ? Long.MAX_VALUE : start + 10L * (calls.size() + 1);
          }

          @Override
          public void handleTimeout(long nowNanos) {
            calls.add(nowNanos - start);
          }
        });
    clock.run(SECOND);
    assertThat(calls).containsExactly(10L, 20L, 30L);
  }

  @Test
  void anObjectThatNeverMovesItsTimeoutIsReported() {
    VirtualClock clock = new VirtualClock();
    clock.drive(
        new VirtualClock.Driven() {
          @Override
          public long nextTimeoutNanos() {
            return 0;
          }

          @Override
          public void handleTimeout(long nowNanos) {}
        });
    assertThatThrownBy(() -> clock.run(SECOND)).isInstanceOf(AssertionError.class);
  }
}
