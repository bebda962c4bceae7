package org.heliograph.peer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.transport.LocalTransport;
import org.heliograph.peer.transport.TransportAgreement;
import org.heliograph.peer.transport.TransportDescription;

/**
 * The offer/answer exchange of one connection (RFC 8829, RFC 3264): the signaling state, the
 * transceivers and their places among the {@code m=} lines, and what both sides agreed on.
 *
 * <p>All media shares one transport (the bundle policy {@code max-bundle}) with RTCP on the same
 * port ({@code rtcp-mux} required): a section outside of that is refused. A description is checked
 * as a whole before anything changes, so one that is refused leaves the exchange where it was.
 */
final class Negotiator {
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
  private LocalOffer lastOffer;
  private LocalAnswer lastAnswer;
  private LocalOffer pendingOffer;
  private RemoteDescription pendingRemoteOffer;
  private LocalDescription localDescription;
  private RemoteDescription remoteDescription;
  private TransportAgreement agreement;
  private DataDescription remoteData;
  private boolean dataWanted;
  private boolean iceRestartWanted;
  private Snapshot stable;

  /** A description of this side that was applied. */
  record LocalDescription(SdpType type, Sdp sdp) {}

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
        .flatMap(description -> description.transport(description.usableSections()))
        .map(remote -> remote.credentials().usernameFragment());
  }

  /** What both sides agreed on last. */
  Optional<TransportAgreement> agreement() {
    return Optional.ofNullable(agreement);
  }

  /** Lets the next offer have a section for data channels, if there is none yet. */
  void wantData() {
    dataWanted = true;
  }

  /** Whether channels wait for such a section, or have one. */
  boolean wantsData() {
    return dataWanted;
  }

  /** The other side's end of the data channels; empty while none were agreed on. */
  Optional<DataDescription> remoteData() {
    return Optional.ofNullable(remoteData);
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
    beginWantedRestart();
    Deque<Transceiver> unplaced = new ArrayDeque<>();
    for (Transceiver transceiver : transceivers) {
      if (!transceiver.isStopped() && transceiver.mid().isEmpty()) {
        unplaced.add(transceiver);
      }
    }
    FreshMids mids = new FreshMids(lines);
    LocalOffer.Draft draft = new LocalOffer.Draft(transport, numbering);
    boolean dataPlaced = lines.stream().anyMatch(MediaLine::data);
    for (MediaLine line : lines) {
      if (line.data()) {
        draft.offerData(line.mid().orElseGet(mids::next));
      } else if (dataWanted && !dataPlaced && line.canBeRecycledForData()) {
        draft.offerData(mids.next());
        dataPlaced = true;
      } else if (line.transceiver().filter(transceiver -> !transceiver.isStopped()).isPresent()) {
        draft.offer(line.transceiver().get(), line.transceiver().get().mid().orElseThrow());
      } else {
        Optional<Transceiver> successor =
            unplaced.stream()
                .filter(transceiver -> line.canBeRecycledFor(transceiver.kind()))
                .findFirst();
        if (successor.isPresent()) {
          unplaced.remove(successor.get());
          draft.offer(successor.get(), mids.next());
        } else {
          draft.refuse(line);
        }
      }
    }
    for (Transceiver transceiver : unplaced) {
      draft.offer(transceiver, mids.next());
    }
    if (dataWanted && !dataPlaced) {
      draft.offerData(mids.next());
    }
    lastOffer = draft.finish(sessionId, sessionVersion + 1);
    return new SessionDescription(SdpType.OFFER, lastOffer.sdp().toString());
  }

  /** Once for each wish, however often an offer is made of it. */
  private void beginWantedRestart() {
    if (iceRestartWanted
        && agreement != null
        && transport.iceCredentials().equals(agreement.localCredentials())) {
      transport.restartIce();
    }
  }

  /** Credentials that only this side's own proposal named are not to be in an answer. */
  private void cancelUnagreedRestart() {
    if (agreement != null && !transport.iceCredentials().equals(agreement.localCredentials())) {
      transport.cancelIceRestart();
    }
  }

  /** Gives names to sections that nobody has used. */
  private final class FreshMids {
    private final Set<String> used = new HashSet<>();

    FreshMids(List<MediaLine> places) {
      transceivers.forEach(transceiver -> transceiver.mid().ifPresent(used::add));
      places.forEach(line -> line.mid().ifPresent(used::add));
    }

    String next() {
      while (true) {
        String mid = Integer.toString(nextMid++);
        if (used.add(mid)) {
          return mid;
        }
      }
    }
  }

  private void setLocalOffer(String text) {
    requireState(SignalingState.STABLE, SignalingState.HAVE_LOCAL_OFFER);
    LocalOffer offer = lastOffer;
    requireOwn(offer == null ? null : offer.sdp(), text, "createOffer");
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
      if (line.isUsed()
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
    RemoteDescription.requireOneNumbering(offer.usableSections());
    Optional<TransportDescription> remote = offer.transport(offer.usableSections());
    remote.ifPresent(this::requireSameCertificate);
    if (agreement == null
        && remote.flatMap(TransportDescription::setup).equals(Optional.of(SetupRole.HOLDCONN))) {
      throw new IllegalArgumentException("the offer has a=setup:holdconn");
    }
  }

  private void apply(RemoteDescription offer) {
    cancelUnagreedRestart();
    if (state == SignalingState.HAVE_REMOTE_OFFER) {
      // A second offer takes the place of the first.
      restore();
    }
    stable = snapshot();
    Set<MediaDescription> used = RemoteDescription.identities(offer.usableSections());
    Takers takers = new Takers();
    boolean data = false;
    List<MediaLine> places = new ArrayList<>();
    for (int i = 0; i < offer.sections().size(); i++) {
      MediaDescription section = offer.sections().get(i);
      if (used.contains(section) && section.isDataOverDtls() && !data) {
        places.add(MediaLine.ofData(section));
        data = true;
        continue;
      }
      Optional<Transceiver> before =
          i < lines.size() ? lines.get(i).transceiver() : Optional.empty();
      Optional<Transceiver> transceiver =
          used.contains(section)
              ? before.or(() -> Optional.of(takers.next(section)))
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
   * The transceivers that take the new sections of one offer of the other side: those of that kind
   * which have no section yet, in order, and then new ones. A new one receives if it is the first
   * of its kind, and otherwise waits for a direction to be set.
   */
  private final class Takers {
    private final Map<MediaKind, Deque<Transceiver>> unplaced = new EnumMap<>(MediaKind.class);
    private final Set<MediaKind> present = EnumSet.noneOf(MediaKind.class);

    Takers() {
      for (Transceiver transceiver : transceivers) {
        if (!transceiver.isStopped()) {
          present.add(transceiver.kind());
          if (transceiver.mid().isEmpty()) {
            unplaced.computeIfAbsent(transceiver.kind(), _ -> new ArrayDeque<>()).add(transceiver);
          }
        }
      }
    }

    Transceiver next(MediaDescription section) {
      MediaKind kind = MediaKind.of(section.media()).orElseThrow();
      Deque<Transceiver> waiting = unplaced.get(kind);
      if (waiting != null && !waiting.isEmpty()) {
        return waiting.remove();
      }
      Transceiver added =
          newTransceiver.apply(
              kind,
              present.add(kind) ? TransceiverDirection.RECVONLY : TransceiverDirection.INACTIVE);
      transceivers.add(added);
      madeForPendingOffer.add(added);
      return added;
    }
  }

  // ---- Answers ----

  /** RFC 8829 5.3. */
  SessionDescription createAnswer() {
    requireState(SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER);
    RemoteDescription offer = pendingRemoteOffer;
    boolean restart =
        agreement != null
            && lastAnswer == null
            && offer
                .transport(offer.usableSections())
                .filter(remote -> remote.restarts(agreement.remote()))
                .isPresent();
    if (restart) {
      transport.restartIce();
    }
    lastAnswer = LocalAnswer.to(offer, lines, transport, agreement, sessionId, sessionVersion + 1);
    return new SessionDescription(SdpType.ANSWER, lastAnswer.sdp().toString());
  }

  private void setLocalAnswer(String text, boolean provisional) {
    requireState(SignalingState.HAVE_REMOTE_OFFER, SignalingState.HAVE_LOCAL_PRANSWER);
    LocalAnswer answer = lastAnswer;
    requireOwn(answer == null ? null : answer.sdp(), text, "createAnswer");
    localDescription =
        new LocalDescription(provisional ? SdpType.PRANSWER : SdpType.ANSWER, answer.sdp());
    sessionVersion++;
    answer.exchange().agreements().forEach((transceiver, agreed) -> numbering.adopt(agreed.send()));
    agree(answer.exchange());
    if (provisional) {
      state = SignalingState.HAVE_LOCAL_PRANSWER;
    } else {
      finish(answer.exchange());
    }
  }

  private void setRemoteAnswer(RemoteDescription answer, boolean provisional) {
    requireState(SignalingState.HAVE_LOCAL_OFFER, SignalingState.HAVE_REMOTE_PRANSWER);
    Exchange exchange = RemoteAnswer.read(answer, pendingOffer, agreement != null);
    exchange.transport().ifPresent(this::requireSameCertificate);
    exchange.transport().ifPresent(this::requireRestartAskedFor);
    remoteDescription = answer;
    agree(exchange);
    if (provisional) {
      state = SignalingState.HAVE_REMOTE_PRANSWER;
    } else {
      finish(exchange);
    }
  }

  /** An answer restarts ICE only where its offer did. */
  private void requireRestartAskedFor(TransportDescription answer) {
    if (agreement == null) {
      return;
    }
    if (answer.restarts(agreement.remote())
        && transport.iceCredentials().equals(agreement.localCredentials())) {
      throw new IllegalArgumentException("the answer restarts ICE, and the offer did not");
    }
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

  /**
   * A new certificate would need a new DTLS association, which a new connection gives. The one that
   * was shown is what counts; before that, what the fingerprints of both descriptions leave open.
   */
  private void requireSameCertificate(TransportDescription remote) {
    if (agreement == null) {
      return;
    }
    boolean same =
        transport
            .areOfRemoteCertificate(remote.fingerprints())
            .orElseGet(() -> remote.canBeOfCertificateOf(agreement.remote()));
    if (!same) {
      throw new IllegalArgumentException(
          "the description has another certificate than before; that takes a new connection");
    }
  }

  private void agree(Exchange exchange) {
    exchange.agreements().forEach(Transceiver::agree);
    remoteData = exchange.data().orElse(null);
    exchange
        .transportAgreement(transport.iceCredentials(), agreement)
        .ifPresent(
            agreed -> {
              boolean restarted =
                  agreement == null
                      || !agreement.localCredentials().equals(agreed.localCredentials());
              if (restarted) {
                iceRestartWanted = false;
              }
              agreement = agreed;
            });
  }

  /** Both sides have their say: whatever they did not agree on is over. */
  private void finish(Exchange exchange) {
    Map<Transceiver, MediaAgreement> agreements = exchange.agreements();
    if (lines.stream().anyMatch(MediaLine::data) && exchange.data().isEmpty()) {
      // Refused; to offer it again takes somebody who wants it again.
      dataWanted = false;
    }
    lines =
        lines.stream()
            .map(
                line ->
                    line.transceiver().filter(agreements::containsKey).isPresent()
                            || (line.data() && exchange.data().isPresent())
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
    agreements.forEach(
        (transceiver, agreed) -> {
          if (!agreed.direction().sends()) {
            transceiver.renewSources();
          }
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
    FreshMids mids = new FreshMids(lines);
    for (MediaLine line : lines) {
      line.transceiver()
          .ifPresent(
              transceiver ->
                  transceiver.associate(line.mid().or(transceiver::mid).orElseGet(mids::next)));
    }
  }

  /** Takes the pending offer back (RFC 8829 4.1.10.2). */
  private void rollback() {
    cancelUnagreedRestart();
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
    if (dataWanted && lines.stream().noneMatch(MediaLine::data)) {
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

  private static void requireOwn(Sdp own, String text, String method) {
    if (own == null || !own.toString().equals(text)) {
      throw new IllegalArgumentException(
          "the local description is not what " + method + " gave last");
    }
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
