package org.heliograph.signaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.heliograph.signaling.EnvelopeException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeCodecTest {
  static Stream<SignalPayload> payloads() {
    return Stream.of(
        new SignalPayload.CallRequest(new CallMedia(true, false)),
        new SignalPayload.CallAck(),
        new SignalPayload.CallOffer("v=0\r\n"),
        new SignalPayload.CallAnswer("v=0\r\n"),
        new SignalPayload.Candidate(new IceCandidate("candidate:1", "0", 0, "frag")),
        new SignalPayload.Candidate(new IceCandidate("candidate:1", null, null, null)),
        new SignalPayload.Candidate(new IceCandidate("", null, null, null)),
        new SignalPayload.CallHangup("busy"),
        new SignalPayload.CallError("unexpected", "no"));
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void whatIsWrittenReadsBackTheSame(SignalPayload payload) throws Exception {
    Envelope envelope = new Envelope("c-1", "ann", "bob", payload);
    assertThat(EnvelopeCodec.parse(EnvelopeCodec.write(envelope))).isEqualTo(envelope);
  }

  @Test
  void aBrowsersCandidateIsRead() throws Exception {
    Envelope envelope =
        EnvelopeCodec.parse(
            """
            {"channel_id":"c","from":"a","to":"b","payload":{"type":"ice-candidate","candidate":
              {"candidate":"candidate:1 1 udp 2 127.0.0.1 9 typ host","sdpMid":"0",
               "sdpMLineIndex":0,"usernameFragment":"f","address":null}}}\
            """);
    assertThat(envelope.payload()).isInstanceOf(SignalPayload.Candidate.class);
  }

  @Test
  void aRequestWithoutMediaAsksForBoth() throws Exception {
    Envelope envelope =
        EnvelopeCodec.parse(
            "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"call-request\"}}");
    assertThat(envelope.payload())
        .isEqualTo(new SignalPayload.CallRequest(CallMedia.AUDIO_AND_VIDEO));
  }

  @Test
  void theEndOfCandidatesIsNull() {
    Envelope envelope =
        new Envelope(
            "c", "a", "b", new SignalPayload.Candidate(new IceCandidate("", null, null, null)));
    assertThat(EnvelopeCodec.write(envelope)).contains("\"candidate\":null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "7",
        "{} {}",
        "{\"channel_id\":\"c\",\"channel_id\":\"d\"}",
        "{\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"call-ack\"}}",
        "{\"channel_id\":7,\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"call-ack\"}}",
        "{\"channel_id\":\"a/b\",\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"call-ack\"}}",
        "{\"channel_id\":\"c\",\"from\":\"\",\"to\":\"b\",\"payload\":{\"type\":\"call-ack\"}}",
        "{\"channel_id\":\"c\",\"from\":\"a\\n"
            + "b\",\"to\":\"b\",\"payload\":{\"type\":\"call-ack\"}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":\"call-ack\"}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":{}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"eval\"}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":\"call-offer\"}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":"
            + "{\"type\":\"call-request\",\"media\":{\"audio\":1}}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":"
            + "{\"type\":\"call-request\",\"media\":{\"audio\":false}}}",
        "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":"
            + "{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"x\",\"sdpMLineIndex\":-1}}}",
      })
  void whatIsMalformedIsRefused(String text) {
    assertThatThrownBy(() -> EnvelopeCodec.parse(text))
        .isInstanceOfSatisfying(
            EnvelopeException.class,
            refused -> assertThat(refused.code()).isEqualTo(Code.MALFORMED));
  }

  @Test
  void whatIsTooLongIsRefusedByItsBytes() {
    String sdp = "ü".repeat(40_000);
    assertThatThrownBy(
            () ->
                EnvelopeCodec.parse(
                    EnvelopeCodec.write(
                        new Envelope("c", "a", "b", new SignalPayload.CallOffer(sdp)))))
        .isInstanceOfSatisfying(
            EnvelopeException.class,
            refused -> assertThat(refused.code()).isEqualTo(Code.TOO_LARGE));
  }

  @Test
  void whatIsNestedDeepIsRefused() {
    String deep = "{\"payload\":".repeat(2000) + "1" + "}".repeat(2000);
    assertThatThrownBy(() -> EnvelopeCodec.parse(deep)).isInstanceOf(EnvelopeException.class);
  }

  @Test
  void aReasonIsMadeFitToBeShown() throws Exception {
    String reason = "a\\u0007\\n" + "b".repeat(1000);
    Envelope envelope =
        EnvelopeCodec.parse(
            "{\"channel_id\":\"c\",\"from\":\"a\",\"to\":\"b\",\"payload\":{\"type\":"
                + "\"call-hangup\",\"reason\":\""
                + reason
                + "\"}}");
    String read = ((SignalPayload.CallHangup) envelope.payload()).reason();
    assertThat(read).startsWith("a  b").hasSize(257);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1B, 0x9B, 0xAD, 0x200D, 0x202E, 0x2028, 0x2066, 0xFEFF, 0xD800})
  void namesThatMisleadAreRefusedAndOtherTextsAreMadeFit(int character) throws Exception {
    String mark = Character.toString(character);
    for (String names : List.of("'from':'a%s','to':'b'", "'from':'a','to':'b%s'")) {
      assertThatThrownBy(
              () ->
                  EnvelopeCodec.parse(
                      ("{'channel_id':'c'," + names.formatted("\\u%04x".formatted(character)) + ",")
                              .replace('\'', '"')
                          + "\"payload\":{\"type\":\"call-ack\"}}"))
          .hasMessageContaining("must be a name");
    }
    SignalPayload refusal = new SignalPayload.CallError("x" + mark + "y", "x" + mark + "y");
    assertThat(
            EnvelopeCodec.parse(EnvelopeCodec.write(new Envelope("c", "a", "b", refusal)))
                .toString())
        .containsPattern("x[ \uFFFD]y.*x[ \uFFFD]y")
        .doesNotContain(mark);
    assertThatThrownBy(() -> EnvelopeCodec.parse("{\"channel_id\": tru" + mark + "e}"))
        .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain(mark));
    assertThat(new EnvelopeException(Code.BAD_DESCRIPTION, "x" + mark + "y").getMessage())
        .matches("x[ \uFFFD]y");
  }

  /** Whatever arrives, nothing but the declared exception comes out. */
  @Test
  void mutatedEnvelopesAreReadOrRefused() {
    Random random = new Random(4711);
    List<String> seeds =
        payloads().map(each -> EnvelopeCodec.write(new Envelope("c", "a", "b", each))).toList();
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
      for (int edits = random.nextInt(1, 5); edits > 0; edits--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(0x20, 0x180));
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, "{}[]\",:0-e\\u".charAt(random.nextInt(12)));
        }
      }
      try {
        assertThat(EnvelopeCodec.parse(text.toString())).isNotNull();
      } catch (EnvelopeException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
