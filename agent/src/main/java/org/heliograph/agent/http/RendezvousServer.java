package org.heliograph.agent.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.life.Usage;
import org.heliograph.agent.signal.Invitations;
import org.heliograph.agent.signal.Json;
import org.heliograph.agent.signal.Rendezvous;
import org.heliograph.peer.IceServer;

/**
 * The rendezvous' listener, with the page for the other side. It knows no route under {@code /api}:
 * an invitation gives signalling under its name, the servers that help to reach the agent, and
 * nothing else.
 */
public final class RendezvousServer implements AutoCloseable {
  private static final String PARTICIPANT = "participant";
  private static final Duration PING = Duration.ofSeconds(15);
  private static final int CONNECTIONS = 64;

  private final AgentConfig.Rendezvous config;
  private final String ownName;
  private final Rendezvous rendezvous;
  private final Supplier<List<IceServer>> iceServers;
  private final Usage usage;
  private final Invitations invitations;
  private final Set<String> connected = ConcurrentHashMap.newKeySet();
  private Javalin server;
  private Optional<RendezvousCertificate> certificate = Optional.empty();

  /**
   * @param ownName the agent's own name, under which nobody else may join
   * @param iceServers the STUN and TURN servers for a guest, asked for each time, because
   *     credentials end
   * @param usage is told of each request and socket
   */
  public RendezvousServer(
      AgentConfig.Rendezvous config,
      String ownName,
      Rendezvous rendezvous,
      Supplier<List<IceServer>> iceServers,
      Usage usage) {
    this.config = config;
    this.ownName = ownName;
    this.rendezvous = rendezvous;
    this.iceServers = iceServers;
    this.usage = usage;
    this.invitations = new Invitations(config.secret());
  }

  /**
   * Begins to listen.
   *
   * @param certificateDirectory where the certificate is kept, if TLS needs one
   * @throws IOException if the port is taken or the certificate unusable
   */
  public void start(Path certificateDirectory) throws IOException {
    if (config.tls()) {
      certificate =
          Optional.of(RendezvousCertificate.loadOrCreate(certificateDirectory, config.listen()));
    }
    StaticPages pages = new StaticPages("/remote/", Set.of("remote"));
    UseCount uses = new UseCount(usage);
    server =
        Javalin.create(
            javalin -> {
              Listener.configure(javalin, uses);
              javalin.jetty.host = config.listen();
              javalin.jetty.port = config.port();
              certificate.ifPresent(used -> listenWithTls(javalin, used));
              javalin.routes.before(
                  context -> {
                    checkHost(context);
                    if (pages.serve(context)) {
                      context.skipRemainingHandlers();
                    }
                  });
              javalin.routes.wsBeforeUpgrade(this::checkUpgrade);
              javalin.routes.ws("/signal", this::signal);
              javalin.routes.get("/ice", this::answerIceServers);
            });
    Listener.start(server, uses, "The rendezvous", "rendezvous.port");
  }

  private void listenWithTls(JavalinConfig javalin, RendezvousCertificate used) {
    javalin.jetty.addConnector(
        (jetty, http) -> {
          HttpConfiguration secure = new HttpConfiguration(http);
          SecureRequestCustomizer customizer = new SecureRequestCustomizer();
          // An address in the URL sends no SNI, and the certificate is checked by its fingerprint.
          customizer.setSniHostCheck(false);
          secure.addCustomizer(customizer);
          SslContextFactory.Server tls = new SslContextFactory.Server();
          tls.setKeyStore(used.keyStore());
          tls.setKeyStorePassword(used.password());
          tls.setSniRequired(false);
          return connector(jetty, tls, secure);
        });
  }

  private ServerConnector connector(
      Server jetty, SslContextFactory.Server tls, HttpConfiguration secure) {
    ServerConnector connector = new ServerConnector(jetty, tls, new HttpConnectionFactory(secure));
    connector.setHost(config.listen());
    connector.setPort(config.port());
    return connector;
  }

