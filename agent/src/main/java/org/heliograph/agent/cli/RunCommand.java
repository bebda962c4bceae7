package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.heliograph.agent.Agent;
import org.heliograph.agent.Version;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.agent.life.AlreadyRunningException;
import org.heliograph.agent.life.InstanceLock;
import org.heliograph.agent.life.Place;
import org.heliograph.agent.log.Log;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code heliograph run}: the agent itself. */
@Command(
    name = "run",
    description =
        "Runs the agent in the foreground until it is interrupted or stopped (the default).")
public final class RunCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(RunCommand.class);
  static final String DETACHED = "--detached";

  private final Surroundings surroundings;

  @Option(
      names = "--on-demand",
      description =
          "Leaves when nobody has used it for as long as agent.idle_seconds says; for an app or a"
              + " service manager that starts it again when it is needed.")
  private boolean onDemand;

  @Option(
      names = "--json",
      description =
          "Prints, when the agent is ready, where it is as one line of JSON, and nothing else.")
  private boolean json;

  @Option(
      names = DETACHED,
      hidden = true,
      description =
          "For \"heliograph start\": says where it is or what is wrong as JSON, closes its output,"
              + " and logs to a file.")
  private boolean detached;

  @Spec private CommandSpec spec;

  public RunCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    return run(spec.commandLine().getParseResult());
  }

  int run(ParseResult parsed) throws ConfigException, IOException, InterruptedException {
    if (!detached) {
      Log.toStandardError(surroundings.environment());
      return runToTheEnd(parsed);
    }
    try {
      return runToTheEnd(parsed);
    } catch (AlreadyRunningException other) {
      // Several were started at once, and another has won: it is as good.
      AgentConfig config = ConfigOptions.source(parsed, surroundings.environment()).read().config();
      System.out.println(StartReport.of(other.address(), surroundings.addressFile(config), false));
      return ExitCode.DONE.status();
    } catch (ConfigException | IOException | RuntimeException failure) {
      // Whoever waits for it reads this; it is lost where the agent was ready before.
      System.out.println(StartReport.failure(failure));
      throw failure;
    }
  }

  private int runToTheEnd(ParseResult parsed)
      throws ConfigException, IOException, InterruptedException {
    ConfigSource source = ConfigOptions.source(parsed, surroundings.environment());
    AgentConfig config = source.read().config();
    Log.setLevel(config.logLevel());
    InstanceLock place = Place.take(surroundings.addressFile(config));
    if (detached) {
      // Not before: of several at once only one has the file.
      try {
        Log.toFile(surroundings.logDirectory() + "/agent.%g.log");
      } catch (IOException unwritable) {
        throw surroundings.noLog(unwritable);
      }
    }
    Agent agent = Agent.start(source, surroundings.directories(), place);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("heliograph-stop").unstarted(() -> end(agent)));
    tell(agent, config);
    if (onDemand) {
      agent.leaveWhenUnused();
    }
    log.info("{}", agent.awaitStop());
    agent.close();
    return ExitCode.DONE.status();
  }

  private static void end(Agent agent) {
    agent.close();
    Log.end();
  }

  private void tell(Agent agent, AgentConfig config) {
    if (json || detached) {
      System.out.println(report(agent, config));
    }
    if (detached) {
      // The JDK leads it to /dev/null then; whoever waits for the end of it goes on.
      System.out.close();
    }
    boolean forAPerson = Log.destination() == Log.Destination.STDERR;
    if (!json && forAPerson) {
      StartUpText.print(System.out, agent, config);
    } else if (!forAPerson) {
      log.info("Heliograph {} is ready at {}", Version.VERSION, agent.url());
    }
  }

  private ObjectNode report(Agent agent, AgentConfig config) {
    return StartReport.of(
        new AddressFile.Address(
            agent.url(), agent.token(), ProcessHandle.current().pid(), Version.VERSION),
        surroundings.addressFile(config),
        true);
  }
}
