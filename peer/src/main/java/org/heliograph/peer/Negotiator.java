package org.heliograph.peer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.heliograph.peer.MediaAgreement.RemoteSources;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.Direction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;

/**
 * The offer/answer exchange of one connection (RFC 8829, RFC 3264): the signaling state, the
 * transceivers and their places among the {@code m=} lines, and what both sides agreed on.
 *
 * <p>All media shares one transport (the bundle policy {@code max-bundle}) with RTCP on the same
 * port ({@code rtcp-mux} required): a section outside of that is refused. A description is checked
 * as a whole before anything changes, so one that is refused leaves the exchange where it was.
 */
final class Negotiator {
  /** The most sections of the other side that become transceivers; further ones are refused. */
  static final int MAX_TRANSCEIVERS = 32;

  private final long sessionId;
  private final LocalTransport transport;
  private final BiFunction<MediaKind, TransceiverDirection, Transceiver> newTransceiver;
  private final Numbering numbering = new Numbering();
  private final List<Transceiver> transceivers = new ArrayList<>();
  private final Set<Transceiver> madeForPendingOffer = new HashSet<>();

  private SignalingState state = SignalingState.STABLE;
  private List<MediaLine> lines = List.of();
  private long sessionVersion = 1;
  private int nextMid;
  private Proposal lastOffer;
  private Proposal lastAnswer;
  private Proposal pendingOffer;
  private RemoteDescription pendingRemoteOffer;
  private LocalDescription localDescription;
  private RemoteDescription remoteDescription;
  private Agreement agreement;
  private boolean iceRestartWanted;
  private Snapshot stable;

  /** A description of this side that was applied. */
  record LocalDescription(SdpType type, Sdp sdp) {}

  /** A description that this side made, and what applying it will mean. */
  private record Proposal(
      String text,
      Sdp sdp,
      List<MediaLine> lines,
      Map<Transceiver, NegotiatedFormat> formats,
      Map<Transceiver, MediaAgreement> agreements,
      Optional<SetupRole> setup) {}

  /**
   * What both sides agreed on for their one transport.
   *
   * @param remoteTransport the other side's credentials and certificate
   * @param transportMid the section that the transport's candidates are signalled with
   * @param transportLine the same section's index
   * @param localCredentials this side's ICE credentials
   * @param dtlsRole this side's DTLS role
   * @param offeredFirst whether this side made the first offer, which makes it the controlling one
   *     (RFC 8445 6.1.1)
   * @param reducedSizeRtcp whether RTCP may be of reduced size
   */
  record Agreement(
      TransportDescription remoteTransport,
      Optional<String> transportMid,
      int transportLine,
      IceCredentials localCredentials,
      DtlsRole dtlsRole,
      boolean offeredFirst,
      boolean reducedSizeRtcp) {}

  /** The places and associations to return to when an offer is taken back. */
  private record Snapshot(
      List<MediaLine> lines,
      Map<Transceiver, Optional<String>> mids,
      LocalDescription localDescription,
      RemoteDescription remoteDescription) {}

  /**
   * @param sessionId the number that names this side's descriptions
   * @param newTransceiver makes a transceiver for a section of the other side
   */
  Negotiator(
      long sessionId,
      LocalTransport transport,
      BiFunction<MediaKind, TransceiverDirection, Transceiver> newTransceiver) {
    this.sessionId = sessionId;
    this.transport = transport;
    this.newTransceiver = newTransceiver;
  }

  SignalingState state() {
    return state;
  }

  List<Transceiver> transceivers() {
    return List.copyOf(transceivers);
  }

  void add(Transceiver transceiver) {
    transceivers.add(transceiver);
  }

  /** This side's description, pending or current. */
  Optional<LocalDescription> localDescription() {
    return Optional.ofNullable(localDescription);
  }

  /**
   * The user name fragment that the other side's latest description names for the transport: whose
   * candidates those are that name none.
   */
  Optional<String> remoteUsernameFragment() {
    return Optional.ofNullable(remoteDescription)
        .flatMap(description -> remoteTransport(description, usedSections(description)))
        .map(remote -> remote.credentials().usernameFragment());
  }

  /** What both sides agreed on last. */
  Optional<Agreement> agreement() {
    return Optional.ofNullable(agreement);
  }

  /** Lets the next offer ask for new ICE credentials. */
  void restartIce() {
    iceRestartWanted = true;
  }

