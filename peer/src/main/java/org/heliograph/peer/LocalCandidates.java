package org.heliograph.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;

/**
 * This side's candidates of the present ICE generation. They are told (trickled, RFC 8838) once a
 * local description with their credentials is set, and stand in the description that is read then.
 */
final class LocalCandidates {
  private static final String PREFIX = "candidate:";

  private final List<Candidate> candidates = new ArrayList<>();
  private int told;
  private boolean complete;
  private boolean completeTold;

  void add(Candidate candidate) {
    boolean restarted =
        !candidates.isEmpty()
            && !candidates.getFirst().usernameFragment().equals(candidate.usernameFragment());
    if (restarted) {
      candidates.clear();
      told = 0;
    }
    complete = false;
    completeTold = false;
    candidates.add(candidate);
  }

  /** No further candidate will come. */
  void complete() {
    complete = true;
  }

  List<Candidate> all() {
    return List.copyOf(candidates);
  }

  /** Whether something waits to be told. */
  boolean hasUntold() {
    return told < candidates.size() || complete != completeTold;
  }

  /** What is to be told now; an empty candidate is the end of them. */
  List<IceCandidateInit> takeUntold(Optional<Sdp> localDescription) {
    if (localDescription.isEmpty()) {
      return List.of();
    }
    int line = transportLine(localDescription.get());
    if (line == localDescription.get().media().size()) {
      return List.of();
    }
    MediaDescription section = localDescription.get().media().get(line);
    Optional<String> ufrag = section.first(Attribute.IceUfrag.class).map(Attribute.IceUfrag::ufrag);
    List<IceCandidateInit> untold = new ArrayList<>();
    while (told < candidates.size() && candidates.get(told).usernameFragment().equals(ufrag)) {
      untold.add(init(candidates.get(told++).format(), section, line, ufrag));
    }
    if (complete && !completeTold && told == candidates.size()) {
      completeTold = true;
      untold.add(init("", section, line, ufrag));
    }
    return untold;
  }

  private static IceCandidateInit init(
      String candidate, MediaDescription section, int line, Optional<String> ufrag) {
    return new IceCandidateInit(candidate, section.mid().orElse(null), line, ufrag.orElse(null));
  }

  /** A local description with the candidates that belong to it. */
  Sdp addTo(Sdp sdp) {
    int line = transportLine(sdp);
    if (line == sdp.media().size()) {
      return sdp;
    }
    MediaDescription section = sdp.media().get(line);
    Optional<String> ufrag = section.first(Attribute.IceUfrag.class).map(Attribute.IceUfrag::ufrag);
    List<Attribute> attributes = new ArrayList<>(section.attributes());
    for (Candidate candidate : candidates) {
      if (candidate.usernameFragment().equals(ufrag)) {
        attributes.add(new Attribute.Candidate(candidate.format().substring(PREFIX.length())));
      }
    }
    if (complete) {
      attributes.add(new Attribute.EndOfCandidates());
    }
    List<MediaDescription> sections = new ArrayList<>(sdp.media());
    sections.set(
        line,
        new MediaDescription(
            section.media(), section.port(), section.protocol(), section.formats(), attributes));
    return new Sdp(sdp.origin(), sdp.sessionName(), sdp.attributes(), sections);
  }

  /** The section that the candidates are signalled with: the first that is not refused. */
  private static int transportLine(Sdp sdp) {
    int line = 0;
    while (line < sdp.media().size() && sdp.media().get(line).isRejected()) {
      line++;
    }
    return line;
  }
}
