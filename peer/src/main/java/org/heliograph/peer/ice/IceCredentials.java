package org.heliograph.peer.ice;

import java.util.random.RandomGenerator;

/**
 * One agent's user name fragment and password (RFC 8839 5.4).
 *
 * @param usernameFragment 4 to 256 ice-chars
 * @param password 22 to 256 ice-chars
 */
public record IceCredentials(String usernameFragment, String password) {
  private static final String ICE_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  /**
   * Takes credentials as the signalling gave them.
   *
   * @throws IllegalArgumentException if they break the grammar of RFC 8839 5.4
   */
  public IceCredentials {
    requireIceChars("user name fragment", usernameFragment, 4);
    requireIceChars("password", password, 22);
  }

  /** Fresh credentials: 48 and 144 random bits, where RFC 8445 5.3 asks for 24 and 128. */
  public static IceCredentials generate(RandomGenerator random) {
    return new IceCredentials(iceChars(random, 8), iceChars(random, 24));
  }

  private static String iceChars(RandomGenerator random, int length) {
    StringBuilder chars = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      chars.append(ICE_CHARS.charAt(random.nextInt(ICE_CHARS.length())));
    }
    return chars.toString();
  }

  private static void requireIceChars(String name, String value, int minimum) {
    if (value.length() < minimum
        || value.length() > 256
        || !value.chars().allMatch(c -> ICE_CHARS.indexOf(c) >= 0)) {
      throw new IllegalArgumentException("not an ICE " + name + " (RFC 8839 5.4)");
    }
  }

  /** Names the fragment only: the password stays out of logs. */
  @Override
  public String toString() {
    return "IceCredentials[" + usernameFragment + "]";
  }
}