  void close() {
    state = SignalingState.CLOSED;
  }

  // ---- Offers ----

  /** RFC 8829 5.2. */
  SessionDescription createOffer() {
    requireState(SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER);
    if (iceRestartWanted && agreement != null) {
      transport.restartIce();
    }
    iceRestartWanted = false;
    Deque<Transceiver> unplaced = new ArrayDeque<>();
    for (Transceiver transceiver : transceivers) {
      if (!transceiver.isStopped() && transceiver.mid().isEmpty()) {
        unplaced.add(transceiver);
      }
    }
    OfferDraft draft = new OfferDraft();
    for (MediaLine line : lines) {
      if (line.transceiver().filter(transceiver -> !transceiver.isStopped()).isPresent()) {
        draft.offer(line.transceiver().get(), line.transceiver().get().mid().orElseThrow());
      } else {
        Optional<Transceiver> successor =
            unplaced.stream()
                .filter(transceiver -> line.canBeRecycledFor(transceiver.kind()))
                .findFirst();
        if (successor.isPresent()) {
          unplaced.remove(successor.get());
          draft.offer(successor.get(), freshMid());
        } else {
          draft.refuse(line);
        }
      }
    }
    for (Transceiver transceiver : unplaced) {
      draft.offer(transceiver, freshMid());
    }
    lastOffer = draft.finish();
    return new SessionDescription(SdpType.OFFER, lastOffer.text());
  }

  private final class OfferDraft {
    private final SectionWriter sections = new SectionWriter(transport, SetupRole.ACTPASS, true);
    private final List<MediaLine> places = new ArrayList<>();
    private final Map<Transceiver, NegotiatedFormat> formats = new HashMap<>();

    void offer(Transceiver transceiver, String mid) {
      NegotiatedFormat format = NegotiatedFormat.offered(transceiver.kind(), numbering);
      TransceiverDirection wanted = transceiver.direction();
      sections.add(
          transceiver,
          Optional.of(mid),
          Direction.of(wanted.sends(), wanted.receives()),
          format,
          true);
      places.add(MediaLine.of(sections.last(), Optional.of(transceiver)));
      formats.put(transceiver, format);
    }

    void refuse(MediaLine line) {
      sections.addRefused(line);
      places.add(line);
    }

    Proposal finish() {
      Sdp sdp = sections.description(sessionId, sessionVersion + 1, true);
      return new Proposal(
          sdp.toString(), sdp, places, formats, Map.of(), Optional.of(SetupRole.ACTPASS));
    }
  }

  private String freshMid() {
    while (true) {
      String mid = Integer.toString(nextMid++);
      boolean used =
          transceivers.stream().anyMatch(transceiver -> transceiver.mid().equals(Optional.of(mid)))
              || lines.stream().anyMatch(line -> line.mid().equals(Optional.of(mid)));
      if (!used) {
        return mid;
      }
    }
  }

  private void setLocalOffer(String text) {
    requireState(SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER);
    Proposal offer = requireOwn(lastOffer, text, "createOffer");
    if (state == SignalingState.STABLE) {
      stable = snapshot();
    }
    place(offer.lines());
    pendingOffer = offer;
    localDescription = new LocalDescription(SdpType.OFFER, offer.sdp());
    sessionVersion++;
    state = SignalingState.HAVE_LOCAL_OFFER;
  }

  private void setRemoteOffer(RemoteDescription offer) {
    if (state == SignalingState.HAVE_LOCAL_OFFER) {
      // Both offered at once; whoever accepts the other's offer takes its own back first (W3C
      // webrtc-pc 4.4.1.5, "perfect negotiation").
      checkOffer(offer, stable.lines());
      rollback();
      apply(offer);
      return;
    }
    requireState(SignalingState.STABLE, SignalingState.HAVE_REMOTE_OFFER);
    checkOffer(offer, state == SignalingState.STABLE ? lines : stable.lines());
    apply(offer);
  }

