package org.heliograph.peer.sdp;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Reads the value of an {@code a=} line. What it does not know it keeps as it is. What it knows and
 * cannot read is an {@link SdpException}, which makes the line one to be passed over.
 */
final class AttributeParser {
  private static final int MAX_SCTP_PORT = 65_535;
  private static final int MAX_PAYLOAD_TYPE = 127;
  private static final long MAX_SSRC = 0xFFFF_FFFFL;
  private static final int MAX_EXTENSION_ID = 4095;
  private static final int MAX_CHANNELS = 255;

  /** Longer than any name that is in use. */
  private static final int MAX_NAME = 255;

  private static final Pattern HEX_PAIRS = Pattern.compile("[0-9A-F]{2}(:[0-9A-F]{2}){0,127}");

  /** What RFC 8839 5.4 allows, and what libwebrtc takes beside it: some peers write it. */
  private static final String ICE_CHAR = "[A-Za-z0-9+/=#_-]";

  private static final Pattern ICE_UFRAG = Pattern.compile(ICE_CHAR + "{4,256}");
  private static final Pattern ICE_PWD = Pattern.compile(ICE_CHAR + "{22,256}");

  /** How many octets a hash has, by its name in SDP (RFC 8122 5). */
  private static final Map<String, Integer> HASH_LENGTHS =
      Map.of("sha-1", 20, "sha-224", 28, "sha-256", 32, "sha-384", 48, "sha-512", 64);

  private AttributeParser() {}

  static Attribute parse(int line, String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text.stripTrailing() : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    if (name.isBlank()) {
      throw new SdpException(line, "an attribute without a name");
    }
    Fields fields = new Fields(line, value);
    return switch (name) {
      case "group" -> new Attribute.Group(fields.token("the semantics"), fields.remainingTokens());
      case "mid" -> new Attribute.Mid(name(line, fields, "the media identification"));
      case "sendrecv" -> new Attribute.MediaDirection(Direction.SENDRECV);
      case "sendonly" -> new Attribute.MediaDirection(Direction.SENDONLY);
      case "recvonly" -> new Attribute.MediaDirection(Direction.RECVONLY);
      case "inactive" -> new Attribute.MediaDirection(Direction.INACTIVE);
      case "ice-ufrag" -> new Attribute.IceUfrag(iceToken(line, fields, ICE_UFRAG, "ice-ufrag"));
      case "ice-pwd" -> new Attribute.IcePwd(iceToken(line, fields, ICE_PWD, "ice-pwd"));
      case "ice-options" -> new Attribute.IceOptions(fields.remainingTokens());
      case "ice-lite" -> new Attribute.IceLite();
      case "candidate" -> new Attribute.Candidate(value);
      case "end-of-candidates" -> new Attribute.EndOfCandidates();
      case "fingerprint" -> fingerprint(line, fields);
      case "setup" -> setup(line, fields.token("the role"));
      case "rtcp-mux" -> new Attribute.RtcpMux();
      case "rtcp-mux-only" -> new Attribute.RtcpMuxOnly();
      case "rtcp-rsize" -> new Attribute.RtcpReducedSize();
      case "bundle-only" -> new Attribute.BundleOnly();
      case "rtpmap" -> rtpMap(line, fields);
      case "fmtp" -> new Attribute.Fmtp(fields.token("the format"), fields.rest());
      case "rtcp-fb" -> rtcpFeedback(line, fields);
      case "ssrc" -> ssrc(line, fields);
      case "ssrc-group" -> ssrcGroup(line, fields);
      case "extmap" -> extMap(line, fields);
      case "extmap-allow-mixed" -> new Attribute.ExtMapAllowMixed();
      case "msid" ->
          new Attribute.Msid(
              name(line, fields, "the stream"), bounded(line, "the track", fields.rest()));
      case "rid" ->
          new Attribute.Rid(
              name(line, fields, "the identification"),
              fields.token("the direction"),
              fields.rest());
      case "simulcast" -> new Attribute.Simulcast(value);
      case "sctp-port" ->
          new Attribute.SctpPort((int) fields.number("the SCTP port", MAX_SCTP_PORT));
      case "max-message-size" ->
          new Attribute.MaxMessageSize(fields.saturatingNumber("the message size"));
      default -> new Attribute.Other(name, value);
    };
  }

  private static String name(int line, Fields fields, String what) {
    return bounded(line, what, fields.token(what));
  }

