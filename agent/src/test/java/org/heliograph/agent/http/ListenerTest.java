package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.Javalin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.junit.jupiter.api.Test;

class ListenerTest {
  private static Javalin with(AbstractLifeCycle part) {
    return Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.jetty.host = "127.0.0.1";
              config.jetty.port = 0;
              config.jetty.modifyServer(server -> server.addBean(part));
            })
        .start();
  }

  @Test
  void aServerThatDoesNotStopIsLeftAndItsThreadsAreLogged() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Javalin server =
        with(
            new AbstractLifeCycle() {
              @Override
              protected void doStop() throws Exception {
                hanging.await();
                ended.countDown();
              }
            });
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            logged.add(new SimpleFormatter().formatMessage(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Listener.class.getName());
    Level level = logger.getLevel();
    logger.addHandler(handler);
    logger.setLevel(Level.INFO); // another test's agent may have left it at its own
    try {
      Listener.stop(server, "The server of this test", Duration.ofMillis(200));
      assertThat(logged)
          .singleElement()
          .asString()
          .startsWith("The server of this test has not stopped within 200 ms")
          .contains("ListenerTest$1.doStop");
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(level);
      hanging.countDown();
      ended.await();
    }
  }

  @Test
  void aServerThatFailsToStopSaysSo() {
    Javalin server =
        with(
            new AbstractLifeCycle() {
              @Override
              protected void doStop() {
                throw new IllegalStateException("a part of it is stuck");
              }
            });
    assertThatThrownBy(() -> Listener.stop(server, "The server", Listener.STOPPING))
        .hasMessageContaining("The server did not stop")
        .hasRootCauseMessage("a part of it is stuck");
  }
}
