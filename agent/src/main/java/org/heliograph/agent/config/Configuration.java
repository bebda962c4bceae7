package org.heliograph.agent.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.heliograph.agent.log.Secrets;
import org.heliograph.text.Json;

/** Every key with what holds for it, checked, and the {@link AgentConfig} that they make. */
public final class Configuration {
  private final Map<ConfigKey, Object> values;
  private final AgentConfig config;

  Configuration(Map<ConfigKey, Object> values) throws ConfigException {
    this.values = new EnumMap<>(values);
    values.forEach(
        (key, value) -> {
          if (key.isSecret()) {
            Secrets.conceal(value.toString());
          }
        });
    this.config = AgentConfig.of(this.values);
  }

  /** What the keys make. */
  public AgentConfig config() {
    return config;
  }

  /** Every key with what holds for it, as a TOML file with its documentation. */
  public String toToml() {
    StringBuilder toml = new StringBuilder();
    String table = "";
    for (ConfigKey key : ConfigKey.values()) {
      String[] names = key.path().split("\\.", 2);
      if (!names[0].equals(table)) {
        table = names[0];
        toml.append(toml.isEmpty() ? "" : "\n").append('[').append(table).append("]\n");
      }
      toml.append("# ").append(key.description()).append('\n');
      toml.append("# Must be ").append(key.allowed()).append(". Default: ");
      toml.append(key.defaultAsToml()).append(". Also ").append(key.option());
      toml.append(" and ").append(key.environmentVariable()).append(".\n");
      toml.append("# A change takes effect ").append(key.effect().words()).append(".\n");
      toml.append(names[1]).append(" = ").append(key.asToml(values.get(key))).append('\n');
    }
    return toml.toString();
  }

  /** The same for a program: an object for each key. */
  public ObjectNode documented() {
    ObjectNode keys = Json.object();
    for (ConfigKey key : ConfigKey.values()) {
      ObjectNode described = keys.putObject(key.path());
      described.set("value", Json.tree(values.get(key)));
      described.set("default", Json.tree(key.defaultValue()));
      described.put("description", key.description());
      described.put("allowed", key.allowed());
      described.put("option", key.option());
      described.put("variable", key.environmentVariable());
      described.put("effect", key.effect().name().toLowerCase(Locale.ROOT));
    }
    return keys;
  }

  /** A key's value as it would stand in the file; a secret is not told. */
  public String shown(ConfigKey key) {
    return key.isSecret() ? "\"…\"" : key.asToml(values.get(key));
  }

  /** The keys that have another value there. */
  public Set<ConfigKey> differences(Configuration other) {
    Set<ConfigKey> different = EnumSet.noneOf(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      if (!values.get(key).equals(other.values.get(key))) {
        different.add(key);
      }
    }
    return different;
  }

  /**
   * This configuration with those values of another that a running agent can take.
   *
   * @throws ConfigException if they do not go together with those that it cannot take
   */
  public Configuration withLiveValuesOf(Configuration other) throws ConfigException {
    Map<ConfigKey, Object> merged = new EnumMap<>(values);
    for (ConfigKey key : ConfigKey.values()) {
      if (key.effect() != ConfigKey.Effect.RESTART) {
        merged.put(key, other.values.get(key));
      }
    }
    return new Configuration(merged);
  }
}
