package org.heliograph.agent.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.heliograph.media.CaptureSettings;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.IceUrl;
import org.heliograph.peer.PeerConfiguration;

/**
 * The agent's configuration, complete and checked. Each component's meaning stands at its {@link
 * ConfigKey}.
 *
 * @param idle how long an agent that was started on demand stays unused; zero for ever
 */
public record AgentConfig(
    Duration idle,
    Api api,
    String peerName,
    Signaling signaling,
    Rendezvous rendezvous,
    Calls calls,
    Recording recording,
    CaptureSettings media,
    Ice ice,
    String logLevel) {

  /** The API's listener. */
  public record Api(int port, List<String> allowedOrigins, Optional<Path> addressFile) {}

  /** How envelopes reach the other side. */
  public sealed interface Signaling {
    /** The agent's own rendezvous. */
    record Embedded() implements Signaling {}

    /** A rendezvous elsewhere. */
    record WebSocket(URI url, String token, Optional<String> fingerprint) implements Signaling {
      /** Without what is secret. */
      @Override
      public String toString() {
        return "WebSocket[url=" + url + ", fingerprint=" + fingerprint + "]";
      }
    }

    /** The embedding app. */
    record Bridge() implements Signaling {}
  }

  /**
   * The embedded rendezvous.
   *
   * @param guestsMeet whether guests reach each other, and not the agent only
   * @param certificate the user's own; empty for one that the agent makes, where it needs one
   * @param url under which guests reach it, if not where it listens; in its normal form (RFC 3986
   *     6.2), without a slash at its end
   */
  public record Rendezvous(
      String listen,
      int port,
      boolean tls,
      List<String> guests,
      boolean guestsMeet,
      Optional<String> secret,
      Optional<Certificate> certificate,
      Optional<URI> url) {
    /**
     * Where a certificate of the user's own is, as PEM.
     *
     * @param chain the server's certificate, then those of its issuers
     * @param key its key; may be the same file
     */
    public record Certificate(Path chain, Path key) {}

    /** Reached where it listens, with a certificate that it makes where it needs one. */
    public Rendezvous(
        String listen,
        int port,
        boolean tls,
        List<String> guests,
        boolean guestsMeet,
        Optional<String> secret) {
      this(listen, port, tls, guests, guestsMeet, secret, Optional.empty(), Optional.empty());
    }

    /** The origin of such an address, as a browser names it (RFC 6454 6.2). */
    public static String origin(URI url) {
      return url.getScheme() + "://" + url.getRawAuthority();
    }

    /** Without what is secret. */
    @Override
    public String toString() {
      return "Rendezvous[listen=" + listen + ", port=" + port + ", guests=" + guests + "]";
    }
  }

  /**
   * What holds for every call.
   *
   * @param ringsPerMinute how often a peer may ring here; all together six times as often
   * @param abandonedAfter how long one goes on when nobody follows it any more; zero for ever
   * @param packetDirectory where each writes its decrypted packets, if anywhere
   */
  public record Calls(
      boolean enabled,
      int max,
      Duration ringTimeout,
      int ringsPerMinute,
      Duration abandonedAfter,
      Optional<Path> packetDirectory) {}

  /**
   * Whether and where calls are recorded.
   *
   * @param directory empty for the usual one
   * @param keepFreeBytes a recording ends when less is left on its disk
   */
  public record Recording(boolean enabled, Optional<Path> directory, long keepFreeBytes) {}

  /**
   * How connections are found.
   *
   * @param urls of STUN and TURN servers
   * @param username for the TURN servers, unless they share a secret
   * @param secret what the TURN servers mint credentials from, and so does this agent
   * @param certificateAuthorities a PEM file of who may have signed a TURN server's certificate
   */
  public record Ice(
      List<String> urls,
      String username,
      String credential,
      Optional<String> secret,
      IceTransportPolicy transportPolicy,
      Optional<Path> certificateAuthorities,
      Loopback loopback) {
    /** When loopback addresses are used. */
    public enum Loopback {
      /** Where the other side's signalling comes from this machine. */
      AUTO,
      ALWAYS,
      NEVER
    }

    /** How long a minted credential is good: longer than a call lasts. */
    private static final Duration CREDENTIAL_LIFETIME = Duration.ofHours(24);

    /** The servers, with credentials that are good from now on. */
    public List<IceServer> servers() {
      return servers("heliograph");
    }

    /**
     * The same for a guest: credentials of his own where the servers share a secret, otherwise the
     * agent's.
     */
    public List<IceServer> guestServers() {
      return servers("heliograph-guest");
    }

    private List<IceServer> servers(String user) {
      Instant expiry = Instant.now().plus(CREDENTIAL_LIFETIME);
      return urls.stream()
          .map(
              url -> {
                if (!IceUrl.parse(url).isTurn()) {
                  return new IceServer(List.of(url), "", "");
                }
                return secret
                    .map(shared -> IceServer.withSharedSecret(List.of(url), shared, user, expiry))
                    .orElseGet(() -> new IceServer(List.of(url), username, credential));
              })
          .toList();
    }

    /**
     * The same, as a PeerConnection that is made now takes it.
     *
     * @param onThisMachine whether the other side's signalling comes from this machine
     */
    public PeerConfiguration toPeerConfiguration(boolean onThisMachine) {
      boolean includeLoopback =
          switch (loopback) {
            case AUTO -> onThisMachine;
            case ALWAYS -> true;
            case NEVER -> false;
          };
      PeerConfiguration configuration =
          new PeerConfiguration(servers(), includeLoopback).withIceTransportPolicy(transportPolicy);
      return certificateAuthorities
          .map(configuration::withIceCertificateAuthorities)
          .orElse(configuration);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
      return "Ice[urls=" + urls + ", transportPolicy=" + transportPolicy + "]";
    }
  }

  /** What holds when nothing is configured. */
  public static AgentConfig defaults() {
    try {
      return ConfigReader.read(Optional.empty(), Map.of(), Map.of());
    } catch (ConfigException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static AgentConfig of(Map<ConfigKey, Object> values) throws ConfigException {
    String listen = (String) values.get(ConfigKey.RENDEZVOUS_LISTEN);
    boolean loopback = isLoopback(listen);
    Signaling signaling = signaling(values);
    Optional<Rendezvous.Certificate> certificate = certificate(values);
    return new AgentConfig(
        Duration.ofSeconds(number(values, ConfigKey.AGENT_IDLE)),
        new Api(
            number(values, ConfigKey.API_PORT),
            texts(values, ConfigKey.API_ALLOWED_ORIGINS),
            optional(values, ConfigKey.API_ADDRESS_FILE).map(Path::of)),
        (String) values.get(ConfigKey.PEER_NAME),
        signaling,
        new Rendezvous(
            listen,
            number(values, ConfigKey.RENDEZVOUS_PORT),
            !loopback
                || values.get(ConfigKey.RENDEZVOUS_TLS).equals("always")
                || certificate.isPresent(),
            guests(values),
            (Boolean) values.get(ConfigKey.RENDEZVOUS_GUESTS_MEET),
            optional(values, ConfigKey.RENDEZVOUS_SECRET),
            certificate,
            optional(values, ConfigKey.RENDEZVOUS_URL).map(AgentConfig::normal)),
        new Calls(
            (Boolean) values.get(ConfigKey.CALLS_ENABLED),
            number(values, ConfigKey.CALLS_MAX),
            Duration.ofSeconds(number(values, ConfigKey.CALLS_RING_TIMEOUT)),
            number(values, ConfigKey.CALLS_RINGS),
            Duration.ofSeconds(number(values, ConfigKey.CALLS_ABANDONED)),
            optional(values, ConfigKey.CALLS_PACKET_DIRECTORY).map(Path::of)),
        new Recording(
            (Boolean) values.get(ConfigKey.RECORDING_ENABLED),
            optional(values, ConfigKey.RECORDING_DIRECTORY).map(Path::of),
            1_000_000L * number(values, ConfigKey.RECORDING_KEEP_FREE)),
        media(values),
        ice(values),
        (String) values.get(ConfigKey.LOG_LEVEL));
  }

  private static CaptureSettings media(Map<ConfigKey, Object> values) throws ConfigException {
    try {
      return new CaptureSettings(
          (String) values.get(ConfigKey.MEDIA_CAMERA),
          (String) values.get(ConfigKey.MEDIA_MICROPHONE),
          number(values, ConfigKey.MEDIA_VIDEO_WIDTH),
          number(values, ConfigKey.MEDIA_VIDEO_HEIGHT),
          number(values, ConfigKey.MEDIA_VIDEO_FPS),
          number(values, ConfigKey.MEDIA_VIDEO_BITRATE),
          number(values, ConfigKey.MEDIA_AUDIO_BITRATE));
    } catch (IllegalArgumentException notAllowed) {
      throw new ConfigException("media: " + notAllowed.getMessage() + ".", notAllowed);
    }
  }

  private static Signaling signaling(Map<ConfigKey, Object> values) throws ConfigException {
    return switch ((String) values.get(ConfigKey.SIGNALING_TYPE)) {
      case "websocket" -> {
        URI url =
            optional(values, ConfigKey.SIGNALING_URL)
                .map(URI::create)
                .orElseThrow(
                    () ->
                        new ConfigException(
                            "signaling.type is \"websocket\", so signaling.url must name the"
                                + " rendezvous, such as ws://127.0.0.1:8711/signal."));
        yield new Signaling.WebSocket(
            url,
            (String) values.get(ConfigKey.SIGNALING_TOKEN),
            optional(values, ConfigKey.SIGNALING_FINGERPRINT));
      }
      case "bridge" -> new Signaling.Bridge();
      default -> new Signaling.Embedded();
    };
  }

  private static Optional<Rendezvous.Certificate> certificate(Map<ConfigKey, Object> values)
      throws ConfigException {
    Optional<Path> chain = optional(values, ConfigKey.RENDEZVOUS_CERTIFICATE).map(Path::of);
    Optional<Path> key = optional(values, ConfigKey.RENDEZVOUS_KEY).map(Path::of);
    if (key.isPresent() && chain.isEmpty()) {
      throw new ConfigException(
          "rendezvous.key is set, so rendezvous.certificate must name the certificate that it"
              + " belongs to.");
    }
    return chain.map(file -> new Rendezvous.Certificate(file, key.orElse(file)));
  }

  /** As a browser writes it: scheme and host in small letters, no port that goes without saying. */
  private static URI normal(String url) {
    URI given = URI.create(url);
    String scheme = given.getScheme().toLowerCase(Locale.ROOT);
    boolean usual = given.getPort() == (scheme.equals("https") ? 443 : 80);
    return URI.create(
        scheme
            + "://"
            + given.getHost().toLowerCase(Locale.ROOT)
            + (given.getPort() < 0 || usual ? "" : ":" + given.getPort())
            + given.getRawPath().replaceAll("/+$", ""));
  }

  private static List<String> guests(Map<ConfigKey, Object> values) throws ConfigException {
    List<String> guests = texts(values, ConfigKey.RENDEZVOUS_GUESTS);
    if (guests.contains(values.get(ConfigKey.PEER_NAME))) {
      throw new ConfigException(
          "rendezvous.guests contains \""
              + values.get(ConfigKey.PEER_NAME)
              + "\", which is peer.name, the agent's own name. Give the guest another one.");
    }
    return guests.stream().distinct().toList();
  }

  private static Ice ice(Map<ConfigKey, Object> values) throws ConfigException {
    Ice ice =
        new Ice(
            texts(values, ConfigKey.ICE_SERVERS),
            (String) values.get(ConfigKey.ICE_USERNAME),
            (String) values.get(ConfigKey.ICE_CREDENTIAL),
            optional(values, ConfigKey.ICE_SECRET),
            values.get(ConfigKey.ICE_TRANSPORT_POLICY).equals("relay")
                ? IceTransportPolicy.RELAY
                : IceTransportPolicy.ALL,
            optional(values, ConfigKey.ICE_CA_FILE).map(Path::of),
            switch ((String) values.get(ConfigKey.ICE_INCLUDE_LOOPBACK)) {
              case "true" -> Ice.Loopback.ALWAYS;
              case "false" -> Ice.Loopback.NEVER;
              default -> Ice.Loopback.AUTO;
            });
    boolean turn = ice.urls().stream().anyMatch(url -> IceUrl.parse(url).isTurn());
    boolean credential = !ice.username().isEmpty() && !ice.credential().isEmpty();
    if (turn && !credential && ice.secret().isEmpty()) {
      throw new ConfigException(
          "ice.servers names a TURN server, so ice.username and ice.credential must be set, or"
              + " ice.secret where the server shares one.");
    }
    if (ice.transportPolicy() == IceTransportPolicy.RELAY && !turn) {
      throw new ConfigException(
          "ice.transport_policy is \"relay\", so ice.servers must name a TURN server.");
    }
    return ice;
  }

  private static boolean isLoopback(String listen) throws ConfigException {
    try {
      return InetAddress.getByName(listen).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      throw new ConfigException(
          "rendezvous.listen is \"" + listen + "\", which is no address of this machine.", unknown);
    }
  }

  private static int number(Map<ConfigKey, Object> values, ConfigKey key) {
    return Math.toIntExact((Long) values.get(key));
  }

  private static List<String> texts(Map<ConfigKey, Object> values, ConfigKey key) {
    return ((List<?>) values.get(key)).stream().map(String.class::cast).toList();
  }

  private static Optional<String> optional(Map<ConfigKey, Object> values, ConfigKey key) {
    return Optional.of((String) values.get(key)).filter(text -> !text.isBlank());
  }
}
