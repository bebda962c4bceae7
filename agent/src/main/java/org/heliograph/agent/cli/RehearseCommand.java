package org.heliograph.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.doctor.SelfCall;
import org.heliograph.agent.life.Place;
import org.heliograph.media.LocalDevices;
import picocli.CommandLine.Command;

/**
 * {@code heliograph rehearse}: does once all that a start does, and ends. What it has loaded is
 * what the JVM's cache is made of (docs/start-up.md).
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Starts on free ports with folders of its own, and ends.")
final class RehearseCommand implements Callable<Integer> {
  @Override
  public Integer call() throws ConfigException, IOException {
    Path directory = Files.createTempDirectory("heliograph-rehearsal");
    Agent.Directories directories =
        new Agent.Directories(directory.resolve("agent.json"), directory.resolve("data"));
    ConfigSource source =
        new ConfigSource(Optional.of(directory.resolve("config.toml")), Map.of(), Map.of());
    AgentConfig config = source.read().config();
    try (Agent agent = Agent.start(source, directories, Place.take(directories.addressFile()));
        LocalDevices devices = new LocalDevices(config.media())) {
      StartUpText.print(System.out, agent, config);
      Agent.warmUp(devices);
    } finally {
      SelfCall.delete(directory);
    }
    return ExitCode.DONE.status();
  }
}
