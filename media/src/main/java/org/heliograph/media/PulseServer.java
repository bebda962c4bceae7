package org.heliograph.media;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;

/**
 * A connection to a PulseAudio server, or to PipeWire, which answers as one. Used by one thread,
 * and waits for the server only so long: one that hangs is told as what it is.
 */
final class PulseServer implements AutoCloseable {
  /** Longer than any server takes that is well, and less than opening a microphone may take. */
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private static final int NO_AUTOSPAWN = 1;
  private static final int CONTEXT_READY = 4;
  private static final int STREAM_READY = 2;
  private static final int STREAM_FAILED = 3;
  private static final int OPERATION_RUNNING = 0;
  private static final int STREAM_ADJUST_LATENCY = 0x2000;
  private static final int SAMPLE_S16LE = 3;
  private static final int INVALID_INDEX = -1;
  private static final int MOST_SOURCES = 256;

  // The places of the fields that are read, as in pulse/introspect.h on every 64-bit system.
  private static final long SERVER_INFO_SIZE = 64;
  private static final long SERVER_DEFAULT_SOURCE = 56;
  private static final long SOURCE_INFO_SIZE = 352;
  private static final long SOURCE_INDEX = 8;
  private static final long SOURCE_DESCRIPTION = 16;
  private static final long SOURCE_MONITOR_OF_SINK = 308;
  private static final long SOURCE_PROPERTIES = 344;

