package org.heliograph.peer.ice;

/** Where a candidate's address comes from (RFC 8445 5.1.1, RFC 8839 5.1). */
public enum CandidateType {
  /** An address of the host itself. */
  HOST("host", 126),
  /** Seen by the other agent in a connectivity check. */
  PEER_REFLEXIVE("prflx", 110),
  /** Seen by a STUN server. */
  SERVER_REFLEXIVE("srflx", 100),
  /** Allocated on a TURN server. */
  RELAYED("relay", 0);

  private final String token;
  private final int preference;

  CandidateType(String token, int preference) {
    this.token = token;
    this.preference = preference;
  }

  /** The type's name in a candidate-attribute. */
  public String token() {
    return token;
  }

  /** The type preference of RFC 8445 5.1.2.2. */
  public int preference() {
    return preference;
  }
}
