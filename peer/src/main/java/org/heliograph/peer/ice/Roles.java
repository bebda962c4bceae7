package org.heliograph.peer.ice;

import java.util.Optional;
import java.util.random.RandomGenerator;

/** Which side controls, and how that is settled when both think the same (RFC 8445 6.1.1). */
final class Roles {
  private final RandomGenerator random;
  private IceRole role;
  private long tieBreaker;

  Roles(IceRole role, RandomGenerator random) {
    this.role = role;
    this.random = random;
    tieBreaker = random.nextLong();
  }

  IceRole role() {
    return role;
  }

  boolean isControlling() {
    return role == IceRole.CONTROLLING;
  }

  void set(IceRole newRole) {
    role = newRole;
  }

  /** What a check says of this side's role. */
  StunAttribute attribute() {
    return isControlling()
        ? new StunAttribute.IceControlling(tieBreaker)
        : new StunAttribute.IceControlled(tieBreaker);
  }

  /**
   * Whether a check's sender thinks that it has this side's role and is the one that has to switch
   * (RFC 8445 7.3.1.1); empty if there is no conflict.
   */
  Optional<Boolean> theySwitch(StunMessage request) {
    Optional<Long> theirs =
        isControlling()
            ? request
                .attribute(StunAttribute.IceControlling.class)
                .map(StunAttribute.IceControlling::tieBreaker)
            : request
                .attribute(StunAttribute.IceControlled.class)
                .map(StunAttribute.IceControlled::tieBreaker);
    return theirs.map(other -> (Long.compareUnsigned(tieBreaker, other) >= 0) == isControlling());
  }

  /** The other side kept its role, so this one switches (RFC 8445 7.2.5.1). */
  void giveWay() {
    role = role.opposite();
    tieBreaker = random.nextLong();
  }
}
