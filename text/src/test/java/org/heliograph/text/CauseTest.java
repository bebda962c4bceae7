package org.heliograph.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CauseTest {
  @TempDir Path directory;

  private static FileSystemException refused(String reason) {
    return new FileSystemException("/a/b", null, reason);
  }

  @Test
  void aFileIsNamedWithWhatIsWrongWithIt() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(Cause.words(new NoSuchFileException("/a/b"))).isEqualTo("/a/b is not there");
    assertThat(Cause.words(new NotDirectoryException("/a/b"))).isEqualTo("/a/b is no directory");
    assertThat(Cause.words(new FileAlreadyExistsException(file.toString())))
        .isEqualTo(file + " is no directory");
    assertThat(Cause.words(new FileAlreadyExistsException(directory.toString())))
        .isEqualTo(directory + " is there already");
    assertThat(Cause.words(refused("Read-only file system")))
        .isEqualTo("the file system of /a/b is read-only");
    assertThat(Cause.words(refused("No space left on device")))
        .isEqualTo("the disk of /a/b is full");
    assertThat(Cause.words(refused("Disk quota exceeded")))
        .isEqualTo("the quota on the disk of /a/b is used up");
    assertThat(Cause.words(refused("Is a directory"))).isEqualTo("/a/b is a directory");
    assertThat(Cause.words(refused("File name too long"))).isEqualTo("/a/b: File name too long");
    assertThat(Cause.words(refused(null))).isEqualTo("it has failed at /a/b");
  }

  @Test
  void ofWhatMayNotBeTouchedTheNearestThatIsThereIsNamed() {
    Path missing = directory.resolve("a/b/c");
    assertThat(Cause.words(new AccessDeniedException(missing.toString())))
        .isEqualTo("permission is denied for " + directory);
  }

  @Test
  void anAddressIsRefusedForItsReason() {
    assertThat(Cause.words(new BindException("Address already in use")))
        .isEqualTo("another program uses it");
    assertThat(Cause.words(new BindException("Permission denied"))).isEqualTo(Cause.LOW_PORT);
    assertThat(Cause.words(new BindException("Cannot assign requested address")))
        .isEqualTo(Cause.NOT_OURS);
  }

  @Test
  void noExceptionIsWithoutWordsOrWithItsName() {
    for (IOException each :
        List.of(
            new MalformedInputException(1),
            new UnknownHostException("turn.example"),
            new ConnectException(),
            new HttpTimeoutException("request timed out"),
            new EOFException(),
            new ClosedChannelException(),
            new IOException(),
            new IOException(" "),
            new FileSystemException(null))) {
      assertThat(Cause.words(each)).isNotBlank().doesNotContain("Exception", "null");
    }
  }

  @Test
  void whatIsSaidHereAlreadyStays() {
    IOException said =
        Cause.in("The log cannot be kept", new IOException("it is another user's"), "Move it.");
    assertThat(said).hasMessage("The log cannot be kept: it is another user's. Move it.");
  }
}
