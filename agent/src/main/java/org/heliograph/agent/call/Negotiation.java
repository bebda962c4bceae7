package org.heliograph.agent.call;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.session.MediaSession;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.text.ForeignText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call's exchange of descriptions and candidates with the other side (RFC 9429). One offer is
 * open at a time. Where both sides make one at once, the callee takes its own back and makes it
 * again afterwards. What comes twice is answered as before. Belongs to the calls' loop.
 */
final class Negotiation {
  private static final Logger log = LoggerFactory.getLogger(Negotiation.class);
  private static final int CANDIDATE_LIMIT = 256;

  /** The call that negotiates. */
  interface Host {
    void send(SignalPayload payload);

    /** The own tracks, as the description that is made now is to have them. */
    List<MediaSession.Section> sections();

    /** Both sides have said how they can be reached. */
    void described();

    void offerFailed(Throwable cause);

    /** What the other side has said of itself cannot be used; in a sentence. */
    void badDescription(String why);

    boolean isOver();

    /** What to say of a message that does not fit the call. */
    EnvelopeException unexpected(String why);
  }

  private final Host host;
  private final Executor loop;

  /** Null before it begins. */
  private CompletableFuture<MediaSession> connection;

  private boolean caller;
  private CompletableFuture<Void> lastOperation = done();
  private final List<IceCandidateInit> earlyRemoteCandidates = new ArrayList<>();
  private int remoteCandidates;
  private boolean candidatePassedOver;

  /** Own candidates that wait until the description that they belong to is sent; then null. */
  private List<IceCandidateInit> heldLocalCandidates = new ArrayList<>();

  private boolean offerOpen;
  private int offers;
  private boolean offerWanted;
  private String lastRemoteOffer;
  private String lastLocalAnswer;
  private String lastRemoteAnswer;

  Negotiation(Host host, Executor loop) {
    this.host = host;
    this.loop = loop;
  }

  /** Begins, with a connection that may still be opening. */
  void begin(CompletableFuture<MediaSession> opening, boolean isCaller) {
    connection = opening;
    caller = isCaller;
    for (IceCandidateInit early : earlyRemoteCandidates) {
      var _ = addCandidate(early);
    }
    earlyRemoteCandidates.clear();
  }

  /**
   * What is done with the connection, one after the other: the dependents of one future would run
   * in any order while it opens (W3C WebRTC 4.4.1.2, the operations chain).
   */
  private <T> CompletableFuture<T> inOrder(Function<MediaSession, CompletableFuture<T>> operation) {
    CompletableFuture<T> next =
        lastOperation.thenCompose(_ -> connection).thenComposeAsync(operation, loop);
    lastOperation = next.handle((_, _) -> null);
    return next;
  }

  /** Makes an offer, now or when the exchange that is open is done. */
  void negotiate() {
    if (offerOpen) {
      offerWanted = true;
      return;
    }
    offerOpen = true;
    int offer = ++offers;
    var _ =
        inOrder(open -> open.createOffer(host.sections()))
            .whenCompleteAsync(
                (sdp, failure) -> {
                  boolean takenBack = !offerOpen || offer != offers;
                  if (host.isOver() || takenBack) {
                    return;
                  }
                  if (failure != null) {
                    offerOpen = false;
                    host.offerFailed(Call.unwrap(failure));
                    return;
                  }
                  host.send(new SignalPayload.CallOffer(sdp));
                  releaseLocalCandidates();
                },
                loop);
  }

  private void negotiateIfWanted() {
    if (offerWanted) {
      offerWanted = false;
      negotiate();
    }
  }

