package org.heliograph.agent.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a configuration is read from, to be read again when it has changed.
 *
 * @param file the TOML file; a file that does not exist counts as empty
 * @param environment the process's environment
 * @param options values given on the command line
 */
public record ConfigSource(
    Optional<Path> file, Map<String, String> environment, Map<ConfigKey, String> options) {
  public ConfigSource {
    environment = Map.copyOf(environment);
    options = Map.copyOf(options);
  }

  /**
   * What is configured now.
   *
   * @throws ConfigException if anything is wrong, with a message for a person
   */
  public Configuration read() throws ConfigException {
    return new Configuration(ConfigReader.values(file, environment, options));
  }
}
