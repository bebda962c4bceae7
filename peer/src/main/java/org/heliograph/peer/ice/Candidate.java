package org.heliograph.peer.ice;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A candidate as the signalling carries it: the candidate-attribute of RFC 8839 5.1.
 *
 * @param foundation candidates with the same one share their fate (RFC 8445 5.1.1.3); at most 32
 *     ice-chars, but some peers write more
 * @param component 1 to 256; 1 is RTP, and with rtcp-mux everything
 * @param transport in lower case: {@code udp}, {@code tcp}, or what the other side wrote
 * @param priority 1 to 2<sup>31</sup> − 1 (RFC 8445 5.1.2)
 * @param address the address; unresolved when it is a name of the local network ({@code .local}),
 *     as browsers use for host addresses
 * @param type where the address comes from
 * @param relatedAddress the base of a reflexive candidate, the mapped address of a relayed one
 * @param tcpType {@code active}, {@code passive} or {@code so} (RFC 6544 4.5)
 * @param usernameFragment the {@code ufrag} that says which generation the candidate belongs to
 *     (RFC 8838 11)
 */
public record Candidate(
    String foundation,
    int component,
    String transport,
    long priority,
    InetSocketAddress address,
    CandidateType type,
    Optional<InetSocketAddress> relatedAddress,
    Optional<String> tcpType,
    Optional<String> usernameFragment) {

  public Candidate {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(type, "type");
  }

  /** A UDP candidate of component 1. */
  static Candidate udp(
      String foundation,
      long priority,
      InetSocketAddress address,
      CandidateType type,
      Optional<InetSocketAddress> relatedAddress,
      String usernameFragment) {
    return new Candidate(
        foundation,
        1,
        "udp",
        priority,
        address,
        type,
        relatedAddress,
        Optional.empty(),
        Optional.of(usernameFragment));
  }

  /**
   * Reads a candidate-attribute, with or without {@code a=} before it and {@code candidate:}.
   * Extensions that nothing here uses are passed over, and so is a related address that cannot be
   * read, which is only told.
   *
   * @throws CandidateFormatException if the text breaks the grammar, or says where nothing can be
   *     sent from here: an address with a zone, or a name that is not of the local network
   */
  public static Candidate parse(String text) throws CandidateFormatException {
    if (text.length() > 1024) {
      throw new CandidateFormatException("a candidate of " + text.length() + " characters");
    }
    String value = text.strip();
    value = value.startsWith("a=") ? value.substring(2) : value;
    value = value.startsWith("candidate:") ? value.substring("candidate:".length()) : value;
    String[] words = value.split(" +", -1);
    if (words.length < 8) {
      throw new CandidateFormatException("a candidate of only " + words.length + " words: " + text);
    }
    if (words[0].isEmpty()) {
      throw new CandidateFormatException("the foundation is missing: " + text);
    }
    if (!words[6].equals("typ")) {
      throw new CandidateFormatException("typ is missing: " + text);
    }
    String relatedHost = null;
    String relatedPort = null;
    String tcpType = null;
    String usernameFragment = null;
    for (int i = 8; i + 1 < words.length; i += 2) {
      switch (words[i]) {
        case "raddr" -> relatedHost = words[i + 1];
        case "rport" -> relatedPort = words[i + 1];
        case "tcptype" -> tcpType = words[i + 1];
        case "ufrag" -> usernameFragment = words[i + 1];
        default -> {}
      }
    }
    return new Candidate(
        words[0],
        (int) number("component", words[1], 1, 256),
        words[2].toLowerCase(Locale.ROOT),
        number("priority", words[3], 0, 0xFFFF_FFFFL),
        address(words[4], (int) number("port", words[5], 0, 65535)),
        type(words[7]),
        relatedAddress(relatedHost, relatedPort),
        Optional.ofNullable(tcpType),
        Optional.ofNullable(usernameFragment));
  }

  /** The candidate-attribute's value, as W3C's {@code candidate} has it: {@code candidate:…}. */
  public String format() {
    StringBuilder line = new StringBuilder(128);
    line.append("candidate:").append(foundation).append(' ').append(component).append(' ');
    line.append(transport).append(' ').append(priority).append(' ');
    line.append(host(address)).append(' ').append(address.getPort());
    line.append(" typ ").append(type.token());
    relatedAddress.ifPresent(
        related ->
            line.append(" raddr ")
                .append(host(related))
                .append(" rport ")
                .append(related.getPort()));
    tcpType.ifPresent(kind -> line.append(" tcptype ").append(kind));
    usernameFragment.ifPresent(fragment -> line.append(" ufrag ").append(fragment));
    return line.toString();
  }

  /**
   * The recommended priority of RFC 8445 5.1.2.1, for component 1.
   *
   * @param localPreference 0 to 65535
   */
  static long priority(CandidateType type, int localPreference) {
    return priority(type.preference(), localPreference);
  }

  /**
   * The same with another type preference than the recommended one.
   *
   * @param typePreference 0 to 126
   */
  static long priority(int typePreference, int localPreference) {
    return ((long) typePreference << 24) | ((long) localPreference << 8) | (256 - 1);
  }

  /** The same candidate, where its name stands for an address. */
  Candidate at(InetAddress resolved) {
    return new Candidate(
        foundation,
        component,
        transport,
        priority,
        new InetSocketAddress(resolved, address.getPort()),
        type,
        relatedAddress,
        tcpType,
        usernameFragment);
  }

  /** Whether it is reached over TCP (RFC 6544). */
  boolean isTcp() {
    return transport.equals("tcp");
  }

  private static CandidateType type(String token) throws CandidateFormatException {
    for (CandidateType type : CandidateType.values()) {
      if (type.token().equals(token)) {
        return type;
      }
    }
    throw new CandidateFormatException("unknown candidate type: " + token);
  }

  private static long number(String name, String digits, long least, long most)
      throws CandidateFormatException {
    boolean decimal =
        !digits.isEmpty()
            && digits.length() <= 10
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    long value = decimal ? Long.parseLong(digits) : -1;
    if (value < least || value > most) {
      throw new CandidateFormatException(
          name + " is not a number from " + least + " to " + most + ": " + digits);
    }
    return value;
  }

  private static InetSocketAddress address(String host, int port) throws CandidateFormatException {
    if (host.indexOf('%') >= 0) {
      throw new CandidateFormatException(
          "an address with a zone, which means nothing on another host: " + host);
    }
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    } catch (IllegalArgumentException e) {
      if (isName(host)) {
        return InetSocketAddress.createUnresolved(host, port);
      }
      throw new CandidateFormatException(
          "neither an address nor a name of the local network: " + host);
    }
  }

  private static Optional<InetSocketAddress> relatedAddress(String host, String port) {
    if (host == null || port == null) {
      return Optional.empty();
    }
    int zone = host.indexOf('%');
    try {
      return Optional.of(
          address(
              zone < 0 ? host : host.substring(0, zone), (int) number("rport", port, 0, 65535)));
    } catch (CandidateFormatException unreadable) {
      return Optional.empty();
    }
  }

  private static boolean isName(String host) {
    return host.length() <= 253
        && host.toLowerCase(Locale.ROOT).endsWith(".local")
        && host.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '-'
                        || c == '.');
  }

  /** The address without a zone, which means nothing on another host. */
  private static String host(InetSocketAddress address) {
    if (address.isUnresolved()) {
      return address.getHostString();
    }
    String literal = address.getAddress().getHostAddress();
    int zone = address.getAddress() instanceof Inet6Address ? literal.indexOf('%') : -1;
    return zone < 0 ? literal : literal.substring(0, zone);
  }
}
