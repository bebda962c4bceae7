package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.util.Optional;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.sdp.SdpFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fingerprints are a set, and what they are compared with is the certificate in use. */
class SameCertificateTest {
  private static final String A = "a=fingerprint:sha-256 AA" + ":AA".repeat(31);
  private static final String B = "a=fingerprint:sha-256 BB" + ":BB".repeat(31);
  private static final String LONG_A = "a=fingerprint:sha-512 AA" + ":AA".repeat(63);
  private static final String LONG_B = "a=fingerprint:sha-512 BB" + ":BB".repeat(63);
  private static final String BROKEN = "a=fingerprint:sha-1 AA" + ":AA".repeat(19);

  private final NegotiatingSide bob = new NegotiatingSide(2);

  SameCertificateTest() {
    bob.add(AUDIO, SENDRECV);
  }

  private static String offer(String fingerprints) {
    return SdpFixture.read("chromium-offer-audio-only")
        .replaceFirst(
            "a=fingerprint:.*\r\n",
            fingerprints
                    .replace("LONG_A", LONG_A)
                    .replace("LONG_B", LONG_B)
                    .replace("BROKEN", BROKEN)
                    .replaceAll("\\bA\\b", A)
                    .replaceAll("\\bB\\b", B)
                    .replace(",", "\r\n")
                + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A,LONG_A -> LONG_A,A",
        "A -> A,A",
        "A,A -> A",
        "A -> A,LONG_A",
        "A,LONG_A -> A",
        "A,LONG_A -> LONG_A",
        "A -> B,A",
        "A -> A,BROKEN",
        "BROKEN,A -> A",
      })
  void aSetThatCanBeOfTheSameCertificateIsTaken(String change) {
    String[] sets = change.split(" -> ", 2);
    bob.answer(offer(sets[0]));

    assertThat(NegotiatingSide.sections(bob.answer(offer(sets[1]))).getFirst().isRejected())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"A -> B", "A,LONG_A -> A,LONG_B", "A -> LONG_A", "A,B -> LONG_A", "A -> B,LONG_A"})
  void aSetThatCannotIsRefused(String change) {
    String[] sets = change.split(" -> ", 2);
    bob.answer(offer(sets[0]));

    assertThatThrownBy(() -> bob.answer(offer(sets[1])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("certificate");
  }

  @Test
  void onceTheCertificateWasShownItDecides() {
    bob.answer(offer("A,B"));
    bob.remoteCertificate =
        Optional.of(Fingerprint.parse(LONG_A.substring("a=fingerprint:".length())).orElseThrow());

    bob.answer(offer("LONG_A"));

    assertThatThrownBy(() -> bob.answer(offer("A,B"))).hasMessageContaining("certificate");
  }
}
