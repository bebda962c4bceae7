package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An address that this side can send from (RFC 8445 4, "base").
 *
 * @param address the address, the instance that the driver gave
 * @param preference the local preference of RFC 8445 5.1.2.1
 */
record LocalBase(InetSocketAddress address, int preference) {
  /** The priority of a peer-reflexive candidate of this base, as checks announce it. */
  long peerReflexivePriority() {
    return Candidate.priority(CandidateType.PEER_REFLEXIVE, preference);
  }

  /** Whether something sent from here can arrive there (RFC 8445 6.1.2.2). */
  boolean reaches(InetAddress remote) {
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