  /** Takes the other side's offer, and answers it. */
  CompletableFuture<Void> offered(String sdp) throws EnvelopeException {
    if (connection == null) {
      throw host.unexpected("The call has not been accepted yet.");
    }
    if (sdp.equals(lastRemoteOffer)) {
      if (lastLocalAnswer != null) {
        host.send(new SignalPayload.CallAnswer(lastLocalAnswer));
      }
      return done();
    }
    if (offerOpen && caller) {
      throw host.unexpected("The caller's own offer is open; answer that first.");
    }
    String before = lastRemoteOffer;
    lastRemoteOffer = sdp;
    lastLocalAnswer = null;
    if (offerOpen) {
      offerOpen = false;
      offerWanted = true;
    }
    return inOrder(open -> open.acceptOffer(sdp, host.sections()))
        .handleAsync(
            (answer, failure) -> {
              if (host.isOver()) {
                return null;
              }
              if (failure != null) {
                lastRemoteOffer = before;
                negotiateIfWanted();
                throw badDescription("offer", failure);
              }
              host.described();
              lastLocalAnswer = answer.sdp();
              host.send(new SignalPayload.CallAnswer(answer.sdp()));
              releaseLocalCandidates();
              offerWanted |= !answer.complete();
              negotiateIfWanted();
              return null;
            },
            loop);
  }

  /** Takes the other side's answer. */
  CompletableFuture<Void> answered(String sdp) throws EnvelopeException {
    if (sdp.equals(lastRemoteAnswer)) {
      return done();
    }
    if (!offerOpen) {
      throw host.unexpected("No offer is open.");
    }
    offerOpen = false;
    String before = lastRemoteAnswer;
    lastRemoteAnswer = sdp;
    return inOrder(open -> open.acceptAnswer(sdp))
        .handleAsync(
            (_, failure) -> {
              if (host.isOver()) {
                return null;
              }
              if (failure != null) {
                offerOpen = true;
                lastRemoteAnswer = before;
                throw badDescription("answer", failure);
              }
              host.described();
              negotiateIfWanted();
              return null;
            },
            loop);
  }

  private CompletionException badDescription(String what, Throwable failure) {
    String why = ForeignText.line("" + Call.unwrap(failure).getMessage());
    String sentence = "The " + what + " cannot be used: " + why;
    host.badDescription(sentence);
    return new CompletionException(
        new EnvelopeException(EnvelopeException.Code.BAD_DESCRIPTION, sentence));
  }

  /** The other side cannot use this side's offer, or answer, and will not say more to it. */
  void descriptionRefused() {
    if (offerOpen) {
      offerOpen = false;
      negotiateIfWanted();
    }
  }

  /** Takes a candidate of the other side. */
  CompletableFuture<Void> candidateArrived(IceCandidateInit candidate) throws EnvelopeException {
    if (++remoteCandidates > CANDIDATE_LIMIT) {
      throw new EnvelopeException(
          EnvelopeException.Code.TOO_MANY, "A call takes " + CANDIDATE_LIMIT + " candidates.");
    }
    if (connection == null) {
      earlyRemoteCandidates.add(candidate);
      return done();
    }
    return addCandidate(candidate);
  }

  /** One that cannot be used is passed over, as in a description: the others may do. */
  private CompletableFuture<Void> addCandidate(IceCandidateInit candidate) {
    return inOrder(open -> open.addCandidate(candidate))
        .handleAsync(
            (_, failure) -> {
              if (failure != null && !host.isOver() && !candidatePassedOver) {
                candidatePassedOver = true;
                log.warn(
                    "A candidate of the other side cannot be used and is passed over (further ones"
                        + " are not logged): {}",
                    ForeignText.line("" + Call.unwrap(failure).getMessage()));
              }
              return null;
            },
            loop);
  }

  /** Sends a candidate of this side, once the description that it belongs to has been sent. */
  void candidateFound(IceCandidateInit candidate) {
    if (host.isOver()) {
      return;
    }
    if (heldLocalCandidates != null) {
      heldLocalCandidates.add(candidate);
    } else {
      host.send(new SignalPayload.Candidate(SignalledCandidates.toSend(candidate)));
    }
  }

  private void releaseLocalCandidates() {
    if (heldLocalCandidates != null) {
      List<IceCandidateInit> held = heldLocalCandidates;
      heldLocalCandidates = null;
      held.forEach(
          candidate ->
              host.send(new SignalPayload.Candidate(SignalledCandidates.toSend(candidate))));
    }
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
