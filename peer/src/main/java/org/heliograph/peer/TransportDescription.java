package org.heliograph.peer;

import java.util.List;
import java.util.Optional;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.Sdp;
import org.heliograph.peer.sdp.SetupRole;

/**
 * What a description says of the one transport that all its sections share: the ICE credentials and
 * the certificate (RFC 8839 5.4, RFC 8842 5).
 *
 * @param credentials the ICE credentials
 * @param iceLite whether the writer's ICE agent is a lite one
 * @param fingerprints the hashes of the certificate
 * @param setup the DTLS role that the writer takes, where it says so
 */
record TransportDescription(
    IceCredentials credentials,
    boolean iceLite,
    List<Fingerprint> fingerprints,
    Optional<SetupRole> setup) {
  TransportDescription {
    fingerprints = List.copyOf(fingerprints);
  }

  /**
   * Reads it from a section, with the session's values where the section has none.
   *
   * @throws IllegalArgumentException if something that WebRTC requires is missing
   */
  static TransportDescription read(Sdp sdp, MediaDescription section) {
    String ufrag =
        sdp.inherited(section, Attribute.IceUfrag.class)
            .map(Attribute.IceUfrag::ufrag)
            .orElseThrow(() -> missing(section, "ice-ufrag"));
    String password =
        sdp.inherited(section, Attribute.IcePwd.class)
            .map(Attribute.IcePwd::password)
            .orElseThrow(() -> missing(section, "ice-pwd"));
    return new TransportDescription(
        new IceCredentials(ufrag, password),
        sdp.first(Attribute.IceLite.class).isPresent(),
        fingerprints(sdp, section),
        sdp.inherited(section, Attribute.Setup.class).map(Attribute.Setup::role));
  }

  /** The fingerprints by a hash function that is good enough to be taken. */
  private static List<Fingerprint> fingerprints(Sdp sdp, MediaDescription section) {
    List<Attribute.Fingerprint> lines = section.all(Attribute.Fingerprint.class);
    if (lines.isEmpty()) {
      lines = sdp.all(Attribute.Fingerprint.class);
    }
    List<Fingerprint> fingerprints =
        lines.stream().flatMap(line -> Fingerprint.parse(line.value()).stream()).toList();
    if (fingerprints.isEmpty()) {
      throw missing(section, "fingerprint by SHA-256, SHA-384 or SHA-512");
    }
    return fingerprints;
  }

  private static IllegalArgumentException missing(MediaDescription section, String attribute) {
    return new IllegalArgumentException(
        "SDP: the "
            + section.media()
            + " section"
            + section.mid().map(mid -> " with mid " + mid).orElse("")
            + " has no a="
            + attribute);
  }

  /** Whether another description asks for new ICE credentials: an ICE restart (RFC 8839 4.4.3). */
  boolean restarts(TransportDescription before) {
    return !credentials.equals(before.credentials);
  }
}
