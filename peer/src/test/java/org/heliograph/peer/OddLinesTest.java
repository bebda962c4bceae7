package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SdpFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One line that cannot be read does not refuse what can be used without it. */
class OddLinesTest {
  private static final String OFFER = SdpFixture.read("chromium-offer-audio-video-with-candidates");
  private static final Logger LOGGER = Logger.getLogger("org.heliograph.peer.SkippedLines");

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host host = network.host("192.0.2.1");
  private final VirtualPeer peer = new VirtualPeer(network, host, 1, "192.0.2.1");
  private final List<String> log = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          log.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void readTheLog() {
    LOGGER.addHandler(handler);
  }

  @AfterEach
  void leaveTheLog() {
    LOGGER.removeHandler(handler);
  }

  private static String withLine(String line) {
    return OFFER + line + "\r\n";
  }

  private List<MediaDescription> answerTo(String offer) {
    return NegotiatingSide.sections(
        peer.answer(new SessionDescription(SdpType.OFFER, offer)).sdp());
  }

  private void assertTaken(String offer) {
    assertThat(answerTo(offer)).hasSize(2).noneMatch(MediaDescription::isRejected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=candidate",
        "a=candidate:",
        "a=candidate:1 1 udp 2130706431 fe80::1%wlan7 5000 typ host",
        "a=candidate:1 1 udp 2130706431 host.example.com 5000 typ host",
        "a=candidate:1 1 udp 2130706431 a_b 5000 typ host",
        "a=candidate:1 1 udp 2130706431 192.0.2.9 5000 typ moon",
        "a=candidate:1 1 udp 2130706431 192.0.2.9 70000 typ host",
        "a=extmap:4096 urn:ietf:params:rtp-hdrext:toffset",
        "a=extmap:4351/sendonly urn:ietf:params:rtp-hdrext:toffset",
        "a=rtpmap:200 VP8/90000",
        "a=rtcp-fb:200 nack",
        "a=fmtp:",
        "a=ssrc:4294967296 cname:x",
        "a=ssrc-group:FID x",
        "a=msid:",
        "a=rid:1",
        "a=fingerprint:sha-256 0",
        "a=setup:maybe",
        "a=ice-ufrag:é",
        "a=:",
        "a=x:\u202e",
        "q=1",
        "o=- 1 2 IN IP4 127.0.0.1",
      })
  void isPassedOverAndLogged(String line) {
    assertTaken(withLine(line));

    assertThat(log)
        .singleElement()
        .satisfies(entry -> assertThat(entry).contains("passed over in the other side's offer"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=candidate:9b36eaac-bb2e-49bb-bb78-21c41c499900 1 udp 1 192.0.2.9 5000 typ host",
        "a=candidate:1 1 udp 1 192.0.2.9 5000 typ srflx raddr fe80::1%wlan7 rport 1",
        "a=candidate:1 1 udp 1 192.0.2.9 5000 typ srflx raddr host.example.com rport 1",
        "a=candidate:1 1 udp 1 192.0.2.9 5000 typ host odd",
        "a=max-message-size:99999999999999999999",
        "a=x-new",
        "a=mid:9",
        "a=fmtp:5 x=1",
        "a=rtcp-fb:5 nack",
        "b=",
        "c=",
        "t=x",
      })
  void isKeptWhereItOnlySaysMore(String line) {
    assertTaken(withLine(line));

    assertThat(log).isEmpty();
  }

  /** What else the section says makes it neither one of the bundle nor one that is only on hold. */
  @ParameterizedTest
  @ValueSource(strings = {"a=bundle-only", "a=inactive"})
  void aSectionWhoseLineCannotBeReadIsRefusedWhateverElseItSays(String line) {
    String offer =
        OFFER
            .replaceFirst("a=sendrecv\r\n", "")
            .replaceFirst("m=audio .*", "m=audio 70000 UDP/TLS/RTP/SAVPF 111\r\n" + line);

    assertThat(answerTo(offer))
        .extracting(MediaDescription::isRejected)
        .containsExactly(true, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r", "\n", " \r\n", "\t\r\n", "\r\n\r\n"})
  void linesMayEndInAnyWay(String end) {
    assertTaken(OFFER.replace("\r\n", end));
    assertThat(log).isEmpty();
  }

  @Test
  void fieldsMayBeSeparatedByTabsAndTheRoleWrittenInCapitals() {
    assertTaken(
        OFFER
            .replaceFirst("UDP/TLS", "\tUDP/TLS")
            .replace("BUNDLE ", "BUNDLE\t")
            .replace("setup:actpass", "setup:ACTPASS"));
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"md5 00", "sha-256 00", "x-new 00:01", "sha-1 00", ""})
  void aFingerprintThatCannotBeTakenHidesNoGoodOneOfTheSession(String odd) {
    String good =
        OFFER.lines().filter(line -> line.startsWith("a=fingerprint")).findFirst().orElseThrow();

    assertTaken(
        OFFER
            .replaceAll("a=fingerprint:.*", "a=fingerprint:" + odd)
            .replaceFirst("m=audio", good + "\r\nm=audio"));
  }

  @Test
  void aVersionOfManyDigitsIsAVersion() {
    assertTaken(
        OFFER.replaceFirst("o=- (\\d+) \\d+ ", "o=- $1 340282366920938463463374607431768 "));
    assertThat(log).isEmpty();
  }

  @Test
  void aBundleThatNamesASectionTwiceAndOneThatIsNotThereHasTheOthers() {
    assertTaken(OFFER.replace("BUNDLE 0 1", "BUNDLE 0 1 1 7"));
    assertThat(log).hasSize(1);
  }

  @Test
  void sectionsThatAreRefusedMayHaveOneMid() {
    String refused = "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:2\r\na=inactive\r\n";

    List<MediaDescription> answered = answerTo(OFFER + refused + refused);

    assertThat(answered).hasSize(4);
    assertThat(answered.subList(0, 2)).noneMatch(MediaDescription::isRejected);
  }

  @Test
  void theOtherCandidatesAreUsed() {
    Host other = network.host("192.0.2.2");
    VirtualPeer bob = new VirtualPeer(network, other, 2, "192.0.2.2");
    peer.connection.addTransceiver(AUDIO, SENDRECV);
    peer.offer();
    String offer = peer.connection.localDescription().orElseThrow().sdp();
    String candidate =
        offer.lines().filter(line -> line.startsWith("a=candidate")).findFirst().orElseThrow();

    SessionDescription answer =
        bob.answer(
            new SessionDescription(
                SdpType.OFFER,
                offer.replace(candidate, "a=candidate:1 1 udp 1 x\r\n" + candidate)));
    peer.connection.setRemoteDescription(answer);

    assertThat(
            network.runUntil(() -> peer.isConnected() && bob.isConnected(), Duration.ofSeconds(5)))
        .isTrue();
  }

  @Test
  void whatTheTransportNeedsRefusesTheWholeAndIsNamed() {
    String[][] cases = {
      {"a=ice-ufrag:\\S+", "a=ice-ufrag:é", "ice-ufrag"},
      {"a=ice-pwd:\\S+", "a=ice-pwd:short", "ice-pwd"},
      {"a=setup:actpass", "a=setup:maybe", "setup role"},
      {"a=fingerprint:.*", "a=fingerprint:sha-256 00", "fingerprint"},
    };
    for (String[] one : cases) {
      assertThatThrownBy(() -> answerTo(OFFER.replaceFirst(one[0], one[1])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SDP line")
          .hasMessageContaining(one[2]);
    }
  }

  /** The session's is not what the section means. */
  @Test
  void whatTheTransportNeedsIsNotReplacedByTheSessions() {
    String offer =
        OFFER
            .replaceFirst("a=setup:actpass", "a=setup:maybe")
            .replaceFirst("m=audio", "a=setup:passive\r\nm=audio");

    assertThatThrownBy(() -> answerTo(offer)).hasMessageContaining("setup role");
  }

  @Test
  void theLogIsShortAndHasOneLineAndNoCharactersThatActOnATerminal() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      lines.append("a=mid:").append("\u009b\u202e".repeat(i)).append("\r\n");
    }

    assertTaken(OFFER + lines);

    assertThat(log)
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry).hasSizeLessThan(1000).contains("395 more");
              assertThat(entry).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");
            });
  }

  @Test
  void theSameIsLoggedOnceAndTheNumberOfEntriesIsBounded() {
    for (int i = 0; i < 3; i++) {
      assertTaken(withLine("a=mid:"));
    }
    assertThat(log).hasSize(1);

    for (int i = 0; i < 100; i++) {
      assertTaken(withLine("a=x\r\n".repeat(i) + "a=rtpmap:1 x"));
    }
    assertThat(log).hasSize(SkippedLines.MAX_ENTRIES);
  }
}
