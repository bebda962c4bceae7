package org.heliograph.peer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SdpParser;

/**
 * The other side's description, read and checked for what holds of offers and answers alike (RFC
 * 8829 5.8, RFC 8843 7).
 *
 * @param sdp the description
 * @param bundle the identifications of the sections that share one transport, in order; empty where
 *     nothing is bundled
 * @param candidates the candidates that it carries
 */
record RemoteDescription(
    Sdp sdp, List<String> bundle, List<RemoteCandidates.Signalled> candidates) {
  /** The most sections that are used; further ones are refused. */
  static final int MAX_USED_SECTIONS = 32;

  /**
   * Reads a description.
   *
   * @throws IllegalArgumentException if it is malformed or contradicts itself
   */
  static RemoteDescription parse(String text) {
    Sdp sdp = SdpParser.parse(text);
    Set<String> mids = new HashSet<>();
    for (MediaDescription section : sdp.media()) {
      section
          .mid()
          .ifPresent(
              mid -> {
                if (!mids.add(mid)) {
                  throw new IllegalArgumentException("SDP: two sections have the mid " + mid);
                }
              });
    }
    List<String> bundle =
        sdp.all(Attribute.Group.class).stream()
            .filter(group -> group.semantics().equals(Attribute.Group.BUNDLE))
            .findFirst()
            .map(Attribute.Group::mids)
            .orElse(List.of());
    if (!mids.containsAll(bundle)) {
      throw new IllegalArgumentException("SDP: the BUNDLE group names a section that is not there");
    }
    if (new LinkedHashSet<>(bundle).size() != bundle.size()) {
      throw new IllegalArgumentException("SDP: the BUNDLE group names a section twice");
    }
    return new RemoteDescription(sdp, bundle, RemoteCandidates.read(sdp));
  }

  /** The media sections. */
  List<MediaDescription> sections() {
    return sdp.media();
  }

  /** Whether a section shares the bundle's transport. */
  boolean isBundled(MediaDescription section) {
    return section.mid().filter(bundle::contains).isPresent();
  }

  /**
   * The kind of media that this side could exchange in a section; empty if it must be refused: no
   * sound and no picture, another transport, RTCP on a port of its own, or none of this side's
   * codecs.
   */
  Optional<MediaKind> usableKind(MediaDescription section) {
    if (section.isRejected()
        || !section.isRtpOverDtls()
        || !(section.has(Attribute.RtcpMux.class) || section.has(Attribute.RtcpMuxOnly.class))) {
      return Optional.empty();
    }
    return MediaKind.of(section.media()).filter(kind -> read(section, kind).isPresent());
  }

  /**
   * The kinds of media that are wanted and have no codec of this side, each with the names of the
   * codecs that it has instead.
   */
  Map<MediaKind, List<String>> foreignCodecs() {
    Map<MediaKind, List<String>> foreign = new EnumMap<>(MediaKind.class);
    for (MediaDescription section : sections()) {
      Optional<MediaKind> kind = MediaKind.of(section.media());
      if (kind.isPresent()
          && !section.isRejected()
          && section.isRtpOverDtls()
          && read(section, kind.get()).isEmpty()) {
        List<String> names =
            section.all(Attribute.RtpMap.class).stream()
                .map(Attribute.RtpMap::encoding)
                .filter(name -> !MediaCodec.NO_CODECS.contains(name.toLowerCase(Locale.ROOT)))
                .distinct()
                .toList();
        foreign.putIfAbsent(kind.get(), names);
      }
    }
    return foreign;
  }

  /** Whether a section can carry data channels: the first of its kind, as there is one SCTP. */
  private static boolean isUsableForData(
      MediaDescription section, List<MediaDescription> usedBefore) {
    return !section.isRejected()
        && DataDescription.read(section).isPresent()
        && usedBefore.stream().noneMatch(MediaDescription::isDataOverDtls);
  }

  /**
   * The section that speaks for the transport (the tagged one, RFC 8843 7.2.1 and 7.3.1): the first
   * of the bundle that is used; without a bundle the only one.
   */
  Optional<MediaDescription> taggedSection(List<MediaDescription> used) {
    for (String mid : bundle) {
      for (MediaDescription section : used) {
        if (section.mid().equals(Optional.of(mid)) && section.port() != 0) {
          return Optional.of(section);
        }
      }
    }
    for (String mid : bundle) {
      for (MediaDescription section : sections()) {
        if (section.mid().equals(Optional.of(mid)) && section.has(Attribute.IceUfrag.class)) {
          return Optional.of(section);
        }
      }
    }
    return used.stream().findFirst();
  }

  /**
   * The sections that this side can use: those of the BUNDLE group; where there is none, the first
   * usable one, because a second transport is not to be had.
   */
  List<MediaDescription> usableSections() {
    List<MediaDescription> usable = new ArrayList<>();
    for (MediaDescription section : sections()) {
      boolean onTransport = bundle.isEmpty() ? usable.isEmpty() : isBundled(section);
      if (onTransport
          && usable.size() < MAX_USED_SECTIONS
          && (usableKind(section).isPresent() || isUsableForData(section, usable))) {
        usable.add(section);
      }
    }
    return usable;
  }

  /**
   * The transport of the sections that are used; empty if none is.
   *
   * @throws IllegalArgumentException if something that WebRTC requires is missing
   */
  Optional<TransportDescription> transport(List<MediaDescription> used) {
    return used.isEmpty()
        ? Optional.empty()
        : taggedSection(used).map(section -> TransportDescription.read(sdp, section));
  }

  /**
   * Checks that a number means the same in all sections of the bundle (RFC 8843 9.1 and 10):
   * packets of all of them come over one transport.
   *
   * @throws IllegalArgumentException if a payload type or an extension's identifier means two
   *     things
   */
  static void requireOneNumbering(List<MediaDescription> used) {
    Map<Integer, String> encodings = new HashMap<>();
    Map<Integer, RtpExtension> extensions = new HashMap<>();
    for (MediaDescription section : used) {
      if (section.isDataOverDtls()) {
        continue;
      }
      MediaKind kind = MediaKind.of(section.media()).orElseThrow();
      NegotiatedMedia media = read(section, kind).orElseThrow();
      for (NegotiatedFormat format : media.formats()) {
        String encoding = format.codec().encoding();
        requireSame(encodings, format.payloadType(), encoding, "the payload type");
        format
            .rtxPayloadType()
            .ifPresent(
                rtx ->
                    requireSame(
                        encodings, rtx, MediaCodec.RTX + " of " + encoding, "the payload type"));
      }
      media
          .extensions()
          .forEach((extension, id) -> requireSame(extensions, id, extension, "the extmap id"));
    }
  }

  private static Optional<NegotiatedMedia> read(MediaDescription section, MediaKind kind) {
    return NegotiatedMedia.read(section, kind, MediaCodec.all(kind));
  }

  private static <T> void requireSame(
      Map<Integer, T> meanings, int number, T meaning, String what) {
    T other = meanings.putIfAbsent(number, meaning);
    if (other != null && !other.equals(meaning)) {
      throw new IllegalArgumentException(
          "SDP: %s %d is both %s and %s in one bundle".formatted(what, number, other, meaning));
    }
  }
}
