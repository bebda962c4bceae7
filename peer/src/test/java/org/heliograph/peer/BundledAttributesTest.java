package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.transport.TransportAgreement;
import org.junit.jupiter.api.Test;

/**
 * What one section of a bundle says for all of them (RFC 8829 5.2.2, RFC 8843 7.1.3): the
 * attributes of the categories IDENTICAL and TRANSPORT (RFC 8859).
 */
class BundledAttributesTest {
  private static final Set<String> IDENTICAL =
      Set.of("rtcp-mux", "rtcp-mux-only", "rtcp-rsize", "end-of-candidates");
  private static final Set<String> TRANSPORT =
      Set.of(
          "ice-ufrag",
          "ice-pwd",
          "ice-options",
          "candidate",
          "fingerprint",
          "setup",
          "rtcp",
          "tls-id",
          "extmap-allow-mixed");

  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);
  private final Transceiver audio = bob.add(AUDIO, SENDRECV);
  private final Transceiver video = bob.add(VIDEO, SENDRECV);

  private static boolean isOfTransport(String line) {
    String name = line.replaceFirst("^a=([^:]*).*", "$1");
    return line.startsWith("a=") && (IDENTICAL.contains(name) || TRANSPORT.contains(name));
  }

  /** The description with these attributes in one section only. */
  private static String onlyIn(int section, String sdp) {
    int[] at = {-1};
    return sdp.lines()
        .filter(
            line -> {
              at[0] += line.startsWith("m=") ? 1 : 0;
              return at[0] < 0 || at[0] == section || !isOfTransport(line);
            })
        .collect(Collectors.joining("\r\n", "", "\r\n"));
  }

  private static List<Boolean> refused(String sdp) {
    return NegotiatingSide.sections(sdp).stream().map(MediaDescription::isRejected).toList();
  }

  @Test
  void inAnOffer() {
    String offer = onlyIn(0, SdpFixture.read("chromium-offer-audio-video"));
    assertThat(offer.split("a=rtcp-mux\r\n", -1)).hasSize(2);

    assertThat(refused(bob.answer(offer))).containsExactly(false, false);

    assertThat(video.currentDirection()).contains(SENDRECV);
    TransportAgreement agreement = bob.negotiator.agreement().orElseThrow();
    assertThat(agreement.mid()).contains("0");
    assertThat(agreement.reducedSizeRtcp()).isTrue();
  }

  @Test
  void inAReofferWhichKeepsTheRunningPicture() {
    String offer = SdpFixture.read("chromium-offer-audio-video");
    bob.answer(offer);

    assertThat(refused(bob.answer(onlyIn(0, offer)))).containsExactly(false, false);

    assertThat(bob.negotiator.transceivers()).containsExactly(audio, video);
    assertThat(video.currentDirection()).contains(SENDRECV);
  }

  @Test
  void inAnAnswer() {
    alice.add(AUDIO, SENDRECV);
    Transceiver hers = alice.add(VIDEO, SENDRECV);

    alice.receive(SdpType.ANSWER, onlyIn(0, bob.answer(alice.offer())));

    assertThat(hers.currentDirection()).contains(SENDRECV);
    assertThat(alice.negotiator.agreement().orElseThrow().reducedSizeRtcp()).isTrue();
    assertThat(alice.negotiator.agreement().orElseThrow().remote().credentials())
        .isEqualTo(bob.credentials());
  }

  /** The order of the group says which section it is, not that of the sections. */
  @Test
  void inTheSectionThatTheGroupNamesFirst() {
    String offer =
        SdpFixture.read("chromium-offer-audio-video").replace("BUNDLE 0 1", "BUNDLE 1 0");

    assertThat(refused(bob.answer(onlyIn(1, offer)))).containsExactly(false, false);

    assertThat(bob.negotiator.agreement().orElseThrow().mid()).contains("1");
  }

  @Test
  void inASectionOfDataChannels() {
    String offer =
        SdpFixture.read("chromium-offer-audio-video-data").replace("BUNDLE 0 1 2", "BUNDLE 2 0 1");
    // RTCP is nothing that this section could speak of, hence the first one that can does.
    String tagged =
        onlyIn(2, offer).replaceFirst("(m=audio.*\r\n)", "$1a=rtcp-mux\r\na=rtcp-rsize\r\n");

    assertThat(refused(bob.answer(tagged))).containsExactly(false, false, false);

    TransportAgreement agreement = bob.negotiator.agreement().orElseThrow();
    assertThat(agreement.mid()).contains("2");
    assertThat(agreement.reducedSizeRtcp()).isTrue();
  }

  /** The transport is there, whatever becomes of the section that speaks for it. */
  @Test
  void inASectionThatThisSideRefuses() {
    String offer = SdpFixture.read("chromium-offer-audio-video");
    bob.answer(offer);
    var before = bob.negotiator.agreement().orElseThrow().remote().credentials();
    bob.receive(SdpType.OFFER, onlyIn(0, offer));
    audio.stop();

    SessionDescription answer = bob.negotiator.createAnswer();
    bob.negotiator.setLocal(answer);

    assertThat(refused(answer.sdp())).containsExactly(true, false);
    assertThat(bob.negotiator.agreement().orElseThrow().remote().credentials()).isEqualTo(before);
  }

  @Test
  void ofASectionOutsideOfTheBundleHoldForItAlone() {
    String offer = SdpFixture.read("chromium-offer-audio-video").replace("BUNDLE 0 1", "BUNDLE 1");

    assertThat(refused(bob.answer(onlyIn(0, offer)))).containsExactly(true, true);
    assertThat(bob.negotiator.agreement()).isEmpty();
  }

  @Test
  void thatNobodySaysMeanThatRtcpHasAPortOfItsOwn() {
    String offer = SdpFixture.read("chromium-offer-audio-video").replace("a=rtcp-mux\r\n", "");

    assertThat(refused(bob.answer(offer))).containsExactly(true, true);
    assertThat(bob.negotiator.agreement()).isEmpty();
  }
}
