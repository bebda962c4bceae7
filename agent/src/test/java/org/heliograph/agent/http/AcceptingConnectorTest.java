package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.LogRecord;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.heliograph.text.HeardLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener in a process that may open no more files. */
@Timeout(60)
class AcceptingConnectorTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final List<LogRecord> lines = new CopyOnWriteArrayList<>();
  private final ConnectionBounds bounds =
      new ConnectionBounds(new ConnectionBounds.Limits(8, LONG, LONG, LONG, Optional.empty()));
  private final Server server = new Server();
  private final AcceptingConnector connector =
      new AcceptingConnector(server, new HttpConfiguration(), null, bounds);
  private HeardLog log;

  @BeforeEach
  void start() throws Exception {
    server.setHandler(bounds);
    connector.setHost("127.0.0.1");
    connector.addBean(bounds);
    server.addConnector(connector);
    server.start();
    log = new HeardLog(AcceptingConnector.class, lines::add);
  }

  @AfterEach
  void stop() throws Exception {
    log.close();
    server.stop();
  }

  private boolean acceptFails() {
    return connector.handleAcceptFailure(new IOException("Too many open files"));
  }

  @Test
  void whatHasWaitedLongestMakesRoomAndTheLogHasOneLineOfIt() throws Exception {
    try (RawClient first = new RawClient(connector.getLocalPort());
        RawClient second = new RawClient(connector.getLocalPort())) {
      while (bounds.count() < 2) {
        Thread.onSpinWait();
      }
      assertThat(acceptFails()).as("each is about to ask").isTrue();
      assertThat(bounds.count()).isEqualTo(2);
      for (RawClient longest : List.of(first, second)) {
        assertThat(acceptFails()).isTrue();
        longest.awaitEnd();
      }
      assertThat(acceptFails()).as("it goes on though nobody can make room").isTrue();
    }
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst().getMessage())
        .contains("Too many open files", "ulimit -n", Integer.toString(connector.getLocalPort()));
    assertThat(lines.getFirst().getThrown()).isNull();
  }

  @Test
  void whereItStopsNothingIsTold() throws Exception {
    server.stop();
    assertThat(acceptFails()).isFalse();
    assertThat(lines).isEmpty();
  }
}
