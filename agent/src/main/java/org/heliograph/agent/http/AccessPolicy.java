package org.heliograph.agent.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the API: the Host must be a loopback name (DNS rebinding), the Origin, where there is
 * one, must be on the list, and the token must be the agent's. The token is what authenticates;
 * some engines send no or an empty Origin from a custom scheme, so its absence proves nothing.
 */
final class AccessPolicy {
  private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final int PREFLIGHT_SECONDS = 600;
  private static final int REFUSED_ORIGINS_TOLD = 20;
  private static final Logger log = LoggerFactory.getLogger(AccessPolicy.class);

  private final byte[] token;
  private final Supplier<List<String>> allowedOrigins;

  /** Each is told of once, and of a page that makes up ever new ones only the first few. */
  private final Set<String> refusedOrigins = ConcurrentHashMap.newKeySet();

  AccessPolicy(String token, Supplier<List<String>> allowedOrigins) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.allowedOrigins = allowedOrigins;
  }

  /**
   * Lets a request through or refuses it, and writes the CORS headers.
   *
   * @return whether the request was a preflight and is answered
   */
  boolean check(Context context) {
    checkHost(context);
    checkOrigin(context);
    if (isPreflight(context)) {
      answerPreflight(context);
      return true;
    }
    if (context.path().startsWith("/api/")) {
      checkToken(context);
    }
    return false;
  }

  /** Lets a WebSocket's upgrade through or refuses it. */
  void checkUpgrade(Context context) {
    checkHost(context);
    checkOrigin(context);
    checkToken(context);
  }

  private static void checkHost(Context context) {
    if (hostName(context.header("Host")).filter(AccessPolicy::isLoopback).isEmpty()) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.FORBIDDEN,
              "forbidden_host",
              "The Host header does not name this machine's loopback address.",
              "Use http://127.0.0.1 with the port from agent.json."));
    }
  }

  /** Whether a host's name means this machine. */
  static boolean isLoopback(String hostName) {
    return LOOPBACK_NAMES.contains(hostName);
  }

  /**
   * The Host header without its port and the dot that may end a full name (RFC 1034 3.1), in lower
   * case.
   */
  static Optional<String> hostName(String host) {
    return Optional.ofNullable(host)
        .map(text -> text.strip().toLowerCase(Locale.ROOT).replaceFirst("\\.?(:\\d+)?$", ""));
  }

  private void checkOrigin(Context context) {
    String origin = context.header("Origin");
    if (origin == null || origin.isEmpty()) {
      return;
    }
    boolean own = origin.equals("http://" + context.header("Host"));
    if (!own && !allowedOrigins.get().contains(origin)) {
      throw new ProblemException(refuse(origin));
    }
    context.header("Access-Control-Allow-Origin", origin);
    context.header("Vary", "Origin");
  }

  /**
   * The page itself cannot read the answer, so that whoever wonders about it looks into the log.
   */
  private Problem refuse(String origin) {
    Problem problem =
        Problem.of(
            HttpStatus.FORBIDDEN,
            "forbidden_origin",
            "Pages of the origin \"" + origin + "\" may not use this agent.",
            "If it is the page of an app that you develop, start the agent with"
                + " --api-allowed-origins="
                + origin
                + " or add it to api.allowed_origins in the configuration.");
    if (refusedOrigins.size() < REFUSED_ORIGINS_TOLD && refusedOrigins.add(origin)) {
      log.warn("{} {}", problem.detail(), problem.hint());
    }
    return problem;
  }

  private static boolean isPreflight(Context context) {
    return context.method().equals(HandlerType.OPTIONS)
        && context.header("Origin") != null
        && context.header("Access-Control-Request-Method") != null;
  }

  private static void answerPreflight(Context context) {
    context.header("Access-Control-Allow-Methods", "GET, POST, DELETE");
    context.header("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
    context.header("Access-Control-Max-Age", Integer.toString(PREFLIGHT_SECONDS));
    if ("true".equals(context.header("Access-Control-Request-Private-Network"))) {
      context.header("Access-Control-Allow-Private-Network", "true");
    }
    context.status(HttpStatus.NO_CONTENT);
  }

  /** The token that a request carries, in a header or where a browser can set none. */
  static Optional<String> givenToken(Context context) {
    String authorization = context.header("Authorization");
    return Optional.ofNullable(
        authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
            ? authorization.substring(7).strip()
            : context.queryParam("access_token"));
  }

  private void checkToken(Context context) {
    String given = givenToken(context).orElse(null);
    if (given == null || !MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8))) {
      context.header("WWW-Authenticate", "Bearer");
      throw new ProblemException(
          Problem.of(
              HttpStatus.UNAUTHORIZED,
              given == null ? "token_missing" : "token_wrong",
              given == null
                  ? "The request carries no token."
                  : "The token is not the one of this agent.",
              "The agent writes its token to agent.json at each start; send it as"
                  + " \"Authorization: Bearer …\" or ?access_token=…"));
    }
  }
}
