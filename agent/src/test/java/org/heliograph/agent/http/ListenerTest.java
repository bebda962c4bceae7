package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.Javalin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.heliograph.text.HeardLog;
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
    try (HeardLog _ = new HeardLog(Listener.class, line -> logged.add(HeardLog.text(line)))) {
      Listener.stop(server, "The server of this test", Duration.ofMillis(200));
      assertThat(logged)
          .singleElement()
          .asString()
          .startsWith("The server of this test has not stopped within 200 ms")
          .contains("ListenerTest$1.doStop");
    } finally {
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
