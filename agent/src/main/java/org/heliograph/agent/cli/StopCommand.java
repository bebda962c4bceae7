package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.life.Place;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph stop}. */
@Command(
    name = "stop",
    description = {
      "Stops the agent: hangs up every call, frees every device, and returns when it has ended.",
      "Where none runs there is nothing to do, and the exit status is 0 too."
    })
public final class StopCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private AgentOptions agent;

  @Option(names = "--json", description = "Prints JSON: stopped (whether one ran).")
  private boolean json;

  @Spec private CommandSpec spec;

  public StopCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path addressFile = agent.addressFile(surroundings);
    Optional<AgentClient> found = agent.find(surroundings);
    if (found.isPresent()) {
      try (AgentClient client = found.get()) {
        client.post("/api/agent/stop", Json.object());
      } catch (IOException brokenOff) {
        // It may have ended before the answer was sent.
      }
      if (!Place.awaitFree(addressFile)) {
        throw Place.hangs(addressFile);
      }
    }
    boolean stopped = found.isPresent();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.object().put("stopped", stopped));
    } else {
      out.println(stopped ? "The agent has ended." : "No agent of yours runs.");
    }
    out.flush();
    return ExitCode.DONE.status();
  }
}
