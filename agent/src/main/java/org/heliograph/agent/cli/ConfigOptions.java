package org.heliograph.agent.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.config.ConfigSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options by which a command is configured: the file, and one for each key. */
final class ConfigOptions {
  static final String FILE = "--config";

  private ConfigOptions() {}

  /** Gives them to a command. */
  static void addTo(CommandSpec command) {
    command.addOption(
        OptionSpec.builder(FILE)
            .paramLabel("FILE")
            .type(Path.class)
            .description(
                "The configuration file (default: $XDG_CONFIG_HOME/heliograph/config.toml).")
            .build());
    for (ConfigKey key : ConfigKey.values()) {
      command.addOption(
          OptionSpec.builder(key.option())
              .paramLabel("VALUE")
              .type(String.class)
              .description(
                  escaped(key.description()),
                  escaped("Must be " + key.allowed() + ". Default: " + key.defaultAsToml()),
                  "Key " + key.path() + ", variable " + key.environmentVariable() + ".")
              .build());
    }
  }

  /** Picocli's descriptions are formats. */
  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  /**
   * Where a command's values are to be read from.
   *
   * @throws ConfigException if a file is named that cannot be read
   */
  static ConfigSource source(ParseResult parsed, Map<String, String> environment)
      throws ConfigException {
    Path given = parsed.matchedOptionValue(FILE, (Path) null);
    if (given != null && Files.notExists(given)) {
      throw new ConfigException(
          "The configuration file " + given + " is not there. Name another with --config.");
    }
    Path file = given == null ? ConfigReader.defaultFile(environment) : given;
    return new ConfigSource(Optional.of(file.toAbsolutePath()), environment, options(parsed));
  }

  private static Map<ConfigKey, String> options(ParseResult parsed) {
    Map<ConfigKey, String> options = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      String value = parsed.matchedOptionValue(key.option(), (String) null);
      if (value != null) {
        options.put(key, value);
      }
    }
    return options;
  }

  /** The same as arguments, for another process. */
  static List<String> arguments(ParseResult parsed) {
    List<String> arguments = new ArrayList<>();
    Path file = parsed.matchedOptionValue(FILE, (Path) null);
    if (file != null) {
      arguments.add(FILE + "=" + file.toAbsolutePath());
    }
    options(parsed).forEach((key, value) -> arguments.add(key.option() + "=" + value));
    return arguments;
  }
}
