package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.sdp.MediaDescription;
import org.junit.jupiter.api.Test;

/** A connection to a server that sends the sound and the pictures of many people. */
class ManySectionsTest {
  private static final int PEOPLE = 100;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host there = network.host("192.0.2.1");
  private final Host here = network.host("192.0.2.2");
  private final VirtualPeer server = new VirtualPeer(network, there, 1, "192.0.2.1");
  private final VirtualPeer guest = new VirtualPeer(network, here, 2, "192.0.2.2");

  private List<Transceiver> addPeople(int people) {
    List<Transceiver> added = new ArrayList<>();
    for (int i = 0; i < people; i++) {
      added.add(server.connection.addTransceiver(AUDIO, SENDONLY));
      added.add(server.connection.addTransceiver(VIDEO, SENDONLY));
    }
    return added;
  }

  /** The guest takes all that is offered. */
  private void negotiate() {
    guest.connection.setRemoteDescription(server.offer());
    guest.connection.transceivers().forEach(transceiver -> transceiver.setDirection(RECVONLY));
    SessionDescription answer = guest.connection.createAnswer();
    guest.connection.setLocalDescription(answer);
    server.connection.setRemoteDescription(answer);
  }

  @Test
  void aHundredPeopleAreTakenAndOneMoreComesAndAnotherLeaves() {
    server.trickleTo(guest, Duration.ofMillis(10));
    guest.trickleTo(server, Duration.ofMillis(10));
    List<Transceiver> tracks = addPeople(PEOPLE);
    negotiate();
    assertThat(network.runUntil(() -> server.isConnected() && guest.isConnected(), LIMIT)).isTrue();
    assertThat(guest.tracks).hasSize(2 * PEOPLE);

    addPeople(1);
    tracks.subList(4, 6).forEach(Transceiver::stop);
    negotiate();

    assertThat(guest.connection.transceivers())
        .hasSize(2 * PEOPLE)
        .allMatch(transceiver -> transceiver.currentDirection().orElseThrow() == RECVONLY);
    assertThat(guest.tracks).hasSize(2 * PEOPLE + 2 + 2);
    assertThat(guest.refusals).isEmpty();
  }

  /** The first section's are the transport's: those of the others do not push them out. */
  @Test
  void theCandidatesOfTheTransportAreFoundAmongThoseOfAllSections() {
    addPeople(PEOPLE);
    server.offer();
    String candidates = "";
    for (int i = 0; i < 6; i++) {
      candidates += "a=candidate:1 1 udp 1 192.0.2.%d 5000 typ host\r\n".formatted(100 + i);
    }
    String offer = server.connection.localDescription().orElseThrow().sdp();
    int second = offer.indexOf("m=", offer.indexOf("m=") + 1);
    String described =
        offer.substring(0, second)
            + offer.substring(second).replace("a=setup:", candidates + "a=setup:");

    server.connection.setRemoteDescription(
        guest.answer(new SessionDescription(SdpType.OFFER, described)));

    assertThat(network.runUntil(() -> server.isConnected() && guest.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void sectionsBeyondTheBoundAreRefusedInWordsAndTheOthersTaken() {
    List<Transceiver> tracks = addPeople(RemoteDescription.MAX_USED_SECTIONS / 2 + 2);

    List<MediaDescription> answered = NegotiatingSide.sections(guest.answer(server.offer()).sdp());

    assertThat(answered).hasSameSizeAs(tracks);
    assertThat(answered.subList(0, RemoteDescription.MAX_USED_SECTIONS))
        .noneMatch(MediaDescription::isRejected);
    assertThat(answered.subList(RemoteDescription.MAX_USED_SECTIONS, answered.size()))
        .allMatch(MediaDescription::isRejected);
    assertThat(guest.refusals)
        .hasSize(2)
        .allSatisfy(reason -> assertThat(reason).contains("4 sections more than the 256"));
  }

  @Test
  void aDescriptionBeyondTheBoundsIsRefusedInWordsAndTheConnectionGoesOn() {
    String head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    String section = "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n";
    assertThatThrownBy(() -> guest.answer(offer(head + section.repeat(1025))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 1024 media sections");
    assertThatThrownBy(() -> guest.answer(offer(head + "a=x\r\n".repeat(300_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 1048576");

    addPeople(1);
    assertThat(NegotiatingSide.sections(guest.answer(server.offer()).sdp()))
        .noneMatch(MediaDescription::isRejected);
  }

  private static SessionDescription offer(String sdp) {
    return new SessionDescription(SdpType.OFFER, sdp);
  }
}
