package org.heliograph.media;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;

/** How much memory the process has from malloc, of which every codec and every Arena takes its. */
final class NativeMemory {
  /** The fields of {@code struct mallinfo2}, of glibc 2.33 and newer. */
  private static final MemoryLayout MALLINFO2 = MemoryLayout.sequenceLayout(10, JAVA_LONG);

  private static final long MAPPED_BYTES = 4 * 8;
  private static final long USED_BYTES = 7 * 8;

  private NativeMemory() {}

  static long allocatedKilobytes() throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle mallinfo2 =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"),
            FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO2)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
      return (info.get(JAVA_LONG, MAPPED_BYTES) + info.get(JAVA_LONG, USED_BYTES)) / 1024;
    }
  }
}
