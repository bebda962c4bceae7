package org.heliograph.agent.cli;

import java.nio.file.Path;
import java.util.Map;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.AgentConfig;

/**
 * What the commands find around them.
 *
 * @param environment the process's
 */
public record Surroundings(Map<String, String> environment) {
  /** Where an agent's files are. */
  Agent.Directories directories() {
    return Agent.Directories.of(environment);
  }

  /** The file in which an agent of this configuration writes its address. */
  Path addressFile(AgentConfig config) {
    return directories().addressFile(config);
  }

  /** The directory in which an agent that was started on demand logs, unless to the journal. */
  Path logDirectory() {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path base =
        state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return base.resolve("heliograph").toAbsolutePath();
  }

  /** The present log in that directory. */
  Path logFile() {
    return logDirectory().resolve("agent.0.log");
  }
}
