package org.heliograph.peer.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.heliograph.peer.Network;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SendEncoding;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.log.RepeatedErrors;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;

/**
 * Gives a {@link PeerConnection} sockets, a clock and the thread that drives it.
 *
 * <p>The thread is a platform thread: it spends its life in a selector, which would hold a virtual
 * thread's carrier all the same. It sleeps while nothing is due. Every call of the {@link
 * PeerListener} is made on it, with no lock held.
 */
public final class PeerDriver implements AutoCloseable {
  /** The most frames that wait to be sent: some two seconds of sound and picture. */
  static final int MAX_WAITING_FRAMES = 256;

  /** The most packets that wait to be sent on: a large key frame, and more. */
  static final int MAX_WAITING_PACKETS = 1024;

  /** The most steps that wait to be run. */
  static final int MAX_WAITING_STEPS = 1024;

  /** What fails is tried again after this: else it would keep the thread busy. */
  private static final long RETRY_MILLIS = 20;

  private static final Logger LOGGER = System.getLogger(PeerDriver.class.getName());
  private static final AtomicLong THREAD_NUMBER = new AtomicLong();

  private final UdpSockets sockets;
  private final TcpStreams streams;
  private final AddressWatch.Source addresses;
  private final PeerListener listener;
  private final PeerConnection connection;
  private final Thread thread;
  private final Queue<Step<?>> steps = new ArrayBlockingQueue<>(MAX_WAITING_STEPS);
  private final Queue<FrameToSend> frames = new ArrayBlockingQueue<>(MAX_WAITING_FRAMES);
  private final Queue<PacketToSend> packets = new ArrayBlockingQueue<>(MAX_WAITING_PACKETS);
  private final Set<Overrun> overrun = ConcurrentHashMap.newKeySet();
  private final UdpSockets.Receiver receiver = new Receiver();
  private final RepeatedErrors errors = new RepeatedErrors(LOGGER);

  /** Set on the connection's thread. */
  private boolean timerFailed;

  private volatile boolean closing;
  private volatile boolean ended;

  private record FrameToSend(Transceiver transceiver, String rid, MediaFrame frame) {}

  private record PacketToSend(Transceiver transceiver, MediaPacket packet) {}

  /** Frames of a stream were dropped. */
  private record Overrun(Transceiver transceiver, String rid) {}

  private record Step<T>(Function<PeerConnection, T> action, CompletableFuture<T> result) {
    void run(PeerConnection connection) {
      try {
        result.complete(action.apply(connection));
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      } catch (Error e) {
        result.completeExceptionally(e);
        throw e;
      }
    }

    void refuse() {
      result.completeExceptionally(new IllegalStateException("the connection is closed"));
    }
  }

  private PeerDriver(
      PeerConfiguration configuration,
      PeerListener listener,
      UdpSockets sockets,
      AddressWatch.Source addresses,
      boolean datagramsOnly) {
    this.sockets = sockets;
    this.addresses = addresses;
    this.listener = listener;
    this.streams =
        new TcpStreams(
            sockets.selector(), configuration.iceCertificateAuthorities(), new StreamReceiver());
    this.connection =
        new PeerConnection(
            configuration,
            listener,
            datagramsOnly ? sockets::send : new Sockets(),
            System.nanoTime(),
            Instant.now());
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("heliograph-peer-" + THREAD_NUMBER.incrementAndGet())
            .unstarted(() -> run(configuration));
  }

  /**
   * Opens a connection's sockets and starts its thread.
   *
   * @throws IOException if no address can be bound
   */
  public static PeerDriver open(PeerConfiguration configuration, PeerListener listener)
      throws IOException {
    return open(
        configuration, listener, () -> LocalAddresses.find(configuration.includeLoopback()));
  }

  /**
   * Opens a connection to another program on this machine. Its one candidate is a loopback address,
   * from which nothing reaches another machine; no name is looked up, and no TCP connection opened.
   *
   * @throws IOException if the address cannot be bound
   */
  public static PeerDriver openOnLoopback(PeerListener listener) throws IOException {
    List<InetAddress> loopback = List.of(InetAddress.ofLiteral("127.0.0.1"));
    return open(PeerConfiguration.defaults().withLoopback(true), listener, () -> loopback, true);
  }

  static PeerDriver open(
      PeerConfiguration configuration, PeerListener listener, AddressWatch.Source addresses)
      throws IOException {
    return open(configuration, listener, addresses, false);
  }

  private static PeerDriver open(
      PeerConfiguration configuration,
      PeerListener listener,
      AddressWatch.Source addresses,
      boolean datagramsOnly)
      throws IOException {
    Objects.requireNonNull(listener, "listener");
    UdpSockets sockets = UdpSockets.bind(addresses.addresses());
    PeerDriver driver;
    try {
      driver = new PeerDriver(configuration, listener, sockets, addresses, datagramsOnly);
    } catch (RuntimeException e) {
      sockets.close();
      throw e;
    }
    driver.thread.start();
    return driver;
  }

