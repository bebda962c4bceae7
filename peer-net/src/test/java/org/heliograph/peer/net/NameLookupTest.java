package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names of the local network, with a responder on the loopback interface. */
@Timeout(30)
class NameLookupTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress GROUP = InetAddress.ofLiteral("224.0.0.251");
  private static final InetAddress FOUND = InetAddress.ofLiteral("192.0.2.77");

  @Test
  void nameIsFoundByAskingTheNetwork() throws Exception {
    byte[] query = MdnsMessage.query("heliograph-test.local");
    try (MulticastSocket responder = new MulticastSocket(5353)) {
      NetworkInterface loopback = NetworkInterface.getByInetAddress(LOOPBACK);
      responder.setNetworkInterface(loopback);
      responder.joinGroup(new InetSocketAddress(GROUP, 5353), loopback);
      Thread.ofVirtual().start(() -> answer(responder, query));
      assertThat(new NameLookup("heliograph-test.local").find(List.of(LOOPBACK)))
          .containsExactly(FOUND);
    }
  }

  /** Answers, to everybody, each question for the one name. */
  private static void answer(MulticastSocket responder, byte[] query) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        responder.receive(packet);
        if (Arrays.equals(Arrays.copyOf(packet.getData(), packet.getLength()), query)) {
          ByteArrayOutputStream response = new ByteArrayOutputStream();
          response.writeBytes(new byte[] {0, 0, (byte) 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0});
          response.write(query, 12, (query.length - 12) / 2 - 4); // The name.
          response.writeBytes(new byte[] {0, 1, (byte) 0x80, 1, 0, 0, 0, 120, 0, 4});
          response.writeBytes(FOUND.getAddress());
          byte[] octets = response.toByteArray();
          responder.send(new DatagramPacket(octets, octets.length, GROUP, 5353));
        }
      }
    } catch (SocketException closed) {
      // The test is over.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nameThatNobodyHasIsGivenUp() {
    assertThat(new NameLookup("nobody-has-this-name.local").find(List.of(LOOPBACK))).isEmpty();
  }

  @Test
  void onlyNamesOfTheLocalNetworkAreLookedUp() {
    assertThat(new NameLookup("localhost").find(List.of(LOOPBACK))).isEmpty();
  }
}
