package org.heliograph.agent.config;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.heliograph.peer.IceUrl;
import org.heliograph.text.ForeignText;

/**
 * Every key of the configuration: its name in the file, and from it its environment variable and
 * its option; what it may be; its default; what it does.
 */
@SuppressWarnings(
    "ImmutableEnumChecker") // every value type and default is a record, text or number
public enum ConfigKey {
  AGENT_IDLE(
      "agent.idle_seconds",
      Effect.AT_ONCE,
      new ValueType.WholeNumber(0, 604_800),
      600L,
      "After how many seconds without a page, an app or a call an agent that was started on demand"
          + " (\"heliograph start\", \"heliograph run --on-demand\") leaves; 0 lets it stay."),
  API_PORT(
      "api.port",
      Effect.RESTART,
      new ValueType.WholeNumber(0, 65535),
      0L,
      "The port of the agent's API on 127.0.0.1; 0 takes a free one, which agent.json names."),
  API_ALLOWED_ORIGINS(
      "api.allowed_origins",
      Effect.AT_ONCE,
      new ValueType.Texts(text("an origin such as \"wails://wails\"", ConfigKey::isOrigin)),
      List.of(
          "wails://wails",
          "tauri://localhost",
          "http://tauri.localhost",
          "https://tauri.localhost"),
      "The origins whose pages may use the API; the agent's own pages always may."),
  API_ADDRESS_FILE(
      "api.address_file",
      Effect.RESTART,
      text("a path, or empty", value -> true),
      "",
      "Where the agent writes its address and token (0600); empty means"
          + " $XDG_RUNTIME_DIR/heliograph/agent.json. A second agent of the same user needs its"
          + " own."),
  PEER_NAME(
      "peer.name",
      Effect.RESTART,
      text(ForeignText.NAME_FORM, ForeignText::isName),
      "agent",
      "The name under which others call this agent."),
  SIGNALING_TYPE(
      "signaling.type",
      Effect.RESTART,
      new ValueType.Choice("rendezvous", "websocket", "bridge"),
      "rendezvous",
      "How the other side is reached: \"rendezvous\" serves it from here, \"websocket\" joins"
          + " somebody else's rendezvous, \"bridge\" lets the embedding app carry the envelopes."),
  SIGNALING_URL(
      "signaling.url",
      Effect.RESTART,
      text("a ws:// or wss:// URL, or empty", ConfigKey::isWebSocketUrlOrEmpty),
      "",
      "The rendezvous to join, for \"websocket\", such as ws://127.0.0.1:8711/signal."),
  SIGNALING_TOKEN(
      "signaling.token",
      Effect.RESTART,
      text("text", value -> true),
      "",
      "The token of the invitation to that rendezvous; it goes with peer.name."),
  SIGNALING_FINGERPRINT(
      "signaling.fingerprint",
      Effect.RESTART,
      text(
          "a SHA-256 fingerprint of 64 hexadecimal digits, with or without colons, or empty",
          value -> value.isEmpty() || value.replace(":", "").matches("[0-9A-Fa-f]{64}")),
      "",
      "The certificate that a wss:// rendezvous must show; empty means that an authority known to"
          + " Java must have signed it."),
  RENDEZVOUS_LISTEN(
      "rendezvous.listen",
      Effect.RESTART,
      text("an IP address or a host name", value -> value.matches("[0-9A-Za-z.:_-]{1,253}")),
      "127.0.0.1",
      "The address on which the rendezvous listens. Any but a loopback address switches TLS on,"
          + " since browsers give the camera only to secure pages: with rendezvous.certificate,"
          + " or with a certificate that the agent makes, of which a guest's browser warns."),
  RENDEZVOUS_PORT(
      "rendezvous.port",
      Effect.RESTART,
      new ValueType.WholeNumber(0, 65535),
      0L,
      "The port of the rendezvous; 0 takes a free one."),
  RENDEZVOUS_TLS(
      "rendezvous.tls",
      Effect.RESTART,
      new ValueType.Choice("auto", "always"),
      "auto",
      "\"auto\" uses TLS on every address but a loopback one, \"always\" on that too."),
  RENDEZVOUS_CERTIFICATE(
      "rendezvous.certificate",
      Effect.RESTART,
      text("a path, or empty", value -> true),
      "",
      "A PEM file with the rendezvous' certificate and those of its issuers, such as certbot's"
          + " fullchain.pem; it switches TLS on. Files that are renewed are taken without a"
          + " restart. Empty means that the agent makes one."),
  RENDEZVOUS_KEY(
      "rendezvous.key",
      Effect.RESTART,
      text("a path, or empty", value -> true),
      "",
      "A PEM file with the key of rendezvous.certificate, not encrypted, such as certbot's"
          + " privkey.pem; empty means that it is in the same file."),
  RENDEZVOUS_URL(
      "rendezvous.url",
      Effect.RESTART,
      text(
          "an https:// URL without ? and # (http:// for a loopback name only), or empty",
          ConfigKey::isPublicUrlOrEmpty),
      "",
      "The address under which guests reach the rendezvous, for the links, such as"
          + " https://calls.example.org: of a reverse proxy, or of a router that forwards a port."
          + " Empty means the address on which it listens."),
  RENDEZVOUS_GUESTS(
      "rendezvous.guests",
      Effect.AT_ONCE,
      new ValueType.Texts(text(ForeignText.NAME_FORM, ForeignText::isName)),
      List.of("guest"),
      "The names for which the rendezvous gives invitations, one link for each. A name that is"
          + " taken off the list is let in no more, and its connection ends."),
  RENDEZVOUS_GUESTS_MEET(
      "rendezvous.guests_meet",
      Effect.AT_ONCE,
      new ValueType.Switch(),
      false,
      "Whether guests can call each other through the rendezvous; if not, they reach this agent"
          + " only and learn of nobody else."),
  RENDEZVOUS_SECRET(
      "rendezvous.secret",
      Effect.RESTART,
      text(
          "empty, or at least 16 characters",
          value -> value.isEmpty() || (value.length() >= 16 && value.length() <= 1024)),
      "",
      "What the invitations are derived from; with it they stay valid over restarts. Empty means a"
          + " new random one at each start."),
  CALLS_ENABLED(
      "calls.enabled",
      Effect.AT_ONCE,
      new ValueType.Switch(),
      true,
      "Whether the agent makes calls; if not, /api/call/mode says \"browser\"."),
  CALLS_MAX(
      "calls.max",
      Effect.AT_ONCE,
      new ValueType.WholeNumber(1, 1_000),
      4L,
      "How many calls there may be at a time; a further caller hears \"busy\"."),
  CALLS_RING_TIMEOUT(
      "calls.ring_timeout_seconds",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(1, 600),
      45L,
      "How long a call rings, in seconds."),
  CALLS_RINGS(
      "calls.rings_per_minute",
      Effect.RESTART,
      new ValueType.WholeNumber(1, 10_000),
      5L,
      "How often one peer may ring here in a minute, and all together six times as often; beyond"
          + " that they hear \"busy\"."),
  CALLS_ABANDONED(
      "calls.abandoned_seconds",
      Effect.AT_ONCE,
      new ValueType.WholeNumber(0, 86_400),
      30L,
      "After how many seconds a call is hung up that a page, an app or a command has followed and"
          + " none follows any more, because the app has crashed; 0 lets it go on."),
  CALLS_PACKET_DIRECTORY(
      "calls.packet_directory",
      Effect.NEXT_CALL,
      text("the path of a directory, or empty", value -> true),
      "",
      "Where each call writes its RTP and RTCP packets, decrypted, as a pcap file that Wireshark"
          + " opens; for debugging, because it holds what was said and shown. Empty means that"
          + " nothing is written."),
  RECORDING_ENABLED(
      "recording.enabled",
      Effect.NEXT_CALL,
      new ValueType.Switch(),
      true,
      "Whether calls may be recorded, which a page has to ask for in each call."),
  RECORDING_DIRECTORY(
      "recording.directory",
      Effect.NEXT_CALL,
      text("the path of a directory, or empty", value -> true),
      "",
      "Where recordings are written; empty means $XDG_DATA_HOME/heliograph/recordings."),
  RECORDING_KEEP_FREE(
      "recording.keep_free_megabytes",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(0, 10_000_000),
      200L,
      "A recording ends when less than that is left free on its disk."),
  MEDIA_CAMERA(
      "media.camera",
      Effect.NEXT_CALL,
      text("text", value -> !value.isBlank()),
      "auto",
      "The camera: \"auto\" (the first one; the test picture where there is none), a device such"
          + " as \"/dev/video0\", \"test\" (a test picture with a time code), \"none\", or"
          + " \"file:\" and the path of a media file."),
  MEDIA_MICROPHONE(
      "media.microphone",
      Effect.NEXT_CALL,
      text("text", value -> !value.isBlank()),
      "auto",
      "The microphone: \"auto\" (the first one; the test tone where there is none), an ALSA"
          + " device such as \"default\" or \"hw:1,0\", \"pulse\" or \"pulse:\" and a source's"
          + " name, \"test\" (a tone) or \"test:880\", \"none\", or \"file:\" and the path of a"
          + " media file."),
  MEDIA_VIDEO_WIDTH(
      "media.video_width",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(32, 4096),
      640L,
      "The largest width of the picture, in pixels."),
  MEDIA_VIDEO_HEIGHT(
      "media.video_height",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(32, 4096),
      480L,
      "The largest height of the picture, in pixels."),
  MEDIA_VIDEO_FPS(
      "media.video_frames_per_second",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(1, 120),
      30L,
      "The most pictures a second."),
  MEDIA_VIDEO_BITRATE(
      "media.video_bits_per_second",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(30_000, 20_000_000),
      1_200_000L,
      "The most that the picture may take, in bits per second; the network's estimate lowers it."),
  MEDIA_AUDIO_BITRATE(
      "media.audio_bits_per_second",
      Effect.NEXT_CALL,
      new ValueType.WholeNumber(6_000, 510_000),
      32_000L,
      "What the sound takes, in bits per second."),
  ICE_SERVERS(
      "ice.servers",
      Effect.NEXT_CALL,
      new ValueType.Texts(
          text(
              "a stun:, turn: or turns: URL, such as \"turn:turn.example.org?transport=tcp\"",
              ConfigKey::isIceUrl)),
      List.of(),
      "STUN and TURN servers, such as \"stun:stun.example.org:3478\","
          + " \"turn:turn.example.org\" (UDP), \"turn:turn.example.org?transport=tcp\" and"
          + " \"turns:turn.example.org:443\" (TLS)."),
  ICE_USERNAME(
      "ice.username",
      Effect.NEXT_CALL,
      text("text", value -> true),
      "",
      "The user name for the TURN servers."),
  ICE_CREDENTIAL(
      "ice.credential",
      Effect.NEXT_CALL,
      text("text", value -> true),
      "",
      "The password for the TURN servers."),
  ICE_SECRET(
      "ice.secret",
      Effect.NEXT_CALL,
      text("text", value -> true),
      "",
      "What the TURN servers mint time-limited credentials from (coturn: static-auth-secret); with"
          + " it a credential is made for each call, and ice.username and ice.credential are not"
          + " used."),
  ICE_TRANSPORT_POLICY(
      "ice.transport_policy",
      Effect.NEXT_CALL,
      new ValueType.Choice("all", "relay"),
      "all",
      "\"relay\" uses TURN servers only, so that the other side learns no address of this"
          + " machine."),
  ICE_CA_FILE(
      "ice.ca_file",
      Effect.NEXT_CALL,
      text("a path, or empty", value -> true),
      "",
      "A PEM file of the authorities that may have signed the certificate of a turns: server; empty"
          + " means those that the system trusts."),
  ICE_INCLUDE_LOOPBACK(
      "ice.include_loopback",
      Effect.NEXT_CALL,
      new ValueType.Choice("auto", "true", "false"),
      "auto",
      "Whether loopback addresses are offered, and the other side's used; \"auto\" does so for a"
          + " call whose other side is connected to the rendezvous from this machine."),
  LOG_LEVEL(
      "log.level",
      Effect.AT_ONCE,
      new ValueType.Choice("error", "warn", "info", "debug", "trace"),
      "info",
      "How much is logged; docs/life-cycle.md says where to.");

