package org.heliograph.peer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SdpParser;
import org.heliograph.peer.sdp.SkippedLine;
import org.heliograph.peer.transport.TransportDescription;

/**
 * The other side's description, read and checked for what holds of offers and answers alike (RFC
 * 8829 5.8, RFC 8843 7).
 *
 * <p>Its sections say themselves what the session says for all of them: the direction and the
 * header extensions. What is said of the transport or has to be the same in all of a bundle (the
 * categories TRANSPORT and IDENTICAL of RFC 8859) is asked for here, because one section says it
 * for all (RFC 8829 5.2.2).
 */
final class RemoteDescription {
  /** The most sections that are used; further ones are refused. */
  static final int MAX_USED_SECTIONS = 256;

  private static final int MAX_NAMED_CODECS = 10;

  private final Sdp sdp;
  private final List<String> bundle;
  private final List<SkippedLine> skipped;
  private final List<TrickledCandidates.Signalled> candidates;
  private final Map<String, MediaDescription> byMid = new HashMap<>();
  private final IdentityHashMap<MediaDescription, Integer> indexes = new IdentityHashMap<>();
  private final Set<String> held = new HashSet<>();
  private final List<MediaDescription> usable = new ArrayList<>();
  private final Set<MediaDescription> bundled;
  private final boolean bundleIsMultiplexed;
  private final boolean bundleHasReducedSize;
  private final Set<MediaKind> kindsBeyondBound = EnumSet.noneOf(MediaKind.class);
  private int sectionsBeyondBound;

  /**
   * Reads a description.
   *
   * @throws IllegalArgumentException if it is malformed or contradicts itself
   */
  static RemoteDescription parse(String text) {
    return new RemoteDescription(SdpParser.parse(text));
  }

  private RemoteDescription(Sdp written) {
    skipped = new ArrayList<>(written.skipped());
    bundle = readBundle(written);
    sdp = written.withMedia(effectiveSections(written));
    for (MediaDescription section : sections()) {
      indexes.put(section, indexes.size());
      if (!section.isRejected() && section.mid().isPresent()) {
        String mid = section.mid().get();
        if (byMid.put(mid, section) != null) {
          throw new IllegalArgumentException("SDP: two sections have the mid " + mid);
        }
      }
    }
    bundled = identities(bundle.stream().map(byMid::get).toList());
    bundleIsMultiplexed = bundled.stream().anyMatch(RemoteDescription::saysMultiplexed);
    bundleHasReducedSize =
        bundled.stream().anyMatch(section -> section.has(Attribute.RtcpReducedSize.class));
    candidates = TrickledCandidates.read(sdp, skipped);
    findUsableSections();
  }

  /**
   * The names of the bundle that there are; where it names others, or one twice, the rest is good.
   */
  private List<String> readBundle(Sdp written) {
    List<String> named =
        written.all(Attribute.Group.class).stream()
            .filter(group -> group.semantics().equals(Attribute.Group.BUNDLE))
            .findFirst()
            .map(Attribute.Group::mids)
            .orElse(List.of());
    Set<String> mids = new HashSet<>();
    written.media().forEach(section -> section.mid().ifPresent(mids::add));
    Set<String> known = new LinkedHashSet<>(named);
    if (known.retainAll(mids) || known.size() < named.size()) {
      skipped.add(
          new SkippedLine(
              0,
              SkippedLine.SESSION,
              "group",
              "the BUNDLE group names a section twice, or one that is not there"));
    }
    return List.copyOf(known);
  }