  private void checkOffer(RemoteDescription offer, List<MediaLine> places) {
    List<MediaDescription> sections = offer.sections();
    if (sections.size() < places.size()) {
      throw new IllegalArgumentException(
          "the offer has "
              + sections.size()
              + " media sections, and there were "
              + places.size()
              + " before");
    }
    for (int i = 0; i < places.size(); i++) {
      MediaLine line = places.get(i);
      MediaDescription section = sections.get(i);
      if (line.transceiver().isPresent()
          && !section.isRejected()
          && !(section.media().equals(line.media()) && section.mid().equals(line.mid()))) {
        throw new IllegalArgumentException(
            "media section "
                + i
                + " was "
                + line.media()
                + " with mid "
                + line.mid().orElse("none")
                + " before and cannot be another");
      }
    }
    List<MediaDescription> used = usedSections(offer);
    Optional<MediaDescription> tagged = offer.taggedSection(used);
    if (!used.isEmpty()) {
      TransportDescription remote = TransportDescription.read(offer.sdp(), tagged.orElseThrow());
      requireSameCertificate(remote);
      if (remote.setup().equals(Optional.of(SetupRole.HOLDCONN))) {
        throw new IllegalArgumentException("the offer has a=setup:holdconn");
      }
    }
  }

  /**
   * The sections of an offer that this side can use: those of its BUNDLE group; where it has none,
   * the first usable one, because a second transport is not to be had.
   */
  private static List<MediaDescription> usedSections(RemoteDescription offer) {
    List<MediaDescription> used = new ArrayList<>();
    for (MediaDescription section : offer.sections()) {
      boolean onTransport = offer.bundle().isEmpty() ? used.isEmpty() : offer.isBundled(section);
      if (onTransport && used.size() < MAX_TRANSCEIVERS && offer.usableKind(section).isPresent()) {
        used.add(section);
      }
    }
    return used;
  }

  private void apply(RemoteDescription offer) {
    if (state == SignalingState.HAVE_REMOTE_OFFER) {
      // A second offer takes the place of the first.
      restore();
    }
    stable = snapshot();
    List<MediaDescription> used = usedSections(offer);
    List<MediaLine> places = new ArrayList<>();
    for (int i = 0; i < offer.sections().size(); i++) {
      MediaDescription section = offer.sections().get(i);
      Optional<Transceiver> before =
          i < lines.size() ? lines.get(i).transceiver() : Optional.empty();
      Optional<Transceiver> transceiver =
          used.contains(section)
              ? before.or(() -> Optional.of(transceiverFor(section, places)))
              : Optional.empty();
      places.add(MediaLine.of(section, transceiver));
    }
    place(places);
    pendingRemoteOffer = offer;
    lastAnswer = null;
    remoteDescription = offer;
    state = SignalingState.HAVE_REMOTE_OFFER;
  }

  /**
   * The transceiver that takes a new section of the other side: the first of that kind which has no
   * section yet, or else a new one, which receives if it is the first of its kind and otherwise
   * waits for a direction to be set.
   */
  private Transceiver transceiverFor(MediaDescription section, List<MediaLine> places) {
    MediaKind kind = MediaKind.of(section.media()).orElseThrow();
    List<Transceiver> ofKind =
        transceivers.stream()
            .filter(transceiver -> transceiver.kind() == kind && !transceiver.isStopped())
            .toList();
    for (Transceiver transceiver : ofKind) {
      boolean placed =
          transceiver.mid().isPresent()
              || places.stream()
                  .anyMatch(line -> line.transceiver().equals(Optional.of(transceiver)));
      if (!placed) {
        return transceiver;
      }
    }
    Transceiver added =
        newTransceiver.apply(
            kind, ofKind.isEmpty() ? TransceiverDirection.RECVONLY : TransceiverDirection.INACTIVE);
    transceivers.add(added);
    madeForPendingOffer.add(added);
    return added;
  }

  // ---- Answers ----

