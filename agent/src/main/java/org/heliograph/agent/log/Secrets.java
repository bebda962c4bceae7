package org.heliograph.agent.log;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** What must not stand in the log, at any level, whoever logs. */
public final class Secrets {
  /** A shorter one is a word that stands in other messages too. */
  private static final int SHORTEST = 8;

  /** How tokens are carried (RFC 6750 2, and in the fragment of our links). */
  private static final Pattern CARRIED =
      Pattern.compile("(?i)(\\bbearer\\s+|[?&#](?:access_)?token=)[^\\s&#\"'<>,;(){}\\[\\]]+");

  private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

  private Secrets() {}

  /** Keeps a secret out of the log from now on. */
  public static void conceal(String secret) {
    if (secret.length() >= SHORTEST) {
      KNOWN.add(secret);
    }
  }

  /** A text with "…" in the place of each secret. */
  static String concealed(String text) {
    String fit = CARRIED.matcher(text).replaceAll("$1…");
    for (String secret : KNOWN) {
      fit = fit.replace(secret, "…");
    }
    return fit;
  }
}
