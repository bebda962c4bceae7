package org.heliograph.peer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
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
 * How one media section carries its media: its codecs, and the header extensions. What a section
 * says beyond that (other codecs, unknown extensions) is not taken up.
 *
 * @param formats the codecs, the one that the section's writer prefers first; never empty, each
 *     codec once, and redundant audio only beside what it carries
 * @param extensions the header extensions' local identifiers (RFC 8285)
 */
record NegotiatedMedia(List<NegotiatedFormat> formats, Map<RtpExtension, Integer> extensions) {
  NegotiatedMedia {
    formats = List.copyOf(formats);
    extensions = Map.copyOf(extensions);
    if (formats.isEmpty()) {
      throw new IllegalArgumentException("a section without a codec");
    }
  }

  /** The codec of the section, if it has it. */
  Optional<NegotiatedFormat> format(MediaCodec codec) {
    return formats.stream().filter(format -> format.codec() == codec).findFirst();
  }

  /** The codec that is preferred of those that have frames of their own. */
  NegotiatedFormat preferred() {
    return formats.stream()
        .filter(format -> format.codec().format().isPresent())
        .findFirst()
        .orElseThrow();
  }

  /** Whether a codec is sent again by a stream of its own, which then has a source. */
  boolean isRetransmitted() {
    return formats.stream().anyMatch(format -> format.rtxPayloadType().isPresent());
  }

