package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.VirtualSocket;

/** A STUN server on an emulated host (RFC 8489 12). */
final class StunServer {
  private final VirtualSocket socket;
  private final StunWriter writer = new StunWriter();
  private int requests;

  StunServer(Host host, String address) {
    socket = host.bind(address, 3478, this::receive);
  }

  InetSocketAddress address() {
    return socket.local();
  }

  int requests() {
    return requests;
  }

  private void receive(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    try {
      StunMessage request = StunMessage.parse(packet);
      if (request.messageClass() == StunClass.REQUEST) {
        requests++;
        writer
            .begin(StunClass.SUCCESS_RESPONSE, StunMessage.BINDING, request.transactionId())
            .add(new StunAttribute.XorMappedAddress(remote));
        socket.send(remote, writer.finish());
      }
    } catch (StunException e) {
      throw new AssertionError(e);
    }
  }
}
