package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An address that this side can send from (RFC 8445 4, "base").
 *
 * @param address the address, the instance that the driver or the relay gave
 * @param kind what stands behind the address
 * @param preference the local preference of RFC 8445 5.1.2.1
 */
record LocalBase(InetSocketAddress address, Kind kind, int preference) {
  /** What stands behind an address. */
  enum Kind {
    /** A bound UDP socket. */
    HOST,
    /** An allocation on a TURN server, which sends UDP from there. */
    RELAYED,
    /** TCP connections that this side opens (RFC 6544 4.1, "active"), from whatever address. */
    TCP
  }

  /**
   * What a direct TCP path is worth: less than any direct UDP path, on which a lost packet holds up
   * no others, and more than a relay. The other side's software thinks the same where it is
   * libwebrtc.
   */
  private static final int TCP_TYPE_PREFERENCE = 80;

  /** The priority of a candidate of this base (RFC 8445 5.1.2). */
  long priority(CandidateType type) {
    return kind == Kind.TCP
        ? Candidate.priority(TCP_TYPE_PREFERENCE, preference)
        : Candidate.priority(type, preference);
  }

  /**
   * The priority of the candidate that the other side learns of by a check from here, as checks
   * announce it: a peer-reflexive one. From a relay the other side learns of the relayed candidate
   * itself, maybe before that was signalled, and must not take it for a direct path.
   */
  long peerReflexivePriority() {
    return priority(kind == Kind.RELAYED ? CandidateType.RELAYED : CandidateType.PEER_REFLEXIVE);
  }

  /** Whether a check from here can arrive at a candidate (RFC 8445 6.1.2.2, RFC 6544 6.2). */
  boolean pairsWith(Candidate remote) {
    return remote.isTcp() == (kind == Kind.TCP) && reaches(remote.address().getAddress());
  }

  /**
   * Whether something sent from here can arrive there (RFC 8445 6.1.2.2). Behind a relay a loopback
   * address is the relay's own machine, which is nobody's peer unless the relay is on this one.
   */
  boolean reaches(InetAddress remote) {
    if (kind == Kind.RELAYED
        && remote.isLoopbackAddress()
        && !address.getAddress().isLoopbackAddress()) {
      return false;
    }
    return address.getAddress() instanceof Inet6Address == remote instanceof Inet6Address
        && address.getAddress().isLinkLocalAddress() == remote.isLinkLocalAddress();
  }

  /** A remote address as it has to be written here: a link-local one takes this base's scope. */
  InetSocketAddress scoped(InetSocketAddress remote) {
    if (address.getAddress() instanceof Inet6Address own
        && own.getScopeId() != 0
        && remote.getAddress().isLinkLocalAddress()) {
      try {
        byte[] bytes = remote.getAddress().getAddress();
        return new InetSocketAddress(
            Inet6Address.getByAddress(null, bytes, own.getScopeId()), remote.getPort());
      } catch (UnknownHostException e) {
        throw new IllegalStateException("16 bytes are an address", e);
      }
    }
    return remote;
  }
}
