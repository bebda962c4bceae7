package org.heliograph.interop.bench;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pages of the latency benchmark, and for them a second way of a call into the page, beside
 * Heliograph's own: {@link FfmpegLive}.
 */
final class LatencySite implements AutoCloseable {
  private final Javalin server;
  private final Map<String, FfmpegLive> streams = new ConcurrentHashMap<>();
  private volatile AgentParticipant source;

  LatencySite() {
    server =
        Javalin.create(
                config -> {
                  config.startup.showJavalinBanner = false;
                  config.jetty.host = "127.0.0.1";
                  config.jetty.port = 0;
                  config.routes.get("/", context -> context.html(text("/latency/index.html")));
                  config.routes.get("/latency.js", context -> script(context, "/latency"));
                  config.routes.get("/picture-code.js", context -> script(context, ""));
                  config.routes.get(
                      "/lib/{file}", context -> script(context, "/org/heliograph/web"));
                  config.routes.ws(
                      "/live",
                      ws -> {
                        ws.onConnect(this::connected);
                        ws.onClose(this::gone);
                        ws.onError(this::gone);
                      });
                })
            .start();
  }

  private static void script(Context context, String folder) throws IOException {
    context.contentType("text/javascript; charset=utf-8").result(text(folder + context.path()));
  }

  private static String text(String resource) throws IOException {
    try (InputStream input = LatencySite.class.getResourceAsStream(resource)) {
      if (input == null) {
        throw new IOException("no " + resource);
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void connected(WsContext context) throws IOException {
    AgentParticipant agent = source;
    streams.put(context.sessionId(), new FfmpegLive(agent.agent(), agent.channel(), context::send));
  }

  private void gone(WsContext context) {
    FfmpegLive stream = streams.remove(context.sessionId());
    if (stream != null) {
      stream.close();
    }
  }

  /** Names the agent whose call {@link #liveAddress} gives. */
  void offer(AgentParticipant agent) {
    source = agent;
  }

  /** The origin of the pages. */
  String origin() {
    return "http://127.0.0.1:" + server.port();
  }

  /** Where a page gets the call by way of FFmpeg. */
  String liveAddress() {
    return "ws://127.0.0.1:" + server.port() + "/live";
  }

  @Override
  public void close() {
    streams.values().forEach(FfmpegLive::close);
    server.stop();
  }
}
