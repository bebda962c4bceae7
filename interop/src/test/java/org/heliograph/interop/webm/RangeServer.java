package org.heliograph.interop.webm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves a folder on loopback, any part of a file (RFC 9110 14), as a browser needs it to seek. */
final class RangeServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  private final HttpServer server;
  private final Path folder;

  RangeServer(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  String url(String file) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + file;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
      if (!Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] content = Files.readAllBytes(file);
      boolean page = file.toString().endsWith(".html");
      exchange.getResponseHeaders().set("Content-Type", page ? "text/html" : "video/webm");
      exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
      String wanted = exchange.getRequestHeaders().getFirst("Range");
      Matcher range = RANGE.matcher(wanted == null ? "" : wanted);
      int from = 0;
      int to = content.length - 1;
      if (range.matches()) {
        from = Integer.parseInt(range.group(1));
        if (!range.group(2).isEmpty()) {
          to = Math.min(to, Integer.parseInt(range.group(2)));
        }
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + to + "/" + content.length);
      }
      exchange.sendResponseHeaders(range.matches() ? 206 : 200, to - from + 1L);
      exchange.getResponseBody().write(content, from, to - from + 1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
