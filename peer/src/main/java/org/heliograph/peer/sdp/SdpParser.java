package org.heliograph.peer.sdp;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads session descriptions (RFC 8866 5, with the leniency of RFC 8829 5.8: a line may end with a
 * bare LF, and line types that WebRTC does not use are passed over).
 *
 * <p>It is bounded: a description has at most {@value #MAX_LENGTH} characters, {@value #MAX_MEDIA}
 * media sections and {@value #MAX_ATTRIBUTES} attributes in each.
 */
public final class SdpParser {
  /** The longest description that is read, in characters. */
  public static final int MAX_LENGTH = 128 * 1024;

  /** The most media sections that a description may have. */
  public static final int MAX_MEDIA = 64;

  /** The most attributes that the session or one media section may have. */
  public static final int MAX_ATTRIBUTES = 1024;

  private final List<Attribute> sessionAttributes = new ArrayList<>();
  private final List<MediaDescription> media = new ArrayList<>();
  private Origin origin;
  private String sessionName;
  private MediaLine mediaLine;
  private List<Attribute> attributes = sessionAttributes;

  /** An {@code m=} line whose attributes are still being read. */
  private record MediaLine(String media, int port, String protocol, List<String> formats) {}

  private SdpParser() {}

  /**
   * Reads a description.
   *
   * @throws SdpException if it is malformed or too long
   */
  public static Sdp parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new SdpException(
          0, "the description has " + text.length() + " characters, more than " + MAX_LENGTH);
    }
    return new SdpParser().parseLines(text);
  }

  private Sdp parseLines(String text) {
    int number = 0;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        end = text.length();
      }
      String line =
          text.substring(start, end > start && text.charAt(end - 1) == '\r' ? end - 1 : end);
      start = end + 1;
      number++;
      if (!line.isEmpty()) {
        parseLine(number, line);
      }
    }
    endMedia();
    if (origin == null) {
      throw new SdpException(0, number == 0 ? "the description is empty" : "no o= line");
    }
    if (sessionName == null) {
      throw new SdpException(0, "no s= line");
    }
    return new Sdp(origin, sessionName, sessionAttributes, media);
  }

  private void parseLine(int number, String line) {
    if (line.length() < 2 || line.charAt(1) != '=') {
      throw new SdpException(number, "not of the form <type>=<value>");
    }
    char type = line.charAt(0);
    String value = line.substring(2);
    rejectControlCharacters(number, value);
    if (origin == null && type != 'v' && type != 'o') {
      throw new SdpException(number, type + "= before the o= line");
    }
    switch (type) {
      case 'v' -> parseVersion(number, value);
      case 'o' -> parseOrigin(number, value);
      case 's' -> sessionName = value;
      case 'm' -> {
        endMedia();
        parseMedia(number, value);
      }
      case 'a' -> parseAttribute(number, value);
      // Where media goes, when, and how much of it is decided by ICE, the call and congestion
      // control (RFC 8829 5.8.1, 5.8.2).
      case 'i', 'u', 'e', 'p', 'c', 'b', 't', 'r', 'z', 'k' -> {}
      default -> throw new SdpException(number, "unknown line type " + type);
    }
  }

  private static void rejectControlCharacters(int number, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t') {
        throw new SdpException(number, "a control character in column " + (i + 3));
      }
    }
  }

  private static void parseVersion(int number, String value) {
    if (!value.strip().equals("0")) {
      throw new SdpException(number, "the version is not 0");
    }
  }

  private void parseOrigin(int number, String value) {
    if (origin != null) {
      throw new SdpException(number, "a second o= line");
    }
    Fields fields = new Fields(number, value);
    String username = fields.token("the user name");
    String sessionId = fields.token("the session's identification");
    long sessionVersion = fields.number("the session's version", Long.MAX_VALUE);
    fields.token("the network type");
    origin =
        new Origin(
            username,
            sessionId,
            sessionVersion,
            fields.token("the address type"),
            fields.token("the address"));
  }

  private void parseMedia(int number, String value) {
    if (media.size() == MAX_MEDIA) {
      throw new SdpException(number, "more than " + MAX_MEDIA + " media sections");
    }
    Fields fields = new Fields(number, value);
    String kind = fields.token("the media type");
    String ports = fields.token("the port");
    int slash = ports.indexOf('/');
    int port =
        (int)
            Fields.parseNumber(
                number, "the port", slash < 0 ? ports : ports.substring(0, slash), 65_535);
    String protocol = fields.token("the protocol");
    List<String> formats = fields.remainingTokens();
    if (formats.isEmpty()) {
      throw new SdpException(number, "no format");
    }
    mediaLine = new MediaLine(kind, port, protocol, formats);
    attributes = new ArrayList<>();
  }

  private void parseAttribute(int number, String value) {
    if (attributes.size() == MAX_ATTRIBUTES) {
      throw new SdpException(number, "more than " + MAX_ATTRIBUTES + " attributes in one section");
    }
    attributes.add(AttributeParser.parse(number, value));
  }

  private void endMedia() {
    if (mediaLine != null) {
      media.add(
          new MediaDescription(
              mediaLine.media, mediaLine.port, mediaLine.protocol, mediaLine.formats, attributes));
    }
  }
}
