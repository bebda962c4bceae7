package org.heliograph.agent.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLockTest {
  @TempDir Path directory;

  @Test
  void oneHasItUntilItLetsGo() throws Exception {
    Path addressFile = directory.resolve("run/agent.json");
    try (InstanceLock _ = InstanceLock.tryTake(addressFile).orElseThrow()) {
      assertThat(InstanceLock.tryTake(addressFile)).isEmpty();
      assertThat(InstanceLock.isHeld(addressFile)).isTrue();
    }
    assertThat(InstanceLock.isHeld(addressFile)).isFalse();
    try (InstanceLock again = InstanceLock.tryTake(addressFile).orElseThrow()) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void itsDirectoryAndFileAreTheUsersAlone() throws Exception {
    Path addressFile = directory.resolve("run/agent.json");
    try (InstanceLock _ = InstanceLock.tryTake(addressFile).orElseThrow()) {
      assertThat(permissions(addressFile.getParent())).isEqualTo("rwx------");
      assertThat(permissions(InstanceLock.fileFor(addressFile))).isEqualTo("rw-------");
    }
  }

  @Test
  void agentsWithFilesOfTheirOwnDoNotMindEachOther() throws Exception {
    try (InstanceLock _ = InstanceLock.tryTake(directory.resolve("a.json")).orElseThrow();
        InstanceLock second = InstanceLock.tryTake(directory.resolve("b.json")).orElseThrow()) {
      assertThat(second).isNotNull();
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldInWords() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> InstanceLock.tryTake(file.resolve("run/agent.json")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(file.toString(), "XDG_RUNTIME_DIR");
  }

  @Test
  void aDirectoryThatSomebodyElseHasMadeIsNotTrusted() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path theirs = Files.createDirectory(shared.resolve("heliograph-root"));
    Path addressFile = theirs.resolve("agent.json");
    Files.createFile(InstanceLock.fileFor(addressFile));
    Files.writeString(addressFile, "{\"url\":\"http://127.0.0.1:1\",\"token\":\"theirs\"}");
    giveAway(theirs);
    assertNotTrusted(addressFile);
  }

  @Test
  void filesThatSomebodyElseHasMadeAreNotTrusted() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
    Path addressFile = directory.resolve("agent.json");
    Path lock = Files.createFile(InstanceLock.fileFor(addressFile));
    giveAway(lock);
    assertNotTrusted(addressFile);
    Files.delete(lock);
    giveAway(Files.createFile(addressFile));
    assertThatThrownBy(() -> Place.find(addressFile))
        .hasMessageContainingAll("another user", "agent.json", "XDG_RUNTIME_DIR");
  }

  private static void giveAway(Path file) throws IOException {
    Files.setOwner(
        file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
  }

  /** Whoever starts an agent, and whoever looks for one, says why not. */
  private static void assertNotTrusted(Path addressFile) {
    assertThatThrownBy(() -> InstanceLock.tryTake(addressFile))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("belongs to another user", "XDG_RUNTIME_DIR");
    assertThatThrownBy(() -> Place.find(addressFile))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("belongs to another user", "XDG_RUNTIME_DIR");
    assertThatThrownBy(() -> Place.answering(addressFile))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("belongs to another user");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
