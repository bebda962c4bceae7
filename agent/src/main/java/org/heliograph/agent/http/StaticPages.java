package org.heliograph.agent.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The pages and the page's library, out of the class path. They are the same for everyone and hold
 * no secret; a page gets its token from the fragment of the link that was opened.
 */
final class StaticPages {
  private static final String ROOT = "/org/heliograph/web";

  /** No segment begins with a dot, so none leads up. */
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/?");

  private static final Map<String, String> CONTENT_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2");

  private final String home;
  private final Set<String> folders;
  private final String publicSocket;

  /**
   * @param home the path of the listener's first page, such as {@code /demo/}
   * @param folders the folders that the listener serves, and no other
   */
  StaticPages(String home, Set<String> folders) {
    this(home, folders, Optional.empty());
  }

  /**
   * @param publicSocket where the page's WebSocket is when a proxy stands before this listener,
   *     such as {@code wss://calls.example.org}
   */
  StaticPages(String home, Set<String> folders, Optional<String> publicSocket) {
    this.home = home;
    this.folders = Set.copyOf(folders);
    this.publicSocket = publicSocket.map(address -> " " + address).orElse("");
  }

  /** Serves the request if it is for a page; whether it was. */
  boolean serve(Context context) {
    if (!context.method().equals(HandlerType.GET) && !context.method().equals(HandlerType.HEAD)) {
      return false;
    }
    String path = context.path();
    if (path.equals("/") || path.equals(home.substring(0, home.length() - 1))) {
      context.redirect(home.substring(1)); // Relative: a proxy may have put a path before it.
      return true;
    }
    if (!PATH.matcher(path).matches() || !folders.contains(path.split("/", 3)[1])) {
      return false;
    }
    String file = path.endsWith("/") ? path + "index.html" : path;
    String contentType = CONTENT_TYPES.get(file.substring(file.lastIndexOf('.') + 1));
    if (contentType == null) {
      return false;
    }
    try (InputStream content = StaticPages.class.getResourceAsStream(ROOT + file)) {
      if (content == null) {
        return false;
      }
      secure(context);
      context.contentType(contentType).result(content.readAllBytes());
      return true;
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private void secure(Context context) {
    boolean tls = context.req().isSecure();
    String socket = (tls ? "wss://" : "ws://") + context.header("Host");
    context.header(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
            + " data:; media-src 'self' blob:; worker-src 'self'; connect-src 'self' "
            + socket
            + publicSocket
            + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    context.header("Cache-Control", "no-store");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Resource-Policy", "cross-origin");
  }
}
