package org.heliograph.peer.transport;

import java.util.List;
import java.util.Optional;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;

/** What this side's descriptions say of its transport; given by the {@link MediaTransport}. */
public interface LocalTransport {
  /** The ICE credentials of the current generation. */
  IceCredentials iceCredentials();

  /** Begins a new generation (ICE restart, RFC 8445 9), whose credentials are told from now on. */
  void restartIce();

  /** Takes the new generation back, which was not agreed on; the one before is told again. */
  void cancelIceRestart();

  /** The certificate's fingerprint. */
  Attribute.Fingerprint fingerprint();

  /**
   * Whether fingerprints of the other side are those of the certificate that it has shown; empty
   * while it has shown none.
   */
  Optional<Boolean> areOfRemoteCertificate(List<Fingerprint> fingerprints);
}
