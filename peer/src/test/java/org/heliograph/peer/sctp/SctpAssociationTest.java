package org.heliograph.peer.sctp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.sctp.SctpEndpoint.Received;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two associations over an emulated wire, in virtual time. */
class SctpAssociationTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final LinkConditions BAD =
      LinkConditions.delay(Duration.ofMillis(20))
          .withLoss(0.05)
          .withJitter(Duration.ofMillis(10))
          .withReordering(0.05, Duration.ofMillis(15))
          .withDuplicates(0.03);

  private static List<Long> numbers(List<Received> messages) {
    return messages.stream().map(Received::number).toList();
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  private static void assertWhole(List<Received> messages) {
    for (Received message : messages) {
      assertThat(message.payload())
          .isEqualTo(SctpEndpoint.numbered(message.number(), message.payload().remaining()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void isUpWhateverIsLostAtFirst(int seed) {
    SctpPair pair = new SctpPair(seed);
    pair.conditions(BAD.withLoss(0.4));

    pair.connect();

    assertThat(pair.alice.connected).isEqualTo(1);
    assertThat(pair.bob.connected).isEqualTo(1);
    pair.run(Duration.ofMinutes(1));
    assertThat(pair.isUp()).isTrue();
  }

  @Test
  void isUpWhenOnlyOneSideOpensIt() {
    SctpPair pair = new SctpPair(1);
    pair.alice.association.connect(pair.clock.nanoTime());

    assertThat(pair.runUntil(pair::isUp, LIMIT)).isTrue();
  }

  @Test
  void whatIsSentWhileItIsOpenedFollows() {
    SctpPair pair = new SctpPair(1);
    pair.alice.send(3, 0, 100);
    pair.connect();
    pair.run(Duration.ofSeconds(1));

    assertThat(numbers(pair.bob.messages)).containsExactly(0L);
    assertThat(pair.bob.messages.getFirst().stream()).isEqualTo(3);
    assertThat(pair.bob.messages.getFirst().payloadProtocol()).isEqualTo(53);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyMessageComesOnceAndInOrderHoweverBadTheWire(long seed) {
    SctpPair pair = new SctpPair(seed);
    pair.conditions(BAD.withRate(5_000_000, Duration.ofMillis(100))).connect();
    Random random = new Random(seed);
    int count = 3000;
    for (int i = 0; i < count; i++) {
      pair.alice.send(0, i, 8 + random.nextInt(i % 50 == 0 ? 60_000 : 600));
      pair.bob.send(0, i, 8 + random.nextInt(600));
    }

    assertThat(
            pair.runUntil(
                () -> pair.bob.messages.size() >= count && pair.alice.messages.size() >= count,
                LIMIT))
        .isTrue();
    pair.run(Duration.ofSeconds(10));

    assertThat(numbers(pair.bob.messages)).isEqualTo(upTo(count));
    assertThat(numbers(pair.alice.messages)).isEqualTo(upTo(count));
    assertWhole(pair.bob.messages);
    assertThat(pair.alice.association.statistics().orElseThrow().unacknowledgedChunks()).isZero();
    assertThat(pair.alice.dequeued).isEqualTo(pair.bob.receivedOctets);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void streamsDoNotWaitForOneAnother(long seed) {
    SctpPair pair = new SctpPair(seed);
    pair.conditions(BAD).connect();
    for (int i = 0; i < 200; i++) {
      for (int stream = 0; stream < 10; stream++) {
        pair.alice.send(stream, i, 200);
      }
    }
    assertThat(pair.runUntil(() -> pair.bob.messages.size() == 2000, LIMIT)).isTrue();

    for (int stream = 0; stream < 10; stream++) {
      int id = stream;
      assertThat(numbers(pair.bob.messages.stream().filter(m -> m.stream() == id).toList()))
          .isEqualTo(upTo(200));
    }
    assertThat(pair.bob.messages.stream().map(Received::stream).limit(100))
        .contains(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void unorderedMessagesComeOnceAndOvertake(long seed) {
    SctpPair pair = new SctpPair(seed);
    pair.conditions(BAD).connect();
    for (int i = 0; i < 2000; i++) {
      pair.alice.sendUnordered(0, i, 20 + (i % 40) * 100);
    }
    assertThat(pair.runUntil(() -> pair.bob.messages.size() == 2000, LIMIT)).isTrue();
    pair.run(Duration.ofSeconds(5));

    List<Long> numbers = numbers(pair.bob.messages);
    assertThat(numbers).containsExactlyInAnyOrderElementsOf(upTo(2000));
    assertThat(numbers).isNotEqualTo(upTo(2000));
    assertWhole(pair.bob.messages);
  }

  @Test
  void theLongestMessageComesWhole() {
    SctpPair pair = new SctpPair(5);
    pair.conditions(BAD).connect();
    for (int i = 0; i < 20; i++) {
      pair.alice.send(0, i, SctpEndpoint.MAX_MESSAGE_LENGTH);
    }
    assertThat(pair.runUntil(() -> pair.bob.messages.size() == 20, LIMIT)).isTrue();

    assertThat(numbers(pair.bob.messages)).isEqualTo(upTo(20));
    assertWhole(pair.bob.messages);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void messagesThatAreNotSentAgainAreMissedAndTheRestGoesOn(long seed) {
    SctpPair pair = new SctpPair(seed);
    pair.conditions(BAD).connect();
    int count = 600;
    for (int i = 0; i < count; i++) {
      long number = i;
      boolean ordered = i % 2 == 0;
      pair.clock.after(
          Duration.ofMillis(30L * i),
          () -> pair.alice.sendRetransmitting(ordered ? 0 : 1, number, 1500, ordered, 0));
    }
    pair.run(Duration.ofSeconds(20));

    List<Long> ordered =
        numbers(pair.bob.messages.stream().filter(message -> message.stream() == 0).toList());
    assertThat(ordered).isSorted().doesNotHaveDuplicates();
    assertThat(numbers(pair.bob.messages)).doesNotHaveDuplicates();
    assertThat(pair.bob.messages.size()).isBetween(count * 6 / 10, count - 30);
    assertWhole(pair.bob.messages);

    // Nothing of it stays behind, at either side.
    pair.conditions(LinkConditions.delay(Duration.ofMillis(20)));
    pair.run(Duration.ofSeconds(5));
    pair.alice.send(0, count, 100);
    pair.run(Duration.ofSeconds(1));
    assertThat(pair.bob.messages.getLast().number()).isEqualTo(count);
    assertThat(pair.alice.association.statistics().orElseThrow().unacknowledgedChunks()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesWhoseTimeIsOverAreNotSent(boolean ordered) {
    SctpPair pair = new SctpPair(7);
    LinkConditions narrow =
        LinkConditions.delay(Duration.ofMillis(20)).withRate(1_000_000, Duration.ofMillis(100));
    pair.conditions(narrow).connect();
    // Ten times what the wire carries.
    for (int i = 0; i < 5000; i++) {
      long number = i;
      pair.clock.after(
          Duration.ofMillis(i),
          () -> pair.alice.sendWithin(0, number, 1250, ordered, 200_000_000L));
    }
    pair.run(Duration.ofSeconds(10));

    assertThat(pair.bob.messages.size()).isBetween(200, 520);
    assertThat(numbers(pair.bob.messages)).doesNotHaveDuplicates();
    assertThat(pair.bob.messages.getLast().number()).isGreaterThan(4700);
    assertThat(pair.alice.dequeued).isEqualTo(5000L * 1250);
    long begun = pair.clock.nanoTime() - Duration.ofSeconds(10).toNanos();
    for (Received message : pair.bob.messages) {
      long age = message.atNanos() - begun - message.number() * 1_000_000L;
      assertThat(age).isLessThan(Duration.ofMillis(800).toNanos());
    }
  }

  @Test
  void aBlackoutIsWaitedFor() {
    SctpPair pair = new SctpPair(9).connect();
    pair.conditions(LinkConditions.perfect().withLoss(1));
    for (int i = 0; i < 100; i++) {
      pair.alice.send(0, i, 1000);
    }
    pair.run(Duration.ofMinutes(10));
    assertThat(pair.bob.messages).isEmpty();

    pair.conditions(LinkConditions.delay(Duration.ofMillis(10)));

    assertThat(pair.runUntil(() -> pair.bob.messages.size() == 100, Duration.ofSeconds(4)))
        .isTrue();
    assertThat(pair.alice.closings).isEmpty();
  }

  @Test
  void aStreamBeginsAnewAfterWhatWaitedOnIt() {
    SctpPair pair = new SctpPair(3);
    pair.conditions(BAD).connect();
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < 20; i++) {
        pair.alice.send(4, i, 3000);
        pair.alice.send(5, i, 300);
      }
      pair.alice.association.resetStream(4);
      int done = round + 1;
      assertThat(
              pair.runUntil(
                  () ->
                      pair.alice.outgoingResets.size() == done
                          && pair.bob.incomingResets.size() == done,
                  LIMIT))
          .isTrue();
      assertThat(numbers(pair.bob.messages.stream().filter(m -> m.stream() == 4).toList()))
          .isEqualTo(upTo(20));
      pair.bob.messages.clear();
    }
    assertThat(pair.alice.outgoingResets).containsOnly(4);
  }

  @Test
  void manyStreamsAreResetAtOnce() {
    SctpPair pair = new SctpPair(4).connect();
    for (int stream = 0; stream < SctpAssociation.MAX_STREAMS; stream++) {
      pair.alice.send(stream, stream, 10);
      pair.alice.association.resetStream(stream);
    }
    pair.run(Duration.ofSeconds(5));

    assertThat(pair.bob.messages).hasSize(SctpAssociation.MAX_STREAMS);
    assertThat(new HashSet<>(pair.bob.incomingResets)).hasSize(SctpAssociation.MAX_STREAMS);
    assertThat(pair.alice.outgoingResets).hasSize(SctpAssociation.MAX_STREAMS);
  }

  @Test
  void whatWasNotBegunCanBeDropped() {
    SctpPair pair = new SctpPair(4).connect();
    for (int i = 0; i < 100; i++) {
      pair.alice.send(0, i, 10_000);
      pair.alice.send(1, i, 10_000);
    }
    pair.run(Duration.ofMillis(5));
    pair.alice.association.discard(0);
    pair.run(Duration.ofSeconds(10));

    assertThat(pair.bob.messages).filteredOn(message -> message.stream() == 1).hasSize(100);
    assertThat(pair.bob.messages)
        .filteredOn(message -> message.stream() == 0)
        .hasSizeBetween(1, 10);
    assertThat(pair.alice.dequeued).isEqualTo(2_000_000);
  }

  @Test
  void anAbortEndsBothSides() {
    SctpPair pair = new SctpPair(4).connect();
    pair.alice.association.abort();
    pair.run(Duration.ofSeconds(1));

    assertThat(pair.alice.association.state()).isEqualTo(SctpState.CLOSED);
    assertThat(pair.bob.association.state()).isEqualTo(SctpState.CLOSED);
    assertThat(pair.bob.closings).singleElement().asString().contains("aborted");
    assertThat(pair.alice.closings).isEmpty();
    assertThat(pair.bob.association.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> pair.bob.send(0, 1, 10)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tooMuchThatWaitsIsRefused() {
    SctpPair pair = new SctpPair(4).connect();
    pair.conditions(LinkConditions.perfect().withLoss(1));
    int[] sent = {0};

    assertThatThrownBy(
            () -> {
              while (sent[0] < 100_000) {
                pair.alice.send(0, sent[0], 100_000);
                sent[0]++;
              }
            })
        .isInstanceOf(IllegalStateException.class);

    assertThat(sent[0]).isBetween(150, 170);
    assertThat(pair.alice.association.accepts(100_000)).isFalse();
  }

  @Test
  void emptyMessagesAndStreamsThatAreNotThereAreRefused() {
    SctpPair pair = new SctpPair(4).connect();
    SctpMessage empty = SctpMessage.reliable(0, 53, ByteBuffer.allocate(0));

    assertThatThrownBy(() -> pair.alice.association.send(empty))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pair.alice.send(1024, 0, 10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nothingIsSentWhileNothingHappensButAHeartbeat() {
    SctpPair pair = new SctpPair(4).connect();
    pair.alice.send(0, 0, 100);
    pair.run(Duration.ofSeconds(5));
    long before = pair.alice.packetsSent;
    pair.run(Duration.ofMinutes(2));

    assertThat(pair.alice.packetsSent - before).isBetween(4L, 12L);
  }

  @Test
  void theWireIsFilled() {
    SctpPair pair = new SctpPair(4);
    pair.conditions(
            LinkConditions.delay(Duration.ofMillis(10))
                .withRate(100_000_000, Duration.ofMillis(20)))
        .connect();
    pair.bob.keepsMessages = false;
    long[] number = {0};
    Runnable feed =
        () -> {
          while (pair.alice.association.accepts(1 << 20)) {
            pair.alice.send(0, number[0]++, 64_000);
          }
        };
    for (int i = 0; i < 1000; i++) {
      pair.clock.after(Duration.ofMillis(10L * i), feed);
    }
    pair.run(Duration.ofSeconds(10));

    double share = pair.bob.receivedOctets * 8 / 10.0 / 100_000_000;
    assertThat(share).isGreaterThan(0.9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000_000, 10_000_000, 50_000_000})
  void whoYieldsFillsTheWireButNotItsQueue(long bitsPerSecond) {
    SctpPair pair = new SctpPair(4);
    pair.conditions(
            LinkConditions.delay(Duration.ofMillis(20))
                .withRate(bitsPerSecond, Duration.ofMillis(300)))
        .connect();
    pair.alice.association.setYielding(true);
    pair.bob.keepsMessages = false;
    long[] number = {0};
    List<Long> roundTrips = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      pair.clock.after(
          Duration.ofMillis(10L * i),
          () -> {
            while (pair.alice.association.accepts(4 << 20)) {
              pair.alice.send(0, number[0]++, 64_000);
            }
            pair.alice
                .association
                .statistics()
                .ifPresent(figures -> roundTrips.add(figures.smoothedRoundTripNanos()));
          });
    }
    pair.run(Duration.ofSeconds(20));

    assertThat(pair.bob.receivedOctets * 8 / 20.0 / bitsPerSecond).isGreaterThan(0.8);
    assertThat(pair.toBob.dropped()).isZero();
    assertThat(roundTrips.subList(200, 2000))
        .allSatisfy(nanos -> assertThat(nanos).isLessThan(Duration.ofMillis(100).toNanos()));
  }

  @Test
  void whoIsShownTheSameMessageAgainTellsSo() {
    SctpPair pair = new SctpPair(4);
    List<ByteBuffer> sent = new ArrayList<>();
    pair.connect();
    pair.alice.sendsTo(
        packet -> {
          ByteBuffer copy = ByteBuffer.allocate(packet.remaining()).put(packet.duplicate()).flip();
          sent.add(copy);
          pair.toBob.send(packet);
        });
    pair.alice.send(0, 0, 100);
    pair.run(Duration.ofSeconds(1));
    long before = pair.bob.packetsSent;
    for (int i = 0; i < 5; i++) {
      pair.bob.receive(
          ByteBuffer.allocate(sent.getFirst().remaining()).put(sent.getFirst().duplicate()).flip());
    }
    pair.run(Duration.ofSeconds(1));

    assertThat(pair.bob.messages).hasSize(1);
    assertThat(pair.bob.packetsSent - before).isEqualTo(5);
  }
}
