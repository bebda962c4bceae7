package org.heliograph.media;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;

/** Which other programs hold a device open, as far as {@code /proc} tells this user. */
final class DeviceHolders {
  /** What is said where nothing can be seen: the processes of other users hide what they hold. */
  static final String SOME_PROGRAM = "another program";

  private static final Path PROC = Path.of("/proc");

  private DeviceHolders() {}

  /**
   * The programs, such as {@code cheese (4711)}.
   *
   * @param ownDescriptors how often this process has the device open just for asking
   */
  static String of(String device, int ownDescriptors) {
    Path target = Path.of(device);
    Path own = PROC.resolve(Long.toString(ProcessHandle.current().pid()));
    TreeSet<String> holders = new TreeSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        int expected = process.equals(own) ? ownDescriptors : 0;
        if (descriptorsOf(process, target) > expected) {
          holders.add(process.equals(own) ? "Heliograph itself" : nameOf(process));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // What can be told is told.
    }
    return holders.isEmpty() ? SOME_PROGRAM : String.join(", ", holders);
  }

  private static int descriptorsOf(Path process, Path target) {
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (isLinkTo(descriptor, target)) {
          count++;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Another user's process, or one that has just ended.
    }
    return count;
  }

  private static boolean isLinkTo(Path descriptor, Path target) {
    try {
      return Files.readSymbolicLink(descriptor).equals(target);
    } catch (IOException e) {
      return false;
    }
  }

  private static String nameOf(Path process) {
    String pid = process.getFileName().toString();
    try {
      return Files.readString(process.resolve("comm")).strip() + " (" + pid + ")";
    } catch (IOException e) {
      return "process " + pid;
    }
  }
}
