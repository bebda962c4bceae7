package org.heliograph.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.heliograph.agent.call.CallEvent;
import org.heliograph.agent.call.Calls;
import org.heliograph.agent.call.PeerSessions;
import org.heliograph.agent.call.Sessions;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.agent.file.UserDirectories;
import org.heliograph.agent.http.AgentServer;
import org.heliograph.agent.http.RendezvousServer;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.agent.life.AgentControl;
import org.heliograph.agent.life.AlreadyRunningException;
import org.heliograph.agent.life.InstanceLock;
import org.heliograph.agent.life.LiveConfiguration;
import org.heliograph.agent.life.Place;
import org.heliograph.agent.life.Usage;
import org.heliograph.agent.log.Log;
import org.heliograph.agent.log.Secrets;
import org.heliograph.media.Devices;
import org.heliograph.media.LocalDevices;
import org.heliograph.media.SwitchableDevices;
import org.heliograph.peer.net.WarmUp;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.signaling.BridgeSignaler;
import org.heliograph.signaling.EmbeddedSignaler;
import org.heliograph.signaling.Signaler;
import org.heliograph.signaling.WebSocketSignaler;
import org.heliograph.text.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running agent: everything put together, and taken apart again in the reverse order. */
public final class Agent implements AgentControl, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private static final int TOKEN_BYTES = 32;

  private final Directories directories;
  private final Instant startedAt = Instant.now();
  private final Usage usage = new Usage();
  private final AgentServer server;
  private final String token;
  private final Optional<RendezvousServer> rendezvous;
  private final Signaler signaler;
  private final Calls calls;
  private final CompletableFuture<String> stop = new CompletableFuture<>();
  private final LiveConfiguration configuration;
  private volatile boolean onDemand;

  /** What is to be closed, the last that was opened first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Agent(
      LiveConfiguration configuration,
      Directories directories,
      InstanceLock place,
      Devices devices,
      Sessions sessions)
      throws IOException {
    this.configuration = configuration;
    this.directories = directories;
    AgentConfig config = configuration.config();
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Secrets.conceal(token);
    server = new AgentServer(token, usage);
    try {
      opened.push(place);
      opened.push(devices);
      rendezvous = openRendezvous(config);
      signaler = openSignaler(config);
      calls = new Calls(settings(config), devices, sessions, signaler, this::happened);
      opened.push(server);
      // Before the server, because pages and apps are told of it through that.
      opened.push(calls);
      server.start(
          config.api().port(),
          () -> configuration.config().api().allowedOrigins(),
          calls,
          signaler instanceof BridgeSignaler bridge ? Optional.of(bridge) : Optional.empty(),
          this);
      calls.open();
      configuration.onChange(changed -> calls.reconfigure(settings(changed)));
      opened.push(configuration);
      configuration.watch();
      opened.push(AddressFile.write(directories.addressFile(config), server.url(), token));
    } catch (IOException | RuntimeException failure) {
      close();
      configuration.close();
      throw failure;
    }
  }

  private void happened(CallEvent event) {
    usage.touch();
    server.events().accept(event);
  }

  /**
   * Where the agent keeps its files.
   *
   * @param addressFile where it writes its address, unless the configuration says otherwise
   * @param data where it keeps the rendezvous' certificate, and recordings by default
   */
  public record Directories(Path addressFile, Path data) {
    /** The file in which an agent of this configuration writes its address. */
    public Path addressFile(AgentConfig config) {
      return config.api().addressFile().orElse(addressFile).toAbsolutePath();
    }

    /** After the XDG Base Directory Specification. */
    public static Directories of(Map<String, String> environment) {
      return new Directories(
          AddressFile.defaultPath(environment), new UserDirectories(environment).data());
    }
  }

  /**
   * Starts an agent with this machine's devices. It takes what is changed in the configuration, as
   * far as it can without being started anew.
   *
   * @throws ConfigException if the configuration is wrong
   * @param place which the caller has {@linkplain Place#take taken} for it; the agent gives it back
   * @throws IOException in words, if a port is taken
   */
  public static Agent start(ConfigSource source, Directories directories, InstanceLock place)
      throws IOException, ConfigException {
    return start(LiveConfiguration.of(source), directories, place);
  }

  /**
   * Starts an agent with this machine's devices and a configuration that stays.
   *
   * @throws AlreadyRunningException if another agent runs in its place
   * @throws IOException in words, if a port is taken
   */
  public static Agent start(AgentConfig config, Directories directories) throws IOException {
    return start(
        LiveConfiguration.fixed(config), directories, Place.take(directories.addressFile(config)));
  }

  private static Agent start(
      LiveConfiguration configuration, Directories directories, InstanceLock place)
      throws IOException {
    SwitchableDevices devices = new SwitchableDevices(configuration.config().media());
    configuration.onChange(changed -> devices.reconfigure(changed.media()));
    Agent agent =
        new Agent(
            configuration,
            directories,
            place,
            devices,
            (onThisMachine, listener) -> {
              AgentConfig config = configuration.config();
              return PeerSessions.of(
                      config.ice()::toPeerConfiguration, config.calls().packetDirectory())
                  .open(onThisMachine, listener);
            });
    // Not before the agent is ready, which would only come later.
    Thread _ =
        Thread.ofPlatform()
            .daemon()
            .name("heliograph-warm-up")
            .start(() -> warmUp(devices.current()));
    return agent;
  }

  /** Loads what a first call would otherwise wait for; on the caller's thread. */
  public static void warmUp(LocalDevices devices) {
    devices.loadLibraries();
    boolean _ = WarmUp.run();
  }

  /** Starts an agent with other devices, or other sessions. */
  public static Agent start(
      AgentConfig config, Directories directories, Devices devices, Sessions sessions)
      throws IOException {
    return new Agent(
        LiveConfiguration.fixed(config),
        directories,
        Place.take(directories.addressFile(config)),
        devices,
        sessions);
  }

  private Optional<RendezvousServer> openRendezvous(AgentConfig config) throws IOException {
    if (!(config.signaling() instanceof AgentConfig.Signaling.Embedded)) {
      return Optional.empty();
    }
    RendezvousServer listener =
        new RendezvousServer(
            config.rendezvous(),
            config.peerName(),
            () -> configuration.config().ice().guestServers(),
            usage);
    opened.push(listener);
    listener.start(directories.data());
    configuration.onChange(changed -> listener.reconfigure(changed.rendezvous()));
    return Optional.of(listener);
  }

  private Signaler openSignaler(AgentConfig config) {
    Signaler opening =
        switch (config.signaling()) {
          case AgentConfig.Signaling.Embedded() ->
              new EmbeddedSignaler(rendezvous.orElseThrow().rendezvous(), config.peerName());
          case AgentConfig.Signaling.WebSocket socket ->
              new WebSocketSignaler(
                  socket.url(), config.peerName(), socket.token(), socket.fingerprint());
          case AgentConfig.Signaling.Bridge() -> new BridgeSignaler();
        };
    opened.push(opening);
    return opening;
  }

  private Calls.Settings settings(AgentConfig config) {
    return new Calls.Settings(
        config.peerName(),
        config.calls().enabled(),
        config.calls().max(),
        config.calls().ringTimeout(),
        config.calls().ringsPerMinute(),
        CONNECT_TIMEOUT,
        config.calls().abandonedAfter(),
        config.media().audioBitsPerSecond(),
        config.media().videoBitsPerSecond(),
        recordings(config.recording()));
  }

  private Optional<RecordingDirectory> recordings(AgentConfig.Recording recording) {
    Path directory = recording.directory().orElse(directories.data().resolve("recordings"));
    return recording.enabled()
        ? Optional.of(new RecordingDirectory(directory, recording.keepFreeBytes()))
        : Optional.empty();
  }

  // --- How it stands, and its end ---------------------------------------------------------------

  /** Lets it leave when nobody has used it for as long as the configuration says. */
  public void leaveWhenUnused() {
    onDemand = true;
    Thread _ =
        Thread.ofVirtual()
            .name("heliograph-usage")
            .start(
                () -> {
                  try {
                    usage.awaitUnused(() -> configuration.config().idle(), () -> !calls.isIdle());
                    stop.complete(
                        "Nobody has used the agent for "
                            + configuration.config().idle().toSeconds()
                            + " seconds (agent.idle_seconds).");
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
  }

  /** Waits until it is to end by its own decision or by a request, and gives the reason. */
  public String awaitStop() throws InterruptedException {
    try {
      return stop.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void stop() {
    stop.complete("It was asked to stop.");
  }

  @Override
  public ObjectNode reload() throws ConfigException {
    ObjectNode report = configuration.reload();
    usage.touch(); // The time after which it leaves may be another.
    return report;
  }

  @Override
  public ObjectNode state() {
    AgentConfig config = configuration.config();
    ObjectNode state = Json.object();
    state.put("version", Version.VERSION);
    state.put("pid", ProcessHandle.current().pid());
    state.put("url", url());
    state.put("started_at", startedAt.truncatedTo(ChronoUnit.SECONDS).toString());
    state.put("name", config.peerName());
    ObjectNode signaling = state.putObject("signaling");
    signaling.put(
        "type",
        switch (config.signaling()) {
          case AgentConfig.Signaling.Embedded() -> "rendezvous";
          case AgentConfig.Signaling.WebSocket _ -> "websocket";
          case AgentConfig.Signaling.Bridge() -> "bridge";
        });
    signaler.unavailable().ifPresent(problem -> signaling.put("problem", problem));
    state.put("demo", demoLink());
    ObjectNode links = state.putObject("invitations");
    invitations().forEach(links::put);
    rendezvous.ifPresent(
        listener ->
            listener
                .certificate()
                .ifPresent(
                    own -> {
                      ObjectNode certificate = state.putObject("certificate");
                      certificate.put("fingerprint", own.fingerprint());
                      own.names().forEach(certificate.putArray("names")::add);
                      certificate.put("not_after", own.notAfter().toString());
                      listener
                          .certificateWarning()
                          .ifPresent(warning -> certificate.put("warning", warning));
                    }));
    state.put("on_demand", onDemand);
    if (onDemand) {
      state.put("idle_seconds", config.idle().toSeconds());
    }
    state.set("configuration", configuration.state());
    ObjectNode log = state.putObject("log");
    log.put("level", config.logLevel());
    log.put("to", Log.destination().name().toLowerCase(Locale.ROOT));
    state.set("calls", Json.tree(calls.active().join()));
    return state;
  }

  /** The API's address. */
  public String url() {
    return server.url();
  }

  /** What requests to the API must carry. */
  public String token() {
    return token;
  }

  /** The demo page's link. */
  public String demoLink() {
    return server.demoLink();
  }

  /** The links for the other side, by guest. */
  public Map<String, String> invitations() {
    return rendezvous.map(RendezvousServer::invitations).orElse(Map.of());
  }

  /** The embedded rendezvous, where there is one. */
  public Optional<RendezvousServer> rendezvous() {
    return rendezvous;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception | Error failure) {
        log.warn("Something did not close", failure);
      }
    }
  }
}