  /**
   * The sections with what the session says for all of them (RFC 8866 5.13). One that is disabled
   * but in use is only held, and stands here as what it is to be again.
   */
  private List<MediaDescription> effectiveSections(Sdp written) {
    Optional<Attribute.MediaDirection> direction = written.first(Attribute.MediaDirection.class);
    Map<RtpExtension, Attribute.ExtMap> extensions = new LinkedHashMap<>();
    for (Attribute.ExtMap line : written.all(Attribute.ExtMap.class)) {
      RtpExtension.ofUri(line.uri()).ifPresent(known -> extensions.putIfAbsent(known, line));
    }
    Set<String> bundledMids = Set.copyOf(bundle);
    List<MediaDescription> sections = new ArrayList<>();
    for (MediaDescription section : written.media()) {
      if (MediaKind.of(section.media()).isEmpty()) {
        sections.add(section);
        continue;
      }
      List<Attribute> attributes = new ArrayList<>(section.attributes());
      if (!section.has(Attribute.MediaDirection.class)) {
        direction.ifPresent(attributes::add);
      }
      List<Attribute.ExtMap> own = section.all(Attribute.ExtMap.class);
      for (Attribute.ExtMap line : extensions.values()) {
        if (own.stream().noneMatch(o -> o.id() == line.id() || o.uri().equals(line.uri()))) {
          attributes.add(line);
        }
      }
      MediaDescription effective = section.with(section.port(), attributes);
      Optional<String> mid = section.mid().filter(bundledMids::contains);
      if (mid.isPresent() && isDisabledAndInUse(effective)) {
        held.add(mid.get());
        effective = section.with(MediaDescription.DISCARD_PORT, attributes);
      }
      sections.add(effective);
    }
    return sections;
  }

  /**
   * A port of 0 takes a section out of use and out of the BUNDLE group (RFC 8843 7.5.3). One that
   * stays in the group and is inactive is on hold: so werift writes every inactive section.
   */
  private static boolean isDisabledAndInUse(MediaDescription section) {
    return section.isReadable()
        && section.isRejected()
        && section.direction() == Direction.INACTIVE;
  }

  private void findUsableSections() {
    boolean data = false;
    for (MediaDescription section : sections()) {
      boolean onTransport = bundle.isEmpty() ? usable.isEmpty() : isBundled(section);
      boolean forData = !data && isUsableForData(section);
      if (!onTransport || !(forData || usableKind(section).isPresent())) {
        continue;
      }
      if (usable.size() == MAX_USED_SECTIONS) {
        sectionsBeyondBound++;
        MediaKind.of(section.media()).ifPresent(kindsBeyondBound::add);
        continue;
      }
      data |= forData;
      usable.add(section);
    }
  }

  static Set<MediaDescription> identities(Collection<MediaDescription> sections) {
    Set<MediaDescription> identities = Collections.newSetFromMap(new IdentityHashMap<>());
    for (MediaDescription section : sections) {
      if (section != null) {
        identities.add(section);
      }
    }
    return identities;
  }

  /** What the session and its sections say. */
  Sdp sdp() {
    return sdp;
  }

  /**
   * The identifications of the sections that share one transport, in order; empty where nothing is
   * bundled.
   */
  List<String> bundle() {
    return bundle;
  }

  /** The candidates that it carries. */
  List<TrickledCandidates.Signalled> candidates() {
    return candidates;
  }

  /** What was passed over in it. */
  List<SkippedLine> skipped() {
    return skipped;
  }

  /** How many sections could be used but for {@link #MAX_USED_SECTIONS}. */
  int sectionsBeyondBound() {
    return sectionsBeyondBound;
  }

  /** What these would carry. */
  Set<MediaKind> kindsBeyondBound() {
    return kindsBeyondBound;
  }

  /** The media sections. */
  List<MediaDescription> sections() {
    return sdp.media();
  }

  /** A section's index. */
  int indexOf(MediaDescription section) {
    return indexes.get(section);
  }

  /** Whether a section shares the bundle's transport. */
  boolean isBundled(MediaDescription section) {
    return bundled.contains(section);
  }

  /** Whether a section was written with port 0 though it is only on hold. */
  boolean isHeld(MediaDescription section) {
    return section.mid().filter(held::contains).isPresent();
  }

  /** Whether RTP and RTCP share one port in a section: IDENTICAL in a bundle (RFC 8859 5.34). */
  boolean isMultiplexed(MediaDescription section) {
    return saysMultiplexed(section)
        || (isBundled(section) && bundleIsMultiplexed)
        || sdp.first(Attribute.RtcpMux.class).isPresent();
  }

  private static boolean saysMultiplexed(MediaDescription section) {
    return section.has(Attribute.RtcpMux.class) || section.has(Attribute.RtcpMuxOnly.class);
  }

  /** Whether RTCP may be of reduced size in a section: IDENTICAL in a bundle (RFC 8859 5.33). */
  boolean takesReducedSize(MediaDescription section) {
    return section.has(Attribute.RtcpReducedSize.class)
        || (isBundled(section) && bundleHasReducedSize)
        || sdp.first(Attribute.RtcpReducedSize.class).isPresent();
  }

