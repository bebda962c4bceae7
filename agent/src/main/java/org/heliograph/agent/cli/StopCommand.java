package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.life.Place;
import org.heliograph.agent.signal.Json;
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

  @Option(names = "--json", description = "Prints JSON: stopped (whether one ran), pid.")
  private boolean json;

  @Spec private CommandSpec spec;

  public StopCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    Optional<AgentClient> found = agent.find(surroundings);
    if (found.isEmpty()) {
      tell(Json.object().put("stopped", false).toString(), "No agent of yours runs.");
      return ExitCode.DONE.status();
    }
    try (AgentClient client = found.get()) {
      long pid = client.address().pid();
      try {
        client.post("/api/agent/stop", Json.object());
      } catch (IOException brokenOff) {
        // It may have ended before the answer was sent; or else the signal ends it.
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
      }
      if (!Place.awaitFree(agent.addressFile(surroundings))) {
        throw new CommandException(
            ExitCode.FAILED,
            "The agent (process %d) has not ended yet. End it with \"kill -9 %d\"."
                .formatted(pid, pid));
      }
      tell(
          Json.object().put("stopped", true).put("pid", pid).toString(),
          "The agent (process " + pid + ") has ended.");
    }
    return ExitCode.DONE.status();
  }

  private void tell(String forPrograms, String forPeople) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? forPrograms : forPeople);
    out.flush();
  }
}
