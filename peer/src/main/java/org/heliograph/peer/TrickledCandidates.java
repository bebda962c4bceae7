package org.heliograph.peer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateFormatException;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SkippedLine;
import org.heliograph.peer.transport.TransportAgreement;

/**
 * Trickle ICE, receiving (RFC 8838): the other side's candidates until their description has been
 * agreed on: those that come early (RFC 8838 5) or belong to a description that is still being
 * answered.
 *
 * <p>A candidate belongs to a section and to a generation of ICE credentials. All media shares one
 * transport, so only the candidates of the section that speaks for it are used; those of other
 * sections name ports that the other side closes once it knows.
 */
final class TrickledCandidates {
  /** The most candidates that wait; a further one takes the place of the oldest. */
  static final int MAX_WAITING = 256;

  /** Longer names are no section's and no generation's (RFC 8839 5.4). */
  private static final int MAX_NAME_LENGTH = 256;

  private final Deque<Signalled> waiting = new ArrayDeque<>();

  /**
   * A candidate and where it belongs.
   *
   * @param candidate the candidate; empty for the end of candidates
   * @param mid its section's identification
   * @param line its section's index
   * @param usernameFragment its generation
   */
  record Signalled(
      Optional<Candidate> candidate,
      Optional<String> mid,
      Optional<Integer> line,
      Optional<String> usernameFragment) {

    boolean isOfTransport(TransportAgreement agreement) {
      if (mid.isPresent()) {
        return mid.equals(agreement.mid());
      }
      return line.isEmpty() || line.get() == agreement.line();
    }
  }

  /**
   * Takes a signalled candidate.
   *
   * @param describedUfrag the user name fragment of the description that the other side has sent
   *     last, for a candidate that names none
   * @throws CandidateFormatException if it cannot be read
   */
  void add(IceCandidateInit init, Optional<String> describedUfrag) throws CandidateFormatException {
    requireShort("sdpMid", init.sdpMid());
    requireShort("usernameFragment", init.usernameFragment());
    Optional<Candidate> candidate =
        init.candidate().isEmpty()
            ? Optional.empty()
            : Optional.of(Candidate.parse(init.candidate()));
    add(
        new Signalled(
            candidate,
            Optional.ofNullable(init.sdpMid()).filter(mid -> !mid.isEmpty()),
            Optional.ofNullable(init.sdpMLineIndex()),
            Optional.ofNullable(init.usernameFragment())
                .or(() -> candidate.flatMap(Candidate::usernameFragment))
                .or(() -> describedUfrag)));
  }

  private static void requireShort(String what, String name) throws CandidateFormatException {
    if (name != null && name.length() > MAX_NAME_LENGTH) {
      throw new CandidateFormatException(
          "a candidate with a %s of %d characters".formatted(what, name.length()));
    }
  }

  /**
   * The candidates that a description carries. Those of the sections that may speak for the
   * transport, the first ones, come last, and so are not what too many candidates displace.
   *
   * @param skipped takes those that cannot be read
   */
  static List<Signalled> read(Sdp sdp, List<SkippedLine> skipped) {
    List<Signalled> candidates = new ArrayList<>();
    for (int i = sdp.media().size() - 1; i >= 0; i--) {
      MediaDescription section = sdp.media().get(i);
      Optional<Integer> line = Optional.of(i);
      Optional<String> ufrag =
          sdp.inherited(section, Attribute.IceUfrag.class).map(Attribute.IceUfrag::ufrag);
      for (Attribute.Candidate attribute : section.all(Attribute.Candidate.class)) {
        try {
          candidates.add(
              new Signalled(
                  Optional.of(Candidate.parse(attribute.value())), section.mid(), line, ufrag));
        } catch (CandidateFormatException e) {
          skipped.add(new SkippedLine(0, i, "candidate", e.getMessage()));
        }
      }
      if (sdp.inherited(section, Attribute.EndOfCandidates.class).isPresent()) {
        candidates.add(new Signalled(Optional.empty(), section.mid(), line, ufrag));
      }
    }
    return candidates;
  }

  /** Takes the candidates that a description carries. */
  void addAll(List<Signalled> candidates) {
    candidates.forEach(this::add);
  }

  private void add(Signalled one) {
    if (waiting.size() == MAX_WAITING) {
      waiting.removeFirst();
    }
    waiting.add(one);
  }

  /**
   * Takes out what belongs to the agreed transport, in order; an empty one is the end of them. What
   * belongs to other sections is thrown away; what belongs to another generation stays.
   */
  List<Optional<Candidate>> takeFor(TransportAgreement agreement) {
    String ufrag = agreement.remote().credentials().usernameFragment();
    List<Optional<Candidate>> taken = new ArrayList<>();
    for (Iterator<Signalled> all = waiting.iterator(); all.hasNext(); ) {
      Signalled one = all.next();
      if (one.usernameFragment().orElse(ufrag).equals(ufrag)) {
        if (one.isOfTransport(agreement)) {
          taken.add(one.candidate());
        }
        all.remove();
      }
    }
    return taken;
  }
}