  /**
   * Runs a step on the connection's thread. The future fails with what the step throws, and with
   * {@link IllegalStateException} when the driver is closed or too many steps wait. On the
   * connection's own thread, as in a listener's method, the step runs at once.
   *
   * <p>An {@link Error} (no memory, a stack that is full) ends the connection, wherever on its
   * thread it comes from: {@link PeerListener#onFailed} says so.
   */
  public <T> CompletableFuture<T> call(Function<PeerConnection, T> action) {
    Step<T> step = new Step<>(action, new CompletableFuture<>());
    if (Thread.currentThread().equals(thread)) {
      step.run(connection);
    } else if (closing || !steps.offer(step)) {
      step.refuse();
    } else if (ended) {
      refuseWaitingSteps();
    } else {
      sockets.wakeUp();
    }
    return step.result();
  }

  /**
   * Sends a frame, from any thread; never blocks. Dropped when the transceiver does not send or the
   * connection is not up. Dropped, too, when more than {@value #MAX_WAITING_FRAMES} wait; then a
   * key frame is asked for, because those after it cannot be decoded.
   */
  public void send(Transceiver transceiver, MediaFrame frame) {
    send(transceiver, "", frame);
  }

  /**
   * Sends a frame of one of a transceiver's streams; see {@link #send(Transceiver, MediaFrame)}.
   *
   * @param rid the stream's name ({@link SendEncoding#rid})
   */
  public void send(Transceiver transceiver, String rid, MediaFrame frame) {
    if (closing) {
      return;
    }
    if (!frames.offer(new FrameToSend(transceiver, rid, frame))) {
      overrun.add(new Overrun(transceiver, rid));
    }
    sockets.wakeUp();
  }

  /**
   * Sends on a packet that another connection has received, from any thread; see {@link
   * PeerConnection#forward}. Never blocks: it is lost where more than {@value #MAX_WAITING_PACKETS}
   * wait.
   */
  public void forward(Transceiver transceiver, MediaPacket packet) {
    if (!closing && packets.offer(new PacketToSend(transceiver, packet))) {
      sockets.wakeUp();
    }
  }

  /**
   * The monotonic clock that frames to be sent are timed on, in nanoseconds; {@link
   * System#nanoTime()}.
   */
  public static long nanoTime() {
    return System.nanoTime();
  }

  /**
   * Ends the connection, its thread and its sockets; returns when they are gone. Does nothing the
   * second time. On the connection's own thread, as in a listener's method, they go as soon as that
   * returns.
   */
  @Override
  public void close() {
    closing = true;
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    if (!ended) {
      sockets.wakeUp();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- The connection's thread ----

  private void run(PeerConfiguration configuration) {
    try (AddressWatch _ =
        new AddressWatch(
            thread.getName() + "-addresses",
            addresses,
            sockets::held,
            present -> tell(_ -> moveTo(present)))) {
      gather(configuration);
      while (!closing) {
        turn();
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      ended = true;
      guard("closing a peer connection", () -> connection.close(System.nanoTime()));
      guard("closing a peer connection's streams", streams::close);
      guard("closing a peer connection's sockets", sockets::close);
      refuseWaitingSteps();
      frames.clear();
      packets.clear();
    }
  }

  /**
   * Nobody can say what is whole after an Error: the connection ends, and its listener hears why.
   */
  private void fail(Throwable error) {
    closing = true;
    try {
      LOGGER.log(Level.ERROR, "a peer connection ends, for an error within this program", error);
      connection.fail(
          System.nanoTime(), "an error within this program ended the connection: " + error);
    } catch (RuntimeException | Error again) {
      LOGGER.log(Level.ERROR, "a peer connection ends without having told why", again);
    }
  }

  /**
   * One turn: what came, what is wanted, what is to be sent, what is due; then sleep. What fails of
   * it keeps nothing else from its turn.
   */
  private void turn() {
    if (!guard("receiving", () -> sockets.receive(timeoutMillis(), receiver))) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS));
    }
    guard("a peer connection's TCP streams", streams::proceed);
    timerFailed = !guard("a peer connection's timer", this::handleTimeout);
    runSteps();
    sendFrames();
    forwardPackets();
    guard("asking for a key frame", this::makeGoodOverruns);
  }

  private void handleTimeout() {
    connection.handleTimeout(System.nanoTime());
  }

  private void makeGoodOverruns() {
    for (Iterator<Overrun> all = overrun.iterator(); all.hasNext(); ) {
      Overrun lost = all.next();
      all.remove();
      connection.interrupt(lost.transceiver(), lost.rid());
      listener.onKeyFrameRequested(lost.transceiver(), lost.rid());
    }
  }

  private void runSteps() {
    while (!closing) {
      Step<?> step = steps.poll();
      if (step == null) {
        return;
      }
      step.run(connection);
    }
  }

