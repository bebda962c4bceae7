package org.heliograph.peer.transport;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;
import org.heliograph.peer.sdp.SkippedLine;

/**
 * What a description says of the one transport that all its sections share: the ICE credentials and
 * the certificate (RFC 8839 5.4, RFC 8842 5).
 *
 * @param credentials the ICE credentials
 * @param iceLite whether the writer's ICE agent is a lite one
 * @param fingerprints the hashes of the certificate
 * @param setup the DTLS role that the writer takes, where it says so
 */
public record TransportDescription(
    IceCredentials credentials,
    boolean iceLite,
    List<Fingerprint> fingerprints,
    Optional<SetupRole> setup) {
  public TransportDescription {
    fingerprints = List.copyOf(fingerprints);
  }

  /**
   * Reads it from the section that speaks for the transport, with the session's values where that
   * has none.
   *
   * @param index the section's, from 0
   * @throws IllegalArgumentException if something that WebRTC requires is missing or unreadable
   */
  public static TransportDescription read(Sdp sdp, MediaDescription section, int index) {
    Reader reader = new Reader(sdp, section, index);
    return new TransportDescription(
        new IceCredentials(
            reader.required(Attribute.IceUfrag.class, "ice-ufrag").ufrag(),
            reader.required(Attribute.IcePwd.class, "ice-pwd").password()),
        sdp.first(Attribute.IceLite.class).isPresent(),
        reader.fingerprints(),
        reader.readable(Attribute.Setup.class, "setup").map(Attribute.Setup::role));
  }

  /** Reads what cannot be guessed: a line that could not be read is named. */
  private record Reader(Sdp sdp, MediaDescription section, int index) {
    <T extends Attribute> T required(Class<T> type, String name) {
      return readable(type, name).orElseThrow(() -> missing(name));
    }

    /** A section's own line hides the session's, even where it cannot be read. */
    <T extends Attribute> Optional<T> readable(Class<T> type, String name) {
      if (section.has(type)) {
        return section.first(type);
      }
      requireNotSkipped(index, name);
      Optional<T> ofSession = sdp.first(type);
      if (ofSession.isEmpty()) {
        requireNotSkipped(SkippedLine.SESSION, name);
      }
      return ofSession;
    }

    /**
     * The fingerprints by a hash function that is good enough to be taken: the section's, else the
     * session's.
     */
    List<Fingerprint> fingerprints() {
      List<Fingerprint> fingerprints = usable(section.all(Attribute.Fingerprint.class));
      if (fingerprints.isEmpty()) {
        fingerprints = usable(sdp.all(Attribute.Fingerprint.class));
      }
      if (fingerprints.isEmpty()) {
        requireNotSkipped(index, "fingerprint");
        requireNotSkipped(SkippedLine.SESSION, "fingerprint");
        throw missing("fingerprint by SHA-256, SHA-384 or SHA-512");
      }
      return fingerprints;
    }

    private static List<Fingerprint> usable(List<Attribute.Fingerprint> lines) {
      return lines.stream()
          .flatMap(line -> Fingerprint.parse(line.value()).stream())
          .distinct()
          .toList();
    }

    private void requireNotSkipped(int where, String name) {
      sdp.skipped(where, name)
          .ifPresent(
              line -> {
                throw new IllegalArgumentException(
                    "SDP line " + line.line() + ": " + name + ": " + line.problem());
              });
    }

    private IllegalArgumentException missing(String attribute) {
      return new IllegalArgumentException(
          "SDP: the "
              + section.media()
              + " section"
              + section.mid().map(mid -> " with mid " + mid).orElse("")
              + " has no a="
              + attribute);
    }
  }

  /** Whether another description asks for new ICE credentials: an ICE restart (RFC 8839 4.4.3). */
  public boolean restarts(TransportDescription before) {
    return !credentials.equals(before.credentials);
  }

  /**
   * Whether the fingerprints of two descriptions can be of one certificate: by each hash function
   * that both name they have a value in common, whatever the order and the number, and there is
   * such a function.
   */
  public boolean canBeOfCertificateOf(TransportDescription before) {
    boolean compared = false;
    for (Fingerprint.Hash hash : Fingerprint.Hash.values()) {
      List<Fingerprint> ours = by(hash);
      List<Fingerprint> theirs = before.by(hash);
      if (!ours.isEmpty() && !theirs.isEmpty()) {
        if (Collections.disjoint(ours, theirs)) {
          return false;
        }
        compared = true;
      }
    }
    return compared;
  }

  private List<Fingerprint> by(Fingerprint.Hash hash) {
    return fingerprints.stream().filter(fingerprint -> fingerprint.hash() == hash).toList();
  }
}