  /** On loopback a foreign Host means DNS rebinding; elsewhere the machine has names of its own. */
  private void checkHost(Context context) {
    if (!config.tls()
        && AccessPolicy.hostName(context.header("Host"))
            .filter(name -> AccessPolicy.isLoopback(name) || name.equals(config.listen()))
            .isEmpty()) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.FORBIDDEN,
              "forbidden_host",
              "The Host header does not name this machine's loopback address.",
              "Use the link as it was printed."));
    }
  }

  private void checkUpgrade(Context context) {
    checkHost(context);
    checkOrigin(context);
    checkInvitation(context);
    if (connected.size() >= CONNECTIONS) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.SERVICE_UNAVAILABLE,
              "too_many_connections",
              "The rendezvous has as many connections as it takes.",
              ""));
    }
  }

  private void checkOrigin(Context context) {
    String origin = context.header("Origin");
    String own = (config.tls() ? "https://" : "http://") + context.header("Host");
    if (origin != null && !origin.isEmpty() && !origin.equals(own)) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.FORBIDDEN,
              "forbidden_origin",
              "Pages of the origin \"" + origin + "\" may not use this rendezvous.",
              "Use the page that it serves."));
    }
  }

  private void checkInvitation(Context context) {
    String name = Optional.ofNullable(context.queryParam("peer")).orElse("");
    String token = AccessPolicy.givenToken(context).orElse("");
    if (name.isBlank() || name.equals(ownName) || !invitations.accepts(name, token)) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.UNAUTHORIZED,
              "invitation_wrong",
              "The invitation is not valid for this name.",
              "Ask for a new link; the agent may have been started anew."));
    }
  }

  /** Part of a W3C {@code RTCConfiguration}. */
  private record IceServers(@JsonProperty("iceServers") List<GuestIceServer> iceServers) {}

  /** A W3C {@code RTCIceServer}. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record GuestIceServer(
      @JsonProperty("urls") List<String> urls,
      @JsonProperty("username") String username,
      @JsonProperty("credential") String credential) {
    static GuestIceServer of(IceServer server) {
      return new GuestIceServer(server.urls(), server.username(), server.credential());
    }
  }

  /** What the guest's RTCPeerConnection needs to get through where only a relay does. */
  private void answerIceServers(Context context) {
    checkOrigin(context);
    checkInvitation(context);
    IceServers servers = new IceServers(iceServers.get().stream().map(GuestIceServer::of).toList());
    context.header("Cache-Control", "no-store");
    context.contentType("application/json").result(Json.write(servers));
  }

  private void signal(WsConfig socket) {
    socket.onConnect(
        context -> {
          context.enableAutomaticPings(PING.toSeconds(), TimeUnit.SECONDS);
          connected.add(context.sessionId());
          Rendezvous.Participant participant =
              rendezvous.join(context.queryParam("peer"), new WebSocketOutlet(context.session));
          context.attribute(PARTICIPANT, participant);
        });
    socket.onMessage(
        context -> participant(context).ifPresent(sender -> sender.sent(context.message())));
    socket.onBinaryMessage(context -> context.closeSession(1003, "envelopes are text"));
    socket.onClose(
        context -> {
          connected.remove(context.sessionId());
          participant(context).ifPresent(Rendezvous.Participant::leave);
        });
  }

  private static Optional<Rendezvous.Participant> participant(WsContext context) {
    return Optional.ofNullable(context.attribute(PARTICIPANT));
  }

  /** The port in use. */
  public int port() {
    return server.port();
  }

  /** Where the envelopes are routed. */
  public Rendezvous rendezvous() {
    return rendezvous;
  }

  /** The signalling address for another agent. */
  public String signalUrl() {
    return (config.tls() ? "wss://" : "ws://") + authority() + "/signal";
  }

  /** The token of a guest. */
  public String token(String guest) {
    return invitations.token(guest);
  }

  /**
   * A guest's link to the page for the other side. What it says stands in the fragment, which a
   * browser sends to nobody.
   */
  public String invitation(String guest) {
    return (config.tls() ? "https://" : "http://")
        + authority()
        + "/remote/#token="
        + token(guest)
        + "&peer="
        + encoded(guest)
        + "&call="
        + encoded(ownName);
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String authority() {
    String address = reachableAddress();
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + port();
  }

  /** Where the rendezvous listens; one of the machine's addresses where it listens on them all. */
  private String reachableAddress() {
    try {
      if (!InetAddress.getByName(config.listen()).isAnyLocalAddress()) {
        return config.listen();
      }
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
          .findFirst()
          .orElse(InetAddress.getLoopbackAddress())
          .getHostAddress();
    } catch (IOException _) {
      return config.listen();
    }
  }

  /** SHA-256 of the certificate, where there is one. */
  public Optional<String> fingerprint() {
    return certificate.map(RendezvousCertificate::fingerprint);
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop();
    }
  }
}
