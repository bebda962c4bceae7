package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.INACTIVE;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;
import static org.heliograph.peer.TransceiverDirection.STOPPED;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.sdp.SdpMutator;
import org.heliograph.peer.sdp.SdpParser;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.transport.TransportAgreement;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NegotiatorTest {
  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);

  private static TransportAgreement agreement(NegotiatingSide side) {
    return side.negotiator.agreement().orElseThrow();
  }

  private static String without(String sdp, String linePrefix) {
    return sdp.lines()
        .filter(line -> !line.startsWith(linePrefix))
        .reduce("", (all, line) -> all + line + "\r\n");
  }

  @Nested
  class AnOffer {
    @Test
    void hasAFullBundledSectionForEachTransceiver() {
      alice.add(AUDIO, SENDRECV);
      alice.add(VIDEO, RECVONLY);

      Sdp offer = SdpParser.parse(alice.offer());

      assertThat(offer.first(Attribute.Group.class))
          .contains(new Attribute.Group("BUNDLE", List.of("0", "1")));
      assertThat(offer.media())
          .extracting(MediaDescription::media, MediaDescription::direction)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("audio", Direction.SENDRECV),
              org.assertj.core.groups.Tuple.tuple("video", Direction.RECVONLY));
      assertThat(offer.media())
          .allSatisfy(
              section -> {
                assertThat(section.port()).isEqualTo(9);
                assertThat(section.protocol()).isEqualTo("UDP/TLS/RTP/SAVPF");
                assertThat(section.has(Attribute.RtcpMux.class)).isTrue();
                assertThat(section.first(Attribute.Setup.class))
                    .contains(new Attribute.Setup(SetupRole.ACTPASS));
                assertThat(section.first(Attribute.IceOptions.class))
                    .contains(new Attribute.IceOptions(List.of("trickle")));
              });
    }

    @Test
    void hasVp8AndVp9WithTheirRepairAndRedundantOpusAndNothingThatThisSideCannotDo() {
      alice.add(AUDIO, SENDRECV);
      alice.add(VIDEO, SENDRECV);

      List<MediaDescription> sections = NegotiatingSide.sections(alice.offer());

      assertThat(sections.get(0).all(Attribute.RtpMap.class))
          .containsExactly(
              new Attribute.RtpMap(112, "red", 48_000, OptionalInt.of(2)),
              new Attribute.RtpMap(111, "opus", 48_000, OptionalInt.of(2)));
      assertThat(sections.get(0).all(Attribute.Fmtp.class))
          .containsExactly(
              new Attribute.Fmtp("112", "111/111"),
              new Attribute.Fmtp("111", "minptime=10;useinbandfec=1"));
      assertThat(sections.get(1).all(Attribute.RtpMap.class))
          .containsExactly(
              new Attribute.RtpMap(96, "VP8", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(97, "rtx", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(98, "VP9", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(99, "rtx", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(100, "red", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(101, "rtx", 90_000, OptionalInt.empty()),
              new Attribute.RtpMap(102, "ulpfec", 90_000, OptionalInt.empty()));
      assertThat(sections.get(1).formats())
          .containsExactly("96", "97", "98", "99", "100", "101", "102");
      assertThat(sections.get(1).all(Attribute.Fmtp.class))
          .containsExactly(
              new Attribute.Fmtp("97", "apt=96"),
              new Attribute.Fmtp("98", "profile-id=0"),
              new Attribute.Fmtp("99", "apt=98"),
              new Attribute.Fmtp("101", "apt=100"));
      for (int payloadType : List.of(96, 98)) {
        assertThat(sections.get(1).all(Attribute.RtcpFeedback.class))
            .filteredOn(line -> line.payloadType().equals(OptionalInt.of(payloadType)))
            .extracting(Attribute.RtcpFeedback::feedback)
            .containsExactlyInAnyOrder("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc");
      }
    }

    @Test
    void namesItsSourcesOnlyWhereItSends() {
      alice.add(VIDEO, SENDONLY);
      alice.add(VIDEO, RECVONLY);

      List<MediaDescription> sections = NegotiatingSide.sections(alice.offer());

      List<Long> flow = sections.get(0).first(Attribute.SsrcGroup.class).orElseThrow().ssrcs();
      assertThat(flow).containsExactly(1000L, 1001L);
      assertThat(sections.get(0).has(Attribute.Msid.class)).isTrue();
      assertThat(sections.get(1).has(Attribute.Ssrc.class)).isFalse();
      assertThat(sections.get(1).has(Attribute.Msid.class)).isFalse();
    }

    @Test
    void raisesTheVersionOfTheDescriptionThatWasAppliedLast() {
      alice.add(AUDIO, SENDRECV);
      long first = Long.parseLong(SdpParser.parse(alice.offer()).origin().sessionVersion());
      alice.add(VIDEO, SENDRECV);
      long second = Long.parseLong(SdpParser.parse(alice.offer()).origin().sessionVersion());

      assertThat(second).isEqualTo(first + 1);
    }

    @Test
    void mustBeAppliedAsItWasMade() {
      alice.add(AUDIO, SENDRECV);
      String offer = alice.negotiator.createOffer().sdp();

      assertThatThrownBy(
              () ->
                  alice.negotiator.setLocal(
                      new SessionDescription(SdpType.OFFER, offer.replace("opus", "speex"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("createOffer");
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.STABLE);
    }
  }

  @Nested
  class BetweenTwoOfUs {
    @Test
    void soundAndPictureGoBothWays() {
      Transceiver hers = alice.add(AUDIO, SENDRECV);
      Transceiver herPicture = alice.add(VIDEO, SENDRECV);
      Transceiver his = bob.add(AUDIO, SENDRECV);
      Transceiver hisPicture = bob.add(VIDEO, SENDRECV);

      alice.negotiateWith(bob);

      for (Transceiver transceiver : List.of(hers, herPicture, his, hisPicture)) {
        assertThat(transceiver.currentDirection()).contains(SENDRECV);
      }
      assertThat(his.mid()).isEqualTo(hers.mid());
      assertThat(hisPicture.agreement().remoteSources().media())
          .hasValue(herPicture.source().ssrc());
      assertThat(hisPicture.agreement().remoteSources().retransmission())
          .hasValue(herPicture.source().rtxSsrc());
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.STABLE);
      assertThat(alice.negotiator.isNegotiationNeeded()).isFalse();
      assertThat(bob.negotiator.isNegotiationNeeded()).isFalse();
    }

    @Test
    void theAnswererIsTheDtlsClientAndTheOffererControlsIce() {
      alice.add(AUDIO, SENDRECV);

      alice.negotiateWith(bob);

      assertThat(agreement(bob).dtlsRole()).isEqualTo(DtlsRole.CLIENT);
      assertThat(agreement(alice).dtlsRole()).isEqualTo(DtlsRole.SERVER);
      assertThat(agreement(alice).offeredFirst()).isTrue();
      assertThat(agreement(bob).offeredFirst()).isFalse();
      assertThat(agreement(bob).remote().credentials()).isEqualTo(alice.credentials());
    }

    @Test
    void rolesStayWhenTheOtherSideOffersNext() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      bob.add(VIDEO, SENDRECV);

      bob.negotiateWith(alice);

      assertThat(agreement(bob).dtlsRole()).isEqualTo(DtlsRole.CLIENT);
      assertThat(agreement(alice).dtlsRole()).isEqualTo(DtlsRole.SERVER);
      assertThat(agreement(alice).offeredFirst()).isTrue();
    }

    /** As Pion does it, which answers {@code active} whatever its role is. */
    @Test
    void rolesStayWhateverALaterAnswerSays() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      bob.add(VIDEO, SENDRECV);

      String answer = alice.answer(bob.offer());
      bob.receive(SdpType.ANSWER, answer.replace("a=setup:passive", "a=setup:active"));

      assertThat(answer).contains("a=setup:passive");
      assertThat(agreement(bob).dtlsRole()).isEqualTo(DtlsRole.CLIENT);
    }

    /** libwebrtc shows no source that was taken out of the description and is back in it. */
    @Test
    void whatIsSentAgainAfterItsEndComesFromOtherSources() {
      Transceiver hers = alice.add(VIDEO, SENDRECV);
      alice.negotiateWith(bob);
      SourceIdentity before = hers.source();
      hers.setDirection(RECVONLY);
      alice.negotiateWith(bob);
      hers.setDirection(SENDRECV);

      String offer = alice.offer();

      assertThat(offer)
          .contains("a=ssrc:" + hers.source().ssrc() + " ")
          .contains("a=msid:stream " + before.trackId())
          .doesNotContain("a=ssrc:" + before.ssrc() + " ")
          .doesNotContain("a=ssrc:" + before.rtxSsrc() + " ");
    }

    @Test
    void aSideWithoutDevicesReceives() {
      Transceiver his = bob.add(VIDEO, RECVONLY);
      Transceiver hers = alice.add(VIDEO, SENDRECV);

      alice.negotiateWith(bob);

      assertThat(his.currentDirection()).contains(RECVONLY);
      assertThat(hers.currentDirection()).contains(SENDONLY);
    }

    @Test
    void aSectionOfTheOtherSideMakesATransceiverThatReceives() {
      alice.add(AUDIO, SENDRECV);

      alice.negotiateWith(bob);

      assertThat(bob.negotiator.transceivers())
          .singleElement()
          .satisfies(
              transceiver -> {
                assertThat(transceiver.kind()).isEqualTo(AUDIO);
                assertThat(transceiver.currentDirection()).contains(RECVONLY);
              });
    }

    @Test
    void furtherSectionsOfAKindWaitForADirection() {
      alice.add(VIDEO, SENDRECV);
      alice.add(VIDEO, SENDRECV);
      alice.negotiateWith(bob);
      Transceiver second = bob.negotiator.transceivers().get(1);
      assertThat(second.currentDirection()).contains(INACTIVE);

      second.setDirection(RECVONLY);
      assertThat(bob.negotiator.isNegotiationNeeded()).isTrue();
      bob.negotiateWith(alice);

      assertThat(second.currentDirection()).contains(RECVONLY);
    }

    @Test
    void aDirectionChangesAndChangesBack() {
      Transceiver hers = alice.add(VIDEO, SENDRECV);
      Transceiver his = bob.add(VIDEO, SENDRECV);
      alice.negotiateWith(bob);

      hers.setDirection(RECVONLY);
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
      alice.negotiateWith(bob);
      assertThat(his.currentDirection()).contains(SENDONLY);
      assertThat(his.direction()).isEqualTo(SENDRECV);

      hers.setDirection(SENDRECV);
      alice.negotiateWith(bob);
      assertThat(his.currentDirection()).contains(SENDRECV);
    }

    @Test
    void aTransceiverThatIsAddedLaterGetsASectionOfItsOwn() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      Transceiver picture = alice.add(VIDEO, SENDRECV);
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();

      alice.negotiateWith(bob);

      assertThat(picture.mid()).contains("1");
      assertThat(bob.negotiator.transceivers()).hasSize(2);
    }

    @Test
    void aStoppedTransceiverEndsOnBothSidesAndItsSectionServesTheNext() {
      alice.add(AUDIO, SENDRECV);
      Transceiver picture = alice.add(VIDEO, SENDRECV);
      alice.negotiateWith(bob);
      Transceiver his = bob.negotiator.transceivers().get(1);

      picture.stop();
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
      alice.negotiateWith(bob);

      assertThat(his.direction()).isEqualTo(STOPPED);
      assertThat(alice.negotiator.transceivers()).hasSize(1);
      assertThat(bob.negotiator.transceivers()).hasSize(1);

      alice.add(VIDEO, SENDRECV);
      List<MediaDescription> sections = NegotiatingSide.sections(alice.offer());
      assertThat(sections).hasSize(2);
      assertThat(sections.get(1).port()).isEqualTo(9);
      assertThat(sections.get(1).mid()).isNotEqualTo(picture.mid());
    }

    @Test
    void theAnswererRefusesWhatItHasStopped() {
      alice.add(VIDEO, SENDRECV);
      String offer = alice.offer();
      bob.receive(SdpType.OFFER, offer);
      bob.negotiator.transceivers().getFirst().stop();

      String answer = bob.negotiator.createAnswer().sdp();

      assertThat(NegotiatingSide.sections(answer).getFirst().isRejected()).isTrue();
    }

    @Test
    void anIceRestartChangesTheCredentialsOfBothSides() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      var hers = alice.credentials();
      var his = bob.credentials();

      alice.negotiator.restartIce();
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
      alice.negotiateWith(bob);

      assertThat(alice.credentials()).isNotEqualTo(hers);
      assertThat(bob.credentials()).isNotEqualTo(his);
      assertThat(agreement(alice).remote().credentials()).isEqualTo(bob.credentials());
      assertThat(agreement(bob).remote().credentials()).isEqualTo(alice.credentials());
    }

    @Test
    void anIceRestartThatCollidesWithARemoteOfferIsTakenBackAndOfferedAgain() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      var hers = alice.credentials();
      alice.negotiator.restartIce();
      alice.offer();
      bob.add(VIDEO, SENDRECV);

      bob.negotiateWith(alice);

      assertThat(alice.credentials()).as("nobody asked for others").isEqualTo(hers);
      assertThat(alice.negotiator.isNegotiationNeeded()).as("the restart still is").isTrue();
      alice.negotiateWith(bob);
      assertThat(alice.credentials()).isNotEqualTo(hers);
      assertThat(agreement(bob).remote().credentials()).isEqualTo(alice.credentials());
      assertThat(alice.negotiator.isNegotiationNeeded()).isFalse();
    }

    @Test
    void anIceRestartThatWasOfferedByNobodyYetIsNotInAnAnswer() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      var hers = alice.credentials();
      alice.negotiator.restartIce();
      alice.negotiator.createOffer();

      bob.negotiateWith(alice);

      assertThat(alice.credentials()).isEqualTo(hers);
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
    }

    @Test
    void bothSidesRestartingIceAtOnceAgreeOnOneRestart() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      var hers = alice.credentials();
      var his = bob.credentials();
      alice.negotiator.restartIce();
      bob.negotiator.restartIce();
      alice.offer();

      bob.negotiateWith(alice);

      assertThat(alice.credentials()).isNotEqualTo(hers);
      assertThat(bob.credentials()).isNotEqualTo(his);
      assertThat(agreement(alice).remote().credentials()).isEqualTo(bob.credentials());
      assertThat(agreement(bob).remote().credentials()).isEqualTo(alice.credentials());
      assertThat(alice.negotiator.isNegotiationNeeded()).as("one restart does for both").isFalse();
    }

    @Test
    void anAnsweredRestartThatTheOtherSideTakesBackLeavesTheCredentials() {
      alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      var his = bob.credentials();
      alice.negotiator.restartIce();
      bob.receive(SdpType.OFFER, alice.offer());
      bob.negotiator.createAnswer();

      bob.negotiator.rollbackRemote();

      assertThat(bob.credentials()).isEqualTo(his);
    }

    @Test
    void aProvisionalAnswerIsFollowedByTheFinalOne() {
      alice.add(AUDIO, SENDRECV);
      bob.receive(SdpType.OFFER, alice.offer());
      String answer = bob.negotiator.createAnswer().sdp();
      bob.negotiator.setLocal(new SessionDescription(SdpType.PRANSWER, answer));
      alice.receive(SdpType.PRANSWER, answer);
      assertThat(bob.negotiator.state()).isEqualTo(SignalingState.HAVE_LOCAL_PRANSWER);
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.HAVE_REMOTE_PRANSWER);

      bob.negotiator.setLocal(bob.negotiator.createAnswer());
      alice.receive(SdpType.ANSWER, answer);

      assertThat(bob.negotiator.state()).isEqualTo(SignalingState.STABLE);
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.STABLE);
    }
  }

  @Nested
  class Codecs {
    private Transceiver audio(NegotiatingSide side, MediaCodec... codecs) {
      Transceiver transceiver = side.add(AUDIO, SENDRECV);
      transceiver.setCodecPreferences(List.of(codecs));
      return transceiver;
    }

    private List<String> answeredFormats(String offer) {
      return NegotiatingSide.sections(bob.answer(offer)).getFirst().formats();
    }

    @Test
    void areOfferedInTheOrderOfThePreferences() {
      audio(alice, MediaCodec.RED, MediaCodec.OPUS);

      MediaDescription section = NegotiatingSide.sections(alice.offer()).getFirst();

      assertThat(section.formats()).containsExactly("112", "111");
      assertThat(section.all(Attribute.RtpMap.class))
          .containsExactly(
              new Attribute.RtpMap(112, "red", 48_000, OptionalInt.of(2)),
              new Attribute.RtpMap(111, "opus", 48_000, OptionalInt.of(2)));
      assertThat(section.all(Attribute.Fmtp.class)).contains(new Attribute.Fmtp("112", "111/111"));
    }

    @Test
    void thatTheOtherSideLacksAreLeftOut() {
      Transceiver hers = audio(alice, MediaCodec.RED, MediaCodec.OPUS);
      Transceiver his = audio(bob, MediaCodec.OPUS);

      assertThat(answeredFormats(alice.offer())).containsExactly("111");

      assertThat(his.negotiatedCodecs()).containsExactly(MediaCodec.OPUS);
      assertThat(hers.negotiatedCodecs()).isEmpty();
    }

    @Test
    void areAnsweredInTheOrderOfTheAnswerersPreferencesWhereItHasSome() {
      Transceiver hers = audio(alice, MediaCodec.RED, MediaCodec.OPUS);
      audio(bob, MediaCodec.OPUS, MediaCodec.RED);

      alice.negotiateWith(bob);

      assertThat(hers.negotiatedCodecs()).containsExactly(MediaCodec.OPUS, MediaCodec.RED);
      assertThat(hers.agreement().receive().format(MediaCodec.RED)).isPresent();
    }

    @Test
    void redundancyWithoutWhatItCarriesIsLeftOut() {
      String offer = SdpFixture.read("chromium-offer-audio-only");
      assertThat(offer).contains("a=fmtp:63 111/111");
      Transceiver audio = audio(bob, MediaCodec.OPUS, MediaCodec.RED);

      bob.answer(offer.replace("a=fmtp:63 111/111", "a=fmtp:63 9/9"));
      assertThat(audio.negotiatedCodecs()).containsExactly(MediaCodec.OPUS);
      bob.answer(offer);
      assertThat(audio.negotiatedCodecs()).containsExactly(MediaCodec.OPUS, MediaCodec.RED);
      assertThat(audio.agreement().send().format(MediaCodec.RED))
          .hasValueSatisfying(red -> assertThat(red.payloadType()).isEqualTo(63));
    }

    @Test
    void areAnsweredInTheOrderOfTheOffer() {
      Transceiver hers = alice.add(VIDEO, SENDRECV);
      hers.setCodecPreferences(List.of(MediaCodec.VP9, MediaCodec.VP8));
      Transceiver his = bob.add(VIDEO, SENDRECV);

      alice.negotiateWith(bob);

      assertThat(hers.negotiatedCodecs()).containsExactly(MediaCodec.VP9, MediaCodec.VP8);
      assertThat(his.negotiatedCodecs()).containsExactly(MediaCodec.VP9, MediaCodec.VP8);
      assertThat(his.agreement().send().preferred().rtxPayloadType()).hasValue(99);
    }

    @Test
    void vp9IsThatOfProfile0() {
      Transceiver his = bob.add(VIDEO, SENDRECV);
      String offer = SdpFixture.read("chromium-offer-audio-video");

      bob.answer(offer);
      assertThat(his.negotiatedCodecs())
          .containsExactly(MediaCodec.VP8, MediaCodec.VP9, MediaCodec.VIDEO_RED, MediaCodec.ULPFEC);
      assertThat(his.agreement().send().format(MediaCodec.VP9))
          .hasValueSatisfying(vp9 -> assertThat(vp9.payloadType()).isEqualTo(98));

      bob.answer(offer.replace("a=fmtp:98 profile-id=0", "a=fmtp:98 profile-id=1"));
      assertThat(his.negotiatedCodecs())
          .containsExactly(MediaCodec.VP8, MediaCodec.VIDEO_RED, MediaCodec.ULPFEC);
    }

    @Test
    void forwardErrorCorrectionIsTakenOnlyWrapped() {
      Transceiver his = bob.add(VIDEO, SENDRECV);
      String offer = SdpFixture.read("chromium-offer-audio-video");

      bob.answer(offer.replace(" red/90000", " nothing/90000"));
      assertThat(his.negotiatedCodecs()).containsExactly(MediaCodec.VP8, MediaCodec.VP9);

      bob.answer(offer.replace(" ulpfec/90000", " nothing/90000"));
      assertThat(his.negotiatedCodecs()).containsExactly(MediaCodec.VP8, MediaCodec.VP9);
    }

    @Test
    void h264IsNeitherOfferedNorTakenAndTheSoundGoesOnWithoutThePicture() {
      String offer =
          SdpFixture.read("chromium-offer-audio-video")
              .replaceAll("(VP8|VP9|AV1)/90000", "X/90000");
      assertThat(offer).contains("H264/90000");
      Transceiver audio = bob.add(AUDIO, SENDRECV);
      bob.add(VIDEO, SENDRECV);

      List<MediaDescription> answered = NegotiatingSide.sections(bob.answer(offer));

      assertThat(answered.get(0).isRejected()).isFalse();
      assertThat(answered.get(1).isRejected()).isTrue();
      assertThat(audio.currentDirection()).contains(SENDRECV);
    }

    @Test
    void thatNoPreferenceNamesMakeTheSectionRefused() {
      String offer =
          SdpFixture.read("chromium-offer-audio-only")
              .replace("a=rtpmap:111 opus/48000/2", "a=rtpmap:111 speex/48000/2");
      audio(bob, MediaCodec.OPUS);

      assertThat(NegotiatingSide.sections(bob.answer(offer)).getFirst().isRejected()).isTrue();
    }

    @Test
    void ofAnotherKindOrThatOnlyWrapOthersCannotBePreferred() {
      Transceiver audio = alice.add(AUDIO, SENDRECV);

      assertThatThrownBy(() -> audio.setCodecPreferences(List.of(MediaCodec.VP8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("video/VP8");
      assertThatThrownBy(() -> audio.setCodecPreferences(List.of(MediaCodec.RED)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(audio.codecPreferences()).containsExactly(MediaCodec.RED, MediaCodec.OPUS);
    }
  }

  @Nested
  class Rollback {
    @Test
    void takesALocalOfferBack() {
      Transceiver audio = alice.add(AUDIO, SENDRECV);
      alice.offer();

      alice.negotiator.setLocal(new SessionDescription(SdpType.ROLLBACK, ""));

      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.STABLE);
      assertThat(audio.mid()).isEmpty();
      assertThat(alice.negotiator.isNegotiationNeeded()).isTrue();
      assertThat(alice.negotiator.localDescription()).isEmpty();
    }

    @Test
    void removesWhatARemoteOfferMade() {
      bob.add(AUDIO, SENDRECV);
      alice.add(AUDIO, SENDRECV);
      alice.add(VIDEO, SENDRECV);
      bob.receive(SdpType.OFFER, alice.offer());
      assertThat(bob.negotiator.transceivers()).hasSize(2);

      bob.negotiator.rollbackRemote();

      assertThat(bob.negotiator.transceivers())
          .singleElement()
          .satisfies(transceiver -> assertThat(transceiver.mid()).isEmpty());
    }

    @Test
    void keepsWhatWasAgreedBefore() {
      Transceiver audio = alice.add(AUDIO, SENDRECV);
      alice.negotiateWith(bob);
      alice.add(VIDEO, SENDRECV);
      alice.offer();

      alice.negotiator.setLocal(new SessionDescription(SdpType.ROLLBACK, ""));

      assertThat(audio.mid()).contains("0");
      assertThat(NegotiatingSide.sections(alice.offer())).hasSize(2);
    }

    @Test
    void happensByItselfWhenBothOfferAtOnce() {
      Transceiver hers = alice.add(AUDIO, SENDRECV);
      Transceiver his = bob.add(AUDIO, SENDRECV);
      alice.offer();
      String hisOffer = bob.offer();

      bob.receive(SdpType.ANSWER, alice.answer(hisOffer));

      assertThat(hers.currentDirection()).contains(SENDRECV);
      assertThat(his.currentDirection()).contains(SENDRECV);
      assertThat(hers.mid()).isEqualTo(his.mid());
      assertThat(agreement(bob).offeredFirst()).isTrue();
      assertThat(agreement(alice).offeredFirst()).isFalse();
    }

    @Test
    void doesNotHappenForAnOfferThatIsRefused() {
      alice.add(AUDIO, SENDRECV);
      alice.offer();

      assertThatThrownBy(
              () ->
                  alice.receive(
                      SdpType.OFFER,
                      without(SdpFixture.read("chromium-offer-audio-video"), "a=ice-pwd")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ice-pwd");
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.HAVE_LOCAL_OFFER);
    }

    @Test
    void isNotPossibleWhenNothingIsPending() {
      assertThatThrownBy(
              () -> alice.negotiator.setLocal(new SessionDescription(SdpType.ROLLBACK, "")))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(alice.negotiator::rollbackRemote)
          .isInstanceOf(IllegalStateException.class);
    }
  }

  static List<String> realOffers() {
    return SdpFixture.names().stream().filter(name -> name.contains("-offer-")).toList();
  }

  static List<String> realOffersWithSoundAndPicture() {
    return realOffers().stream().filter(name -> name.contains("offer-audio-video")).toList();
  }

  static List<String> realReoffers() {
    return SdpFixture.names().stream().filter(name -> name.contains("-reoffer-")).toList();
  }

  @Nested
  class OffersOfRealPeers {
    @ParameterizedTest
    @MethodSource("org.heliograph.peer.NegotiatorTest#realOffers")
    void areAnsweredSectionBySection(String name) {
      List<MediaDescription> offered = NegotiatingSide.sections(SdpFixture.read(name));

      List<MediaDescription> answered = NegotiatingSide.sections(bob.answer(SdpFixture.read(name)));

      assertThat(answered).hasSameSizeAs(offered);
      for (int i = 0; i < offered.size(); i++) {
        assertThat(answered.get(i).media()).isEqualTo(offered.get(i).media());
        assertThat(answered.get(i).mid()).isEqualTo(offered.get(i).mid());
        assertThat(answered.get(i).isRejected()).isFalse();
      }
    }

    @ParameterizedTest
    @MethodSource("org.heliograph.peer.NegotiatorTest#realOffersWithSoundAndPicture")
    void giveTheNumbersOfTheirCodecs(String name) {
      Transceiver audio = bob.add(AUDIO, SENDRECV);
      Transceiver video = bob.add(VIDEO, SENDRECV);

      List<MediaDescription> answered = NegotiatingSide.sections(bob.answer(SdpFixture.read(name)));

      assertThat(audio.currentDirection()).contains(SENDRECV);
      assertThat(video.currentDirection()).contains(SENDRECV);
      Attribute.RtpMap opus = answered.get(0).all(Attribute.RtpMap.class).getLast();
      Attribute.RtpMap vp8 = answered.get(1).first(Attribute.RtpMap.class).orElseThrow();
      assertThat(opus.encoding()).isEqualToIgnoringCase("opus");
      assertThat(vp8.encoding()).isEqualToIgnoringCase("VP8");
      assertThat(NegotiatingSide.sections(SdpFixture.read(name)).get(0).all(Attribute.RtpMap.class))
          .anySatisfy(map -> assertThat(map.payloadType()).isEqualTo(opus.payloadType()));
      assertThat(NegotiatingSide.sections(SdpFixture.read(name)).get(1).all(Attribute.RtpMap.class))
          .anySatisfy(map -> assertThat(map.payloadType()).isEqualTo(vp8.payloadType()));
      assertThat(answered.get(0).first(Attribute.Setup.class))
          .contains(new Attribute.Setup(SetupRole.ACTIVE));
    }

    @Test
    void firefoxNumbersDifferFromOursAndHold() {
      Transceiver video = bob.add(VIDEO, SENDRECV);

      bob.answer(SdpFixture.read("firefox-offer-audio-video"));

      NegotiatedMedia media = video.agreement().send();
      assertThat(media.preferred().payloadType()).isEqualTo(120);
      assertThat(media.preferred().rtxPayloadType()).hasValue(124);
      assertThat(media.extensions())
          .isEqualTo(
              Map.of(
                  RtpExtension.MID, 3,
                  RtpExtension.ABS_SEND_TIME, 4,
                  RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 7));
      bob.add(VIDEO, SENDRECV);
      assertThat(NegotiatingSide.sections(bob.offer()).getLast().formats())
          .containsExactly("120", "124", "121", "125", "122", "119", "123");
    }

    @Test
    void theirWishesForOpusAreTold() {
      Transceiver audio = bob.add(AUDIO, SENDRECV);

      bob.answer(SdpFixture.read("firefox-offer-audio-video"));

      assertThat(audio.remoteParameters())
          .containsEntry("stereo", "1")
          .containsEntry("useinbandfec", "1")
          .containsEntry("maxplaybackrate", "48000");
    }

    @Test
    void simulcastIsAnsweredWithoutIt() {
      MediaDescription answered =
          NegotiatingSide.sections(bob.answer(SdpFixture.read("chromium-offer-simulcast")))
              .getFirst();

      assertThat(answered.has(Attribute.Simulcast.class)).isFalse();
      assertThat(answered.has(Attribute.Rid.class)).isFalse();
      assertThat(answered.direction()).isEqualTo(Direction.RECVONLY);
    }

    @Test
    void aRefusedSectionIsNotInTheBundle() {
      String offer = SdpFixture.read("chromium-offer-audio-video-data");
      Sdp answer = SdpParser.parse(bob.answer(without(offer, "a=sctp-port")));

      assertThat(answer.first(Attribute.Group.class))
          .contains(new Attribute.Group("BUNDLE", List.of("0", "1")));
      assertThat(answer.media().getLast().port()).isZero();
    }

    @ParameterizedTest
    @MethodSource("org.heliograph.peer.NegotiatorTest#realReoffers")
    void areAnsweredWhenTheyComeAgain(String name) {
      String browser = name.substring(0, name.indexOf('-'));
      bob.answer(SdpFixture.read(browser + "-offer-audio-video-with-candidates"));
      var before = bob.credentials();

      List<MediaDescription> answered = NegotiatingSide.sections(bob.answer(SdpFixture.read(name)));

      if (name.endsWith("video-stopped")) {
        assertThat(answered.get(1).isRejected()).isTrue();
        assertThat(bob.negotiator.transceivers()).hasSize(1);
      } else if (name.endsWith("video-inactive")) {
        assertThat(answered.get(1).direction()).isEqualTo(Direction.INACTIVE);
      } else {
        assertThat(bob.credentials()).isNotEqualTo(before);
      }
    }
  }

  @Nested
  class WhatCannotBeDone {
    private String refusedIn(String offer) {
      List<MediaDescription> answered = NegotiatingSide.sections(bob.answer(offer));
      return answered.stream()
          .map(section -> section.isRejected() ? "refused" : "taken")
          .reduce("", (all, one) -> all + one + " ")
          .strip();
    }

    @Test
    void aSectionOutsideOfTheBundle() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThat(refusedIn(offer.replace("BUNDLE 0 1", "BUNDLE 0"))).isEqualTo("taken refused");
    }

    @Test
    void aSecondTransport() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThat(refusedIn(without(offer, "a=group"))).isEqualTo("taken refused");
    }

    @Test
    void rtcpOnAPortOfItsOwn() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThat(refusedIn(without(offer, "a=rtcp-mux"))).isEqualTo("refused refused");
    }

    @Test
    void codecsThatAreNotHere() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThat(refusedIn(offer.replaceAll("VP[89]/90000", "H263/90000")))
          .isEqualTo("taken refused");
    }

    @Test
    void anUnprotectedSection() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThat(refusedIn(offer.replaceFirst("UDP/TLS/RTP/SAVPF", "RTP/AVP")))
          .isEqualTo("refused taken");
    }

    @Test
    void aPayloadTypeThatMeansTwoThingsInOneBundle() {
      String offer = SdpFixture.read("chromium-offer-audio-video");

      assertThatThrownBy(
              () ->
                  bob.answer(
                      offer
                          .replace("SAVPF 111", "SAVPF 96")
                          .replace("a=rtpmap:111", "a=rtpmap:96")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("payload type 96");
    }

    @Test
    void anOfferThatLosesASection() {
      bob.answer(SdpFixture.read("chromium-offer-audio-video"));

      assertThatThrownBy(() -> bob.answer(SdpFixture.read("chromium-offer-audio-only")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("media sections");
    }

    @Test
    void anotherCertificate() {
      String offer = SdpFixture.read("chromium-offer-audio-video");
      bob.answer(offer);

      assertThatThrownBy(
              () ->
                  bob.answer(
                      offer.replaceAll("a=fingerprint:\\S+ \\S\\S", "a=fingerprint:sha-256 00")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("certificate");
    }

    @Test
    void anAnswerThatDoesNotFitItsOffer() {
      alice.add(AUDIO, SENDRECV);
      alice.add(VIDEO, SENDRECV);
      String answer = bob.answer(alice.offer());
      Map<String, String> wrong =
          Map.of(
              answer.replace("a=setup:active", "a=setup:actpass"), "a=setup",
              answer.replace("BUNDLE 0 1", "BUNDLE 0"), "BUNDLE",
              answer.replace("a=mid:1", "a=mid:7").replace("BUNDLE 0 1", "BUNDLE 0 7"), "mid",
              answer.replace("VP8", "H264").replace("VP9", "AV1"), "codec",
              without(answer, "a=rtcp-mux"), "rtcp-mux",
              without(answer, "a=fingerprint"), "fingerprint",
              answer.substring(0, answer.indexOf("m=video")).replace("0 1", "0"), "sections");
      wrong.forEach(
          (text, problem) ->
              assertThatThrownBy(() -> alice.receive(SdpType.ANSWER, text))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining(problem));

      alice.receive(SdpType.ANSWER, answer);
      assertThat(alice.negotiator.state()).isEqualTo(SignalingState.STABLE);
    }

    @Test
    void anAnswerThatNobodyAskedFor() {
      assertThatThrownBy(
              () -> alice.receive(SdpType.ANSWER, SdpFixture.read("chromium-answer-audio-video")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("STABLE");
    }
  }

  @Test
  void anAnswerWithFewerFeaturesNarrowsWhatIsDone() {
    Transceiver video = alice.add(VIDEO, SENDRECV);
    String answer = bob.answer(alice.offer());

    alice.receive(
        SdpType.ANSWER,
        without(without(answer, "a=rtcp-fb:96 nack"), "a=extmap:3")
            .replace("SAVPF 96 97 98 99", "SAVPF 96")
            .replace("a=rtpmap:97 rtx/90000\r\n", "")
            .replace("a=fmtp:97 apt=96\r\n", ""));

    NegotiatedMedia receive = video.agreement().receive();
    assertThat(receive.preferred().rtxPayloadType()).isEmpty();
    assertThat(receive.preferred().feedback())
        .doesNotContain("nack", "nack pli")
        .contains("ccm fir");
    assertThat(receive.extensions()).doesNotContainKey(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
  }

  @Test
  void damagedDescriptionsAreRefusedOrAnsweredAndNothingElse() {
    Random random = new Random(7);
    List<String> offers = realOffers().stream().map(SdpFixture::read).toList();
    int answered = 0;
    int refused = 0;
    for (int round = 0; round < 1_000; round++) {
      NegotiatingSide side = new NegotiatingSide(round);
      side.add(AUDIO, SENDRECV);
      String first = offers.get(round % offers.size());
      try {
        SdpParser.parse(side.answer(SdpMutator.mutate(first, random)));
        SdpParser.parse(side.answer(SdpMutator.mutate(first, random)));
        SdpParser.parse(side.offer());
        side.receive(
            SdpType.ANSWER,
            SdpMutator.mutate(SdpFixture.read("chromium-answer-audio-video"), random));
        answered++;
      } catch (IllegalArgumentException declared) {
        refused++;
      }
    }
    assertThat(answered + refused).isEqualTo(1_000);
    assertThat(refused).isPositive();
  }
}
