package org.heliograph.interop.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a test starts ends with the tests. */
class SubprocessTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Starts a program that would run for an hour, says which, and waits to be killed. */
  static final class Forgetful {
    private Forgetful() {}

    public static void main(String[] arguments) throws InterruptedException {
      Subprocess left = Subprocess.start(Map.of(), List.of("sleep", "3600"));
      System.out.println("left " + left.pid());
      Thread.sleep(Duration.ofHours(1));
    }
  }

  @Test
  void aProgramDoesNotOutliveTestsThatAreKilled() throws Exception {
    try (Subprocess tests =
        Subprocess.start(
            Map.of(),
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Forgetful.class.getName()))) {
      String said = tests.awaitLine(line -> line.startsWith("left "), LIMIT);
      ProcessHandle left =
          ProcessHandle.of(Long.parseLong(said.substring("left ".length()))).orElseThrow();
      assertThat(left.isAlive()).isTrue();
      tests.kill();
      left.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(left.isAlive()).isFalse();
    }
  }
}
