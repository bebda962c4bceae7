package org.heliograph.interop.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateType;
import org.heliograph.peer.ice.IceAgent;
import org.heliograph.peer.ice.IceConfiguration;
import org.heliograph.peer.ice.IceRole;
import org.heliograph.peer.ice.IceState;
import org.heliograph.peer.ice.SelectedPair;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoturnTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void coturnTellsTheServerReflexiveCandidate(String literal) throws IOException {
    InetAddress loopback = InetAddress.ofLiteral(literal);
    assumeThat(NetworkInterface.getByInetAddress(loopback)).as("an interface with it").isNotNull();
    int port = freePort(loopback);
    try (DatagramSocket socket = new DatagramSocket(0, loopback);
        Subprocess coturn = startCoturn(loopback, port)) {
      coturn.awaitLine(line -> line.contains("Total General servers"), LIMIT);
      List<Candidate> candidates =
          gather(socket, new InetSocketAddress(loopback, port), inside(literal));
      assertThat(candidates)
          .extracting(Candidate::type)
          .containsExactly(CandidateType.HOST, CandidateType.SERVER_REFLEXIVE);
      assertThat(candidates.getLast().address())
          .isEqualTo(new InetSocketAddress(loopback, socket.getLocalPort()));
    }
  }

  private static int freePort(InetAddress loopback) throws IOException {
    try (DatagramSocket free = new DatagramSocket(0, loopback)) {
      return free.getLocalPort();
    }
  }

  private Subprocess startCoturn(InetAddress loopback, int port) {
    return Subprocess.start(
        Map.of(),
        List.of(
            "turnserver",
            "-n",
            "--stun-only",
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--log-file=stdout",
            "--listening-ip=" + loopback.getHostAddress(),
            "--listening-port=" + port,
            "--pidfile=" + directory.resolve("pid"),
            "--userdb=" + directory.resolve("users")));
  }

  /** An address that the socket does not have: the socket stands for the outside of a NAT. */
  private static InetSocketAddress inside(String literal) {
    return new InetSocketAddress(
        InetAddress.ofLiteral(literal.equals("::1") ? "fd00::2" : "10.0.0.2"), 5000);
  }

  private static List<Candidate> gather(
      DatagramSocket socket, InetSocketAddress server, InetSocketAddress inside)
      throws IOException {
    List<Candidate> candidates = new ArrayList<>();
    boolean[] complete = {false};
    IceAgent agent =
        new IceAgent(
            IceRole.CONTROLLING,
            IceConfiguration.defaults(),
            new SecureRandom(),
            new IceAgent.Output() {
              @Override
              public void send(
                  InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
                byte[] bytes = new byte[packet.remaining()];
                packet.get(bytes);
                try {
                  socket.send(new DatagramPacket(bytes, bytes.length, remote));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }

              @Override
              public void onLocalCandidate(Candidate candidate) {
                candidates.add(candidate);
              }

              @Override
              public void onGatheringComplete() {
                complete[0] = true;
              }

              @Override
              public void onStateChange(IceState state) {}

              @Override
              public void onSelectedPairChange(SelectedPair pair) {}
            });
    agent.addLocalAddress(System.nanoTime(), inside);
    agent.addStunServer(System.nanoTime(), server);
    agent.endOfLocalAddresses(System.nanoTime());
    DatagramPacket received = new DatagramPacket(new byte[1500], 1500);
    while (!complete[0]) {
      long millis = (agent.nextTimeoutNanos() - System.nanoTime()) / 1_000_000;
      socket.setSoTimeout((int) Math.max(1, millis));
      try {
        socket.receive(received);
        agent.handleDatagram(
            System.nanoTime(),
            inside,
            (InetSocketAddress) received.getSocketAddress(),
            ByteBuffer.wrap(received.getData(), 0, received.getLength()));
      } catch (SocketTimeoutException e) {
        agent.handleTimeout(System.nanoTime());
      }
    }
    return candidates;
  }
}
