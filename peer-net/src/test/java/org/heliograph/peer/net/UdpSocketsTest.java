package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UdpSocketsTest {
  /** A description may name a subnet's broadcast address; the system alone knows which that is. */
  @Test
  @Timeout(20)
  void nothingGoesToABroadcastAddress() throws Exception {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try (UdpSockets sockets = UdpSockets.bind(List.of(loopback));
        DatagramSocket everywhere = new DatagramSocket(0, InetAddress.ofLiteral("0.0.0.0"))) {
      InetSocketAddress local = sockets.addresses().getFirst();
      int port = everywhere.getLocalPort();
      InetSocketAddress everybody =
          new InetSocketAddress(InetAddress.ofLiteral("127.255.255.255"), port);
      sockets.send(local, everybody, ByteBuffer.wrap(new byte[] {1}));
      sockets.send(local, new InetSocketAddress(loopback, port), ByteBuffer.wrap(new byte[] {2}));

      DatagramPacket first = new DatagramPacket(new byte[10], 10);
      everywhere.receive(first);
      assertThat(first.getData()[0]).isEqualTo((byte) 2);
    }
  }
}
