package org.heliograph.agent.life;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is noticed of a configuration file on whose way anything may change. */
class LiveConfigurationTest {
  private static final int DEFAULT = AgentConfig.defaults().calls().max();

  @TempDir Path directory;

  private final BlockingQueue<Integer> held = new LinkedBlockingQueue<>();
  private Path folder;
  private LiveConfiguration configuration;

  @BeforeEach
  void homeWithoutConfiguration() throws Exception {
    folder = Files.createDirectory(directory.resolve("home")).resolve(".config/heliograph");
  }

  @AfterEach
  void end() throws Exception {
    if (configuration != null) {
      configuration.close();
    }
  }

  private void read() throws Exception {
    configuration =
        LiveConfiguration.of(
            new ConfigSource(Optional.of(folder.resolve("config.toml")), Map.of(), Map.of()));
    configuration.onChange(config -> held.add(config.calls().max()));
  }

  private void begin() throws Exception {
    read();
    configuration.watch();
  }

  private static Path write(Path file, int max) throws Exception {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "[calls]\nmax = " + max + "\n");
  }

  private void awaitMax(int max) throws Exception {
    for (Integer next = null; next == null || next != max; ) {
      next = held.poll(20, SECONDS);
      assertThat(next).as("what holds until " + max + " does").isNotNull();
    }
  }

  /** Puts a link in the place of another at once, as ln -sfT and home-manager do. */
  private static void link(Path link, Path target) throws Exception {
    Files.createDirectories(link.getParent());
    Path next = Files.createSymbolicLink(link.resolveSibling("next"), target);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void remove(Path folder) throws Exception {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aFileThatIsMadeAfterTheStartWithItsFoldersIsTaken() throws Exception {
    begin();
    Files.createDirectory(folder.getParent());
    Files.createDirectory(folder);
    write(folder.resolve("config.toml"), 2);
    awaitMax(2);
    write(folder.resolve("config.toml"), 3);
    awaitMax(3);
  }

  @Test
  void foldersThatAppearTogetherWithTheFileAreTaken() throws Exception {
    Path elsewhere = directory.resolve("prepared");
    write(elsewhere.resolve("heliograph/config.toml"), 2);
    begin();
    Files.move(elsewhere, folder.getParent());
    awaitMax(2);
  }

  @Test
  void aFolderThatIsRemovedTakesItsValuesAndIsReadAgainWhenItIsMadeAgain() throws Exception {
    write(folder.resolve("config.toml"), 2);
    begin();
    for (int max = 3; max < 6; max++) {
      remove(folder.getParent());
      awaitMax(DEFAULT);
      write(folder.resolve("config.toml"), max == DEFAULT ? 9 : max);
      awaitMax(max == DEFAULT ? 9 : max);
    }
  }

  @Test
  void aFolderThatIsMovedAwayAndBackIsNoticed() throws Exception {
    write(folder.resolve("config.toml"), 2);
    begin();
    Path away = directory.resolve("home/.config.bak");
    Files.move(folder.getParent(), away);
    awaitMax(DEFAULT);
    // What is no longer on the way is no longer read.
    write(away.resolve("heliograph/config.toml"), 7);
    Files.move(away, folder.getParent());
    awaitMax(7);
    write(folder.resolve("config.toml"), 8);
    awaitMax(8);
  }

  @Test
  void aLinkThatIsReplacedIsFollowedAnew() throws Exception {
    Path first = write(directory.resolve("store/1/config.toml"), 2);
    Path second = write(directory.resolve("store/2/config.toml"), 3);
    link(folder.resolve("config.toml"), first);
    begin();
    link(folder.resolve("config.toml"), second);
    awaitMax(3);
    write(second, 5);
    awaitMax(5);
  }

  @Test
  void aLinkToAFolderThatIsSwitchedIsFollowedAnew() throws Exception {
    write(directory.resolve("generation-1/heliograph/config.toml"), 2);
    write(directory.resolve("generation-2/heliograph/config.toml"), 3);
    link(directory.resolve("current"), Path.of("generation-1"));
    link(folder.getParent(), Path.of("../current"));
    begin();
    link(directory.resolve("current"), Path.of("generation-2"));
    awaitMax(3);
    write(directory.resolve("generation-2/heliograph/config.toml"), 5);
    awaitMax(5);
    link(folder.getParent(), directory.resolve("generation-1"));
    awaitMax(2);
  }

  @Test
  void aLinkThatLeadsNowhereYetIsFollowedWhenItsTargetIsMade() throws Exception {
    Path target = directory.resolve("later/there/config.toml");
    link(folder.resolve("config.toml"), target);
    begin();
    write(target, 2);
    awaitMax(2);
  }

  @Test
  void linksThatLeadInACircleAreAFaultUntilOneIsMended() throws Exception {
    write(folder.resolve("other.toml"), 2);
    link(folder.resolve("config.toml"), Path.of("other.toml"));
    begin();
    link(folder.resolve("other.toml"), Path.of("config.toml"));
    assertThatThrownBy(configuration::reload)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lead in a circle");
    write(directory.resolve("mended.toml"), 3);
    link(folder.resolve("other.toml"), directory.resolve("mended.toml"));
    awaitMax(3);
  }

  @Test
  void whatIsWrittenBetweenTheReadingAndTheWatchingIsTaken() throws Exception {
    Path file = write(folder.resolve("config.toml"), 2);
    read();
    write(file, 3);
    configuration.watch();
    awaitMax(3);
  }

  @Test
  void othersWhoWriteInTheSameFolderAllTheTimeDoNotHoldAChangeUp() throws Exception {
    Path file = write(folder.resolve("config.toml"), 2);
    begin();
    Path neighbour = folder.resolve("neighbour");
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (!Thread.interrupted()) {
                      Files.writeString(neighbour, "busy");
                      Thread.sleep(20);
                    }
                  } catch (java.io.IOException | InterruptedException _) {
                    // It is over.
                  }
                });
    try {
      write(file, 3);
      awaitMax(3);
    } finally {
      writer.interrupt();
      writer.join();
    }
  }

  @Test
  void aFolderAboveThatMayNotBeListedIsNoObstacle() throws Exception {
    assumeTrue(!System.getProperty("user.name").equals("root"), "root may list every folder");
    Path closed = directory.resolve("home");
    write(folder.resolve("config.toml"), 2);
    Files.setPosixFilePermissions(
        closed, java.nio.file.attribute.PosixFilePermissions.fromString("--x--x--x"));
    try {
      begin();
      write(folder.resolve("config.toml"), 3);
      awaitMax(3);
    } finally {
      Files.setPosixFilePermissions(
          closed, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }
  }
}
