package org.heliograph.agent.file;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a user's files are (XDG Base Directory Specification): what the variables say, else under
 * {@code $HOME}. A path that is not absolute counts as none, as the specification wants it.
 *
 * @param environment the process's
 */
public record UserDirectories(Map<String, String> environment) {
  /** The user's home: {@code $HOME}, and only without it what the system's list of users says. */
  public Path home() {
    return absolute("HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
  }

  /** Heliograph's configuration. */
  public Path config() {
    return absolute("XDG_CONFIG_HOME")
        .orElseGet(() -> home().resolve(".config"))
        .resolve("heliograph");
  }

  /** What Heliograph keeps for the user. */
  public Path data() {
    return absolute("XDG_DATA_HOME")
        .orElseGet(() -> home().resolve(".local/share"))
        .resolve("heliograph");
  }

  /** Heliograph's log. */
  public Path state() {
    return absolute("XDG_STATE_HOME")
        .orElseGet(() -> home().resolve(".local/state"))
        .resolve("heliograph");
  }

  /** What is there while a program runs: of the user's session, else in the temporary directory. */
  public Path runtime() {
    return absolute("XDG_RUNTIME_DIR")
        .map(session -> session.resolve("heliograph"))
        .orElseGet(
            () ->
                Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "heliograph-" + System.getProperty("user.name")));
  }

  private Optional<Path> absolute(String variable) {
    String value = environment.getOrDefault(variable, "");
    return value.startsWith("/") ? Optional.of(Path.of(value)) : Optional.empty();
  }
}
