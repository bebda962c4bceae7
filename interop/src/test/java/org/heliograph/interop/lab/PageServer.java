package org.heliograph.interop.lab;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Serves a test's own pages on loopback, where a browser gives its camera. */
public final class PageServer implements AutoCloseable {
  private final HttpServer server;

  /**
   * Starts a server.
   *
   * @param pages the text of each path; {@code .js} paths are served as JavaScript
   */
  public PageServer(Map<String, String> pages) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    pages.forEach(
        (path, text) ->
            server.createContext(
                path,
                exchange -> {
                  byte[] body = text.getBytes(StandardCharsets.UTF_8);
                  String type = path.endsWith(".js") ? "text/javascript" : "text/html";
                  exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
                  exchange.sendResponseHeaders(200, body.length);
                  exchange.getResponseBody().write(body);
                  exchange.close();
                }));
    server.start();
  }

  /** Hands on the body of every request to a path, such as what a page says. */
  public void listen(String path, Consumer<String> listener) {
    server.createContext(
        path,
        exchange -> {
          listener.accept(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
  }

  /** The address of a page. */
  public String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
