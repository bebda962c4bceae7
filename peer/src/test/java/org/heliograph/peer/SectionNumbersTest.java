package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SdpFixture;
import org.junit.jupiter.api.Test;

/** A header extension and a codec may have another number in each section. */
class SectionNumbersTest {
  private static final String OFFER = SdpFixture.read("chromium-offer-audio-video");

  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);

  /** The offer with one line replaced in the section of the pictures alone. */
  private static String inVideo(String offer, String before, String after) {
    int video = offer.indexOf("m=video");
    return offer.substring(0, video) + offer.substring(video).replace(before, after);
  }

  private static String transportWide(int id) {
    return "a=extmap:" + id + " " + RtpExtension.TRANSPORT_SEQUENCE_NUMBER.uri();
  }

  private static int id(MediaDescription section, RtpExtension extension) {
    return section.all(Attribute.ExtMap.class).stream()
        .filter(line -> line.uri().equals(extension.uri()))
        .findFirst()
        .orElseThrow()
        .id();
  }

  @Test
  void holdInEachSectionAndInThisSidesNextOffer() {
    Transceiver audio = bob.add(AUDIO, SENDRECV);
    Transceiver video = bob.add(VIDEO, SENDRECV);

    var answered =
        NegotiatingSide.sections(
            bob.answer(inVideo(OFFER, transportWide(3), transportWide(15).replace("15", "5"))));
    var offered = NegotiatingSide.sections(bob.offer());

    assertThat(audio.agreement().send().extensions())
        .containsEntry(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3);
    assertThat(video.agreement().send().extensions())
        .containsEntry(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 5);
    for (var sections : java.util.List.of(answered, offered)) {
      assertThat(id(sections.get(0), RtpExtension.TRANSPORT_SEQUENCE_NUMBER)).isEqualTo(3);
      assertThat(id(sections.get(1), RtpExtension.TRANSPORT_SEQUENCE_NUMBER)).isEqualTo(5);
    }
  }

  /** RFC 8843 10 forbids it; each section is clear none the less. */
  @Test
  void mayMeanTwoThingsInTwoSections() {
    Transceiver audio = bob.add(AUDIO, SENDRECV);
    Transceiver video = bob.add(VIDEO, SENDRECV);
    String offer =
        inVideo(
            inVideo(OFFER, "a=extmap:4 " + RtpExtension.MID.uri(), "a=x"),
            transportWide(3),
            "a=extmap:3 " + RtpExtension.MID.uri() + "\r\n" + transportWide(4));

    bob.answer(offer);
    bob.add(AUDIO, SENDRECV);
    bob.add(VIDEO, SENDRECV);

    assertThat(audio.agreement().receive().extensions())
        .containsEntry(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3)
        .containsEntry(RtpExtension.MID, 4);
    assertThat(video.agreement().receive().extensions())
        .containsEntry(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 4)
        .containsEntry(RtpExtension.MID, 3);
    for (MediaDescription section : NegotiatingSide.sections(bob.offer())) {
      Set<Integer> ids = new HashSet<>();
      assertThat(section.all(Attribute.ExtMap.class)).allMatch(line -> ids.add(line.id()));
      assertThat(ids).isNotEmpty();
    }
  }

  @Test
  void ofACodecHoldInEachSectionToo() {
    alice.add(VIDEO, SENDRECV);
    Transceiver second = alice.add(VIDEO, SENDRECV);
    bob.add(VIDEO, SENDRECV);
    Transceiver his = bob.add(VIDEO, SENDRECV);
    String offer = alice.offer();
    int at = offer.lastIndexOf("m=video");

    bob.answer(offer.substring(0, at) + offer.substring(at).replaceAll("([: ])96\\b", "$1110"));

    assertThat(second).isNotNull();
    assertThat(his.agreement().send().format(MediaCodec.VP8).orElseThrow().payloadType())
        .isEqualTo(110);
    assertThat(NegotiatingSide.sections(bob.offer()).get(1).formats()).contains("110");
  }

  /**
   * A call whose pictures have the transport-wide number under another id than its sound. Both
   * sides answer the other's numbers, as where a server offers.
   */
  @Test
  void leaveTheEstimateOfTheSenderWhole() {
    NetworkEmulator network = new NetworkEmulator(7);
    Host here = network.host("192.0.2.1");
    Host there = network.host("192.0.2.2");
    VirtualPeer sender = new VirtualPeer(network, here, 1, "192.0.2.1");
    VirtualPeer receiver = new VirtualPeer(network, there, 2, "192.0.2.2");
    Transceiver sound = sender.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver picture = sender.connection.addTransceiver(VIDEO, SENDRECV);
    receiver.connection.addTransceiver(AUDIO, SENDRECV);
    receiver.connection.addTransceiver(VIDEO, SENDRECV);
    String sendersOffer = renumbered(sender.connection.createOffer().sdp());
    String receiversOffer = renumbered(receiver.connection.createOffer().sdp());
    sender.trickleTo(receiver, Duration.ZERO);
    receiver.trickleTo(sender, Duration.ZERO);

    sender.answer(
        new SessionDescription(
            SdpType.OFFER, receiversOffer.replace("a=setup:actpass", "a=setup:active")));
    receiver.answer(
        new SessionDescription(
            SdpType.OFFER, sendersOffer.replace("a=setup:actpass", "a=setup:passive")));
    assertThat(
            network.runUntil(
                () -> sender.isConnected() && receiver.isConnected(), Duration.ofSeconds(10)))
        .as(() -> "sender " + sender.states + sender.failure + ", receiver " + receiver.states)
        .isTrue();
    VirtualMedia media = new VirtualMedia(network, sender);
    media.sendSound(sound);
    media.sendPictures(picture);
    network.run(Duration.ofSeconds(20));

    assertThat(receiver.video).hasSizeGreaterThan(450);
    assertThat(sender.bandwidthEstimates.getLast()).isGreaterThan(1_000_000);
  }

  private static String renumbered(String offer) {
    return inVideo(offer, transportWide(3), transportWide(5));
  }
}
