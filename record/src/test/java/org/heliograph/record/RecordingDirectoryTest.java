package org.heliograph.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.heliograph.record.RecordingException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordingDirectoryTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  @TempDir Path directory;

  private RecordingFiles create(String name) throws RecordingException {
    return create(Optional.of(name));
  }

  private RecordingFiles create(Optional<String> name) throws RecordingException {
    return new RecordingDirectory(directory.resolve("calls"), 0).create(name, "bert/../x", NOW);
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable action, Reason reason, String words) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            RecordingException.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(reason);
              assertThat(refused.hint()).isNotEmpty();
            })
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        ".",
        "../x",
        "a/b",
        "/etc/x",
        "a\\b",
        ".hidden",
        "-rf",
        " x",
        "a\u0000b",
        "a\nb",
        "a:b",
        "~x",
        "call\ud83d",
        "\udc00call",
        "\u0308x"
      })
  void aNameThatCouldLeadElsewhereIsNone(String name) {
    assertThat(RecordingDirectory.isFileName(name)).isFalse();
    assertThatThrownBy(() -> create(name)).isInstanceOf(IllegalArgumentException.class);
    assertThat(directory.resolve("calls")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "call",
        "Übung mit Jörg (2).webm",
        "2026-03-01 10.00",
        "会议",
        "u\u0308bung", // as some systems write ü
        "बातचीत", // whose vowels are marks
        "𠀀𠀁"
      })
  void anOrdinaryNameIsOne(String name) throws Exception {
    RecordingFiles files = create(name);
    assertThat(files.paths()).hasSize(1).allMatch(path -> path.endsWith(".webm"));
    assertThat(Path.of(files.paths().getFirst()).getParent()).isEqualTo(directory.resolve("calls"));
    files.close();
  }

  @Test
  void aNameMayNotBeTooLong() {
    assertThat(RecordingDirectory.isFileName("x".repeat(100))).isTrue();
    assertThat(RecordingDirectory.isFileName("x".repeat(101))).isFalse();
    assertThat(RecordingDirectory.isFileName("会".repeat(66))).isTrue();
    assertThat(RecordingDirectory.isFileName("会".repeat(67))).isFalse();
    assertThat(RecordingDirectory.FILE_NAME_FORM).contains("200 bytes");
  }

  @Test
  void theFileIsTheUsersAloneAndSoIsTheDirectory() throws Exception {
    RecordingFiles files = create("call");
    Path file = Path.of(files.paths().getFirst());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    files.close();
  }

  @Test
  void withoutANameThereIsTheTimeAndThePeer() throws Exception {
    RecordingFiles first = create(Optional.empty());
    RecordingFiles second = create(Optional.empty());
    assertThat(first.paths().getFirst()).matches(".*/2026-03-0[12] \\d\\d\\.00\\.00 bert_x\\.webm");
    assertThat(second.paths().getFirst()).endsWith(" bert_x 2.webm");
    first.close();
    second.close();
  }

  /** Letters of two UTF-16 code units: the limit falls into the middle of one of them. */
  @ParameterizedTest
  @ValueSource(strings = {"", "x"})
  void aPeersNameIsNotCutWithinACharacter(String begin) throws Exception {
    String peer = begin + "𠀀".repeat(60);
    RecordingFiles files = new RecordingDirectory(directory, 0).create(Optional.empty(), peer, NOW);
    String name = Path.of(files.paths().getFirst()).getFileName().toString();
    assertThat(name).endsWith(" " + begin + "𠀀".repeat(40 - begin.length()) + ".webm");
    files.close();
  }

  /**
   * The Java of a program that was not started by the launcher may have file names of ASCII only.
   */
  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", ""})
  void inALocaleWithoutItsLettersANameIsKnownForNoneAndAPeersIsDoneWithout(String locale)
      throws Exception {
    ProcessBuilder java =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            NamesInALocale.class.getName());
    java.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    if (!locale.isEmpty()) {
      java.environment().put("LANG", locale);
    }
    Process run = java.redirectErrorStream(true).directory(directory.toFile()).start();
    String output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor()).as(output).isZero();
    assertThat(output.lines().toList()).as(output).hasSize(3);
    assertThat(output.lines()).startsWith("no name here", "call.webm");
    assertThat(output.lines().toList().getLast())
        .matches("2026-03-0[12] \\d\\d\\.00\\.00 J_rgen\\.webm");
  }

  @Test
  void noFileIsOverwritten() throws Exception {
    Files.createDirectories(directory.resolve("calls"));
    Path file = Files.writeString(directory.resolve("calls/call.webm"), "precious");
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "precious");
    Files.createSymbolicLink(directory.resolve("calls/link.webm"), elsewhere);

    assertRefused(() -> create("call"), Reason.FILE_EXISTS, "call.webm exists already");
    assertRefused(() -> create("link.webm"), Reason.FILE_EXISTS, "link.webm exists already");
    assertThat(file).hasContent("precious");
    assertThat(elsewhere).hasContent("precious");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsTold() throws Exception {
    Files.writeString(directory.resolve("calls"), "a file");
    assertRefused(() -> create("call"), Reason.DIRECTORY_UNUSABLE, "calls");
  }

  @Test
  void aDiskWithTooLittleLeftIsFull() {
    RecordingDirectory full = new RecordingDirectory(directory, Long.MAX_VALUE / 2);
    assertRefused(
        () -> full.create(Optional.empty(), "bert", NOW), Reason.DISK_FULL, "MB are free");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void furtherFilesAreNumberedAndAnEmptyOneIsDeleted() throws Exception {
    RecordingFiles files = create("call");
    files.next().write(ByteBuffer.wrap(new byte[] {1}));
    files.next();
    assertThat(directory.resolve("calls/call 2.webm")).exists();
    files.close();
    assertThat(files.paths()).containsExactly(directory.resolve("calls/call.webm").toString());
    assertThat(directory.resolve("calls/call 2.webm")).doesNotExist();
  }
}
