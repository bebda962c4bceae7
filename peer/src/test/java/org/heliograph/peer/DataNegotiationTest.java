package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.util.List;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.sdp.SdpParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The section of the data channels (RFC 8841) in offers and answers. */
class DataNegotiationTest {
  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);

  private static MediaDescription data(String sdp) {
    return NegotiatingSide.sections(sdp).stream()
        .filter(section -> section.media().equals("application"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void isOfferedWhenAChannelIsWantedAndAnsweredWhenOffered() {
    alice.add(AUDIO, SENDRECV);
    alice.negotiator.wantData();

    String offer = alice.offer();
    String answer = bob.answer(offer);
    alice.receive(SdpType.ANSWER, answer);

    for (String sdp : List.of(offer, answer)) {
      assertThat(sdp).contains("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
      assertThat(data(sdp).first(Attribute.SctpPort.class)).contains(new Attribute.SctpPort(5000));
      assertThat(data(sdp).first(Attribute.MaxMessageSize.class))
          .contains(new Attribute.MaxMessageSize(262_144));
      assertThat(SdpParser.parse(sdp).first(Attribute.Group.class))
          .contains(new Attribute.Group("BUNDLE", List.of("0", "1")));
    }
    assertThat(alice.negotiator.remoteData()).contains(new DataDescription(5000, 262_144));
    assertThat(bob.negotiator.remoteData()).contains(new DataDescription(5000, 262_144));
    assertThat(alice.negotiator.isNegotiationNeeded()).isFalse();
    assertThat(bob.negotiator.isNegotiationNeeded()).isFalse();
  }

  @Test
  void isNotOfferedUnlessAChannelIsWanted() {
    alice.add(VIDEO, SENDRECV);
    alice.negotiateWith(bob);

    assertThat(alice.negotiator.remoteData()).isEmpty();
    assertThat(bob.negotiator.remoteData()).isEmpty();
  }

  @Test
  void mayBeAllThereIs() {
    alice.negotiator.wantData();
    alice.negotiateWith(bob);

    assertThat(alice.negotiator.agreement()).isPresent();
    assertThat(alice.negotiator.remoteData()).isPresent();
    assertThat(bob.negotiator.remoteData()).isPresent();
  }

  @Test
  void isAddedLaterBehindTheMediaAndStays() {
    alice.add(AUDIO, SENDRECV);
    alice.negotiateWith(bob);
    bob.negotiator.wantData();
    assertThat(bob.negotiator.isNegotiationNeeded()).isTrue();
    bob.negotiateWith(alice);
    alice.add(VIDEO, SENDRECV);

    alice.negotiateWith(bob);

    assertThat(NegotiatingSide.sections(alice.offer()))
        .extracting(MediaDescription::media)
        .containsExactly("audio", "application", "video");
    assertThat(bob.negotiator.remoteData()).isPresent();
    assertThat(bob.negotiator.agreement().orElseThrow().reducedSizeRtcp()).isTrue();
  }

  @Test
  void refusedItIsNotOfferedAgainUntilAChannelIsWantedAgain() {
    alice.add(AUDIO, SENDRECV);
    alice.negotiator.wantData();
    String answer = bob.answer(alice.offer());
    String refused =
        answer
            .replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0")
            .replace("m=application 9", "m=application 0");
    alice.receive(SdpType.ANSWER, refused);

    assertThat(alice.negotiator.remoteData()).isEmpty();
    assertThat(alice.negotiator.isNegotiationNeeded()).isFalse();

    alice.negotiator.wantData();
    assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
    List<MediaDescription> sections = NegotiatingSide.sections(alice.offer());
    assertThat(sections).hasSize(2);
    assertThat(sections.getLast().isRejected()).isFalse();
  }

  @Test
  void endsWhenAReofferRefusesIt() {
    alice.add(AUDIO, SENDRECV);
    alice.negotiator.wantData();
    alice.negotiateWith(bob);
    String reoffer = alice.offer();

    Sdp answer =
        SdpParser.parse(
            bob.answer(
                reoffer
                    .replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0")
                    .replace("m=application 9", "m=application 0")));

    assertThat(answer.media().getLast().isRejected()).isTrue();
    assertThat(bob.negotiator.remoteData()).isEmpty();
  }

  @Test
  void anOfferThatIsTakenBackLeavesNothingBehind() {
    alice.negotiator.wantData();
    alice.offer();
    alice.negotiator.setLocal(new SessionDescription(SdpType.ROLLBACK, ""));

    assertThat(alice.negotiator.remoteData()).isEmpty();
    assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
  }

  @Test
  void anAnswerWithoutAnAssociationIsRefused() {
    alice.negotiator.wantData();
    String answer = bob.answer(alice.offer()).replace("a=sctp-port:5000\r\n", "");

    assertThatThrownBy(() -> alice.receive(SdpType.ANSWER, answer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SCTP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chromium-offer-audio-video-data",
        "chromium-offer-data-only",
        "firefox-offer-audio-video-data",
        "firefox-offer-data-only"
      })
  void browsersOffersAreAnswered(String name) {
    String answer = bob.answer(SdpFixture.read(name));

    assertThat(data(answer).isRejected()).isFalse();
    assertThat(bob.negotiator.remoteData())
        .contains(new DataDescription(5000, name.startsWith("c") ? 262_144 : 1_073_741_823));
  }

  @Test
  void withoutAMaximumAMessageMayHave64KiB() {
    bob.answer(
        SdpFixture.read("chromium-offer-data-only").replaceAll("a=max-message-size.*\r\n", ""));

    assertThat(bob.negotiator.remoteData()).contains(new DataDescription(5000, 65_536));
  }

  @Test
  void aSecondSectionIsRefused() {
    String offer = SdpFixture.read("chromium-offer-audio-video-data");
    String section = offer.substring(offer.indexOf("m=application"));
    String twice =
        offer.replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1 2 3")
            + section.replace("a=mid:2", "a=mid:3");

    assertThat(NegotiatingSide.sections(bob.answer(twice)))
        .extracting(MediaDescription::isRejected)
        .containsExactly(false, false, false, true);
  }
}
