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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.life.Usage;
import org.heliograph.agent.log.Secrets;
import org.heliograph.peer.IceServer;
import org.heliograph.signaling.Invitations;
import org.heliograph.signaling.Rendezvous;
import org.heliograph.text.Json;

/**
 * The rendezvous' listener, with the page for the other side. It knows no route under {@code /api}:
 * an invitation gives signalling under its name, the servers that help to reach the agent, and
 * nothing else.
 */
public final class RendezvousServer implements AutoCloseable {
  /** Unsupported data (RFC 6455 7.4.1). */
  private static final int CLOSE_BINARY = 1003;

  private static final String SEAT = "seat";
  private static final Duration PING = Duration.ofSeconds(15);

  /** What nginx, Caddy, Apache, HAProxy and Traefik add, or can be told to. */
  private static final List<String> PROXY_HEADERS =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via");

  private final AgentConfig.Rendezvous config;

  /** Whose invitations hold, by name; replaced as a whole. */
  private volatile Set<String> guests;

  private volatile boolean guestsMeet;
  private final String ownName;
  private final Rendezvous rendezvous;
  private final Supplier<List<IceServer>> iceServers;
  private final Usage usage;
  private final Invitations invitations;
  private final ConnectionBounds connections;
  private final RendezvousSockets sockets = new RendezvousSockets();
  private Javalin server;
  private Optional<RendezvousTls> tls = Optional.empty();

  /**
   * @param ownName the agent's own name, under which nobody else may join
   * @param iceServers the STUN and TURN servers for a guest, asked for each time, because
   *     credentials end
   * @param usage is told of each request and socket
   */
  public RendezvousServer(
      AgentConfig.Rendezvous config,
      String ownName,
      Supplier<List<IceServer>> iceServers,
      Usage usage) {
    this(config, ownName, iceServers, usage, ConnectionBounds.Limits.RENDEZVOUS);
  }

  RendezvousServer(
      AgentConfig.Rendezvous config,
      String ownName,
      Supplier<List<IceServer>> iceServers,
      Usage usage,
      ConnectionBounds.Limits limits) {
    this.connections = new ConnectionBounds(limits);
    this.config = config;
    this.ownName = ownName;
    this.guests = inOrder(config.guests());
    this.guestsMeet = config.guestsMeet();
    this.rendezvous = new Rendezvous(ownName, () -> guestsMeet);
    this.iceServers = iceServers;
    this.usage = usage;
    this.invitations = new Invitations(config.secret());
  }

