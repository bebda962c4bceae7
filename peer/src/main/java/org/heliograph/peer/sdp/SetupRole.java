package org.heliograph.peer.sdp;

import java.util.Locale;

/** Which side opens the DTLS association (RFC 4145 4, RFC 8842 5.2). */
public enum SetupRole {
  /** The DTLS client. */
  ACTIVE,
  /** The DTLS server. */
  PASSIVE,
  /** Either; the answerer chooses. */
  ACTPASS,
  /** No association for now; WebRTC does not use it. */
  HOLDCONN;

  /** The role as it is written. */
  public String token() {
    return name().toLowerCase(Locale.ROOT);
  }
}
