package org.heliograph.peer.ice;

/** Which of the two agents chooses the path (RFC 8445 4, "controlling" and "controlled"). */
public enum IceRole {
  /** This agent nominates the pair to be used; the side that offered first has this role. */
  CONTROLLING,
  /** The remote agent nominates. */
  CONTROLLED;

  /** The other agent's role. */
  public IceRole opposite() {
    return this == CONTROLLING ? CONTROLLED : CONTROLLING;
  }
}
