package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.INACTIVE;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.stats.InboundRtpStreamStats;
import org.heliograph.peer.stats.OutboundRtpStreamStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A call between a remote side and an agent, whose packets the agent sends on to pages; all in
 * virtual time, over several networks that lose other packets each.
 */
@ParameterizedClass(name = "network {0}")
@ValueSource(longs = {2, 5, 7, 10, 11, 12, 15, 16, 28, 30})
class ForwardingTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SIGNALLING = Duration.ofMillis(50);
  private static final LinkConditions LOSSY =
      LinkConditions.delay(Duration.ofMillis(25))
          .withLoss(0.05)
          .withJitter(Duration.ofMillis(10))
          .withReordering(0.05, Duration.ofMillis(15))
          .withDuplicates(0.02);

  private final NetworkEmulator network;
  private final Host remoteHost;
  private final Host agentHost;
  private final VirtualPeer remote;
  private final VirtualPeer agent;
  private final Transceiver sound;
  private final Transceiver picture;
  private final VirtualMedia media;
  private final List<Page> pages = new ArrayList<>();

  ForwardingTest(long seed) {
    network = new NetworkEmulator(seed);
    remoteHost = network.host("192.0.2.1");
    agentHost = network.host("192.0.2.2");
    remote = new VirtualPeer(network, remoteHost, 1, "192.0.2.1");
    agent = new VirtualPeer(network, agentHost, 2, "192.0.2.2");
    sound = remote.connection.addTransceiver(AUDIO, SENDRECV);
    picture = remote.connection.addTransceiver(VIDEO, SENDRECV);
    media = new VirtualMedia(network, remote);
  }

  /** What a packet on the wire says. */
  private record Sent(
      long ssrc, int number, long timestamp, boolean marker, int pictureId, ByteBuffer payload) {
    static Sent of(ByteBuffer datagram) {
      try {
        RtpPacket packet = new RtpPacket();
        packet.wrap(datagram);
        byte[] payload = new byte[packet.payloadLength()];
        packet.buffer().get(packet.payloadOffset(), payload);
        boolean vp8 = payload.length > 0 && packet.payloadType() == 96;
        Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();
        if (vp8) {
          descriptor.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
        }
        return new Sent(
            packet.ssrc(),
            packet.sequenceNumber(),
            packet.timestamp(),
            packet.marker(),
            vp8 ? descriptor.pictureId() : -1,
            ByteBuffer.wrap(payload));
      } catch (MalformedPacketException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Shows the packets of media that a side sends, in the clear. */
  private static void watch(VirtualPeer peer, List<Sent> sent) {
    peer.connection.observePackets(
        (long now,
            PacketObserver.Direction direction,
            boolean rtcp,
            InetSocketAddress from,
            InetSocketAddress to,
            ByteBuffer packet) -> {
          if (direction == PacketObserver.Direction.SENT && !rtcp) {
            sent.add(Sent.of(packet.duplicate()));
          }
        });
  }

  /** A page on the agent's machine, and the agent's connection to it. */
  private final class Page {
    final Host host;
    final VirtualPeer page;
    final VirtualPeer feeder;
    final List<Sent> wire = new ArrayList<>();
    int keyFrameRequests;

    Page() {
      int number = pages.size();
      String pageAddress = "127.0.1." + (number + 1);
      String feederAddress = "127.0.2." + (number + 1);
      host = network.host(pageAddress);
      PeerConfiguration onThisMachine = PeerConfiguration.defaults().withLoopback(true);
      page = new VirtualPeer(onThisMachine, network, host, 100 + number, pageAddress);
      feeder =
          new VirtualPeer(
              onThisMachine, network, network.host(feederAddress), 200 + number, feederAddress);
      watch(feeder, wire);
      feeder.onKeyFrameRequested =
          _ -> {
            keyFrameRequests++;
            requestKeyFrame();
          };
      page.connection.addTransceiver(AUDIO, RECVONLY);
      page.connection.addTransceiver(VIDEO, RECVONLY);
    }

    void connect() {
      pages.add(this);
      page.trickleTo(feeder, Duration.ZERO);
      feeder.trickleTo(page, Duration.ZERO);
      feeder.connection.setRemoteDescription(page.offer());
      for (Transceiver transceiver : feeder.connection.transceivers()) {
        transceiver.setDirection(SENDONLY);
        if (transceiver.kind() == AUDIO) {
          transceiver.setCodecPreferences(List.of(MediaCodec.OPUS));
        }
      }
      SessionDescription answer = feeder.connection.createAnswer();
      feeder.connection.setLocalDescription(answer);
      page.connection.setRemoteDescription(answer);
      assertThat(network.runUntil(() -> page.isConnected() && feeder.isConnected(), LIMIT))
          .isTrue();
      requestKeyFrame();
    }

    void forward(MediaKind kind, MediaPacket packet) {
      for (Transceiver transceiver : feeder.connection.transceivers()) {
        if (transceiver.kind() == kind) {
          feeder.connection.forward(network.nanoTime(), transceiver, packet);
        }
      }
    }

    List<Sent> wire(MediaKind kind) {
      long ssrc =
          feeder.connection.transceivers().stream()
              .filter(transceiver -> transceiver.kind() == kind)
              .findFirst()
              .orElseThrow()
              .source()
              .ssrc();
      return wire.stream().filter(sent -> sent.ssrc() == ssrc).toList();
    }
  }

  private void requestKeyFrame() {
    for (Transceiver transceiver : agent.connection.transceivers()) {
      agent.connection.requestKeyFrame(transceiver);
    }
  }

  private void call(LinkConditions conditions) {
    remoteHost.uplink().setConditions(conditions);
    agentHost.uplink().setConditions(conditions);
    agent.connection.setHandsOnPackets(true);
    agent.onPacket =
        (transceiver, packet) -> pages.forEach(page -> page.forward(transceiver.kind(), packet));
    remote.trickleTo(agent, SIGNALLING);
    agent.trickleTo(remote, SIGNALLING);
    remote.negotiateWith(agent);
    assertThat(network.runUntil(() -> remote.isConnected() && agent.isConnected(), LIMIT)).isTrue();
  }

  private void send(Duration duration) {
    media.sendPictures(picture);
    media.sendSound(sound);
    network.run(duration);
  }

  private void stop() {
    media.stop();
    network.run(Duration.ofSeconds(2));
  }

  private static List<ByteBuffer> payloads(List<MediaFrame> frames) {
    return frames.stream().map(MediaFrame::payload).toList();
  }

  @Test
  void aPageGetsThePacketsUnchangedUnderNumbersOfItsOwn() {
    List<Sent> sent = new ArrayList<>();
    watch(remote, sent);
    call(LinkConditions.delay(Duration.ofMillis(20)));
    Page page = new Page();
    page.connect();
    send(Duration.ofSeconds(5));
    stop();

    assertThat(payloads(page.page.video)).isEqualTo(media.sentPictures);
    assertThat(payloads(page.page.audio)).isEqualTo(media.sentSounds);
    List<ByteBuffer> originals =
        sent.stream().filter(s -> s.ssrc() == picture.source().ssrc()).map(Sent::payload).toList();
    assertThat(page.wire(VIDEO)).map(Sent::payload).isEqualTo(originals);
    assertThat(page.wire(VIDEO)).map(Sent::ssrc).doesNotContain(picture.source().ssrc());
    assertThat(page.wire(VIDEO)).filteredOn(Sent::marker).hasSameSizeAs(media.sentPictures);
  }

  @Test
  void aPageSeesEveryFrameThatTheAgentRepairs() {
    media.keyFramesOnlyWhenAsked = true;
    call(LOSSY);
    Page page = new Page();
    page.connect();
    send(Duration.ofSeconds(30));
    stop();

    assertThat(payloads(page.page.video)).isEqualTo(payloads(agent.video));
    assertThat(page.page.video.size()).isGreaterThan(media.sentPictures.size() * 9 / 10);
    assertThat(payloads(page.page.audio)).isEqualTo(payloads(agent.audio));
    assertThat(page.page.audio.size()).isGreaterThan(media.sentSounds.size() * 9 / 10);
    assertThat(page.wire(VIDEO)).map(Sent::number).doesNotHaveDuplicates();
  }

  @Test
  void aPageLeavesOutOnlyWhatAKeyFrameAtHandReplaces() {
    call(LOSSY);
    Page page = new Page();
    page.connect();
    send(Duration.ofSeconds(30));
    stop();

    Set<ByteBuffer> shown = Set.copyOf(payloads(page.page.video));
    boolean leftOut = false;
    for (MediaFrame frame : agent.video) {
      boolean there = shown.contains(frame.payload());
      assertThat(!there || !leftOut || frame.key()).as("goes on behind a hole").isTrue();
      leftOut = !there;
    }
    assertThat(leftOut).isFalse();
    assertThat(payloads(agent.video).stream().filter(each -> !shown.contains(each)))
        .hasSizeLessThan(media.sentPictures.size() / 20);
  }

  @Test
  void aPageHasThePatienceThatTheAgentsOwnRepairTakes() {
    media.keyFramesOnlyWhenAsked = true;
    call(LinkConditions.delay(Duration.ofMillis(100)).withLoss(0.05));
    Page page = new Page();
    page.connect();
    send(Duration.ofSeconds(5)); // until it knows how late repairs come
    int before = page.keyFrameRequests;
    network.run(Duration.ofSeconds(30));

    assertThat(page.keyFrameRequests).isEqualTo(before);
  }

  @Test
  void packetsGoOnAtOnceAndDoNotWaitForWhatIsMissing() {
    call(LinkConditions.delay(Duration.ofMillis(25)).withLoss(0.05));
    Page page = new Page();
    page.connect();
    List<Long> waited = new ArrayList<>();
    agent.onPacket =
        (transceiver, packet) -> {
          int before = page.wire.size();
          page.forward(transceiver.kind(), packet);
          assertThat(page.wire).hasSize(before + 1);
          waited.add(network.nanoTime() - packet.arrivalNanos());
        };
    send(Duration.ofSeconds(10));

    assertThat(waited).hasSizeGreaterThan(700).containsOnly(0L);
    List<Integer> numbers = page.wire(VIDEO).stream().map(Sent::number).toList();
    assertThat(numbers)
        .as("what was repaired came behind those after it")
        .isNotEqualTo(numbers.stream().sorted().toList());
  }

  @Test
  void lipsAreInStepWhereverAPageJoins() {
    call(LOSSY);
    send(Duration.ofSeconds(3));
    Page page = new Page();
    page.connect();
    network.run(Duration.ofSeconds(20));

    assertThat(skewNanos(page.page) / 1e6).isCloseTo(0, within(1.0));
    assertThat(skewNanos(agent) / 1e6).isCloseTo(0, within(1.0));
  }

  /**
   * How much later than the sound of the same instant the newest picture is shown whose sound was
   * heard: sound that is lost is not repaired.
   */
  private double skewNanos(VirtualPeer viewer) {
    for (MediaFrame shown : viewer.video.reversed()) {
      int index = media.sentPictures.indexOf(shown.payload());
      int heard = payloads(viewer.audio).indexOf(media.sentSounds.get(2 * index));
      if (heard >= 0) {
        return shown.timeNanos() - viewer.audio.get(heard).timeNanos();
      }
    }
    throw new AssertionError("no picture was shown whose sound was heard");
  }

  @Test
  void aPageThatJoinsHasAPictureWithinARoundTripAndAFrame() {
    call(LinkConditions.delay(Duration.ofMillis(40)));
    send(Duration.ofSeconds(3));
    Page page = new Page();
    page.connect();
    long connected = network.nanoTime();

    assertThat(network.runUntil(() -> !page.page.video.isEmpty(), LIMIT)).isTrue();
    assertThat(Duration.ofNanos(network.nanoTime() - connected)).isLessThan(Duration.ofMillis(300));
    assertThat(page.page.video.getFirst().key()).isTrue();
  }

  @Test
  void manyPagesThatJoinAskTheRemoteSideOnce() {
    call(LinkConditions.delay(Duration.ofMillis(20)));
    send(Duration.ofSeconds(3));
    int before = remote.keyFrameRequests;
    List<Page> joining = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Page page = new Page();
      joining.add(page);
      page.connect();
    }
    network.run(Duration.ofSeconds(2));

    assertThat(joining).allSatisfy(page -> assertThat(page.page.video).isNotEmpty());
    assertThat(remote.keyFrameRequests - before).isBetween(1, 3);
  }

  @Test
  void whatIsLostOnTheWayToThePageComesOutOfTheHistory() {
    call(LinkConditions.delay(Duration.ofMillis(20)));
    Page page = new Page();
    page.connect();
    // Nothing tells that a packet is missing before the first one and behind the last one.
    send(Duration.ofSeconds(1));
    int before = remote.keyFrameRequests;
    page.host.downlink().setConditions(LinkConditions.delay(Duration.ofMillis(1)).withLoss(0.05));
    network.run(Duration.ofSeconds(30));
    page.host.downlink().setConditions(LinkConditions.perfect());
    network.run(Duration.ofSeconds(1));
    stop();

    assertThat(payloads(page.page.video)).isEqualTo(payloads(agent.video));
    assertThat(remote.keyFrameRequests).isEqualTo(before);
    assertThat(page.feeder.connection.getStats())
        .filteredOn(OutboundRtpStreamStats.class::isInstance)
        .map(OutboundRtpStreamStats.class::cast)
        .filteredOn(stats -> stats.kind().equals("video"))
        .singleElement()
        .satisfies(stats -> assertThat(stats.retransmittedPacketsSent()).isGreaterThan(10));
  }

  @Test
  void aPictureThatGoesAndComesAgainGoesOnUnderTheSameNumbers() {
    call(LinkConditions.delay(Duration.ofMillis(20)));
    Page page = new Page();
    page.connect();
    send(Duration.ofSeconds(2));
    long source = picture.source().ssrc();
    remote.connection.transceivers().getLast().setDirection(INACTIVE);
    remote.negotiateWith(agent);
    network.run(Duration.ofSeconds(2));
    final int shown = page.page.video.size();
    picture.setDirection(SENDRECV);
    remote.negotiateWith(agent);
    network.run(Duration.ofSeconds(3));
    stop();

    assertThat(picture.source().ssrc())
        .as("the remote's own source is another")
        .isNotEqualTo(source);
    assertThat(page.page.video.size()).isGreaterThan(shown + 50);
    List<Sent> wire = page.wire(VIDEO);
    for (int i = 1; i < wire.size(); i++) {
      assertThat((wire.get(i).number() - wire.get(i - 1).number()) & 0xffff).isEqualTo(1);
      assertThat((wire.get(i).pictureId() - wire.get(i - 1).pictureId()) & 0x7fff).isBetween(0, 1);
    }
    long elapsed = (wire.getLast().timestamp() - wire.getFirst().timestamp()) & 0xffffffffL;
    assertThat(elapsed / 90_000.0).isCloseTo(7, within(0.5));
    for (int i = 1; i < page.page.video.size(); i++) {
      assertThat(page.page.video.get(i).timeNanos())
          .isGreaterThan(page.page.video.get(i - 1).timeNanos());
    }
  }

  @Test
  void aPageSendsNothing() {
    call(LinkConditions.delay(Duration.ofMillis(20)));
    Page page = new Page();
    page.page.connection.transceivers().forEach(each -> each.setDirection(SENDRECV));
    page.connect();

    assertThat(page.page.connection.transceivers())
        .allSatisfy(each -> assertThat(each.currentDirection()).contains(RECVONLY));
    send(Duration.ofSeconds(1));
    assertThat(page.feeder.connection.getStats())
        .noneMatch(InboundRtpStreamStats.class::isInstance);
    assertThat(page.page.video).isNotEmpty();
  }

  @Test
  void nothingIsHandedOnWhileNobodyAsks() {
    call(LinkConditions.delay(Duration.ofMillis(20)));
    List<MediaPacket> packets = new ArrayList<>();
    agent.onPacket = (transceiver, packet) -> packets.add(packet);
    agent.connection.setHandsOnPackets(false);
    send(Duration.ofSeconds(1));
    assertThat(packets).isEmpty();
    assertThat(agent.video).isNotEmpty();

    agent.connection.setHandsOnPackets(true);
    network.run(Duration.ofSeconds(1));
    assertThat(packets).isNotEmpty();
  }
}