  private static Set<String> inOrder(List<String> names) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(names));
  }

  /**
   * Lets other guests in from now on. Whoever is not among them any more is refused like a
   * stranger, and his connection ends.
   *
   * @param changed of which only the guests, and whether they meet, can be another
   */
  public void reconfigure(AgentConfig.Rendezvous changed) {
    guests = inOrder(changed.guests());
    guestsMeet = changed.guestsMeet();
    rendezvous.keepOnly(this::isWanted);
  }

  private boolean isWanted(String name) {
    return name.equals(ownName) || guests.contains(name);
  }

  /** The link of each guest whose invitation holds. */
  public Map<String, String> invitations() {
    Map<String, String> links = new LinkedHashMap<>();
    guests.forEach(guest -> links.put(guest, invitation(guest)));
    return links;
  }

  /**
   * Begins to listen.
   *
   * @param certificateDirectory where the certificate is kept, if TLS needs one
   * @throws IOException in words, if the port is taken or the certificate unusable
   */
  public void start(Path certificateDirectory) throws IOException {
    if (config.certificate().isPresent()) {
      tls = Optional.of(new RendezvousTls(new CertificateFiles(config.certificate().get())));
    } else if (config.tls()) {
      tls =
          Optional.of(
              new RendezvousTls(
                  RendezvousCertificate.loadOrCreate(certificateDirectory, config.listen())));
    }
    StaticPages pages =
        new StaticPages(
            "/remote/",
            Set.of("remote"),
            config.url().map(url -> webSocket(AgentConfig.Rendezvous.origin(url))));
    UseCount uses = new UseCount(usage);
    server =
        Javalin.create(
            javalin -> {
              Listener.configure(javalin, connections, uses);
              javalin.jetty.host = config.listen();
              javalin.jetty.port = config.port();
              tls.ifPresentOrElse(
                  used -> listenWithTls(javalin, used),
                  () -> Listener.listen(javalin, connections));
              javalin.routes.before(
                  context -> {
                    checkHost(context);
                    if (pages.serve(context)) {
                      context.skipRemainingHandlers();
                    }
                  });
              javalin.routes.wsBeforeUpgrade(this::checkUpgrade);
              Handshake.route(javalin.routes, "/signal", this::signal);
              javalin.routes.get("/ice", this::answerIceServers);
            });
    Listener.start(server, connections, uses, "The rendezvous", "rendezvous.port");
  }

  private void listenWithTls(JavalinConfig javalin, RendezvousTls used) {
    javalin.jetty.addConnector(
        (jetty, http) -> {
          HttpConfiguration secure = new HttpConfiguration(http);
          SecureRequestCustomizer customizer = new SecureRequestCustomizer();
          // An address in the URL sends no SNI, and a name may lead here that it does not have.
          customizer.setSniHostCheck(false);
          secure.addCustomizer(customizer);
          return connector(jetty, used, secure);
        });
  }

  private ServerConnector connector(
      Server jetty, SslContextFactory.Server tls, HttpConfiguration secure) {
    ServerConnector connector = new AcceptingConnector(jetty, secure, tls, connections);
    connector.setHost(config.listen());
    connector.setPort(config.port());
    return connector;
  }

  /**
   * On loopback a foreign Host means DNS rebinding, unless it is that of the public address, which
   * a proxy hands on; elsewhere the machine has names of its own.
   */
  private void checkHost(Context context) {
    if (tls.isEmpty()
        && AccessPolicy.hostName(context.header("Host"))
            .filter(name -> isOwnHost(name) || isPublicHost(name))
            .isEmpty()) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.FORBIDDEN,
              "forbidden_host",
              "The Host header does not name this machine's loopback address.",
              "Use the link as it was printed. Behind a reverse proxy, set rendezvous.url to the"
                  + " address that guests open."));
    }
  }

  private boolean isOwnHost(String name) {
    return AccessPolicy.isLoopback(name) || name.equals(config.listen());
  }

  private boolean isPublicHost(String name) {
    return config.url().filter(url -> name.equals(url.getHost())).isPresent();
  }

  private boolean isPublicOrigin(String origin) {
    return config
        .url()
        .filter(url -> origin.equals(AgentConfig.Rendezvous.origin(url)))
        .isPresent();
  }

  private void checkUpgrade(Context context) {
    checkHost(context);
    checkOrigin(context);
    checkInvitation(context);
    if (!sockets.hasRoom(peer(context))) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.SERVICE_UNAVAILABLE,
              "too_many_connections",
              "The rendezvous has as many connections as it takes, or this name has.",
              "Try again in a second."));
    }
  }

  private void checkOrigin(Context context) {
    String origin = context.header("Origin");
    String own = scheme() + context.header("Host");
    if (origin != null && !origin.isEmpty() && !origin.equals(own) && !isPublicOrigin(origin)) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.FORBIDDEN,
              "forbidden_origin",
              "Pages of the origin \"" + origin + "\" may not use this rendezvous.",
              "Use the page that it serves. Behind a reverse proxy, set rendezvous.url to the"
                  + " address that guests open."));
    }
  }

  private void checkInvitation(Context context) {
    String name = peer(context);
    String token = AccessPolicy.givenToken(context).orElse("");
    // In this order, so that it takes as long for a name that is not on the list.
    if (!invitations.accepts(name, token) || !isGuest(name)) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.UNAUTHORIZED,
              "invitation_wrong",
              "The invitation is not valid for this name.",
              "Ask for a new link; the agent may have been started anew."));
    }
  }

  private static String peer(Context context) {
    return Optional.ofNullable(context.queryParam("peer")).orElse("");
  }

  private boolean isGuest(String name) {
    return guests.contains(name) && !name.equals(ownName);
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

  /**
   * Whether a connection is a guest's on this machine. A proxy on this machine connects for
   * somebody else, and shows it: by a header (RFC 7239, RFC 9110 7.6.3), or by the public address,
   * for which it was asked. What such a header says is not believed in any other way.
   */
  private boolean isOnThisMachine(WsContext context) {
    String origin = context.header("Origin");
    return context.session.getRemoteSocketAddress() instanceof InetSocketAddress remote
        && remote.getAddress().isLoopbackAddress()
        && PROXY_HEADERS.stream().allMatch(name -> context.header(name) == null)
        && AccessPolicy.hostName(context.header("Host")).filter(this::isOwnHost).isPresent()
        && (origin == null || !isPublicOrigin(origin));
  }

  private void signal(WsConfig socket) {
    socket.onConnect(
        context -> {
          String name = context.queryParam("peer");
          WebSocketOutlet outlet = new WebSocketOutlet(context.session);
          if (!sockets.add(name, outlet)) {
            context.session.disconnect(); // Others have come in since it was asked.
            return;
          }
          context.enableAutomaticPings(PING.toSeconds(), TimeUnit.SECONDS);
          // Who has joined can be sent away at once, by another thread, and be gone before the
          // next line: onClose must find the seat by then.
          Seat seat = new Seat(name, outlet);
          context.attribute(SEAT, seat);
          seat.take(rendezvous.join(name, outlet, isOnThisMachine(context)));
          if (!isGuest(name)) { // He was, when he asked.
            rendezvous.keepOnly(this::isWanted);
          }
        });
    socket.onMessage(
        context ->
            participant(context).ifPresent(participant -> participant.sent(context.message())));
    socket.onBinaryMessage(
        context ->
            participant(context)
                .ifPresent(participant -> participant.end(CLOSE_BINARY, "envelopes are text")));
    socket.onClose(
        context ->
            seat(context)
                .ifPresent(
                    seat -> {
                      context.disableAutomaticPings();
                      sockets.remove(seat.name, seat.outlet);
                      seat.leave();
                    }));
  }

  /** What a socket has here. Its end may come while it is still joining. */
  private static final class Seat {
    private final String name;
    private final WebSocketOutlet outlet;
    private volatile Rendezvous.Participant participant;
    private volatile boolean left;

    Seat(String name, WebSocketOutlet outlet) {
      this.name = name;
      this.outlet = outlet;
    }

    /** Whichever of this and {@link #leave} comes second sees what the first has done. */
    void take(Rendezvous.Participant joined) {
      participant = joined;
      if (left) {
        joined.leave();
      }
    }

    void leave() {
      left = true;
      Rendezvous.Participant joined = participant;
      if (joined != null) {
        joined.leave();
      }
    }
  }

  private static Optional<Seat> seat(WsContext context) {
    return Optional.ofNullable(context.attribute(SEAT));
  }

  private static Optional<Rendezvous.Participant> participant(WsContext context) {
    return seat(context).map(seat -> seat.participant);
  }

  /** How many sockets a name has, those included that are being closed. */
  int sockets(String name) {
    return sockets.count(name);
  }

  /** How many connections there are, with a request or a WebSocket or nothing. */
  int connections() {
    return connections.count();
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
    return webSocket(address()) + "/signal";
  }

  private static String webSocket(String http) {
    return http.replaceFirst("^http", "ws");
  }

  /** The token of a guest. */
  public String token(String guest) {
    String token = invitations.token(guest);
    Secrets.conceal(token);
    return token;
  }

  /**
   * A guest's link to the page for the other side. What it says stands in the fragment, which a
   * browser sends to nobody.
   */
  public String invitation(String guest) {
    return address()
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

  /** Under which it is reached from outside, without a slash at its end. */
  private String address() {
    return config.url().map(URI::toString).orElseGet(() -> scheme() + authority());
  }

  private String scheme() {
    return config.tls() ? "https://" : "http://";
  }

  private String authority() {
    String host = reachableHost();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
  }

  /**
   * Where the rendezvous listens; where that is on every address, the name that its certificate is
   * for, or else the address of the default route.
   */
  private String reachableHost() {
    try {
      if (!InetAddress.getByName(config.listen()).isAnyLocalAddress()) {
        return config.listen();
      }
      Optional<String> named =
          config
              .certificate()
              .flatMap(_ -> certificate())
              .flatMap(
                  own -> own.names().stream().filter(each -> !each.startsWith("*")).findFirst());
      return named.isPresent() ? named.get() : OwnAddresses.ofDefaultRoute();
    } catch (IOException _) {
      return config.listen();
    }
  }

  /** The certificate with which it answers now, where it has TLS. */
  public Optional<RendezvousCertificate> certificate() {
    return tls.map(RendezvousTls::certificate);
  }

  /** SHA-256 of the certificate, where there is one. */
  public Optional<String> fingerprint() {
    return certificate().map(RendezvousCertificate::fingerprint);
  }

  /**
   * What a guest's browser will not like about the certificate, in a sentence or two; empty where
   * it goes on without a word.
   */
  public Optional<String> certificateWarning() {
    return certificate().flatMap(this::warning);
  }

  private Optional<String> warning(RendezvousCertificate own) {
    if (own.selfSigned()) {
      return Optional.of(
          (config.url().isPresent() ? "Unless a reverse proxy answers with another: no" : "No")
              + " authority has signed this certificate, so a guest's browser warns that the"
              + " connection is not private. Tell him so, and the fingerprint: he compares it with"
              + " the one that the browser shows, and goes on by \"Advanced\". One of your own"
              + " (rendezvous.certificate) or a reverse proxy (rendezvous.url) spares him this.");
    }
    String host = URI.create(address()).getHost();
    return host == null || own.isFor(host.replaceAll("[\\[\\]]", "")) || config.url().isPresent()
        ? Optional.empty()
        : Optional.of(
            "The certificate is for "
                + String.join(", ", own.names())
                + " and not for "
                + host
                + ", which the links name, so a guest's browser warns. Set rendezvous.url to an"
                + " address with a name that it is for.");
  }

  @Override
  public void close() {
    if (server != null) {
      Listener.stop(server, "The rendezvous", Listener.STOPPING);
    }
  }
}
