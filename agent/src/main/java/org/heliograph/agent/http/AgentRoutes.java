package org.heliograph.agent.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Set;
import java.util.function.Supplier;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.life.AgentControl;
import org.heliograph.agent.life.Usage;
import org.heliograph.text.Json;

/** The routes under {@code /api/agent}: how the agent stands, and what is done with it. */
final class AgentRoutes {
  private final AgentControl control;
  private final Usage usage;
  private final Supplier<String> link;

  /**
   * @param link makes a link to the demo page that works once
   */
  AgentRoutes(AgentControl control, Usage usage, Supplier<String> link) {
    this.control = control;
    this.usage = usage;
    this.link = link;
  }

  void register(RoutesConfig routes) {
    routes.get("/api/agent", this::state);
    routes.post("/api/agent/reload", this::reload);
    routes.post("/api/agent/link", this::link);
    routes.post("/api/agent/stop", this::stop);
  }

  private void state(Context context) {
    ObjectNode state = control.state();
    // The one that asks is no use of the agent that anybody wants to hear of.
    state.put("connections", Math.max(0, usage.uses() - 1));
    CallRoutes.answer(context, state);
  }

  private void reload(Context context) {
    JsonBody.read(context, Set.of());
    try {
      CallRoutes.answer(context, control.reload());
    } catch (ConfigException wrong) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.CONFLICT,
              "configuration_wrong",
              wrong.getMessage(),
              "Mend it and reload it again; what held before goes on to hold."));
    }
  }

  private void link(Context context) {
    JsonBody.read(context, Set.of());
    CallRoutes.answer(context, Json.object().put("link", link.get()));
  }

  private void stop(Context context) {
    JsonBody.read(context, Set.of());
    CallRoutes.answer(context, Json.object().put("status", "stopping"));
    control.stop();
  }
}
