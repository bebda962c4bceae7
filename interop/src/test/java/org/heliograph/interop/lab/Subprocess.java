package org.heliograph.interop.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A program that a test runs, with every line that it printed. Closing it ends it and its children;
 * it does not outlive this process, however that ends.
 */
public final class Subprocess implements AutoCloseable {
  private final Process process;
  private final Writer input;
  private final List<String> lines = new ArrayList<>();
  private final Predicate<String> taken;
  private boolean ended;

  /** Starts a program. */
  public static Subprocess start(Map<String, String> environment, List<String> command) {
    return start(environment, command, line -> false);
  }

  /**
   * Starts a program.
   *
   * @param taken is handed each line on a thread of its own; one that it takes is not kept
   */
  public static Subprocess start(
      Map<String, String> environment, List<String> command, Predicate<String> taken) {
    try {
      return new Subprocess(environment, command, taken);
    } catch (IOException e) {
      throw new AssertionError(
          command.getFirst() + " does not start; ./check installs what the tests need", e);
    }
  }

  /** Runs a program to its end and gives what it printed; fails the test unless it exits with 0. */
  public static String run(Map<String, String> environment, List<String> command, Duration limit) {
    try (Subprocess program = start(environment, command)) {
      int status = program.awaitExit(limit);
      if (status != 0) {
        throw new AssertionError(command + " ended with " + status + "\n" + program.output());
      }
      return program.output();
    }
  }

  private Subprocess(Map<String, String> environment, List<String> command, Predicate<String> taken)
      throws IOException {
    this.taken = taken;
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    Reaper.started(process);
    input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    // Not a virtual thread: reading a pipe holds its carrier, and there are only as many as
    // processors.
    Thread.ofPlatform().daemon().name("output of " + command.getFirst()).start(this::read);
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("(its output broke off: " + e.getMessage() + ")");
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private void add(String line) {
    if (taken.test(line)) {
      return;
    }
    synchronized (this) {
      lines.add(line);
      notifyAll();
    }
  }

  /**
   * The first line, of all so far and to come, that fits; fails the test when there is none in
   * time.
   */
  public synchronized String awaitLine(Predicate<String> fits, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    int next = 0;
    while (true) {
      for (; next < lines.size(); next++) {
        if (fits.test(lines.get(next))) {
          return lines.get(next);
        }
      }
      long left = deadline - System.nanoTime();
      if (ended || left <= 0) {
        String why = ended ? "it ended" : "nothing in " + limit.toSeconds() + " s";
        throw new AssertionError(
            "the line awaited did not come (" + why + "):\n" + String.join("\n", lines));
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** Writes a line to the program's input. */
  public void writeLine(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new AssertionError("it takes no input:\n" + output(), e);
    }
  }

  /** Waits for the end; fails the test when it does not come in time. */
  public int awaitExit(Duration limit) {
    try {
      if (!process.waitFor(limit)) {
        throw new AssertionError("it still runs after " + limit.toSeconds() + " s:\n" + output());
      }
      synchronized (this) {
        while (!ended) {
          wait();
        }
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The process's identification. */
  public long pid() {
    return process.pid();
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Asks it to end (SIGTERM). */
  public void terminate() {
    process.destroy();
  }

  /** Ends it at once, and lets it do nothing more (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
  }

  /** Everything printed so far. */
  public synchronized String output() {
    return String.join("\n", lines);
  }

  /** Ends the program and its children. */
  @Override
  public void close() {
    List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
    family.add(process.toHandle());
    family.forEach(ProcessHandle::destroy);
    try {
      if (!process.waitFor(Duration.ofSeconds(5))) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    family.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    Reaper.ended(process);
  }

  /** Removes a folder and all in it. */
  public static void deleteTree(Path folder) {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e);
    }
  }
}
