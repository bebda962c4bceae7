package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.SdpFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a description says once for all its sections (RFC 8866 5.13). */
class SessionLevelTest {
  private static final String OFFER = SdpFixture.read("chromium-offer-audio-video");

  private final NegotiatingSide bob = new NegotiatingSide(2);
  private final Transceiver audio = bob.add(AUDIO, SENDRECV);
  private final Transceiver video = bob.add(VIDEO, SENDRECV);

  private static String without(String sdp, String prefix) {
    return sdp.lines()
        .filter(line -> !line.startsWith(prefix))
        .collect(Collectors.joining("\r\n", "", "\r\n"));
  }

  private static String atSessionLevel(String sdp, String... lines) {
    return sdp.replaceFirst("m=audio", String.join("\r\n", lines) + "\r\nm=audio");
  }

  @ParameterizedTest
  @CsvSource({"inactive,INACTIVE", "sendonly,RECVONLY", "recvonly,SENDONLY", "sendrecv,SENDRECV"})
  void isTheDirectionOfSectionsThatHaveNone(String written, TransceiverDirection current) {
    bob.answer(OFFER);

    bob.answer(atSessionLevel(without(OFFER, "a=sendrecv"), "a=" + written));

    assertThat(audio.currentDirection()).contains(current);
    assertThat(video.currentDirection()).contains(current);
  }

  @Test
  void isNotTheDirectionOfASectionThatHasOne() {
    bob.answer(atSessionLevel(OFFER.replaceFirst("a=sendrecv", "a=recvonly"), "a=inactive"));

    assertThat(audio.currentDirection()).contains(SENDONLY);
    assertThat(video.currentDirection()).contains(SENDRECV);
  }

  @Test
  void holdsInAnAnswerToo() {
    NegotiatingSide alice = new NegotiatingSide(1);
    Transceiver hers = alice.add(AUDIO, SENDRECV);
    String answer = bob.answer(alice.offer());

    alice.receive(SdpType.ANSWER, atSessionLevel(without(answer, "a=sendrecv"), "a=sendonly"));

    assertThat(hers.currentDirection()).contains(RECVONLY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=fingerprint:md5 00:00", "a=fingerprint:sha-256 00", "a=fingerprint"})
  void isTheFingerprintOfSectionsWithoutAUsableOne(String unusable) {
    String good =
        OFFER.lines().filter(line -> line.startsWith("a=fingerprint:")).findFirst().orElseThrow();
    String offer =
        atSessionLevel(
            OFFER.replaceAll("a=fingerprint:[^\r\n]*", Matcher.quoteReplacement(unusable)), good);

    assertThat(bob.answer(offer)).contains("m=video 9 ");
  }

  @Test
  void givesHeaderExtensionsToAllSections() {
    String offer =
        atSessionLevel(
            without(OFFER, "a=extmap"),
            "a=extmap:7 " + RtpExtension.TRANSPORT_SEQUENCE_NUMBER.uri(),
            "a=extmap:9 " + RtpExtension.MID.uri(),
            "a=extmap:5 " + RtpExtension.AUDIO_LEVEL.uri());

    bob.answer(offer);

    assertThat(audio.agreement().receive().extensions())
        .isEqualTo(
            Map.of(
                RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 7,
                RtpExtension.MID, 9,
                RtpExtension.AUDIO_LEVEL, 5));
    assertThat(video.agreement().receive().extensions())
        .isEqualTo(Map.of(RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 7, RtpExtension.MID, 9));
  }

  @Test
  void leavesASectionItsOwnHeaderExtensions() {
    String offer =
        atSessionLevel(
            OFFER,
            "a=extmap:14 " + RtpExtension.MID.uri(),
            "a=extmap:1 " + RtpExtension.ABS_SEND_TIME.uri());

    bob.answer(offer);
    NegotiatingSide plain = new NegotiatingSide(3);
    Transceiver reference = plain.add(AUDIO, SENDRECV);
    plain.answer(OFFER);

    assertThat(audio.agreement().receive().extensions())
        .isEqualTo(reference.agreement().receive().extensions());
  }

  @Test
  void isWhatTheTransportNeeds() {
    String transport =
        OFFER
            .lines()
            .filter(line -> line.matches("a=(ice-ufrag|ice-pwd|fingerprint|setup|ice-options):.*"))
            .distinct()
            .collect(Collectors.joining("\r\n"));
    String offer = OFFER;
    for (String name :
        new String[] {"ice-ufrag", "ice-pwd", "fingerprint", "setup", "ice-options"}) {
      offer = without(offer, "a=" + name);
    }

    bob.answer(atSessionLevel(offer, transport));

    assertThat(bob.negotiator.agreement().orElseThrow().remote().fingerprints()).hasSize(1);
  }
}
