package org.heliograph.media;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of libpulse that are used here, under their own names without {@code pa_}. FFmpeg's
 * recording from a sound server waits for it without a limit, and goes on with whatever source the
 * server moves it to.
 */
final class PulseLibrary {
  private static final String SONAME = "libpulse.so.0";

  private static PulseLibrary loaded;

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());

  final MethodHandle mainloopNew = returning(ADDRESS, "mainloop_new");
  final MethodHandle mainloopGetApi = returning(ADDRESS, "mainloop_get_api", ADDRESS);
  final MethodHandle mainloopPrepare = returning(JAVA_INT, "mainloop_prepare", ADDRESS, JAVA_INT);
  final MethodHandle mainloopPoll = returning(JAVA_INT, "mainloop_poll", ADDRESS);
  final MethodHandle mainloopDispatch = returning(JAVA_INT, "mainloop_dispatch", ADDRESS);
  final MethodHandle mainloopFree = returningNothing("mainloop_free", ADDRESS);

  final MethodHandle contextNew = returning(ADDRESS, "context_new", ADDRESS, ADDRESS);
  final MethodHandle contextConnect =
      returning(JAVA_INT, "context_connect", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  final MethodHandle contextGetState = returning(JAVA_INT, "context_get_state", ADDRESS);
  final MethodHandle contextDisconnect = returningNothing("context_disconnect", ADDRESS);
  final MethodHandle contextUnref = returningNothing("context_unref", ADDRESS);
  final MethodHandle contextGetServerInfo =
      returning(ADDRESS, "context_get_server_info", ADDRESS, ADDRESS, ADDRESS);
  final MethodHandle contextGetSourceInfoList =
      returning(ADDRESS, "context_get_source_info_list", ADDRESS, ADDRESS, ADDRESS);

  final MethodHandle operationGetState = returning(JAVA_INT, "operation_get_state", ADDRESS);
  final MethodHandle operationCancel = returningNothing("operation_cancel", ADDRESS);
  final MethodHandle operationUnref = returningNothing("operation_unref", ADDRESS);
  final MethodHandle proplistGets = returning(ADDRESS, "proplist_gets", ADDRESS, ADDRESS);

  final MethodHandle streamNew =
      returning(ADDRESS, "stream_new", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  final MethodHandle streamConnectRecord =
      returning(JAVA_INT, "stream_connect_record", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
  final MethodHandle streamGetState = returning(JAVA_INT, "stream_get_state", ADDRESS);
  final MethodHandle streamGetDeviceIndex = returning(JAVA_INT, "stream_get_device_index", ADDRESS);
  final MethodHandle streamReadableSize = returning(JAVA_LONG, "stream_readable_size", ADDRESS);
  final MethodHandle streamPeek = returning(JAVA_INT, "stream_peek", ADDRESS, ADDRESS, ADDRESS);
  final MethodHandle streamDrop = returning(JAVA_INT, "stream_drop", ADDRESS);
  final MethodHandle streamDisconnect = returning(JAVA_INT, "stream_disconnect", ADDRESS);
  final MethodHandle streamUnref = returningNothing("stream_unref", ADDRESS);

  private PulseLibrary() {}

  /**
   * Loads libpulse, the first time.
   *
   * @throws IllegalArgumentException if it is not installed
   */
  static synchronized PulseLibrary load() {
    if (loaded == null) {
      loaded = new PulseLibrary();
    }
    return loaded;
  }

  private MethodHandle returning(MemoryLayout result, String name, MemoryLayout... arguments) {
    return linker.downcallHandle(
        symbols.findOrThrow("pa_" + name), FunctionDescriptor.of(result, arguments));
  }

  private MethodHandle returningNothing(String name, MemoryLayout... arguments) {
    return linker.downcallHandle(
        symbols.findOrThrow("pa_" + name), FunctionDescriptor.ofVoid(arguments));
  }
}
