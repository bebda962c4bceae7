package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.DataChannelState.CLOSED;
import static org.heliograph.peer.DataChannelState.CLOSING;
import static org.heliograph.peer.DataChannelState.CONNECTING;
import static org.heliograph.peer.DataChannelState.OPEN;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.stats.DataChannelStats;
import org.heliograph.peer.stats.PeerConnectionStats;
import org.heliograph.peer.stats.SctpTransportStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data channels between two connections over an emulated network, in virtual time. */
class DataChannelTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final LinkConditions BAD =
      LinkConditions.delay(Duration.ofMillis(20))
          .withLoss(0.04)
          .withJitter(Duration.ofMillis(10))
          .withReordering(0.04, Duration.ofMillis(15))
          .withDuplicates(0.02);

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");

  private void conditions(LinkConditions conditions) {
    aliceHost.uplink().setConditions(conditions);
    bobHost.uplink().setConditions(conditions);
  }

  private void connect() {
    alice.trickleTo(bob, Duration.ofMillis(20));
    bob.trickleTo(alice, Duration.ofMillis(20));
    alice.negotiateWith(bob);
    await(() -> alice.isConnected() && bob.isConnected());
  }

  private void await(BooleanSupplier condition) {
    assertThat(network.runUntil(condition, LIMIT))
        .as(() -> "alice " + alice.states + alice.failure + ", bob " + bob.states + bob.failure)
        .isTrue();
  }

  /** A channel of Alice's that is open, on a connection that carries nothing else. */
  private DataChannel open(DataChannelOptions options) {
    DataChannel channel = alice.connection.createDataChannel("a channel", options);
    connect();
    await(() -> channel.readyState() == OPEN && !bob.dataChannels.isEmpty());
    return channel;
  }

  private static byte[] octets(int length, int seed) {
    byte[] octets = new byte[length];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  @Test
  void isAnnouncedWithAllThatItIs() {
    DataChannel hers =
        open(
            DataChannelOptions.RELIABLE
                .unordered()
                .withMaxRetransmits(3)
                .withProtocol("chat \u00e4\u20ac"));
    DataChannel his = bob.dataChannels.getFirst();

    assertThat(his.label()).isEqualTo("a channel");
    assertThat(his.protocol()).isEqualTo("chat \u00e4\u20ac");
    assertThat(his.ordered()).isFalse();
    assertThat(his.maxRetransmits()).hasValue(3);
    assertThat(his.maxPacketLifeTime()).isEmpty();
    assertThat(his.negotiated()).isFalse();
    assertThat(his.id()).isEqualTo(hers.id());
    assertThat(his.readyState()).isEqualTo(OPEN);
    assertThat(bob.states(his)).containsExactly(OPEN);
    assertThat(alice.states(hers)).containsExactly(OPEN);
    assertThat(alice.dataChannels).isEmpty();
  }

  @Test
  void hasItsNumberByTheRoleInDtls() {
    DataChannel first = alice.connection.createDataChannel("first");
    assertThat(first.id()).isEmpty();
    assertThat(first.readyState()).isEqualTo(CONNECTING);
    connect();
    DataChannel his = bob.connection.createDataChannel("his");
    DataChannel second = alice.connection.createDataChannel("second");
    await(() -> bob.dataChannels.size() == 2 && alice.dataChannels.size() == 1);

    // Bob answered, and is the client.
    assertThat(first.id()).hasValue(1);
    assertThat(second.id()).hasValue(3);
    assertThat(his.id()).hasValue(0);
  }

  @Test
  void takesTextsAndOctetsEmptyOnesToo() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    hers.send("Gr\u00fc\u00dfe \ud83d\ude00");
    hers.send("");
    hers.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    hers.send(ByteBuffer.allocate(0));
    his.send("back");
    await(() -> alice.texts(hers).size() == 1 && bob.binaries(his).size() == 2);

    assertThat(bob.texts(his)).containsExactly("Gr\u00fc\u00dfe \ud83d\ude00", "");
    assertThat(bob.binaries(his))
        .containsExactly(ByteBuffer.wrap(new byte[] {1, 2, 3}), ByteBuffer.allocate(0));
    assertThat(alice.texts(hers)).containsExactly("back");
    assertThat(hers.bufferedAmount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyMessageComesOnceAndInOrder(long seed) {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    conditions(BAD.withLoss(0.02 * seed));
    List<String> sent = new ArrayList<>();
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      String text = i + " " + "x".repeat(random.nextInt(i % 100 == 0 ? 20_000 : 300));
      sent.add(text);
      hers.send(text);
      his.send(text);
    }
    await(() -> bob.texts(his).size() >= 3000 && alice.texts(hers).size() >= 3000);
    network.run(Duration.ofSeconds(5));

    assertThat(bob.texts(his)).isEqualTo(sent);
    assertThat(alice.texts(hers)).isEqualTo(sent);
  }

  @Test
  void anUnreliableChannelLosesAndGoesOn() {
    DataChannel hers = open(DataChannelOptions.RELIABLE.withMaxRetransmits(0));
    DataChannel his = bob.dataChannels.getFirst();
    conditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.1));
    for (int i = 0; i < 1000; i++) {
      String text = Integer.toString(i);
      network.clock().after(Duration.ofMillis(10L * i), () -> hers.send(text));
    }
    network.run(Duration.ofSeconds(12));

    List<Integer> came = bob.texts(his).stream().map(Integer::valueOf).toList();
    assertThat(came).isSorted().doesNotHaveDuplicates();
    assertThat(came.size()).isBetween(800, 980);
    assertThat(came.getLast()).isGreaterThan(980);
  }

  @Test
  void theLongestMessageComesWholeAndALongerOneIsRefused() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    conditions(BAD);
    byte[] longest = octets(DataChannel.MAX_MESSAGE_SIZE, 1);
    hers.send(ByteBuffer.wrap(longest));
    assertThat(alice.connection.maxMessageSize()).isEqualTo(DataChannel.MAX_MESSAGE_SIZE);

    assertThatThrownBy(() -> hers.send(ByteBuffer.allocate(longest.length + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("262145")
        .hasMessageContaining("262144");

    await(() -> !bob.binaries(his).isEmpty());
    assertThat(bob.binaries(his)).containsExactly(ByteBuffer.wrap(longest));
  }

  @Test
  void theOtherSidesMaximumHolds() {
    DataChannel hers = alice.connection.createDataChannel("short");
    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    SessionDescription answer = bob.answer(alice.offer());
    alice.connection.setRemoteDescription(
        new SessionDescription(SdpType.ANSWER, answer.sdp().replace("size:262144", "size:1000")));
    await(() -> hers.readyState() == OPEN);

    hers.send("x".repeat(1000));
    assertThatThrownBy(() -> hers.send("x".repeat(1001)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(hers.readyState()).isEqualTo(OPEN);
  }

  @Test
  void tellsHowMuchWaitsAndWhenLittleDoes() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    conditions(
        LinkConditions.delay(Duration.ofMillis(20)).withRate(1_000_000, Duration.ofSeconds(1)));
    hers.setBufferedAmountLowThreshold(10_000);
    for (int i = 0; i < 10; i++) {
      hers.send(ByteBuffer.allocate(20_000));
    }
    assertThat(hers.bufferedAmount()).isEqualTo(200_000);
    network.run(Duration.ofMillis(300));
    assertThat(hers.bufferedAmount()).isBetween(50_000L, 199_000L);
    assertThat(alice.lowBuffers).isEmpty();

    await(() -> !alice.lowBuffers.isEmpty());

    assertThat(hers.bufferedAmount()).isBetween(1L, 10_000L);
    network.run(Duration.ofSeconds(5));
    assertThat(alice.lowBuffers).containsExactly(hers);
    assertThat(hers.bufferedAmount()).isZero();
  }

  @Test
  void tooMuchThatWaitsIsRefusedAndTheChannelGoesOn() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    conditions(LinkConditions.delay(Duration.ofMillis(20)));
    ByteBuffer message = ByteBuffer.allocate(DataChannel.MAX_MESSAGE_SIZE);
    int sent = 0;
    while (sent < 1000) {
      try {
        hers.send(message);
        sent++;
      } catch (IllegalStateException full) {
        break;
      }
    }
    int accepted = sent;
    assertThat(accepted).isBetween(60, 64);

    await(() -> bob.binaries(his).size() == accepted);
    hers.send("after it");
    await(() -> !bob.texts(his).isEmpty());
  }

  @Test
  void nothingIsSentOnOneThatIsNotOpen() {
    DataChannel early = alice.connection.createDataChannel("early");
    assertThatThrownBy(() -> early.send("too early")).isInstanceOf(IllegalStateException.class);
    connect();
    await(() -> early.readyState() == OPEN);
    early.close();
    assertThatThrownBy(() -> early.send("too late")).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isClosedByEitherSideAfterWhatWaitsIsSent(boolean byHer) {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    conditions(BAD);
    DataChannel closing = byHer ? hers : his;
    DataChannel other = byHer ? his : hers;
    for (int i = 0; i < 100; i++) {
      closing.send("x".repeat(5000));
    }
    closing.close();
    assertThat(closing.readyState()).isEqualTo(CLOSING);
    await(() -> hers.readyState() == CLOSED && his.readyState() == CLOSED);

    VirtualPeer closer = byHer ? alice : bob;
    VirtualPeer told = byHer ? bob : alice;
    assertThat(told.texts(other)).hasSize(100);
    assertThat(told.states(other)).containsExactly(OPEN, CLOSING, CLOSED);
    assertThat(closer.states(closing)).containsExactly(OPEN, CLOSED);
    assertThat(alice.connection.dataChannels()).isEmpty();
    assertThat(bob.connection.dataChannels()).isEmpty();
  }

  @Test
  void isClosedByBothAtOnce() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    hers.close();
    his.close();
    await(() -> hers.readyState() == CLOSED && his.readyState() == CLOSED);

    assertThat(alice.states(hers)).containsExactly(OPEN, CLOSED);
    assertThat(bob.states(his)).containsExactly(OPEN, CLOSED);
  }

  @Test
  void oneThatWasNeverOpenIsClosedAtOnce() {
    DataChannel early = alice.connection.createDataChannel("early");
    early.close();
    DataChannel other = alice.connection.createDataChannel("other");
    connect();
    await(() -> other.readyState() == OPEN && !bob.dataChannels.isEmpty());

    assertThat(early.readyState()).isEqualTo(CLOSED);
    assertThat(bob.dataChannels).extracting(DataChannel::label).containsExactly("other");
  }

  @Test
  void numbersAreUsedAgainAndAgainOnABadNetwork() {
    DataChannel first = open(DataChannelOptions.RELIABLE);
    conditions(BAD.withLoss(0.15));
    first.close();
    Set<Integer> ids = new HashSet<>();
    for (int round = 0; round < 60; round++) {
      DataChannel channel = alice.connection.createDataChannel("round " + round);
      for (int i = 0; i < 5; i++) {
        channel.send(round + "." + i);
      }
      channel.close();
      await(() -> channel.readyState() == CLOSED);
      ids.add(channel.id().orElseThrow());
    }
    await(() -> bob.connection.dataChannels().isEmpty());

    assertThat(ids).hasSizeLessThan(5);
    assertThat(bob.dataChannels).hasSize(61);
    for (int round = 0; round < 60; round++) {
      int number = round;
      assertThat(bob.texts(bob.dataChannels.get(round + 1)))
          .isEqualTo(IntStream.range(0, 5).mapToObj(i -> number + "." + i).toList());
      assertThat(bob.states(bob.dataChannels.get(round + 1)))
          .containsExactly(OPEN, CLOSING, CLOSED);
    }
  }

  @Test
  void aNegotiatedChannelIsMadeAtBothEndsAndAnnouncedToNobody() {
    DataChannel hers =
        alice.connection.createDataChannel("hers", DataChannelOptions.RELIABLE.negotiatedAs(100));
    DataChannel his =
        bob.connection.createDataChannel("his", DataChannelOptions.RELIABLE.negotiatedAs(100));
    connect();
    await(() -> hers.readyState() == OPEN && his.readyState() == OPEN);
    hers.send("to him");
    his.send("to her");
    await(() -> !bob.texts(his).isEmpty() && !alice.texts(hers).isEmpty());

    assertThat(alice.dataChannels).isEmpty();
    assertThat(bob.dataChannels).isEmpty();
    assertThat(bob.texts(his)).containsExactly("to him");
    assertThatThrownBy(
            () ->
                alice.connection.createDataChannel(
                    "again", DataChannelOptions.RELIABLE.negotiatedAs(100)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                alice.connection.createDataChannel(
                    "too high", DataChannelOptions.RELIABLE.negotiatedAs(1024)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void optionsThatContradictOneAnotherAreRefused() {
    DataChannelOptions limited = DataChannelOptions.RELIABLE.withMaxRetransmits(1);
    assertThatThrownBy(() -> limited.withMaxPacketLifeTime(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> limited.withMaxRetransmits(65_536))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> alice.connection.createDataChannel("x".repeat(65_536)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allTheChannelsThatThereCanBe() {
    for (int i = 0; i < 512; i++) {
      alice.connection.createDataChannel("channel " + i);
    }
    connect();
    await(() -> bob.dataChannels.size() == 512);
    assertThatThrownBy(() -> alice.connection.createDataChannel("one more"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("512");

    bob.dataChannels.forEach(channel -> channel.send(channel.label()));
    await(() -> alice.texts.size() == 512);
    alice.texts.forEach((channel, texts) -> assertThat(texts).containsExactly(channel.label()));
  }

  @Test
  void namesThatAreLongTogetherAreRefused() {
    DataChannel first = alice.connection.createDataChannel("a".repeat(40_000));
    connect();
    await(() -> bob.dataChannels.size() == 1);

    for (VirtualPeer peer : List.of(alice, bob)) {
      assertThatThrownBy(() -> peer.connection.createDataChannel("b".repeat(40_000)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("65536 octets");
    }
    first.close();
    await(() -> bob.states(bob.dataChannels.getFirst()).contains(CLOSED));
    await(() -> first.readyState() == CLOSED);

    bob.connection.createDataChannel("b".repeat(65_535));
    await(() -> alice.dataChannels.size() == 1);
  }

  @Test
  void longNamesOfBothSidesAtOnceAreRefusedByBoth() {
    open(DataChannelOptions.RELIABLE);
    DataChannel hers = alice.connection.createDataChannel("a".repeat(40_000));
    DataChannel his = bob.connection.createDataChannel("b".repeat(40_000));

    await(() -> hers.readyState() == CLOSED && his.readyState() == CLOSED);

    DataChannel after = alice.connection.createDataChannel("c".repeat(40_000));
    await(() -> bob.dataChannels.getLast().label().equals(after.label()));
  }

  @Test
  void isAddedToACallAndLeavesTheMediaAlone() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    conditions(LinkConditions.delay(Duration.ofMillis(20)));
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(1));

    DataChannel channel = alice.connection.createDataChannel("later");
    network.run(Duration.ofMillis(1));
    assertThat(alice.negotiationsNeeded).isEqualTo(1);
    alice.negotiateWith(bob);
    await(() -> channel.readyState() == OPEN);
    channel.send(ByteBuffer.wrap(octets(200_000, 3)));
    network.run(Duration.ofSeconds(2));
    hers.stop();
    network.run(Duration.ofSeconds(1));

    assertThat(bob.binaries(bob.dataChannels.getFirst())).hasSize(1);
    assertThat(bob.video.stream().map(MediaFrame::payload).toList()).isEqualTo(hers.sentPictures);
    alice.connection.createDataChannel("another");
    network.run(Duration.ofSeconds(1));
    assertThat(alice.negotiationsNeeded).isEqualTo(1);
    assertThat(bob.dataChannels).hasSize(2);
  }

  @Test
  void sendsInBulkBehindTheMedia() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    conditions(
        LinkConditions.delay(Duration.ofMillis(20)).withRate(2_000_000, Duration.ofMillis(300)));
    DataChannel channel = open(DataChannelOptions.RELIABLE);
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    for (int i = 0; i < 2000; i++) {
      network
          .clock()
          .after(
              Duration.ofMillis(10L * i),
              () -> {
                while (channel.bufferedAmount() < 100_000) {
                  channel.send(ByteBuffer.allocate(10_000));
                }
              });
    }
    network.run(Duration.ofSeconds(20));
    hers.stop();
    network.run(Duration.ofSeconds(1));

    assertThat(bob.video.stream().map(MediaFrame::payload).toList()).isEqualTo(hers.sentPictures);
    assertThat(aliceHost.uplink().dropped()).isZero();
    assertThat(bob.binaries(bob.dataChannels.getFirst()).size() * 10_000 * 8 / 20)
        .isGreaterThan(800_000);
  }

  @Test
  void messagesCanBeAnsweredFromWithinTheListener() {
    bob.echoesTexts = true;
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    for (int i = 0; i < 100; i++) {
      hers.send("message " + i);
    }
    await(() -> alice.texts(hers).size() == 100);
  }

  @Test
  void outlivesAnIceRestartAndABlackout() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    conditions(LinkConditions.perfect().withLoss(1));
    hers.send("through the dark");
    network.run(Duration.ofSeconds(12));
    conditions(LinkConditions.delay(Duration.ofMillis(20)));
    alice.connection.restartIce();
    alice.negotiateWith(bob);
    await(() -> !bob.texts(his).isEmpty());

    assertThat(bob.texts(his)).containsExactly("through the dark");
    assertThat(hers.readyState()).isEqualTo(OPEN);
  }

  @Test
  void endsWithTheConnectionOnBothSides() {
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    alice.connection.close(network.nanoTime());
    network.run(Duration.ofSeconds(1));

    assertThat(hers.readyState()).isEqualTo(CLOSED);
    assertThat(his.readyState()).isEqualTo(CLOSED);
    assertThat(bob.states(his)).containsExactly(OPEN, CLOSED);
    assertThatThrownBy(() -> alice.connection.createDataChannel("late"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void endsWhenTheOtherSideRefusesData() {
    DataChannel hers = alice.connection.createDataChannel("unwanted");
    alice.connection.addTransceiver(VIDEO, SENDRECV);
    SessionDescription answer = bob.answer(alice.offer());
    alice.connection.setRemoteDescription(
        new SessionDescription(
            SdpType.ANSWER,
            answer
                .sdp()
                .replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0")
                .replace("m=application 9", "m=application 0")));

    assertThat(hers.readyState()).isEqualTo(CLOSED);
    assertThat(alice.states(hers)).containsExactly(CLOSED);
  }

  @Test
  void isInTheStatistics() {
    DataChannel hers = open(DataChannelOptions.RELIABLE.withProtocol("chat"));
    conditions(LinkConditions.delay(Duration.ofMillis(25)));
    for (int i = 0; i < 10; i++) {
      hers.send("twelve octets");
    }
    network.run(Duration.ofSeconds(1));
    bob.dataChannels.getFirst().send("back");
    network.run(Duration.ofSeconds(1));

    DataChannelStats channel = one(DataChannelStats.class);
    assertThat(channel.label()).isEqualTo("a channel");
    assertThat(channel.protocol()).isEqualTo("chat");
    assertThat(channel.dataChannelIdentifier()).isEqualTo(1);
    assertThat(channel.state()).isEqualTo("open");
    assertThat(channel.messagesSent()).isEqualTo(10);
    assertThat(channel.bytesSent()).isEqualTo(130);
    assertThat(channel.messagesReceived()).isEqualTo(1);
    assertThat(channel.bytesReceived()).isEqualTo(4);
    SctpTransportStats sctp = one(SctpTransportStats.class);
    assertThat(sctp.smoothedRoundTripTime()).isBetween(0.01, 0.3);
    assertThat(sctp.congestionWindow()).isPositive();
    assertThat(sctp.receiverWindow()).isPositive();
    assertThat(sctp.unackData()).isZero();
    assertThat(sctp.mtu()).isEqualTo(1160);
    hers.close();
    network.run(Duration.ofSeconds(1));
    PeerConnectionStats all = one(PeerConnectionStats.class);
    assertThat(all.dataChannelsOpened()).isEqualTo(1);
    assertThat(all.dataChannelsClosed()).isEqualTo(1);
  }

  private <T extends Stats> T one(Class<T> type) {
    return alice.connection.getStats().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void fillsAWireOf100MegabitsASecond() {
    LinkConditions wire =
        LinkConditions.delay(Duration.ofMillis(10)).withRate(100_000_000, Duration.ofMillis(20));
    conditions(wire);
    DataChannel hers = open(DataChannelOptions.RELIABLE);
    DataChannel his = bob.dataChannels.getFirst();
    ByteBuffer message = ByteBuffer.allocate(60_000);
    long begun = network.nanoTime();
    for (int i = 0; i < 500; i++) {
      network
          .clock()
          .after(
              Duration.ofMillis(10L * i),
              () -> {
                while (hers.bufferedAmount() < 1_000_000) {
                  hers.send(message);
                }
              });
    }
    network.run(Duration.ofSeconds(5));

    double seconds = (network.nanoTime() - begun) / 1e9;
    double bitsPerSecond = bob.binaries(his).size() * 60_000 * 8 / seconds;
    assertThat(bitsPerSecond).isGreaterThan(80_000_000);
  }
}
