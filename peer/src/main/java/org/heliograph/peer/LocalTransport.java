package org.heliograph.peer;

import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;

/** What this side's descriptions say of its transport; given by the {@link PeerConnection}. */
interface LocalTransport {
  /** The ICE credentials of the current generation. */
  IceCredentials iceCredentials();

  /** Begins a new generation (ICE restart, RFC 8445 9), whose credentials are told from now on. */
  void restartIce();

  /** Takes the new generation back, which was not agreed on; the one before is told again. */
  void cancelIceRestart();

  /** The certificate's fingerprint. */
  Attribute.Fingerprint fingerprint();
}