  private void sendFrames() {
    while (!closing) {
      FrameToSend next = frames.poll();
      if (next == null) {
        return;
      }
      guard(
          "sending a frame",
          () -> connection.send(System.nanoTime(), next.transceiver(), next.rid(), next.frame()));
    }
  }

  private void forwardPackets() {
    while (!closing) {
      PacketToSend next = packets.poll();
      if (next == null) {
        return;
      }
      guard(
          "sending a packet on",
          () -> connection.forward(System.nanoTime(), next.transceiver(), next.packet()));
    }
  }

  private long timeoutMillis() {
    if (!steps.isEmpty() || !frames.isEmpty() || !packets.isEmpty() || streams.hasFound()) {
      return 0;
    }
    OptionalLong next = connection.nextTimeoutNanos();
    if (next.isEmpty()) {
      return -1;
    }
    long nanos = next.getAsLong() - System.nanoTime();
    if (nanos <= 0) {
      return timerFailed ? RETRY_MILLIS : 0;
    }
    return TimeUnit.NANOSECONDS.toMillis(nanos) + 1;
  }

  private final class Receiver implements UdpSockets.Receiver {
    @Override
    public void onDatagram(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      guard(
          "a datagram of a peer connection",
          () -> connection.handleDatagram(System.nanoTime(), local, remote, datagram));
    }

    @Override
    public void onLost(InetSocketAddress local) {
      guard(
          "the loss of a local address",
          () -> connection.removeLocalAddress(System.nanoTime(), local));
    }
  }

  private final class StreamReceiver implements TcpStreams.Receiver {
    @Override
    public void onOpen(int stream, InetSocketAddress local) {
      guard(
          "a TCP stream that opens",
          () -> connection.handleStreamConnected(System.nanoTime(), stream, local));
    }

    @Override
    public void onOctets(int stream, ByteBuffer octets) {
      guard(
          "what came over a TCP stream",
          () -> connection.handleStreamData(System.nanoTime(), stream, octets));
    }

    @Override
    public void onEnd(int stream, String reason) {
      guard(
          "a TCP stream that ends",
          () -> connection.handleStreamClosed(System.nanoTime(), stream, reason));
    }
  }

  /** What the connection asks for. */
  private final class Sockets implements Network {
    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      sockets.send(local, remote, datagram);
    }

    @Override
    public boolean connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      streams.connect(stream, remote, tlsServerName);
      return true;
    }

    @Override
    public void sendToStream(int stream, ByteBuffer message) {
      streams.send(stream, message);
    }

    @Override
    public void disconnect(int stream) {
      streams.disconnect(stream);
    }

    @Override
    public boolean lookUp(String name) {
      new NameLookup(name).start(thread.getName(), sockets.held(), PeerDriver.this::tellAddresses);
      return true;
    }
  }

  private void tellAddresses(String name, List<InetAddress> addresses) {
    tell(peer -> peer.handleAddressesFound(System.nanoTime(), name, addresses));
  }

  /** The machine's network has changed: gone addresses go, new ones are bound and gathered. */
  private void moveTo(List<InetAddress> present) {
    for (InetSocketAddress bound : sockets.addresses()) {
      if (!present.contains(bound.getAddress())) {
        sockets.close(bound);
        connection.removeLocalAddress(System.nanoTime(), bound);
      }
    }
    for (InetAddress address : present) {
      if (!sockets.held().contains(address)) {
        try {
          connection.addLocalAddress(System.nanoTime(), sockets.bind(address));
        } catch (IOException e) {
          LOGGER.log(Level.DEBUG, address + " cannot be bound yet", e);
        }
      }
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /**
   * What goes wrong in one step (a listener's mistake, say) does not end the call.
   *
   * @param what the step, for the log
   * @return whether all went well
   */
  private boolean guard(String what, Action action) {
    try {
      action.run();
      return true;
    } catch (IOException | RuntimeException e) {
      errors.log(what + " failed", e);
      return false;
    }
  }

  private void refuseWaitingSteps() {
    for (Step<?> step = steps.poll(); step != null; step = steps.poll()) {
      step.refuse();
    }
  }

  // ---- Gathering ----

  private void gather(PeerConfiguration configuration) {
    for (InetSocketAddress address : sockets.addresses()) {
      guard("a local address", () -> connection.addLocalAddress(System.nanoTime(), address));
    }
    if (configuration.iceServers().isEmpty()) {
      guard("the end of local addresses", () -> connection.endOfLocalAddresses(System.nanoTime()));
    } else {
      new IceServerLookup(configuration, this::tell).start(thread.getName());
    }
  }

  private void tell(Consumer<PeerConnection> action) {
    call(peer -> {
          action.accept(peer);
          return null;
        })
        .exceptionally(
            failure -> {
              LOGGER.log(Level.DEBUG, "the connection closed while it gathered", failure);
              return null;
            });
  }
}