  /** When a changed value of a running agent holds. */
  public enum Effect {
    /** From the moment on at which it is read. */
    AT_ONCE("at once"),
    /** For calls that begin after it; for devices, when no call has any open. */
    NEXT_CALL("from the next call on"),
    /** When the agent is started anew. */
    RESTART("after a restart");

    private final String words;

    Effect(String words) {
      this.words = words;
    }

    /** To stand after "takes effect". */
    public String words() {
      return words;
    }
  }

  private final String path;
  private final Effect effect;
  private final ValueType type;
  private final Object defaultValue;
  private final String description;

  ConfigKey(String path, Effect effect, ValueType type, Object defaultValue, String description) {
    this.path = path;
    this.effect = effect;
    this.type = type;
    this.defaultValue = defaultValue;
    this.description = description;
  }

  /** The key's name in the file, such as {@code api.port}. */
  public String path() {
    return path;
  }

  /** The key's environment variable, such as {@code HELIOGRAPH_API_PORT}. */
  public String environmentVariable() {
    return "HELIOGRAPH_" + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** The key's option, such as {@code --api-port}. */
  public String option() {
    return "--" + path.replace('.', '-').replace('_', '-');
  }

  /** When a changed value holds. */
  public Effect effect() {
    return effect;
  }

  /** Whether the value is not to be shown to anybody. */
  boolean isSecret() {
    return switch (this) {
      case RENDEZVOUS_SECRET, SIGNALING_TOKEN, ICE_CREDENTIAL, ICE_SECRET -> true;
      default -> false;
    };
  }

  /** What the key does, in a sentence or two. */
  public String description() {
    return description;
  }

  /** What the value may be, to stand after "must be". */
  public String allowed() {
    return type.allowed();
  }

  /** The default as it would stand in the file. */
  public String defaultAsToml() {
    return type.toToml(defaultValue);
  }

  /** A value as it would stand in the file. */
  String asToml(Object value) {
    return type.toToml(value);
  }

  Object defaultValue() {
    return defaultValue;
  }

  Object read(Object raw) {
    return type.read(raw);
  }

  private static ValueType.Text text(String allowed, Predicate<String> accepts) {
    return new ValueType.Text(allowed, accepts);
  }

  private static boolean isIceUrl(String value) {
    try {
      IceUrl.parse(value);
      return true;
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private static boolean isOrigin(String value) {
    return value.matches("[a-z][a-z0-9+.-]*://[^/\\s]+");
  }

  private static boolean isPublicUrlOrEmpty(String value) {
    if (value.isEmpty()) {
      return true;
    }
    try {
      URI url = URI.create(value);
      boolean loopback =
          url.getHost() != null
              && Set.of("localhost", "127.0.0.1", "[::1]")
                  .contains(url.getHost().toLowerCase(Locale.ROOT));
      return url.getHost() != null
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null
          && ("https".equalsIgnoreCase(url.getScheme())
              || (loopback && "http".equalsIgnoreCase(url.getScheme())));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private static boolean isWebSocketUrlOrEmpty(String value) {
    if (value.isEmpty()) {
      return true;
    }
    try {
      URI url = URI.create(value);
      return url.getHost() != null && List.of("ws", "wss").contains(url.getScheme());
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }
}
