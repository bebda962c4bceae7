package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.INACTIVE;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.util.List;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.sdp.SdpParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A section on hold that is written with port 0 and stays in the BUNDLE group, as werift 0.24
 * writes every inactive section, in offers and in answers.
 */
class HeldSectionTest {
  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);
  private final Transceiver audio = bob.add(AUDIO, SENDRECV);
  private final Transceiver video = bob.add(VIDEO, SENDRECV);

  private String answerTo(String name) {
    return bob.answer(SdpFixture.read(name));
  }

  /** What werift and aiortc need to read a section: a codec, RTCP's place, and the transport. */
  private static void assertReadable(MediaDescription section) {
    assertThat(section.all(Attribute.RtpMap.class)).isNotEmpty();
    assertThat(section.has(Attribute.RtcpMux.class)).isTrue();
    assertThat(section.has(Attribute.IceUfrag.class)).isTrue();
    assertThat(section.has(Attribute.IcePwd.class)).isTrue();
    assertThat(section.has(Attribute.Fingerprint.class)).isTrue();
    assertThat(section.has(Attribute.Setup.class)).isTrue();
    assertThat(section.direction()).isEqualTo(Direction.INACTIVE);
  }

  @Test
  void isAnsweredWithPortZeroOutsideOfTheBundleAndAllThatItsWriterReads() {
    answerTo("werift-offer-audio-video");

    Sdp answer = SdpParser.parse(answerTo("werift-hold-audio"));

    assertThat(answer.media()).extracting(MediaDescription::port).containsExactly(0, 9);
    assertThat(answer.first(Attribute.Group.class))
        .contains(new Attribute.Group("BUNDLE", List.of("1")));
    assertReadable(answer.media().getFirst());
  }

  @Test
  void isOnHoldAndGoesOnWithTheSameTransceiver() {
    answerTo("werift-offer-audio-video");
    answerTo("werift-hold-audio");
    assertThat(audio.currentDirection()).contains(INACTIVE);
    assertThat(video.currentDirection()).contains(SENDRECV);

    answerTo("werift-resume");

    assertThat(bob.negotiator.transceivers()).containsExactly(audio, video);
    assertThat(audio.currentDirection()).contains(SENDRECV);
    assertThat(audio.mid()).contains("0");
  }

  @Test
  void mayBeEverySection() {
    answerTo("werift-offer-audio-video");

    Sdp answer = SdpParser.parse(answerTo("werift-hold-all"));

    assertThat(answer.media()).allSatisfy(HeldSectionTest::assertReadable);
    assertThat(video.currentDirection()).contains(INACTIVE);
    answerTo("werift-resume");
    assertThat(video.currentDirection()).contains(SENDRECV);
  }

  @Test
  void isAsGoodInAnAnswer() {
    Transceiver hers = alice.add(AUDIO, SENDRECV);
    alice.add(VIDEO, SENDRECV);
    alice.negotiateWith(bob);
    hers.setDirection(INACTIVE);

    String answer = bob.answer(alice.offer());
    alice.receive(SdpType.ANSWER, answer.replaceFirst("m=audio 9", "m=audio 0"));

    assertThat(alice.negotiator.transceivers()).hasSize(2);
    assertThat(hers.currentDirection()).contains(INACTIVE);
    hers.setDirection(SENDRECV);
    alice.negotiateWith(bob);
    assertThat(hers.currentDirection()).contains(SENDRECV);
  }

  /** Chromium and Firefox take a stopped section out of the group. */
  @ParameterizedTest
  @ValueSource(strings = {"chromium", "firefox"})
  void isNotOneThatHasLeftTheBundle(String browser) {
    answerTo(browser + "-offer-audio-video-with-candidates");

    Sdp answer = SdpParser.parse(answerTo(browser + "-reoffer-video-stopped"));

    assertThat(bob.negotiator.transceivers()).containsExactly(audio);
    assertThat(answer.media().getLast().port()).isZero();
    assertThat(answer.first(Attribute.Group.class))
        .contains(new Attribute.Group("BUNDLE", List.of("0")));
  }

  @Test
  void isNotOneThatShouldCarrySomething() {
    answerTo("werift-offer-audio-video");

    answerTo("werift-hold-audio", "a=inactive", "a=sendonly");

    assertThat(bob.negotiator.transceivers()).containsExactly(video);
  }

  private void answerTo(String name, String before, String after) {
    bob.answer(SdpFixture.read(name).replaceFirst(before, after));
  }

  /** Whatever it was refused for. */
  @Test
  void isAsReadableAsOneThatIsRefusedForGood() {
    String offer = SdpFixture.read("werift-offer-audio-video").replace("VP8/90000", "H264/90000");

    MediaDescription inAnswer = SdpParser.parse(bob.answer(offer)).media().getLast();
    video.stop();
    MediaDescription inOffer = SdpParser.parse(bob.offer()).media().get(1);

    for (MediaDescription refused : List.of(inAnswer, inOffer)) {
      assertThat(refused.isRejected()).isTrue();
      assertThat(refused.mid()).contains("1");
      assertReadable(refused);
      assertThat(refused.first(Attribute.RtpMap.class).orElseThrow().encoding()).isEqualTo("H264");
    }
  }
}
