package org.heliograph.agent.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.session.NullSessionCache;
import org.eclipse.jetty.session.NullSessionDataStore;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the agent's listeners have in common. */
final class Listener {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  /** Far above the longest message, so that one that is too long can be answered in words. */
  private static final int FRAME_LIMIT = 256 * 1024;

  /** Of a request's line and header fields, in bytes. */
  static final int HEADER_LIMIT = 16 * 1024;

  private static final Duration SOCKET_IDLE = Duration.ofSeconds(60);

  /** One that accepts and one that selects; more come where there is more to do. */
  private static final int MIN_THREADS = 2;

  /** How long a server may take to stop; it needs milliseconds. */
  static final Duration STOPPING = Duration.ofSeconds(5);

  private Listener() {}

  /**
   * Sets a server up.
   *
   * @param connections bounds its connections
   * @param uses is told of each request
   */
  static void configure(JavalinConfig config, ConnectionBounds connections, UseCount uses) {
    config.jetty.modifyServer(
        server -> {
          connections.setHandler(uses);
          server.setHandler(connections);
          server.setErrorHandler(new ServerErrors.BeforeServlet());
        });
    config.jetty.modifyServletContextHandler(
        servlet -> {
          servlet.setErrorHandler(new ServerErrors.InServlet());
          keepNoSessions(servlet.getSessionHandler());
        });
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = true;
    config.jetty.threadPool = threads();
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.prefer405over404 = true;
    config.jetty.modifyHttpConfiguration(
        http -> {
          http.setSendServerVersion(false);
          http.setRequestHeaderSize(HEADER_LIMIT);
        });
    config.jetty.modifyWebSocketServletFactory(
        sockets -> {
          sockets.setIdleTimeout(SOCKET_IDLE);
          sockets.setMaxTextMessageSize(FRAME_LIMIT);
          sockets.setMaxBinaryMessageSize(FRAME_LIMIT);
          sockets.setMaxFrameSize(FRAME_LIMIT);
          // Media is compressed already, and signalling is small. The set is the registry's own.
          sockets.getAvailableExtensionNames().remove("permessage-deflate");
        });
    config.routes.wsBeforeUpgrade(Handshake::check);
    config.router.javaLangErrorHandler(
        (response, error) -> {
          log.error("A request failed", error);
          Problem.internal().answer(response);
        });
    config.routes.exception(
        ProblemException.class, (refused, context) -> refused.problem().answer(context));
    config.routes.exception(
        HttpResponseException.class,
        (refused, context) -> {
          String allow = refused.getDetails().get("availableMethods");
          if (allow != null) {
            context.header("Allow", allow);
          }
          Problem.of(refused, context).answer(context);
        });
    config.routes.exception(
        IOException.class,
        (gone, context) ->
            log.debug("{} {}: {}", context.method(), context.path(), gone.toString()));
    config.routes.exception(
        Exception.class,
        (unexpected, context) -> {
          log.error("{} {} failed", context.method(), context.path(), unexpected);
          Problem.internal().answer(context);
        });
  }

  /** Lets a server listen where its configuration says, without TLS. */
  static void listen(JavalinConfig config, ConnectionBounds connections) {
    config.jetty.addConnector(
        (server, http) -> {
          AcceptingConnector connector = new AcceptingConnector(server, http, null, connections);
          connector.setHost(config.jetty.host);
          connector.setPort(config.jetty.port);
          return connector;
        });
  }

  /** Javalin makes one for each WebSocket, also of whoever is refused, and keeps it for ever. */
  private static void keepNoSessions(SessionHandler sessions) {
    sessions.setUsingCookies(false);
    NullSessionCache none = new NullSessionCache(sessions);
    none.setSessionDataStore(new NullSessionDataStore());
    sessions.setSessionCache(none);
  }

  /** What is said of an address and port that cannot be listened on. */
  private static IOException refusal(
      RuntimeException refused, String what, String host, int port, String portKey) {
    Throwable cause = refused;
    while (cause.getCause() != null && !(cause instanceof BindException)) {
      cause = cause.getCause();
    }
    if (!(cause instanceof IOException bind)) {
      throw refused;
    }
    BindRefusal why = BindRefusal.of(bind, portKey);
    return new IOException(
        "%s cannot listen on port %d of %s: %s. %s"
            .formatted(what, port, host, why.words(), why.remedy()),
        bind);
  }

  /**
   * Virtual threads for requests, and platform threads for what waits for the network: a selector
   * in a virtual thread keeps its carrier to itself, of which there are as many as processors.
   */
  private static QueuedThreadPool threads() {
    var threads = new QueuedThreadPool();
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    threads.setMinThreads(MIN_THREADS);
    threads.setDaemon(true);
    return threads;
  }

  /**
   * Starts a server.
   *
   * @param connections is told of each connection
   * @param uses is told of each WebSocket
   * @throws IOException in words, if the port is taken
   */
  static void start(
      Javalin server, ConnectionBounds connections, UseCount uses, String what, String portKey)
      throws IOException {
    try {
      server.start();
      for (Connector connector : server.jettyServer().server().getConnectors()) {
        connector.addBean(connections);
        connector.addBean(uses);
      }
    } catch (JavalinException refused) {
      throw refusal(refused, what, server.unsafe.jetty.host, server.unsafe.jetty.port, portKey);
    }
  }

  /**
   * Stops a server. The server waits for its own threads without end; should one of them hang, the
   * agent goes on all the same, and its log says what they were doing.
   *
   * @param limit how long is waited for it
   */
  static void stop(Javalin server, String what, Duration limit) {
    var stopped = new FutureTask<>(server::stop, null);
    Thread stopping = Thread.ofPlatform().daemon().name("stop " + what).start(stopped);
    try {
      stopped.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      throw new IllegalStateException(what + " did not stop", failed.getCause());
    } catch (TimeoutException hanging) {
      log.error(
          "{} has not stopped within {} ms, and is left to itself. Please report what its threads"
              + " do:{}",
          what,
          limit.toMillis(),
          stacks(stopping));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the servers' threads do, and the one that waits for them. */
  private static String stacks(Thread stopping) {
    var text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (thread.equals(stopping) || thread.getName().startsWith("qtp")) {
                text.append("\n").append(thread.getName()).append(' ').append(thread.getState());
                for (StackTraceElement frame : stack) {
                  text.append("\n\tat ").append(frame);
                }
              }
            });
    return text.toString();
  }
}