  /** RFC 8829 5.3. */
  SessionDescription createAnswer() {
    requireState(SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER);
    RemoteDescription offer = pendingRemoteOffer;
    Optional<TransportDescription> remote = remoteTransport(offer, usedSections(offer));
    if (remote.isPresent()
        && agreement != null
        && remote.get().restarts(agreement.remoteTransport())
        && lastAnswer == null) {
      transport.restartIce();
    }
    SetupRole setup = remote.map(this::answeringRole).orElse(SetupRole.ACTIVE);
    SectionWriter sections = new SectionWriter(transport, setup, false);
    Map<Transceiver, MediaAgreement> agreements = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      MediaLine line = lines.get(i);
      MediaDescription offered = offer.sections().get(i);
      Optional<Transceiver> transceiver =
          line.transceiver().filter(candidate -> !candidate.isStopped());
      if (transceiver.isEmpty()) {
        sections.addRefused(line);
        continue;
      }
      MediaAgreement agreed = answer(transceiver.get(), offered);
      agreements.put(transceiver.get(), agreed);
      sections.add(
          transceiver.get(),
          offered.mid(),
          agreed.localDirection(),
          agreed.receiveFormat(),
          offered.has(Attribute.RtcpReducedSize.class));
    }
    Sdp sdp = sections.description(sessionId, sessionVersion + 1, !offer.bundle().isEmpty());
    lastAnswer = new Proposal(sdp.toString(), sdp, lines, Map.of(), agreements, Optional.of(setup));
    return new SessionDescription(SdpType.ANSWER, lastAnswer.text());
  }

  private static MediaAgreement answer(Transceiver transceiver, MediaDescription offered) {
    TransceiverDirection wanted = transceiver.direction();
    Direction remote = offered.direction();
    NegotiatedFormat format = NegotiatedFormat.read(offered, transceiver.kind()).orElseThrow();
    return new MediaAgreement(
        false,
        Direction.of(wanted.sends() && remote.receives(), wanted.receives() && remote.sends()),
        remote,
        format,
        format.answered(transceiver.kind()),
        RemoteSources.read(offered));
  }

  /**
   * The DTLS role to answer with (RFC 8842 5.3, 5.5): the one that there is already; otherwise the
   * client's where the offer leaves the choice, because it saves a round trip.
   */
  private SetupRole answeringRole(TransportDescription remote) {
    return switch (remote.setup().orElse(SetupRole.ACTPASS)) {
      case ACTIVE -> SetupRole.PASSIVE;
      case PASSIVE -> SetupRole.ACTIVE;
      case ACTPASS, HOLDCONN ->
          agreement != null && agreement.dtlsRole() == DtlsRole.SERVER
              ? SetupRole.PASSIVE
              : SetupRole.ACTIVE;
    };
  }

  private void setLocalAnswer(String text, boolean provisional) {
    requireState(SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER);
    Proposal answer = requireOwn(lastAnswer, text, "createAnswer");
    RemoteDescription offer = pendingRemoteOffer;
    localDescription =
        new LocalDescription(provisional ? SdpType.PRANSWER : SdpType.ANSWER, answer.sdp());
    sessionVersion++;
    List<MediaDescription> used = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).transceiver().filter(answer.agreements()::containsKey).isPresent()) {
        used.add(offer.sections().get(i));
      }
    }
    for (Map.Entry<Transceiver, MediaAgreement> entry : answer.agreements().entrySet()) {
      numbering.adopt(entry.getKey().kind(), entry.getValue().sendFormat());
    }
    agree(
        offer,
        used,
        answer.agreements(),
        answer.setup().orElseThrow() == SetupRole.ACTIVE ? DtlsRole.CLIENT : DtlsRole.SERVER,
        false);
    if (provisional) {
      state = SignalingState.HAVE_LOCAL_PRANSWER;
    } else {
      finish(answer.agreements());
    }
  }

  private void setRemoteAnswer(RemoteDescription answer, boolean provisional) {
    requireState(SignalingState.HAVE_LOCAL_OFFER, SignalingState.HAVE_REMOTE_PRANSWER);
    Map<Transceiver, MediaAgreement> agreements = new HashMap<>();
    List<MediaDescription> used = new ArrayList<>();
    requireSameSections(answer);
    for (int i = 0; i < lines.size(); i++) {
      MediaDescription section = answer.sections().get(i);
      if (section.isRejected()) {
        continue;
      }
      Transceiver transceiver =
          lines
              .get(i)
              .transceiver()
              .orElseThrow(() -> refused(section, "accepts what was not offered"));
      NegotiatedFormat offered = pendingOffer.formats().get(transceiver);
      if (offered == null) {
        throw refused(section, "accepts what was not offered");
      }
      if (!section.has(Attribute.RtcpMux.class)) {
        throw refused(section, "has no rtcp-mux");
      }
      if (!used.isEmpty() && !(answer.isBundled(section) && answer.isBundled(used.getFirst()))) {
        throw refused(section, "is not in the BUNDLE group");
      }
      NegotiatedFormat answered =
          NegotiatedFormat.read(section, transceiver.kind())
              .orElseThrow(() -> refused(section, "has no codec that was offered"));
      used.add(section);
      agreements.put(transceiver, agreementOn(i, section, offered, answered));
    }
    Optional<TransportDescription> remote = remoteTransport(answer, used);
    DtlsRole role = remote.map(Negotiator::roleBeside).orElse(DtlsRole.SERVER);
    remote.ifPresent(this::requireSameCertificate);
    remote.ifPresent(description -> requireAnswerTo(description, role));
    remoteDescription = answer;
    agree(answer, used, agreements, role, true);
    if (provisional) {
      state = SignalingState.HAVE_REMOTE_PRANSWER;
    } else {
      finish(agreements);
    }
  }

  /** What was agreed on before may change in a later answer only where its offer asked for it. */
  private void requireAnswerTo(TransportDescription answer, DtlsRole role) {
    if (agreement == null) {
      return;
    }
    if (role != agreement.dtlsRole()) {
      throw new IllegalArgumentException("the answer changes the DTLS roles");
    }
    if (answer.restarts(agreement.remoteTransport())
        && transport.iceCredentials().equals(agreement.localCredentials())) {
      throw new IllegalArgumentException("the answer restarts ICE, and the offer did not");
    }
  }

  private MediaAgreement agreementOn(
      int index, MediaDescription section, NegotiatedFormat offered, NegotiatedFormat answered) {
    NegotiatedFormat receive = offered.narrowedTo(answered);
    return new MediaAgreement(
        true,
        pendingOffer.sdp().media().get(index).direction(),
        section.direction(),
        new NegotiatedFormat(
            answered.payloadType(),
            answered.rtxPayloadType(),
            answered.parameters(),
            receive.feedback(),
            receive.extensions()),
        receive,
        RemoteSources.read(section));
  }

  /** RFC 3264 6: an answer has the offer's sections, in the offer's order. */
  private void requireSameSections(RemoteDescription answer) {
    List<MediaDescription> offered = pendingOffer.sdp().media();
    List<MediaDescription> answered = answer.sections();
    if (answered.size() != offered.size()) {
      throw new IllegalArgumentException(
          "the answer has "
              + answered.size()
              + " media sections, and the offer has "
              + offered.size());
    }
    for (int i = 0; i < offered.size(); i++) {
      MediaDescription section = answered.get(i);
      if (!section.media().equals(offered.get(i).media())) {
        throw refused(section, "stands where the offer has " + offered.get(i).media());
      }
      if (section.mid().isPresent() && !section.mid().equals(offered.get(i).mid())) {
        throw refused(section, "stands where the offer has another mid");
      }
    }
  }

  private static DtlsRole roleBeside(TransportDescription answer) {
    return switch (answer.setup().orElse(SetupRole.ACTIVE)) {
      case ACTIVE -> DtlsRole.SERVER;
      case PASSIVE -> DtlsRole.CLIENT;
      case ACTPASS, HOLDCONN ->
          throw new IllegalArgumentException("the answer's a=setup is neither active nor passive");
    };
  }

  private static IllegalArgumentException refused(MediaDescription section, String problem) {
    return new IllegalArgumentException(
        "the answer's "
            + section.media()
            + " section"
            + section.mid().map(mid -> " with mid " + mid).orElse("")
            + " "
            + problem);
  }

  // ---- Both ----

  /** Applies a description of this side (RFC 8829 5.9). */
  void setLocal(SessionDescription description) {
    switch (description.type()) {
      case OFFER -> setLocalOffer(description.sdp());
      case PRANSWER -> setLocalAnswer(description.sdp(), true);
      case ANSWER -> setLocalAnswer(description.sdp(), false);
      case ROLLBACK -> {
        requireState(SignalingState.HAVE_LOCAL_OFFER);
        rollback();
      }
    }
  }

  /** Applies a description of the other side (RFC 8829 5.10). */
  void setRemote(SdpType type, RemoteDescription description) {
    switch (type) {
      case OFFER -> setRemoteOffer(description);
      case PRANSWER -> setRemoteAnswer(description, true);
      case ANSWER -> setRemoteAnswer(description, false);
      case ROLLBACK -> rollbackRemote();
    }
  }

  /** Takes the other side's pending offer back. */
  void rollbackRemote() {
    requireState(SignalingState.HAVE_REMOTE_OFFER);
    rollback();
  }

  private static Optional<TransportDescription> remoteTransport(
      RemoteDescription description, List<MediaDescription> used) {
    return used.isEmpty()
        ? Optional.empty()
        : description
            .taggedSection(used)
            .map(section -> TransportDescription.read(description.sdp(), section));
  }

  /** A new certificate would need a new DTLS association, which a new connection gives. */
  private void requireSameCertificate(TransportDescription remote) {
    if (agreement != null
        && !agreement.remoteTransport().fingerprints().equals(remote.fingerprints())) {
      throw new IllegalArgumentException(
          "the description has another certificate than before; that takes a new connection");
    }
  }

  private void agree(
      RemoteDescription remote,
      List<MediaDescription> used,
      Map<Transceiver, MediaAgreement> agreements,
      DtlsRole dtlsRole,
      boolean offered) {
    agreements.forEach(Transceiver::agree);
    remoteTransport(remote, used)
        .ifPresent(
            transportDescription -> {
              MediaDescription tagged = remote.taggedSection(used).orElseThrow();
              agreement =
                  new Agreement(
                      transportDescription,
                      tagged.mid(),
                      remote.sections().indexOf(tagged),
                      transport.iceCredentials(),
                      dtlsRole,
                      agreement == null ? offered : agreement.offeredFirst(),
                      used.stream()
                          .allMatch(section -> section.has(Attribute.RtcpReducedSize.class)));
            });
  }

  /** Both sides have their say: whatever they did not agree on is over. */
  private void finish(Map<Transceiver, MediaAgreement> agreements) {
    lines =
        lines.stream()
            .map(
                line ->
                    line.transceiver().filter(agreements::containsKey).isPresent()
                        ? line
                        : line.freed())
            .toList();
    transceivers.removeIf(
        transceiver -> {
          boolean refused = transceiver.mid().isPresent() && !agreements.containsKey(transceiver);
          if (refused) {
            transceiver.stopped();
          }
          return refused || (transceiver.isStopped() && transceiver.mid().isEmpty());
        });
    forgetProposals();
    state = SignalingState.STABLE;
  }

  private void forgetProposals() {
    lastOffer = null;
    lastAnswer = null;
    pendingOffer = null;
    pendingRemoteOffer = null;
    stable = null;
    madeForPendingOffer.clear();
  }

  private Snapshot snapshot() {
    Map<Transceiver, Optional<String>> mids = new HashMap<>();
    transceivers.forEach(transceiver -> mids.put(transceiver, transceiver.mid()));
    return new Snapshot(lines, mids, localDescription, remoteDescription);
  }

  private void place(List<MediaLine> places) {
    lines = List.copyOf(places);
    for (MediaLine line : lines) {
      line.transceiver()
          .ifPresent(
              transceiver ->
                  transceiver.associate(line.mid().or(transceiver::mid).orElseGet(this::freshMid)));
    }
  }

  /** Takes the pending offer back (RFC 8829 4.1.10.2). */
  private void rollback() {
    restore();
    forgetProposals();
    state = SignalingState.STABLE;
  }

  private void restore() {
    lines = stable.lines();
    localDescription = stable.localDescription();
    remoteDescription = stable.remoteDescription();
    transceivers.removeAll(madeForPendingOffer);
    madeForPendingOffer.clear();
    for (Transceiver transceiver : transceivers) {
      transceiver.associate(stable.mids().getOrDefault(transceiver, Optional.empty()).orElse(null));
    }
  }

  /** W3C webrtc-pc 4.7.3, "check if negotiation is needed"; meaningful in the stable state. */
  boolean isNegotiationNeeded() {
    if (iceRestartWanted && agreement != null) {
      return true;
    }
    for (Transceiver transceiver : transceivers) {
      MediaAgreement agreed = transceiver.agreement();
      boolean placed = transceiver.mid().isPresent();
      if (transceiver.isStopped()) {
        if (placed) {
          return true;
        }
      } else if (!placed || agreed == null || agreed.differsFrom(transceiver.direction())) {
        return true;
      }
    }
    return false;
  }

  private static Proposal requireOwn(Proposal proposal, String text, String method) {
    if (proposal == null || !proposal.text().equals(text)) {
      throw new IllegalArgumentException(
          "the local description is not what " + method + " gave last");
    }
    return proposal;
  }

  private void requireState(SignalingState... allowed) {
    for (SignalingState one : allowed) {
      if (state == one) {
        return;
      }
    }
    throw new IllegalStateException("not possible in the signaling state " + state);
  }
}
