package org.heliograph.agent.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.IceUrl;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.net.PeerDriver;

/**
 * One configured STUN or TURN server, asked as a call would ask it: from every local address, with
 * the configured credentials, over the transport and with the authorities that a call uses.
 */
final class IceServerVisit {
  private static final String AREA = "ice server";

  /** A name server, a connection with TLS, and a server's answer take 5 s each at the most. */
  private static final Duration PATIENCE = Duration.ofSeconds(16);

  private static final int UNAUTHORIZED = 401;
  private static final int WRONG_CREDENTIALS = 441;
  private static final int UNREACHABLE = 701;

  private static final String HOW_TO_REACH =
      "Check its name, port and transport. Where a firewall lets no UDP out, turns: on port 443"
          + " often passes.";
  private static final String HOW_TO_TRUST =
      " Where an authority of your own signs its certificate, name that in ice.ca_file.";
  private static final String HOW_TO_LOG_IN =
      "Check ice.username and ice.credential, or ice.secret, with which this machine's clock must"
          + " be right.";

  private final AgentConfig.Ice ice;
  private final IceServer server;
  private final String url;
  private final CompletableFuture<Finding> outcome = new CompletableFuture<>();

  /** When the connection was ready to ask; read and written on its thread. */
  private long begunNanos = System.nanoTime();

  private IceServerVisit(AgentConfig.Ice ice, IceServer server) {
    this.ice = ice;
    this.server = server;
    this.url = server.urls().getFirst();
  }

  /** Asks all servers at once; a finding for each. */
  static List<Finding> visitAll(AgentConfig.Ice ice) throws InterruptedException {
    List<CompletableFuture<Finding>> visits =
        ice.servers().stream()
            .map(
                server -> {
                  CompletableFuture<Finding> finding = new CompletableFuture<>();
                  Thread.ofVirtual()
                      .start(() -> finding.complete(new IceServerVisit(ice, server).make()));
                  return finding;
                })
            .toList();
    try {
      CompletableFuture.allOf(visits.toArray(CompletableFuture[]::new)).get();
    } catch (ExecutionException broken) {
      throw new IllegalStateException(broken.getCause());
    }
    return visits.stream().map(CompletableFuture::join).toList();
  }

  private Finding make() {
    if (ice.transportPolicy() == IceTransportPolicy.RELAY && !IceUrl.parse(url).isTurn()) {
      return Finding.ok(AREA, url, "is not asked, as ice.transport_policy is \"relay\"");
    }
    PeerConfiguration all = ice.toPeerConfiguration(true);
    PeerConfiguration alone =
        new PeerConfiguration(
            List.of(server),
            all.iceTransportPolicy(),
            all.iceCertificateAuthorities(),
            all.includeLoopback(),
            all.reconnectTimeout());
    try (PeerDriver driver = PeerDriver.open(alone, new Answers())) {
      var _ =
          driver.call(
              _ -> {
                begunNanos = System.nanoTime();
                return null;
              });
      return outcome.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silence) {
      return failed(UNREACHABLE, "neither its name nor itself has answered");
    } catch (IOException | ExecutionException | InterruptedException failure) {
      return failed(UNREACHABLE, String.valueOf(failure.getMessage()));
    }
  }

  private Finding failed(int errorCode, String reason) {
    IceUrl parsed = IceUrl.parse(url);
    String hint =
        switch (errorCode) {
          case UNAUTHORIZED, WRONG_CREDENTIALS -> HOW_TO_LOG_IN;
          case UNREACHABLE ->
              HOW_TO_REACH + (parsed.scheme() == IceUrl.Scheme.TURNS ? HOW_TO_TRUST : "");
          default -> "Ask who runs it; the code stands in RFC 8656, section 19.";
        };
    return Finding.warning(AREA, url, reason, hint);
  }

  private final class Answers implements PeerListener {
    @Override
    public void onIceServer(String whole, InetSocketAddress address) {
      long millis = Duration.ofNanos(System.nanoTime() - begunNanos).toMillis();
      boolean relays = IceUrl.parse(url).isTurn();
      outcome.complete(
          Finding.ok(
              AREA,
              url,
              "reached in %d ms; it %s %s:%d"
                  .formatted(
                      millis,
                      relays ? "relays at" : "sees this machine at",
                      address.getAddress().getHostAddress(),
                      address.getPort())));
    }

    @Override
    public void onIceCandidateError(String whole, int errorCode, String errorText) {
      outcome.complete(failed(errorCode, errorText));
    }
  }
}