  private static String bounded(int line, String what, String text) {
    if (text.length() > MAX_NAME) {
      throw new SdpException(line, what + " is longer than " + MAX_NAME + " characters");
    }
    return text;
  }

  private static String iceToken(int line, Fields fields, Pattern syntax, String name) {
    String token = fields.token("the value of " + name);
    if (!syntax.matcher(token).matches()) {
      throw new SdpException(line, name + " has a character or a length that RFC 8839 5.4 forbids");
    }
    return token;
  }

  private static Attribute fingerprint(int line, Fields fields) {
    String hashFunction = fields.token("the hash function").toLowerCase(Locale.ROOT);
    String bytes = fields.token("the fingerprint").toUpperCase(Locale.ROOT);
    if (!HEX_PAIRS.matcher(bytes).matches()) {
      throw new SdpException(line, "the fingerprint is not pairs of hexadecimal digits");
    }
    int octets = (bytes.length() + 1) / 3;
    int expected = HASH_LENGTHS.getOrDefault(hashFunction, octets);
    if (octets != expected) {
      throw new SdpException(
          line, "the fingerprint has %d octets and not %d".formatted(octets, expected));
    }
    return new Attribute.Fingerprint(hashFunction, bytes);
  }

  private static Attribute setup(int line, String token) {
    for (SetupRole role : SetupRole.values()) {
      if (role.token().equalsIgnoreCase(token)) {
        return new Attribute.Setup(role);
      }
    }
    throw new SdpException(line, "the setup role is none of active, passive, actpass, holdconn");
  }

  private static Attribute rtpMap(int line, Fields fields) {
    int payloadType = (int) fields.number("the payload type", MAX_PAYLOAD_TYPE);
    String[] encoding = fields.token("the encoding").split("/", 4);
    if (encoding.length < 2 || encoding[0].isEmpty()) {
      throw new SdpException(line, "the encoding is not <name>/<clock rate>");
    }
    int clockRate = (int) Fields.parseNumber(line, "the clock rate", encoding[1], 1_000_000_000);
    OptionalInt channels =
        encoding.length < 3
            ? OptionalInt.empty()
            : OptionalInt.of(
                (int) Fields.parseNumber(line, "the channel count", encoding[2], MAX_CHANNELS));
    return new Attribute.RtpMap(
        payloadType, bounded(line, "the encoding's name", encoding[0]), clockRate, channels);
  }

  private static Attribute rtcpFeedback(int line, Fields fields) {
    String payloadType = fields.token("the payload type");
    return new Attribute.RtcpFeedback(
        payloadType.equals("*")
            ? OptionalInt.empty()
            : OptionalInt.of(
                (int) Fields.parseNumber(line, "the payload type", payloadType, MAX_PAYLOAD_TYPE)),
        String.join(" ", fields.remainingTokens()));
  }

  private static Attribute ssrc(int line, Fields fields) {
    long ssrc = fields.number("the SSRC", MAX_SSRC);
    String attribute = bounded(line, "what is said of the source", fields.rest());
    int colon = attribute.indexOf(':');
    return colon < 0
        ? new Attribute.Ssrc(ssrc, attribute, "")
        : new Attribute.Ssrc(ssrc, attribute.substring(0, colon), attribute.substring(colon + 1));
  }

  private static Attribute ssrcGroup(int line, Fields fields) {
    String semantics = fields.token("the semantics");
    List<Long> ssrcs =
        fields.remainingTokens().stream()
            .map(token -> Fields.parseNumber(line, "an SSRC", token, MAX_SSRC))
            .toList();
    return new Attribute.SsrcGroup(semantics, ssrcs);
  }

  private static Attribute extMap(int line, Fields fields) {
    String[] id = fields.token("the identifier").split("/", 2);
    Optional<Direction> direction = Optional.empty();
    if (id.length == 2) {
      direction = Optional.of(direction(line, id[1]));
    }
    return new Attribute.ExtMap(
        (int) Fields.parseNumber(line, "the identifier", id[0], MAX_EXTENSION_ID),
        direction,
        fields.token("the URI"),
        fields.rest());
  }

  private static Direction direction(int line, String token) {
    for (Direction direction : Direction.values()) {
      if (direction.attributeName().equals(token)) {
        return direction;
      }
    }
    throw new SdpException(line, "the direction of the header extension is unknown");
  }
}
