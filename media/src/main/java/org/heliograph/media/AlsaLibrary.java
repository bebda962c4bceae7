package org.heliograph.media;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Asks libasound why a microphone cannot be opened; FFmpeg, which records from it, calls every
 * reason an input/output error.
 */
final class AlsaLibrary {
  private static final String SONAME = "libasound.so.2";
  private static final int STREAM_CAPTURE = 1;
  private static final int NONBLOCK = 1;

  /** No card stands behind the name: ALSA's configuration leads it to a program. */
  static final int NO_CARD = -1;

  private final MethodHandle open;
  private final MethodHandle infoSize;
  private final MethodHandle info;
  private final MethodHandle infoCard;
  private final MethodHandle close;

  /**
   * Loads libasound and keeps it from writing to stderr.
   *
   * @throws IllegalArgumentException if it is not installed
   */
  AlsaLibrary() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());
    open =
        linker.downcallHandle(
            symbols.findOrThrow("snd_pcm_open"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
    close =
        linker.downcallHandle(
            symbols.findOrThrow("snd_pcm_close"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
    infoSize =
        linker.downcallHandle(
            symbols.findOrThrow("snd_pcm_info_sizeof"), FunctionDescriptor.of(JAVA_LONG));
    info =
        linker.downcallHandle(
            symbols.findOrThrow("snd_pcm_info"), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    infoCard =
        linker.downcallHandle(
            symbols.findOrThrow("snd_pcm_info_get_card"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
    silence(linker, symbols);
  }

  /** Takes over from libasound's error handler, whose variable arguments are not looked at. */
  private static void silence(Linker linker, SymbolLookup symbols) {
    try {
      MethodHandle setHandler =
          linker.downcallHandle(
              symbols.findOrThrow("snd_lib_error_set_handler"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS));
      MethodHandle ignore =
          MethodHandles.lookup()
              .findStatic(
                  AlsaLibrary.class,
                  "ignore",
                  MethodType.methodType(
                      void.class,
                      MemorySegment.class,
                      int.class,
                      MemorySegment.class,
                      int.class,
                      MemorySegment.class));
      MemorySegment handler =
          linker.upcallStub(
              ignore,
              FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS),
              Arena.global());
      int _ = (int) setHandler.invokeExact(handler);
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
  }

  @SuppressWarnings("unused") // Called by libasound.
  private static void ignore(
      MemorySegment file, int line, MemorySegment function, int error, MemorySegment format) {}

  /**
   * Opens a microphone for a moment.
   *
   * @return 0 if that works, otherwise the errno
   */
  int probe(String device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ADDRESS);
      int result =
          (int) open.invokeExact(handle, arena.allocateFrom(device), STREAM_CAPTURE, NONBLOCK);
      if (result == 0) {
        int _ = (int) close.invokeExact(handle.get(ADDRESS, 0));
      }
      return -result;
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
  }

  /** The number of the card that a microphone's name leads to; {@link #NO_CARD} for none. */
  int card(String device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ADDRESS);
      int opened =
          (int) open.invokeExact(handle, arena.allocateFrom(device), STREAM_CAPTURE, NONBLOCK);
      if (opened != 0) {
        return NO_CARD;
      }
      MemorySegment pcm = handle.get(ADDRESS, 0);
      MemorySegment told = arena.allocate((long) infoSize.invokeExact(), 8);
      int card =
          (int) info.invokeExact(pcm, told) == 0 ? (int) infoCard.invokeExact(told) : NO_CARD;
      int _ = (int) close.invokeExact(pcm);
      return card;
    } catch (Throwable thrown) {
      throw new IllegalStateException("a native call failed", thrown);
    }
  }
}
