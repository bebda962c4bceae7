package org.heliograph.peer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.FormatParameters;
import org.heliograph.peer.sdp.MediaDescription;

/**
 * How one media section carries its codec: VP8 with its retransmission stream, or Opus. What a
 * section says beyond that (other codecs, redundancy, unknown extensions) is not taken up.
 *
 * @param payloadType the codec's payload type
 * @param rtxPayloadType the payload type of its retransmissions (RFC 4588), where there is one
 * @param parameters what the writer of the section wants to receive (RFC 7587 7, RFC 7741 6)
 * @param feedback the RTCP feedback that the section's writer takes, such as {@code nack pli}
 * @param extensions the header extensions' local identifiers (RFC 8285)
 */
record NegotiatedFormat(
    int payloadType,
    OptionalInt rtxPayloadType,
    FormatParameters parameters,
    Set<String> feedback,
    Map<RtpExtension, Integer> extensions) {
  NegotiatedFormat {
    feedback = Set.copyOf(feedback);
    extensions = Map.copyOf(extensions);
  }

  /** The extensions in use: packets are numbered only for one who reports on the numbers. */
  Map<RtpExtension, Integer> usedExtensions() {
    Map<RtpExtension, Integer> used = new EnumMap<>(RtpExtension.class);
    used.putAll(extensions);
    if (!feedback.contains(MediaCodec.TRANSPORT_WIDE_FEEDBACK)) {
      used.remove(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
    }
    return used;
  }

  /** What this side offers for a kind, with the connection's numbers. */
  static NegotiatedFormat offered(MediaKind kind, Numbering numbering) {
    MediaCodec codec = MediaCodec.of(kind);
    Map<RtpExtension, Integer> extensions = new EnumMap<>(RtpExtension.class);
    for (RtpExtension extension : codec.extensions()) {
      extensions.put(extension, numbering.extensionId(extension));
    }
    return new NegotiatedFormat(
        numbering.payloadType(codec.encoding()),
        codec.retransmitted()
            ? OptionalInt.of(numbering.payloadType(MediaCodec.RTX))
            : OptionalInt.empty(),
        codec.parameters(),
        codec.feedback(),
        extensions);
  }

  /**
   * What a section of the other side says of the codec that this side has for the kind; empty if it
   * lacks it.
   */
  static Optional<NegotiatedFormat> read(MediaDescription section, MediaKind kind) {
    MediaCodec codec = MediaCodec.of(kind);
    List<Attribute.RtpMap> maps = section.all(Attribute.RtpMap.class);
    for (String format : section.formats()) {
      for (Attribute.RtpMap map : maps) {
        if (format.equals(Integer.toString(map.payloadType())) && codec.matches(map)) {
          return Optional.of(read(section, codec, map.payloadType(), maps));
        }
      }
    }
    return Optional.empty();
  }

  private static NegotiatedFormat read(
      MediaDescription section, MediaCodec codec, int payloadType, List<Attribute.RtpMap> maps) {
    Set<String> feedback = new LinkedHashSet<>();
    for (Attribute.RtcpFeedback line : section.all(Attribute.RtcpFeedback.class)) {
      if (line.payloadType().orElse(payloadType) == payloadType
          && codec.feedback().contains(line.feedback())) {
        feedback.add(line.feedback());
      }
    }
    return new NegotiatedFormat(
        payloadType,
        codec.retransmitted() ? rtxOf(section, payloadType, maps) : OptionalInt.empty(),
        parameters(section, payloadType),
        feedback,
        extensions(section, codec));
  }

  private static OptionalInt rtxOf(
      MediaDescription section, int payloadType, List<Attribute.RtpMap> maps) {
    return maps.stream()
        .filter(map -> map.encoding().equalsIgnoreCase(MediaCodec.RTX))
        .mapToInt(Attribute.RtpMap::payloadType)
        .filter(rtx -> rtx != payloadType)
        .filter(rtx -> parameters(section, rtx).number("apt").equals(OptionalInt.of(payloadType)))
        .findFirst();
  }

  private static FormatParameters parameters(MediaDescription section, int payloadType) {
    String format = Integer.toString(payloadType);
    return section.all(Attribute.Fmtp.class).stream()
        .filter(fmtp -> fmtp.format().equals(format))
        .findFirst()
        .map(fmtp -> FormatParameters.parse(fmtp.parameters()))
        .orElse(FormatParameters.NONE);
  }

  /** Extensions in both directions with an identifier of their own in the one-byte form. */
  private static Map<RtpExtension, Integer> extensions(MediaDescription section, MediaCodec codec) {
    Map<RtpExtension, Integer> extensions = new EnumMap<>(RtpExtension.class);
    Set<Integer> usedIds = new HashSet<>();
    for (Attribute.ExtMap line : section.all(Attribute.ExtMap.class)) {
      boolean bothWays = line.direction().orElse(Direction.SENDRECV) == Direction.SENDRECV;
      Optional<RtpExtension> extension = RtpExtension.ofUri(line.uri());
      if (bothWays
          && extension.isPresent()
          && codec.extensions().contains(extension.get())
          && !extensions.containsKey(extension.get())
          && Numbering.isExtensionId(line.id())
          && usedIds.add(line.id())) {
        extensions.put(extension.get(), line.id());
      }
    }
    return extensions;
  }

  /**
   * The answer to this format, which the other side offered: its numbers, feedback and extensions,
   * and this side's own wishes as a receiver.
   */
  NegotiatedFormat answered(MediaKind kind) {
    return new NegotiatedFormat(
        payloadType, rtxPayloadType, MediaCodec.of(kind).parameters(), feedback, extensions);
  }

  /** What is left of this format, which was offered, after the other side's answer. */
  NegotiatedFormat narrowedTo(NegotiatedFormat answer) {
    Set<String> both = new LinkedHashSet<>(feedback);
    both.retainAll(answer.feedback);
    Map<RtpExtension, Integer> agreed = new EnumMap<>(RtpExtension.class);
    extensions.forEach(
        (extension, id) -> {
          if (id.equals(answer.extensions.get(extension))) {
            agreed.put(extension, id);
          }
        });
    return new NegotiatedFormat(
        payloadType,
        answer.rtxPayloadType.isPresent() ? rtxPayloadType : OptionalInt.empty(),
        parameters,
        both,
        agreed);
  }

  /** The formats of the {@code m=} line. */
  List<String> formats() {
    List<String> formats = new ArrayList<>();
    formats.add(Integer.toString(payloadType));
    rtxPayloadType.ifPresent(rtx -> formats.add(Integer.toString(rtx)));
    return formats;
  }

  /** The lines that say all this. */
  List<Attribute> attributes(MediaKind kind) {
    MediaCodec codec = MediaCodec.of(kind);
    List<Attribute> lines = new ArrayList<>();
    extensions.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> lines.add(new Attribute.ExtMap(entry.getValue(), entry.getKey().uri())));
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
