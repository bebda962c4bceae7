package org.heliograph.agent.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.life.Place;
import picocli.CommandLine.Option;

/** The options by which a command finds the running agent. */
final class AgentOptions {
  @Option(
      names = ConfigOptions.FILE,
      paramLabel = "FILE",
      description =
          "The configuration file that the agent was started with (default:"
              + " $XDG_CONFIG_HOME/heliograph/config.toml).")
  private Path config;

  @Option(
      names = "--api-address-file",
      paramLabel = "FILE",
      description =
          "The file in which the agent writes its address, if it is not the usual one"
              + " (api.address_file).")
  private Path addressFile;

  /** The file in which an agent writes its address. */
  Path addressFile(Surroundings surroundings) {
    if (addressFile != null) {
      return addressFile.toAbsolutePath();
    }
    Path usual = surroundings.directories().addressFile();
    try {
      return source(surroundings).read().config().api().addressFile().orElse(usual);
    } catch (ConfigException _) {
      // A running agent goes on with what held before; it is there to be asked and stopped.
      return usual;
    }
  }

  private ConfigSource source(Surroundings surroundings) {
    Path file = config == null ? ConfigReader.defaultFile(surroundings.environment()) : config;
    Map<ConfigKey, String> options = new EnumMap<>(ConfigKey.class);
    if (addressFile != null) {
      options.put(ConfigKey.API_ADDRESS_FILE, addressFile.toAbsolutePath().toString());
    }
    return new ConfigSource(
        Optional.of(file.toAbsolutePath()), surroundings.environment(), options);
  }

  /** The same as arguments, for another command. */
  java.util.List<String> arguments() {
    java.util.List<String> arguments = new java.util.ArrayList<>();
    if (config != null) {
      arguments.add(ConfigOptions.FILE + "=" + config.toAbsolutePath());
    }
    if (addressFile != null) {
      arguments.add("--api-address-file=" + addressFile.toAbsolutePath());
    }
    return arguments;
  }

  /** The agent that runs, if one does; one that starts is waited for. */
  Optional<AgentClient> find(Surroundings surroundings) throws IOException {
    return Place.find(addressFile(surroundings)).map(AgentClient::new);
  }

  /**
   * The agent that runs.
   *
   * @throws CommandException if none does
   */
  AgentClient require(Surroundings surroundings) throws CommandException, IOException {
    return find(surroundings)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.NOT_RUNNING,
                    "No agent of yours runs. Start one with \"heliograph start\"."));
  }
}
