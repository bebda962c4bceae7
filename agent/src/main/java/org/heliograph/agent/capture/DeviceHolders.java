package org.heliograph.agent.capture;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which other programs hold a device open, as far as {@code /proc} tells this user. */
final class DeviceHolders {
  private static final Path PROC = Path.of("/proc");

  private DeviceHolders() {}

  /** The programs, such as {@code cheese (4711)}; empty when none can be seen. */
  static Optional<String> of(String device) {
    Path target = Path.of(device);
    long own = ProcessHandle.current().pid();
    TreeSet<String> holders = new TreeSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (Long.parseLong(process.getFileName().toString()) != own && holds(process, target)) {
          holders.add(nameOf(process));
        }
      }
    } catch (IOException | RuntimeException e) {
      // What can be told is told.
    }
    return holders.isEmpty()
        ? Optional.empty()
        : Optional.of(holders.stream().collect(Collectors.joining(", ")));
  }

  private static boolean holds(Path process, Path target) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (isLinkTo(descriptor, target)) {
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another user's process, or one that has just ended.
    }
    return false;
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
