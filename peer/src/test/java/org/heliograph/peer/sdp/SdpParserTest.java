package org.heliograph.peer.sdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SdpParserTest {
  private static final String HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

  static List<String> fixtures() {
    return SdpFixture.names();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void whatRealPeersWriteParsesAndIsWrittenBackUnchangedInMeaning(String name) {
    Sdp sdp = SdpParser.parse(SdpFixture.read(name));

    assertThat(sdp.media()).isNotEmpty();
    assertThat(SdpParser.parse(SdpWriter.write(sdp))).isEqualTo(sdp);
  }

  @Test
  void everyAttributeLineOfChromiumsOfferIsWrittenBackAsItWas() {
    String text = SdpFixture.read("chromium-offer-audio-video-with-candidates");

    List<String> written = SdpWriter.write(SdpParser.parse(text)).lines().toList();

    assertThat(written.stream().filter(line -> line.startsWith("a=")).toList())
        .isEqualTo(text.lines().filter(line -> line.startsWith("a=")).toList());
  }

  @Test
  void chromiumsOfferSaysWhatItSays() {
    Sdp sdp = SdpParser.parse(SdpFixture.read("chromium-offer-audio-video"));

    assertThat(sdp.first(Attribute.Group.class))
        .contains(new Attribute.Group("BUNDLE", List.of("0", "1")));
    assertThat(sdp.media()).hasSize(2);
    MediaDescription audio = sdp.media().getFirst();
    assertThat(audio.media()).isEqualTo("audio");
    assertThat(audio.mid()).contains("0");
    assertThat(audio.direction()).isEqualTo(Direction.SENDRECV);
    assertThat(audio.isRtpOverDtls()).isTrue();
    assertThat(audio.has(Attribute.RtcpMux.class)).isTrue();
    assertThat(audio.first(Attribute.Setup.class)).contains(new Attribute.Setup(SetupRole.ACTPASS));
    assertThat(audio.all(Attribute.RtpMap.class))
        .contains(new Attribute.RtpMap(111, "opus", 48_000, OptionalInt.of(2)));
    assertThat(audio.all(Attribute.ExtMap.class))
        .contains(new Attribute.ExtMap(1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"));
    MediaDescription video = sdp.media().getLast();
    assertThat(video.all(Attribute.RtcpFeedback.class))
        .contains(new Attribute.RtcpFeedback(OptionalInt.of(96), "nack pli"));
    List<Long> flow = video.first(Attribute.SsrcGroup.class).orElseThrow().ssrcs();
    assertThat(flow).hasSize(2);
    assertThat(video.all(Attribute.Ssrc.class))
        .anySatisfy(ssrc -> assertThat(ssrc.ssrc()).isEqualTo(flow.getLast()));
  }

  @Test
  void firefoxRestrictsAHeaderExtensionToOneDirection() {
    Sdp sdp = SdpParser.parse(SdpFixture.read("firefox-offer-audio-video"));

    assertThat(sdp.media().getFirst().all(Attribute.ExtMap.class))
        .contains(
            new Attribute.ExtMap(
                2,
                Optional.of(Direction.RECVONLY),
                "urn:ietf:params:rtp-hdrext:csrc-audio-level",
                ""));
  }

  @Test
  void aSessionAttributeHoldsForASectionThatHasNoneOfItsOwn() {
    Sdp sdp = SdpParser.parse(SdpFixture.read("firefox-offer-audio-video"));

    assertThat(sdp.inherited(sdp.media().getFirst(), Attribute.Fingerprint.class))
        .hasValueSatisfying(
            fingerprint -> assertThat(fingerprint.hashFunction()).isEqualTo("sha-256"));
  }

  @Test
  void aBundleOnlySectionWithPortZeroIsNotRejected() {
    Sdp sdp = SdpParser.parse(SdpFixture.read("firefox-offer-max-bundle-two-videos"));

    assertThat(sdp.media().get(1).port()).isZero();
    assertThat(sdp.media().get(1).isRejected()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n", "\r\r\n", "\n\n", " \r\n"})
  void linesEndInEveryWay(String end) {
    Sdp sdp = SdpParser.parse((HEAD + "a=mid:x\r\n").replace("\r\n", end));
    assertThat(sdp.skipped()).isEmpty();
    assertThat(sdp.first(Attribute.Mid.class)).contains(new Attribute.Mid("x"));
  }

  @Test
  void theMarkOfAnEncodingBeforeTheFirstLineDoesNoHarm() {
    assertThat(SdpParser.parse("\ufeff" + HEAD).origin().sessionVersion()).isEqualTo("2");
  }

  @Test
  void aDescriptionNeedsNoSessionName() {
    assertThat(SdpParser.parse("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n").sessionName()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          m=audio                        | port is missing
          m=audio 70000 RTP/SAVPF 1      | greater than 65535
          m=audio x RTP/SAVPF 1          | not a number
          m=audio -1 RTP/SAVPF 1         | not a number
          m=audio 9                      | protocol is missing
          m=audio 9 RTP/SAVPF            | no format
          """)
  void aSectionWhoseLineCannotBeReadKeepsItsPlaceAndIsNotUsed(String line, String problem) {
    Sdp sdp =
        SdpParser.parse(
            HEAD + line + "\r\na=mid:bad\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:good\r\n");

    assertThat(sdp.media()).hasSize(2);
    assertThat(sdp.media().getFirst().media()).isEqualTo("audio");
    assertThat(sdp.media().getFirst().isRejected()).isTrue();
    assertThat(sdp.media().getFirst().mid()).contains("bad");
    assertThat(sdp.media().getLast().mid()).contains("good");
    assertThat(sdp.skipped())
        .singleElement()
        .satisfies(
            skipped -> {
              assertThat(skipped.name()).isEqualTo("m");
              assertThat(skipped.problem()).contains(problem);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "=", "a", " a=mid:y", "M=audio 9 RTP/SAVPF 1", "<!-- -->"})
  void aLineThatIsNoneIsPassedOver(String line) {
    Sdp sdp = SdpParser.parse(HEAD + line + "\r\na=mid:x\r\n");
    assertThat(sdp.skipped()).singleElement().satisfies(one -> assertThat(one.line()).isEqualTo(5));
    assertThat(sdp.all(Attribute.Mid.class)).containsExactly(new Attribute.Mid("x"));
  }

  @Test
  void anUnknownAttributeIsKept() {
    assertThat(SdpParser.parse(HEAD + "a=x-new:1 2:3\r\n").attributes())
        .containsExactly(new Attribute.Other("x-new", "1 2:3"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          v=1                            | 5 | version
          m=                             | 5 | media type is missing
          m=? 9 RTP/SAVPF                | 5 | no format
          m=\u202e 9 RTP/SAVPF 1         | 5 | unprintable
          """)
  void aLineThatTheRestDependsOnIsNamedWithWhatIsWrong(String line, int number, String problem) {
    assertThatThrownBy(() -> SdpParser.parse(HEAD + line + "\r\n"))
        .isInstanceOfSatisfying(SdpException.class, e -> assertThat(e.line()).isEqualTo(number))
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          q=1                            | q           | unknown type
          o=- 3 4 IN IP4 127.0.0.1       | o           | second o=
          a=                             | ''          | without a name
          a=mid:                         | mid         | media identification is missing
          a=rtpmap:200 VP8/90000         | rtpmap      | greater than 127
          a=rtpmap:96 VP8                | rtpmap      | <name>/<clock rate>
          a=rtpmap:96 VP8/fast           | rtpmap      | clock rate is not a number
          a=ssrc:99999999999 cname:x     | ssrc        | greater than 4294967295
          a=ssrc-group:FID 1 x           | ssrc-group  | not a number
          a=setup:maybe                  | setup       | setup role
          a=fingerprint:sha-256 1:2      | fingerprint | hexadecimal
          a=fingerprint:sha-256 01:02    | fingerprint | 2 octets and not 32
          a=ice-ufrag:x y                | ice-ufrag   | RFC 8839
          a=ice-pwd:short                | ice-pwd     | RFC 8839
          a=extmap:x urn:a               | extmap      | not a number
          a=extmap:4096 urn:a            | extmap      | greater than 4095
          a=extmap:1/up urn:a            | extmap      | direction
          a=extmap:1                     | extmap      | URI is missing
          """)
  void anyOtherLineThatCannotBeReadIsPassedOverAndKeptWithWhatIsWrong(
      String line, String name, String problem) {
    for (String place : List.of(HEAD, HEAD + "m=audio 9 RTP/SAVPF 1\r\n")) {
      Sdp sdp = SdpParser.parse(place + line + "\r\na=rtcp-mux\r\n");

      int section = sdp.media().size() - 1;
      assertThat(sdp.skipped())
          .singleElement()
          .satisfies(
              skipped -> {
                assertThat(skipped.line()).isEqualTo((int) place.lines().count() + 1);
                assertThat(skipped.section()).isEqualTo(section);
                assertThat(skipped.name()).isEqualTo(name);
                assertThat(skipped.problem()).contains(problem);
              });
      List<Attribute> kept =
          section == SkippedLine.SESSION ? sdp.attributes() : sdp.media().getFirst().attributes();
      assertThat(kept).containsExactly(new Attribute.RtcpMux());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "o=- 1 340282366920938463463374607431768211456 IN IP4 127.0.0.1",
        "o=- 1 9223372036854775808 IN IP4 127.0.0.1"
      })
  void theVersionMayHaveAnyNumberOfDigits(String line) {
    Sdp sdp = SdpParser.parse("v=0\r\n" + line + "\r\ns=-\r\n");

    assertThat("o=" + sdp.origin()).isEqualTo(line);
    assertThat(sdp.skipped()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "o=",
        "o=- 1",
        "o=- 1 x IN IP4 127.0.0.1",
        "o=- 1 2 IN IP4",
        "o=\u0001 1 2 IN IP4 h"
      })
  void anOriginThatCannotBeReadDoesNoHarmBecauseNothingDependsOnIt(String line) {
    Sdp sdp = SdpParser.parse("v=0\r\n" + line + "\r\ns=-\r\nm=audio 9 RTP/SAVPF 1\r\n");

    assertThat(sdp.media()).hasSize(1);
    assertThat(sdp.skipped()).extracting(SkippedLine::name).containsExactly("o");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\u0000", "\u0007", "\u007f", "\u009b", "\u202e", "\u2028", "\ud800", "\udc00"})
  void aLineWithCharactersThatCannotBeShownIsPassedOver(String character) {
    Sdp sdp = SdpParser.parse(HEAD + "a=x:1" + character + "2\r\na=y:é😀\r\n");

    assertThat(sdp.attributes()).containsExactly(new Attribute.Other("y", "é😀"));
    assertThat(sdp.skipped()).extracting(SkippedLine::name).containsExactly("x");
    assertThatThrownBy(() -> SdpParser.parse(HEAD + "m=audio" + character + " 9 RTP/SAVPF 1\r\n"))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("unprintable");
  }

  @Test
  void aMessageSizeBeyondAllNumbersIsTheGreatest() {
    assertThat(
            SdpParser.parse(HEAD + "a=max-message-size:18446744073709551615\r\n")
                .first(Attribute.MaxMessageSize.class))
        .contains(new Attribute.MaxMessageSize(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                     | empty
          'v=0'                                  | no o= line
          's=-'                                  | no o= line
          'Not found'                            | no o= line
          """)
  void aDescriptionWithoutItsHeadIsRefused(String text, String problem) {
    assertThatThrownBy(() -> SdpParser.parse(text))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void aDescriptionIsBoundedInLengthSectionsAndAttributes() {
    assertThatThrownBy(() -> SdpParser.parse(HEAD + "a=x\n".repeat(SdpParser.MAX_LENGTH / 4)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("characters");
    assertThatThrownBy(() -> SdpParser.parse(HEAD + "m=a 9 X 0\n".repeat(SdpParser.MAX_MEDIA + 1)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("media sections");
    assertThatThrownBy(() -> SdpParser.parse(HEAD + "m=a \u0001\n".repeat(SdpParser.MAX_MEDIA + 1)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("media sections");
    assertThatThrownBy(() -> SdpParser.parse(HEAD + "a=x\n".repeat(SdpParser.MAX_ATTRIBUTES + 1)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("attributes");
    assertThat(SdpParser.parse(HEAD + "m=a 9 X" + " 0".repeat(SdpParser.MAX_FORMATS + 1)).skipped())
        .singleElement()
        .satisfies(line -> assertThat(line.problem()).contains("formats"));
    assertThatThrownBy(
            () ->
                SdpParser.parse(
                    HEAD + "a=mid:\n".repeat(SdpParser.MAX_SKIPPED) + "m=a 9 X 0\na=mid:\n"))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("lines that cannot be read");
  }

  @Test
  void mutatedDescriptionsNeverCauseAnythingButTheDeclaredException() {
    Random random = new Random(1);
    List<String> fixtures = SdpFixture.names().stream().map(SdpFixture::read).toList();
    int refused = 0;
    int rounds = 5_000 * Integer.getInteger("heliograph.fuzz", 1);
    for (int round = 0; round < rounds; round++) {
      String text = SdpMutator.mutate(fixtures.get(round % fixtures.size()), random);
      try {
        SdpWriter.write(SdpParser.parse(text));
      } catch (SdpException declared) {
        refused++;
      }
    }
    assertThat(refused).isBetween(rounds / 100, rounds / 2);
  }
}
