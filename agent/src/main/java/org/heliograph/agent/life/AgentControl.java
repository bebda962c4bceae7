package org.heliograph.agent.life;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.heliograph.agent.config.ConfigException;

/** The agent as a whole, as its API sees it; docs/api.md describes the objects. */
public interface AgentControl {
  /** How it stands. */
  ObjectNode state();

  /**
   * Takes what has changed in the configuration.
   *
   * @return what has changed, and what will only after a restart
   * @throws ConfigException if it is wrong; then what held goes on to hold
   */
  ObjectNode reload() throws ConfigException;

  /** Stops the agent, soon. */
  void stop();
}