  /**
   * The kind of media that this side could exchange in a section; empty if it must be refused: no
   * sound and no picture, another transport, RTCP on a port of its own, or none of this side's
   * codecs.
   */
  Optional<MediaKind> usableKind(MediaDescription section) {
    if (section.isRejected() || !section.isRtpOverDtls() || !isMultiplexed(section)) {
      return Optional.empty();
    }
    return MediaKind.of(section.media()).filter(kind -> read(section, kind).isPresent());
  }

  /**
   * The kinds of media that are wanted and have no codec of this side, each with the names of the
   * codecs that it has instead: the first ones, fit to be shown.
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
                .limit(MAX_NAMED_CODECS)
                .map(SkippedLines::printable)
                .toList();
        foreign.putIfAbsent(kind.get(), names);
      }
    }
    return foreign;
  }

  /** Whether a section can carry data channels; the first one does, as there is one SCTP. */
  private static boolean isUsableForData(MediaDescription section) {
    return !section.isRejected() && DataDescription.read(section).isPresent();
  }

  /**
   * The section that speaks for the transport (the tagged one, RFC 8843 7.2.1 and 7.3.1): the first
   * of the bundle that is used, where it has what the transport needs. Once the sections share it,
   * only the first of them has; this side may have refused that one. Without a bundle it is the
   * only section.
   */
  Optional<MediaDescription> taggedSection(List<MediaDescription> used) {
    Set<MediaDescription> those = identities(used);
    List<MediaDescription> able =
        bundle.stream()
            .map(byMid::get)
            .filter(section -> section != null && hasCredentials(section))
            .toList();
    return able.stream()
        .filter(section -> those.contains(section) && section.port() != 0)
        .findFirst()
        .or(() -> able.stream().filter(those::contains).findFirst())
        .or(() -> able.stream().findFirst())
        .or(() -> used.stream().findFirst());
  }

  /** Whether it says something of them, be it unreadable. */
  private boolean hasCredentials(MediaDescription section) {
    return sdp.inherited(section, Attribute.IceUfrag.class).isPresent()
        || sdp.skipped(indexOf(section), "ice-ufrag").isPresent();
  }

  /**
   * The sections that this side can use: those of the BUNDLE group; where there is none, the first
   * usable one, because a second transport is not to be had.
   */
  List<MediaDescription> usableSections() {
    return List.copyOf(usable);
  }

  /**
   * The transport of the sections that are used; empty if none is.
   *
   * @throws IllegalArgumentException if something that WebRTC requires is missing
   */
  Optional<TransportDescription> transport(List<MediaDescription> used) {
    return used.isEmpty()
        ? Optional.empty()
        : taggedSection(used)
            .map(section -> TransportDescription.read(sdp, section, indexOf(section)));
  }

  /**
   * Checks that a payload type means the same in all sections of the bundle (RFC 8843 9.1): packets
   * of all of them come over one transport. Header extensions are read section by section, so that
   * an identifier may mean two things, which RFC 8843 10 forbids and some servers write.
   *
   * @throws IllegalArgumentException if a payload type means two things
   */
  static void requireOneNumbering(List<MediaDescription> used) {
    Map<Integer, String> encodings = new HashMap<>();
    for (MediaDescription section : used) {
      if (section.isDataOverDtls()) {
        continue;
      }
      MediaKind kind = MediaKind.of(section.media()).orElseThrow();
      NegotiatedMedia media = read(section, kind).orElseThrow();
      for (NegotiatedFormat format : media.formats()) {
        String encoding = format.codec().encoding();
        requireSame(encodings, format.payloadType(), encoding);
        format
            .rtxPayloadType()
            .ifPresent(rtx -> requireSame(encodings, rtx, MediaCodec.RTX + " of " + encoding));
      }
    }
  }

  private static Optional<NegotiatedMedia> read(MediaDescription section, MediaKind kind) {
    return NegotiatedMedia.read(section, kind, MediaCodec.all(kind));
  }

  private static void requireSame(Map<Integer, String> meanings, int number, String meaning) {
    String other = meanings.putIfAbsent(number, meaning);
    if (other != null && !other.equals(meaning)) {
      throw new IllegalArgumentException(
          "SDP: the payload type %d is both %s and %s in one bundle"
              .formatted(number, other, meaning));
    }
  }
}