  /** The extensions in use: packets are numbered only for one who reports on the numbers. */
  Map<RtpExtension, Integer> usedExtensions() {
    Map<RtpExtension, Integer> used = new EnumMap<>(RtpExtension.class);
    used.putAll(extensions);
    if (formats.stream()
        .noneMatch(format -> format.feedback().contains(MediaCodec.TRANSPORT_WIDE_FEEDBACK))) {
      used.remove(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
    }
    return used;
  }

  /**
   * What this side offers: with the numbers that the section has already (RFC 8829 5.2.2), and else
   * with those of the connection.
   *
   * @param simulcast whether several streams are sent, which are told by their names
   * @param before what was agreed on for the section last; empty for a new one
   */
  static NegotiatedMedia offered(
      MediaKind kind,
      List<MediaCodec> codecs,
      boolean simulcast,
      Optional<NegotiatedMedia> before,
      Numbering numbering) {
    Map<RtpExtension, Integer> extensions = new EnumMap<>(RtpExtension.class);
    List<RtpExtension> wanted = MediaCodec.extensions(kind, simulcast);
    before.ifPresent(media -> extensions.putAll(media.extensions));
    extensions.keySet().retainAll(wanted);
    for (RtpExtension extension : wanted) {
      if (!extensions.containsKey(extension)) {
        int id = numbering.extensionId(extension);
        // Where the other side has given the number to another one in this section, it is left out.
        if (!extensions.containsValue(id)) {
          extensions.put(extension, id);
        }
      }
    }
    int opus =
        before
            .flatMap(media -> media.format(MediaCodec.OPUS))
            .map(NegotiatedFormat::payloadType)
            .orElseGet(() -> kind == MediaKind.AUDIO ? numbering.payloadType(MediaCodec.OPUS) : 0);
    return new NegotiatedMedia(
        codecs.stream()
            .map(
                codec ->
                    NegotiatedFormat.offered(
                        codec, before.flatMap(media -> media.format(codec)), opus, numbering))
            .toList(),
        extensions);
  }

  /**
   * What a section of the other side says of codecs that this side has, in the section's order;
   * empty if it has none of them.
   */
  static Optional<NegotiatedMedia> read(
      MediaDescription section, MediaKind kind, List<MediaCodec> codecs) {
    List<Attribute.RtpMap> maps = section.all(Attribute.RtpMap.class);
    Map<String, Attribute.RtpMap> byFormat = new HashMap<>();
    maps.forEach(map -> byFormat.putIfAbsent(Integer.toString(map.payloadType()), map));
    Map<MediaCodec, NegotiatedFormat> found = new EnumMap<>(MediaCodec.class);
    List<MediaCodec> order = new ArrayList<>();
    for (String format : section.formats()) {
      Attribute.RtpMap map = byFormat.get(format);
      if (map == null || codecs.stream().noneMatch(codec -> codec.isNamed(map))) {
        continue;
      }
      FormatParameters parameters = parameters(section, map.payloadType());
      codecs.stream()
          .filter(codec -> !found.containsKey(codec))
          .filter(codec -> codec.matches(map, parameters))
          .findFirst()
          .ifPresent(
              codec -> {
                order.add(codec);
                found.put(codec, read(section, codec, map.payloadType(), maps));
              });
    }
    order.removeIf(codec -> codec.format().isEmpty() && !isOfUse(codec, found));
    return order.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NegotiatedMedia(
                order.stream().map(found::get).toList(), extensions(section, kind)));
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
        codec,
        payloadType,
        codec.retransmitted() ? rtxOf(section, payloadType, maps) : OptionalInt.empty(),
        parameters(section, payloadType),
        feedback);
  }

  /** Whether what only wraps has something to wrap. */
  private static boolean isOfUse(MediaCodec wrapping, Map<MediaCodec, NegotiatedFormat> found) {
    return switch (wrapping) {
      case RED -> carriesOpus(found);
      case VIDEO_RED -> hasPictures(found) && found.containsKey(MediaCodec.ULPFEC);
      case ULPFEC -> hasPictures(found) && found.containsKey(MediaCodec.VIDEO_RED);
      case VP8, VP9, OPUS -> true;
    };
  }

  private static boolean hasPictures(Map<MediaCodec, NegotiatedFormat> found) {
    return found.keySet().stream().anyMatch(codec -> codec.format().isPresent());
  }

  /** Whether redundant audio is redundant Opus, of the payload type that was found for it. */
  private static boolean carriesOpus(Map<MediaCodec, NegotiatedFormat> found) {
    NegotiatedFormat opus = found.get(MediaCodec.OPUS);
    if (opus == null) {
      return false;
    }
    String carried = found.get(MediaCodec.RED).parameters().toString();
    String expected = Integer.toString(opus.payloadType());
    return !carried.isEmpty() && List.of(carried.split("/")).stream().allMatch(expected::equals);
  }

  private static OptionalInt rtxOf(
      MediaDescription section, int payloadType, List<Attribute.RtpMap> maps) {
    return maps.stream()
        .filter(map -> map.encoding().equalsIgnoreCase(MediaCodec.RTX))
        .mapToInt(Attribute.RtpMap::payloadType)
        .filter(rtx -> rtx != payloadType)
        .filter(rtx -> section.formats().contains(Integer.toString(rtx)))
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
  private static Map<RtpExtension, Integer> extensions(MediaDescription section, MediaKind kind) {
    Map<RtpExtension, Integer> extensions = new EnumMap<>(RtpExtension.class);
    Set<Integer> usedIds = new HashSet<>();
    for (Attribute.ExtMap line : section.all(Attribute.ExtMap.class)) {
      boolean bothWays = line.direction().orElse(Direction.SENDRECV) == Direction.SENDRECV;
      Optional<RtpExtension> extension = RtpExtension.ofUri(line.uri());
      if (bothWays
          && extension.isPresent()
          && MediaCodec.extensions(kind, true).contains(extension.get())
          && !extensions.containsKey(extension.get())
          && Numbering.isExtensionId(line.id())
          && usedIds.add(line.id())) {
        extensions.put(extension.get(), line.id());
      }
    }
    return extensions;
  }

  /**
   * The same with the codecs in another order, and only those that are named.
   *
   * @param preferences at least one of them is here
   */
  NegotiatedMedia inOrderOf(List<MediaCodec> preferences) {
    return new NegotiatedMedia(
        preferences.stream().flatMap(codec -> format(codec).stream()).toList(), extensions);
  }

  /** Whether the streams of a section can be told by their names (RFC 8852). */
  boolean tellsStreams() {
    return extensions.containsKey(RtpExtension.MID)
        && extensions.containsKey(RtpExtension.RTP_STREAM_ID);
  }

  /** The same without the names of streams, which only simulcast needs. */
  NegotiatedMedia withoutStreamNames() {
    Map<RtpExtension, Integer> rest = new EnumMap<>(RtpExtension.class);
    rest.putAll(extensions);
    rest.remove(RtpExtension.RTP_STREAM_ID);
    rest.remove(RtpExtension.REPAIRED_RTP_STREAM_ID);
    return new NegotiatedMedia(formats, rest);
  }

  /**
   * The answer to this, which the other side offered: its numbers, feedback and extensions, and
   * this side's own wishes as a receiver.
   */
  NegotiatedMedia answered() {
    int opus = format(MediaCodec.OPUS).map(NegotiatedFormat::payloadType).orElse(0);
    return new NegotiatedMedia(
        formats.stream().map(format -> format.answered(opus)).toList(), extensions);
  }

  /** What is left of this, which was offered, after the other side's answer. */
  NegotiatedMedia narrowedTo(NegotiatedMedia answer) {
    return new NegotiatedMedia(
        answer.formats.stream()
            .flatMap(
                answered -> format(answered.codec()).map(own -> own.narrowedTo(answered)).stream())
            .toList(),
        extensionsWith(answer));
  }

  /** The other side's answer, without what was not offered. */
  NegotiatedMedia limitedTo(NegotiatedMedia offer) {
    return new NegotiatedMedia(
        formats.stream()
            .flatMap(answered -> offer.format(answered.codec()).map(answered::limitedTo).stream())
            .toList(),
        offer.extensionsWith(this));
  }

  private Map<RtpExtension, Integer> extensionsWith(NegotiatedMedia answer) {
    Map<RtpExtension, Integer> agreed = new EnumMap<>(RtpExtension.class);
    extensions.forEach(
        (extension, id) -> {
          if (id.equals(answer.extensions.get(extension))) {
            agreed.put(extension, id);
          }
        });
    return agreed;
  }

  /** The formats of the {@code m=} line: each codec, and what it is retransmitted as. */
  List<String> payloadTypes() {
    return allPayloadTypes().stream().map(String::valueOf).toList();
  }

  /** Every payload type that the section's packets may have. */
  List<Integer> allPayloadTypes() {
    List<Integer> numbers = new ArrayList<>();
    for (NegotiatedFormat format : formats) {
      numbers.add(format.payloadType());
      format.rtxPayloadType().ifPresent(numbers::add);
    }
    return numbers;
  }

  /** The lines that say all this. */
  List<Attribute> attributes() {
    List<Attribute> lines = new ArrayList<>();
    extensions.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> lines.add(new Attribute.ExtMap(entry.getValue(), entry.getKey().uri())));
    formats.forEach(format -> lines.addAll(format.attributes()));
    return lines;
  }
}
