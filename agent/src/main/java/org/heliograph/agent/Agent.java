package org.heliograph.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.call.Calls;
import org.heliograph.agent.call.MediaConnection;
import org.heliograph.agent.call.PeerMediaConnection;
import org.heliograph.agent.capture.Devices;
import org.heliograph.agent.capture.LocalDevices;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.http.AddressFile;
import org.heliograph.agent.http.AgentServer;
import org.heliograph.agent.http.RendezvousServer;
import org.heliograph.agent.record.RecordingDirectory;
import org.heliograph.agent.signal.BridgeSignaler;
import org.heliograph.agent.signal.EmbeddedSignaler;
import org.heliograph.agent.signal.Rendezvous;
import org.heliograph.agent.signal.Signaler;
import org.heliograph.agent.signal.WebSocketSignaler;
import org.heliograph.peer.WarmUp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running agent: everything put together, and taken apart again in the reverse order. */
public final class Agent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** ICE and then DTLS give up after 30 s each, and say why; this comes after them. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(75);

  private static final int TOKEN_BYTES = 32;

  private final AgentServer server;
  private final String token;
  private final Optional<RendezvousServer> rendezvous;
  private final Map<String, String> invitations = new LinkedHashMap<>();

  /** What is to be closed, the last that was opened first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private Agent(
      AgentConfig config,
      Directories directories,
      Devices devices,
      MediaConnection.Factory connections)
      throws IOException {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    server = new AgentServer(token);
    try {
      opened.push(devices);
      rendezvous = openRendezvous(config, directories);
      Signaler signaler = openSignaler(config);
      Calls calls =
          new Calls(settings(config, directories), devices, connections, signaler, server.events());
      opened.push(calls);
      Path addressFile = config.api().addressFile().orElse(directories.addressFile());
      checkAlone(addressFile);
      opened.push(server);
      server.start(
          config.api().port(),
          config.api().allowedOrigins(),
          calls,
          config.calls().enabled(),
          signaler instanceof BridgeSignaler bridge ? Optional.of(bridge) : Optional.empty());
      calls.open();
      opened.push(AddressFile.write(addressFile, server.url(), token));
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  /**
   * Where the agent keeps its files.
   *
   * @param addressFile where it writes its address, unless the configuration says otherwise
   * @param data where it keeps the rendezvous' certificate, and recordings by default
   */
  public record Directories(Path addressFile, Path data) {
    /** After the XDG Base Directory Specification. */
    public static Directories of(Map<String, String> environment) {
      String data = environment.getOrDefault("XDG_DATA_HOME", "");
      Path base =
          data.isBlank()
              ? Path.of(System.getProperty("user.home"), ".local", "share")
              : Path.of(data);
      return new Directories(AddressFile.defaultPath(environment), base.resolve("heliograph"));
    }
  }

  /**
   * Starts an agent with this machine's devices.
   *
   * @throws IOException in words, if a port is taken or another agent runs
   */
  public static Agent start(AgentConfig config, Directories directories) throws IOException {
    LocalDevices devices = new LocalDevices(config.media());
    Agent agent =
        start(
            config,
            directories,
            devices,
            PeerMediaConnection.factory(
                config.ice()::toPeerConfiguration, config.calls().packetDirectory()));
    // Not before the agent is ready, which would only come later.
    Thread _ = Thread.ofPlatform().daemon().name("heliograph-warm-up").start(() -> warmUp(devices));
    return agent;
  }

  /** Loads what a first call would otherwise wait for; on the caller's thread. */
  static void warmUp(LocalDevices devices) {
    devices.loadLibraries();
    boolean _ = WarmUp.run();
  }

  /** Starts an agent with other devices, or other connections. */
  public static Agent start(
      AgentConfig config,
      Directories directories,
      Devices devices,
      MediaConnection.Factory connections)
      throws IOException {
    return new Agent(config, directories, devices, connections);
  }

  private Optional<RendezvousServer> openRendezvous(AgentConfig config, Directories directories)
      throws IOException {
    if (!(config.signaling() instanceof AgentConfig.Signaling.Embedded)) {
      return Optional.empty();
    }
    Rendezvous meeting = new Rendezvous();
    RendezvousServer listener =
        new RendezvousServer(
            config.rendezvous(), config.peerName(), meeting, config.ice()::guestServers);
    opened.push(listener);
    listener.start(directories.data());
    config
        .rendezvous()
        .guests()
        .forEach(guest -> invitations.put(guest, listener.invitation(guest)));
    return Optional.of(listener);
  }

  private Signaler openSignaler(AgentConfig config) {
    Signaler signaler =
        switch (config.signaling()) {
          case AgentConfig.Signaling.Embedded() ->
              new EmbeddedSignaler(rendezvous.orElseThrow().rendezvous(), config.peerName());
          case AgentConfig.Signaling.WebSocket socket ->
              new WebSocketSignaler(
                  socket.url(), config.peerName(), socket.token(), socket.fingerprint());
          case AgentConfig.Signaling.Bridge() -> new BridgeSignaler();
        };
    opened.push(signaler);
    return signaler;
  }

  private static Calls.Settings settings(AgentConfig config, Directories directories) {
    return new Calls.Settings(
        config.peerName(),
        config.calls().enabled(),
        config.calls().max(),
        config.calls().ringTimeout(),
        CONNECT_TIMEOUT,
        config.media().audioBitsPerSecond(),
        config.media().videoBitsPerSecond(),
        recordings(config.recording(), directories));
  }

  private static Optional<RecordingDirectory> recordings(
      AgentConfig.Recording recording, Directories directories) {
    Path directory = recording.directory().orElse(directories.data().resolve("recordings"));
    return recording.enabled()
        ? Optional.of(new RecordingDirectory(directory, recording.keepFreeBytes()))
        : Optional.empty();
  }

  private static void checkAlone(Path addressFile) throws IOException {
    Optional<String> running = AddressFile.runningAgent(addressFile);
    if (running.isPresent()) {
      throw new IOException(
          "Another agent of yours runs at "
              + running.get()
              + ". Stop it, or give this one its own file with --api-address-file.");
    }
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

  /** A link to the demo page that works once, for a program's arguments. */
  public String oneTimeLink() {
    return server.oneTimeLink();
  }

  /** The links for the other side, by guest. */
  public Map<String, String> invitations() {
    return Map.copyOf(invitations);
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
      } catch (Exception failure) {
        log.warn("Something did not close", failure);
      }
    }
  }
}
