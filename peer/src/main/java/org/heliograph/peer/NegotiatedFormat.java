package org.heliograph.peer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.FormatParameters;

/**
 * A codec in a media section.
 *
 * @param codec the codec
 * @param payloadType its payload type
 * @param rtxPayloadType the payload type of its retransmissions (RFC 4588), where there is one
 * @param parameters what the writer of the section wants to receive (RFC 7587 7, RFC 7741 6)
 * @param feedback the RTCP feedback that the section's writer takes, such as {@code nack pli}
 */
record NegotiatedFormat(
    MediaCodec codec,
    int payloadType,
    OptionalInt rtxPayloadType,
    FormatParameters parameters,
    Set<String> feedback) {
  NegotiatedFormat {
    feedback = Set.copyOf(feedback);
  }

  /**
   * What this side offers of a codec, with the numbers that it has already in the section, and else
   * with those of the connection.
   *
   * @param opusPayloadType what redundant audio carries
   */
  static NegotiatedFormat offered(
      MediaCodec codec,
      Optional<NegotiatedFormat> before,
      int opusPayloadType,
      Numbering numbering) {
    OptionalInt rtx =
        before
            .map(NegotiatedFormat::rtxPayloadType)
            .filter(OptionalInt::isPresent)
            .orElseGet(
                () ->
                    codec.retransmitted()
                        ? OptionalInt.of(numbering.rtxPayloadType(codec))
                        : OptionalInt.empty());
    return new NegotiatedFormat(
        codec,
        before.map(NegotiatedFormat::payloadType).orElseGet(() -> numbering.payloadType(codec)),
        rtx,
        codec.parameters(opusPayloadType),
        codec.feedback());
  }

  /**
   * The answer to this format, which the other side offered: its numbers and feedback, and this
   * side's own wishes as a receiver.
   */
  NegotiatedFormat answered(int opusPayloadType) {
    return new NegotiatedFormat(
        codec, payloadType, rtxPayloadType, codec.parameters(opusPayloadType), feedback);
  }

  /** What is left of this format, which was offered, after the other side's answer. */
  NegotiatedFormat narrowedTo(NegotiatedFormat answer) {
    return new NegotiatedFormat(
        codec,
        payloadType,
        answer.rtxPayloadType.isPresent() ? rtxPayloadType : OptionalInt.empty(),
        parameters,
        feedbackWith(answer));
  }

  /** The other side's answer to what was offered, with the feedback that both know. */
  NegotiatedFormat limitedTo(NegotiatedFormat offer) {
    return new NegotiatedFormat(
        codec, payloadType, rtxPayloadType, parameters, feedbackWith(offer));
  }

  private Set<String> feedbackWith(NegotiatedFormat other) {
    Set<String> both = new LinkedHashSet<>(feedback);
    both.retainAll(other.feedback);
    return both;
  }

  /** The lines that say all this. */
  List<Attribute> attributes() {
    List<Attribute> lines = new ArrayList<>();
    lines.add(codec.rtpMap(payloadType));
    feedback.stream()
        .sorted()
        .forEach(
            wanted -> lines.add(new Attribute.RtcpFeedback(OptionalInt.of(payloadType), wanted)));
    if (!parameters.values().isEmpty()) {
      lines.add(new Attribute.Fmtp(Integer.toString(payloadType), parameters.toString()));
    }
    if (rtxPayloadType.isPresent()) {
      int rtx = rtxPayloadType.getAsInt();
      lines.add(new Attribute.RtpMap(rtx, MediaCodec.RTX, codec.clockRate(), OptionalInt.empty()));
      lines.add(new Attribute.Fmtp(Integer.toString(rtx), "apt=" + payloadType));
    }
    return lines;
  }
}
