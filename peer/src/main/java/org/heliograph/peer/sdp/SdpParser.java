package org.heliograph.peer.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads session descriptions (RFC 8866 5, with the leniency of RFC 8829 5.8: a line may end with a
 * bare LF or CR, and line types that WebRTC does not use are passed over).
 *
 * <p>A line that cannot be read is passed over, too, and kept as a {@link SkippedLine}: the rest is
 * used. A section whose {@code m=} line cannot be read keeps its place, with port 0, as one that is
 * not used. Only that without which nobody knows what the rest means refuses the whole: another
 * {@code v=} than 0, no {@code o=}, and an {@code m=} line that does not even name its medium.
 *
 * <p>It is bounded: a description has at most {@value #MAX_LENGTH} characters, {@value #MAX_MEDIA}
 * media sections of {@value #MAX_FORMATS} formats and {@value #MAX_ATTRIBUTES} attributes each, and
 * {@value #MAX_SKIPPED} lines that cannot be read.
 */
public final class SdpParser {
  /** The longest description that is read, in characters. */
  public static final int MAX_LENGTH = 1024 * 1024;

  /** The most media sections that a description may have, refused ones among them. */
  public static final int MAX_MEDIA = 1024;

  /** The most attributes that the session or one media section may have. */
  public static final int MAX_ATTRIBUTES = 1024;

  /** The most formats of a media section: twice as many as there are payload types. */
  public static final int MAX_FORMATS = 256;

  /** The most lines that are passed over. */
  public static final int MAX_SKIPPED = 1024;

  /** A token (RFC 8866 9), as far as media types need it. */
  private static final Pattern MEDIUM = Pattern.compile("[A-Za-z0-9.+-]{1,64}");

  private final List<Attribute> sessionAttributes = new ArrayList<>();
  private final List<MediaDescription> media = new ArrayList<>();
  private final List<SkippedLine> skipped = new ArrayList<>();
  private Origin origin;
  private String sessionName = "-"; // as RFC 8866 5.3 wants it where there is none
  private MediaLine mediaLine;
  private List<Attribute> attributes = sessionAttributes;
  private int attributesOfSection;

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
    for (String line : text.lines().toList()) {
      number++;
      if (!line.isBlank()) {
        parseLine(number, line.stripTrailing());
      }
    }
    endMedia();
    if (origin == null) {
      throw new SdpException(0, number == 0 ? "the description is empty" : "no o= line");
    }
    return new Sdp(origin, sessionName, sessionAttributes, media, skipped);
  }

  private void parseLine(int number, String line) {
    if (line.length() < 2 || line.charAt(1) != '=') {
      skip(number, "line", "not of the form <type>=<value>");
      return;
    }
    char type = line.charAt(0);
    String value = line.substring(2);
    if (type < 'a' || type > 'z') {
      skip(number, "line", "the line's type is not a small letter");
      return;
    }
    int unprintable = unprintableAt(value);
    if (unprintable >= 0) {
      passOverUnprintable(number, type, value, unprintable);
      return;
    }
    switch (type) {
      case 'v' -> parseVersion(number, value);
      case 'o' -> parseOrigin(number, value);
      case 's' -> sessionName = value;
      case 'm' -> {
        nextMedia(number);
        parseMedia(number, value);
      }
      case 'a' -> parseAttribute(number, value);
      // Where media goes, when, and how much of it is decided by ICE, the call and congestion
      // control (RFC 8829 5.8.1, 5.8.2).
      case 'i', 'u', 'e', 'p', 'c', 'b', 't', 'r', 'z', 'k' -> {}
      default -> skip(number, String.valueOf(type), "an unknown type of line");
    }
  }

  private void skip(int number, String name, String problem) {
    if (skipped.size() == MAX_SKIPPED) {
      throw new SdpException(number, "more than " + MAX_SKIPPED + " lines that cannot be read");
    }
    int section = mediaLine == null ? SkippedLine.SESSION : media.size();
    skipped.add(new SkippedLine(number, section, name, problem));
  }

  private void passOverUnprintable(int number, char type, String value, int at) {
    String problem = "an unprintable character in column " + (at + 3);
    switch (type) {
      case 'v' -> throw new SdpException(number, problem);
      case 'o' -> origin = Origin.UNKNOWN;
      case 'm' -> {
        nextMedia(number);
        unusableMedia(number, value, problem);
        return;
      }
      case 'a' -> countAttribute(number);
      default -> {}
    }
    skip(number, type == 'a' ? attributeName(value) : String.valueOf(type), problem);
  }

  /**
   * The first character that neither stands for itself nor separates words, or −1: control
   * characters, marks of direction, line separators, halves of characters. What is read here comes
   * to be logged and shown.
   */
  private static int unprintableAt(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || (c >= 0x7f && isUnprintable(value, i))) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isUnprintable(String value, int at) {
    if (Character.isLowSurrogate(value.charAt(at)) && at > 0) {
      return !Character.isHighSurrogate(value.charAt(at - 1));
    }
    return switch (Character.getType(value.codePointAt(at))) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  private static String attributeName(String value) {
    int colon = value.indexOf(':');
    return colon < 0 ? value : value.substring(0, colon);
  }

  private static void parseVersion(int number, String value) {
    if (!value.strip().equals("0")) {
      throw new SdpException(number, "the version is not 0");
    }
  }

  /** Nothing depends on what it says, so that a strange one does no harm. */
  private void parseOrigin(int number, String value) {
    if (origin != null) {
      skip(number, "o", "a second o= line");
      return;
    }
    Fields fields = new Fields(number, value);
    try {
      String username = fields.token("the user name");
      String sessionId = fields.token("the session's identification");
      String sessionVersion = fields.token("the session's version");
      if (!Fields.isNumber(sessionVersion)) {
        throw new SdpException(number, "the session's version is not a number");
      }
      fields.token("the network type");
      origin =
          new Origin(
              username,
              sessionId,
              sessionVersion,
              fields.token("the address type"),
              fields.token("the address"));
    } catch (SdpException unreadable) {
      origin = Origin.UNKNOWN;
      skip(number, "o", unreadable.problem());
    }
  }

  private void parseMedia(int number, String value) {
    Fields fields = new Fields(number, value);
    try {
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
      if (formats.size() > MAX_FORMATS) {
        throw new SdpException(number, "more than " + MAX_FORMATS + " formats");
      }
      beginMedia(new MediaLine(kind, port, protocol, formats));
    } catch (SdpException unreadable) {
      unusableMedia(number, value, unreadable.problem());
    }
  }

  private void beginMedia(MediaLine line) {
    mediaLine = line;
    attributes = new ArrayList<>();
    attributesOfSection = 0;
  }

  /** A section that nobody can use, but that an answer has to have in its place (RFC 3264 6). */
  private void unusableMedia(int number, String value, String problem) {
    String kind = value.strip().split("[ \t]", 2)[0];
    if (!MEDIUM.matcher(kind).matches()) {
      throw new SdpException(number, problem);
    }
    beginMedia(new MediaLine(kind, 0, "UDP/TLS/RTP/SAVPF", List.of()));
    skip(number, "m", problem);
  }

  private void parseAttribute(int number, String value) {
    countAttribute(number);
    try {
      attributes.add(AttributeParser.parse(number, value));
    } catch (SdpException unreadable) {
      skip(number, attributeName(value), unreadable.problem());
    }
  }

  private void countAttribute(int number) {
    if (++attributesOfSection > MAX_ATTRIBUTES) {
      throw new SdpException(number, "more than " + MAX_ATTRIBUTES + " attributes in one section");
    }
  }

  private void nextMedia(int number) {
    endMedia();
    if (media.size() == MAX_MEDIA) {
      throw new SdpException(number, "more than " + MAX_MEDIA + " media sections");
    }
  }

  private void endMedia() {
    if (mediaLine != null) {
      media.add(
          new MediaDescription(
              mediaLine.media, mediaLine.port, mediaLine.protocol, mediaLine.formats, attributes));
    }
  }
}
