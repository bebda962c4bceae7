package org.heliograph.agent.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.heliograph.agent.Version;
import org.heliograph.agent.call.CallEvent;
import org.heliograph.agent.call.Calls;
import org.heliograph.agent.life.AgentControl;
import org.heliograph.agent.life.Usage;
import org.heliograph.signaling.BridgeSignaler;
import org.heliograph.text.Json;

/** The API's listener, with the demo page: on loopback only. */
public final class AgentServer implements AutoCloseable {
  private static final String ADDRESS = "127.0.0.1";

  private final OneTimeCodes codes = new OneTimeCodes();
  private final EventStreams streams = new EventStreams();
  private final String token;
  private final Usage usage;
  private Javalin server;

  /**
   * @param token what every request under {@code /api} must carry
   * @param usage is told of each request and socket
   */
  public AgentServer(String token, Usage usage) {
    this.token = token;
    this.usage = usage;
  }

  /** Where calls put their events. */
  public Consumer<CallEvent> events() {
    return streams::publish;
  }

  /** How many clients follow events. */
  public int eventClients() {
    return streams.count();
  }

  /**
   * Begins to listen.
   *
   * @param port 0 for a free one
   * @param allowedOrigins asked for each time, because the configuration may change
   * @param bridge the bridge, if the app carries the envelopes
   * @param control the agent as a whole
   * @throws IOException if the port is taken
   */
  public void start(
      int port,
      Supplier<List<String>> allowedOrigins,
      Calls calls,
      Optional<BridgeSignaler> bridge,
      AgentControl control)
      throws IOException {
    AccessPolicy access = new AccessPolicy(token, allowedOrigins);
    StaticPages pages = new StaticPages("/demo/", Set.of("demo", "lib"));
    UseCount uses = new UseCount(usage);
    ConnectionBounds connections = new ConnectionBounds(ConnectionBounds.Limits.API);
    server =
        Javalin.create(
            config -> {
              Listener.configure(config, connections, uses);
              config.jetty.host = ADDRESS;
              config.jetty.port = port;
              Listener.listen(config, connections);
              guard(config, access, pages);
              config.routes.get("/healthz", AgentServer::health);
              config.routes.get("/open/{code}", this::open);
              new AgentRoutes(control, usage, this::oneTimeLink).register(config.routes);
              new CallRoutes(calls, streams).register(config.routes);
              new LoopbackRoutes(calls, streams).register(config.routes);
              new SignalRoutes(bridge, streams, calls).register(config.routes);
            });
    Listener.start(server, connections, uses, "The agent's API", "api.port");
  }

  private static void guard(JavalinConfig config, AccessPolicy access, StaticPages pages) {
    config.routes.before(
        context -> {
          if (access.check(context) || pages.serve(context)) {
            context.skipRemainingHandlers();
          }
        });
    config.routes.wsBeforeUpgrade(access::checkUpgrade);
  }

  private static void health(Context context) {
    CallRoutes.answer(context, Json.object().put("status", "ok").put("version", Version.VERSION));
  }

  /** The port in use. */
  public int port() {
    return server.port();
  }

  /** The API's address. */
  public String url() {
    return "http://" + ADDRESS + ":" + port();
  }

  /** The demo page's link; whoever has it may use the API. */
  public String demoLink() {
    return url() + "/demo/#token=" + token;
  }

  /**
   * A link to the demo page that works once and for a minute. A program that is started with it
   * shows it to every user of the machine in its arguments, which must not hold the token.
   */
  private String oneTimeLink() {
    return url() + "/open/" + codes.issue();
  }

  private void open(Context context) {
    if (!codes.redeem(context.pathParam("code"))) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.GONE,
              "link_used",
              "This link has been used, or is too old.",
              "Make a new one with \"heliograph start --open-with xdg-open\"."));
    }
    context.header("Cache-Control", "no-store").redirect("/demo/#token=" + token);
  }

  /** Lets clients have the last events, then stops. */
  @Override
  public void close() {
    streams.close();
    if (server != null) {
      Listener.stop(server, "The agent's API", Listener.STOPPING);
    }
  }
}
