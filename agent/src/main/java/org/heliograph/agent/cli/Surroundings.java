package org.heliograph.agent.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.file.UserDirectories;
import org.heliograph.text.Cause;

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
    return new UserDirectories(environment).state();
  }

  /** What is said where nothing can be logged there. */
  IOException noLog(IOException why) {
    return Cause.in(
        "The agent cannot keep its log in " + logDirectory(),
        why,
        "Set XDG_STATE_HOME to a directory of yours, or run it with \"heliograph run\".");
  }

  /** The present log in that directory. */
  Path logFile() {
    return logDirectory().resolve("agent.0.log");
  }
}
