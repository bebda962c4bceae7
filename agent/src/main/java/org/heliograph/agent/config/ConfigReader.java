package org.heliograph.agent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.heliograph.agent.file.UserDirectories;
import org.heliograph.text.Cause;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;

/**
 * Reads the configuration: options before environment variables before the file before the
 * defaults. Whatever is not understood is refused, with the nearest key that would have been.
 */
public final class ConfigReader {
  private static final String PREFIX = "HELIOGRAPH_";
  private static final int MOST_BYTES = 1_000_000;

  /** Variables that belong to the launcher, not to the configuration. */
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of("HELIOGRAPH_HOME", "HELIOGRAPH_JAVA", "HELIOGRAPH_JAVA_OPTIONS");

  private static final Map<String, ConfigKey> BY_PATH = byName(ConfigKey::path);
  private static final Map<String, ConfigKey> BY_VARIABLE = byName(ConfigKey::environmentVariable);

  /** Every table that keys stand in, such as {@code api}. */
  private static final Set<String> TABLES =
      BY_PATH.keySet().stream()
          .map(path -> path.substring(0, path.indexOf('.')))
          .collect(Collectors.toSet());

  private ConfigReader() {}

  /** Where the file is unless an option says otherwise. */
  public static Path defaultFile(Map<String, String> environment) {
    return new UserDirectories(environment).config().resolve("config.toml");
  }

  /**
   * The configuration.
   *
   * @param file the TOML file; a file that does not exist counts as empty
   * @param environment the process's environment
   * @param options values given on the command line
   * @throws ConfigException if anything is wrong, with a message for a person
   */
  public static AgentConfig read(
      Optional<Path> file, Map<String, String> environment, Map<ConfigKey, String> options)
      throws ConfigException {
    return AgentConfig.of(values(file, environment, options));
  }

  static Map<ConfigKey, Object> values(
      Optional<Path> file, Map<String, String> environment, Map<ConfigKey, String> options)
      throws ConfigException {
    Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      values.put(key, key.defaultValue());
    }
    if (file.isPresent() && !Files.notExists(file.get())) {
      readFile(file.get(), values);
    }
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      String name = variable.getKey();
      if (name.startsWith(PREFIX) && !LAUNCHER_VARIABLES.contains(name)) {
        ConfigKey key = BY_VARIABLE.get(name);
        if (key == null) {
          throw new ConfigException(
              "The environment variable "
                  + name
                  + " is none that Heliograph knows. "
                  + didYouMean(name, BY_VARIABLE.keySet()));
        }
        values.put(key, checked(key, variable.getValue(), "The environment variable " + name));
      }
    }
    for (Map.Entry<ConfigKey, String> option : options.entrySet()) {
      ConfigKey key = option.getKey();
      values.put(key, checked(key, option.getValue(), "The option " + key.option()));
    }
    return values;
  }

  private static void readFile(Path file, Map<ConfigKey, Object> values) throws ConfigException {
    TomlParseResult toml = Toml.parse(text(file));
    if (toml.hasErrors()) {
      TomlParseError error = toml.errors().getFirst();
      throw new ConfigException(
          at(file, error.position()) + "not valid TOML: " + error.getMessage());
    }
    List<List<String>> keyPaths = new ArrayList<>(toml.keyPathSet(true));
    keyPaths.sort(Comparator.comparingInt(keyPath -> line(toml, keyPath)));
    for (List<String> keyPath : keyPaths) {
      String path = String.join(".", keyPath);
      ConfigKey key = BY_PATH.get(path);
      boolean table = toml.isTable(keyPath);
      if (key != null) {
        Object raw = toml.get(keyPath);
        values.put(
            key,
            checked(
                key,
                raw instanceof TomlArray array ? array.toList() : raw,
                at(file, toml.inputPositionOf(keyPath)) + path));
      } else if (!table || !TABLES.contains(path)) {
        throw new ConfigException(
            at(file, toml.inputPositionOf(keyPath))
                + (table ? "unknown table \"" : "unknown key \"")
                + path
                + "\". "
                + didYouMean(path, table ? TABLES : BY_PATH.keySet()));
      }
    }
  }

  private static String text(Path file) throws ConfigException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException unreadable) {
      throw new ConfigException(
          "The configuration file %s cannot be read: %s. Make it readable, or name another with --config."
              .formatted(file, Cause.words(unreadable)),
          unreadable);
    }
    if (bytes.length > MOST_BYTES) {
      throw new ConfigException(
          "The configuration file %s is longer than %d bytes. Name another with --config."
              .formatted(file, MOST_BYTES));
    }
    ByteBuffer encoded = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(encoded, text, true).isError()) {
      String before = text.flip().toString();
      int line = 1 + (int) before.chars().filter(each -> each == '\n').count();
      throw new ConfigException(
          "%s, line %d, column %d: it is no UTF-8 text. Save it as UTF-8."
              .formatted(file, line, before.length() - before.lastIndexOf('\n')));
    }
    return text.flip().toString();
  }

  private static int line(TomlParseResult toml, List<String> keyPath) {
    TomlPosition position = toml.inputPositionOf(keyPath);
    return position == null ? 0 : position.line();
  }

  private static Object checked(ConfigKey key, Object raw, String subject) throws ConfigException {
    try {
      return key.read(raw);
    } catch (IllegalArgumentException notAllowed) {
      throw new ConfigException(
          subject + " is " + shown(key, raw) + ", but must be " + key.allowed() + ".", notAllowed);
    }
  }

  /** The value for a message; a secret is not repeated. */
  private static String shown(ConfigKey key, Object raw) {
    if (key.isSecret()) {
      return "not right";
    }
    return raw instanceof String text ? '"' + text + '"' : String.valueOf(raw);
  }

  private static String at(Path file, TomlPosition position) {
    return position == null
        ? file + ": "
        : "%s, line %d, column %d: ".formatted(file, position.line(), position.column());
  }

  private static String didYouMean(String wrong, Set<String> known) {
    String nearest =
        known.stream().min((a, b) -> Integer.compare(edits(wrong, a), edits(wrong, b))).get();
    return "Did you mean \"" + nearest + "\"? \"heliograph config\" shows every key.";
  }

  /** The Levenshtein distance. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  private static Map<String, ConfigKey> byName(Function<ConfigKey, String> name) {
    return Stream.of(ConfigKey.values()).collect(Collectors.toMap(name, Function.identity()));
  }
}