  private static final MethodHandle ON_SERVER;
  private static final MethodHandle ON_SOURCE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ON_SERVER =
          lookup.findVirtual(
              PulseServer.class,
              "onServer",
              MethodType.methodType(
                  void.class, MemorySegment.class, MemorySegment.class, MemorySegment.class));
      ON_SOURCE =
          lookup.findVirtual(
              PulseServer.class,
              "onSource",
              MethodType.methodType(
                  void.class,
                  MemorySegment.class,
                  MemorySegment.class,
                  int.class,
                  MemorySegment.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Something that can be recorded from.
   *
   * @param index the server's number for it
   * @param name what {@code pulse:NAME} takes
   * @param description for a person
   * @param loudspeaker whether it gives what is played on this machine: a sink's monitor, or the
   *     far end of a loopback card
   */
  record SoundSource(int index, String name, String description, boolean loudspeaker) {
    @Override
    public String toString() {
      return description.isEmpty() ? name : "%s (%s)".formatted(description, name);
    }
  }

  /**
   * What a server offers.
   *
   * @param sources in the server's order
   * @param defaultSource the name of the one that the desktop has chosen, which may be a monitor
   */
  record Offer(List<SoundSource> sources, String defaultSource) {
    /** The desktop's choice where that is a microphone, otherwise the first that is one. */
    Optional<SoundSource> microphone() {
      return named(defaultSource)
          .filter(source -> !source.loudspeaker())
          .or(() -> sources.stream().filter(source -> !source.loudspeaker()).findFirst());
    }

    Optional<SoundSource> named(String name) {
      return sources.stream().filter(source -> source.name().equals(name)).findFirst();
    }
  }

  private final PulseLibrary library;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment mainloop;
  private final MemorySegment context;
  private final MemorySegment serverCallback;
  private final MemorySegment sourceCallback;

  private List<SoundSource> sources = new ArrayList<>();
  private String defaultSource = "";

  // Of the stream, once there is one.
  private MemorySegment stream = MemorySegment.NULL;
  private MemorySegment data;
  private MemorySegment length;

  /**
   * Connects.
   *
   * @param address as {@code PULSE_SERVER} holds it; empty for the user's own server
   * @return empty where no server runs
   * @throws DeviceException where one runs and does not answer
   */
  static Optional<PulseServer> find(Optional<String> address) throws DeviceException {
    PulseLibrary library;
    try {
      library = PulseLibrary.load();
    } catch (IllegalArgumentException | LinkageError missing) {
      return Optional.empty();
    }
    PulseServer server = new PulseServer(library);
    try {
      if (server.connect(address, false)) {
        return Optional.of(server);
      }
    } catch (DeviceException e) {
      server.close();
      throw e;
    }
    server.close();
    return Optional.empty();
  }

  /**
   * Connects; where no server runs, libpulse may start one.
   *
   * @throws DeviceException where there is none, or it does not answer
   */
  static PulseServer require(Optional<String> address) throws DeviceException {
    PulseServer server;
    try {
      server = new PulseServer(PulseLibrary.load());
    } catch (IllegalArgumentException | LinkageError e) {
      throw new DeviceException(
          "pulse",
          Reason.UNSUPPORTED,
          "The sound server cannot be used, because libpulse is missing. Install the package"
              + " libpulse0.",
          e);
    }
    try {
      if (!server.connect(address, true)) {
        throw notThere();
      }
      return server;
    } catch (DeviceException e) {
      server.close();
      throw e;
    }
  }

  private PulseServer(PulseLibrary library) {
    this.library = library;
    try {
      mainloop = (MemorySegment) library.mainloopNew.invokeExact();
      MemorySegment api = (MemorySegment) library.mainloopGetApi.invokeExact(mainloop);
      context =
          (MemorySegment) library.contextNew.invokeExact(api, arena.allocateFrom("heliograph"));
      serverCallback = callback(ON_SERVER, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
      sourceCallback =
          callback(ON_SOURCE, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  private MemorySegment callback(MethodHandle method, FunctionDescriptor signature) {
    return Linker.nativeLinker().upcallStub(method.bindTo(this), signature, arena);
  }

  /** Whether a server has taken us in. */
  private boolean connect(Optional<String> address, boolean autospawn) throws DeviceException {
    int begun;
    try {
      begun =
          (int)
              library.contextConnect.invokeExact(
                  context,
                  address.map(arena::allocateFrom).orElse(MemorySegment.NULL),
                  autospawn ? 0 : NO_AUTOSPAWN,
                  MemorySegment.NULL);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
    if (begun < 0) {
      return false;
    }
    await(() -> contextState() >= CONTEXT_READY);
    return isConnected();
  }

  static DeviceException notThere() {
    return new DeviceException(
        "pulse",
        Reason.MISSING,
        "No sound server can be reached. Start PipeWire or PulseAudio, or choose another"
            + " microphone.",
        null);
  }

  private int contextState() {
    try {
      return (int) library.contextGetState.invokeExact(context);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /** Whether the server is still there. */
  boolean isConnected() {
    return contextState() == CONTEXT_READY;
  }

  /** Takes what the server sends until the condition holds. */
  private void await(BooleanSupplier condition) throws DeviceException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new DeviceException(
            "pulse",
            Reason.LOST,
            "The sound server (PipeWire or PulseAudio) has not answered for %d s: it hangs. %s"
                .formatted(LIMIT.toSeconds(), DeviceMicrophone.remedy("pulse")),
            null);
      }
      iterate((int) Math.min(100_000, left / 1000 + 1));
    }
  }

  /**
   * Takes what the server has sent.
   *
   * @return whether there was anything
   */
  private boolean iterate(int timeoutMicros) {
    try {
      return (int) library.mainloopPrepare.invokeExact(mainloop, timeoutMicros) >= 0
          && (int) library.mainloopPoll.invokeExact(mainloop) >= 0
          && (int) library.mainloopDispatch.invokeExact(mainloop) > 0;
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /** Asks what can be recorded from. */
  Offer offer() throws DeviceException {
    sources = new ArrayList<>();
    try {
      complete(
          (MemorySegment)
              library.contextGetServerInfo.invokeExact(
                  context, serverCallback, MemorySegment.NULL));
      complete(
          (MemorySegment)
              library.contextGetSourceInfoList.invokeExact(
                  context, sourceCallback, MemorySegment.NULL));
    } catch (DeviceException e) {
      throw e;
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
    return new Offer(List.copyOf(sources), defaultSource);
  }

  private void complete(MemorySegment operation) throws DeviceException {
    if (operation.equals(MemorySegment.NULL)) {
      throw notThere();
    }
    try {
      await(() -> operationState(operation) != OPERATION_RUNNING || !isConnected());
    } catch (DeviceException e) {
      release(library.operationCancel, operation);
      throw e;
    } finally {
      release(library.operationUnref, operation);
    }
    if (!isConnected()) {
      throw notThere();
    }
  }

  private int operationState(MemorySegment operation) {
    try {
      return (int) library.operationGetState.invokeExact(operation);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  @SuppressWarnings("unused") // Called by libpulse.
  private void onServer(MemorySegment context, MemorySegment info, MemorySegment userData) {
    if (!info.equals(MemorySegment.NULL)) {
      defaultSource = text(info.reinterpret(SERVER_INFO_SIZE).get(ADDRESS, SERVER_DEFAULT_SOURCE));
    }
  }

  @SuppressWarnings("unused") // Called by libpulse.
  private void onSource(
      MemorySegment context, MemorySegment info, int end, MemorySegment userData) {
    if (end != 0 || info.equals(MemorySegment.NULL) || sources.size() >= MOST_SOURCES) {
      return;
    }
    MemorySegment source = info.reinterpret(SOURCE_INFO_SIZE);
    MemorySegment properties = source.get(ADDRESS, SOURCE_PROPERTIES);
    boolean monitor =
        source.get(JAVA_INT, SOURCE_MONITOR_OF_SINK) != INVALID_INDEX
            || property(properties, "device.class").equals("monitor");
    boolean loopback = property(properties, "alsa.driver_name").equals("snd_aloop");
    sources.add(
        new SoundSource(
            source.get(JAVA_INT, SOURCE_INDEX),
            text(source.get(ADDRESS, 0)),
            text(source.get(ADDRESS, SOURCE_DESCRIPTION)),
            monitor || loopback));
  }

  private String property(MemorySegment properties, String key) {
    if (properties.equals(MemorySegment.NULL)) {
      return "";
    }
    try (Arena call = Arena.ofConfined()) {
      return text(
          (MemorySegment) library.proplistGets.invokeExact(properties, call.allocateFrom(key)));
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  private static String text(MemorySegment text) {
    if (text.equals(MemorySegment.NULL)) {
      return "";
    }
    return text.reinterpret(Integer.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
  }

  /**
   * Begins to record 16-bit samples.
   *
   * @param fragmentBytes how much the server sends at once
   * @throws DeviceException also where the server refuses
   */
  void record(String source, int rate, int channels, int fragmentBytes) throws DeviceException {
    MemorySegment format = arena.allocate(12, 4);
    format.set(JAVA_INT, 0, SAMPLE_S16LE);
    format.set(JAVA_INT, 4, rate);
    format.set(JAVA_BYTE, 8, (byte) channels);
    MemorySegment attributes = arena.allocate(20, 4);
    attributes.fill((byte) -1);
    attributes.set(JAVA_INT, 16, fragmentBytes);
    data = arena.allocate(ADDRESS);
    length = arena.allocate(8, 8);
    int begun;
    try {
      stream =
          (MemorySegment)
              library.streamNew.invokeExact(
                  context, arena.allocateFrom("microphone"), format, MemorySegment.NULL);
      begun =
          stream.equals(MemorySegment.NULL)
              ? -1
              : (int)
                  library.streamConnectRecord.invokeExact(
                      stream, arena.allocateFrom(source), attributes, STREAM_ADJUST_LATENCY);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
    if (begun == 0) {
      await(() -> streamState() >= STREAM_READY || !isConnected());
    }
    if (begun < 0 || !isRecording()) {
      throw new DeviceException(
          "pulse:" + source,
          Reason.MISSING,
          "The sound server does not let the microphone %s be recorded from. Choose another one."
              .formatted(source),
          null);
    }
  }

  private int streamState() {
    try {
      return (int) library.streamGetState.invokeExact(stream);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /** Whether the server still records for us. */
  boolean isRecording() {
    int state = streamState();
    return isConnected() && state >= STREAM_READY && state < STREAM_FAILED;
  }

  /** Which source is recorded from: the server may move a stream to another one. */
  int recordedIndex() {
    try {
      return (int) library.streamGetDeviceIndex.invokeExact(stream);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /** Takes what the server has sent, without waiting. */
  void receive() {
    for (int i = 0; i < 16 && iterate(0); i++) {}
  }

  /**
   * The next samples, which are valid until {@link #drop}.
   *
   * @return empty where there are none; of a hole in the recording only its length is known, its
   *     address is {@code NULL}
   */
  Optional<MemorySegment> peek() {
    try {
      if ((long) library.streamReadableSize.invokeExact(stream) <= 0
          || (int) library.streamPeek.invokeExact(stream, data, length) < 0) {
        return Optional.empty();
      }
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
    long bytes = length.get(JAVA_LONG, 0);
    return bytes == 0 ? Optional.empty() : Optional.of(data.get(ADDRESS, 0).reinterpret(bytes));
  }

  /** Lets go of what {@link #peek} gave. */
  void drop() {
    try {
      int _ = (int) library.streamDrop.invokeExact(stream);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  private static void release(MethodHandle function, MemorySegment object) {
    try {
      function.invokeExact(object);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  private static IllegalStateException failed(Throwable thrown) {
    return new IllegalStateException("a call of libpulse failed", thrown);
  }

  @Override
  public void close() {
    if (!stream.equals(MemorySegment.NULL)) {
      try {
        int _ = (int) library.streamDisconnect.invokeExact(stream);
      } catch (Throwable thrown) {
        throw failed(thrown);
      }
      release(library.streamUnref, stream);
    }
    release(library.contextDisconnect, context);
    release(library.contextUnref, context);
    release(library.mainloopFree, mainloop);
    arena.close();
  }
}
