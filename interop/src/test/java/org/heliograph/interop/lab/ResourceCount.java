package org.heliograph.interop.lab;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process holds at one moment; docs/soak.md says how each is counted.
 *
 * @param threads platform and virtual threads, by name with {@code #} for each number
 * @param files open file descriptors: files by path, sockets by protocol, and so on
 * @param objects live objects of Heliograph's own classes, after a full collection
 * @param nativeBytes what malloc has given out and not got back, of every codec and every Arena
 * @param directBytes what direct byte buffers take
 */
public record ResourceCount(
    SortedMap<String, Integer> threads,
    SortedMap<String, Integer> files,
    SortedMap<String, Integer> objects,
    long nativeBytes,
    long directBytes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The fields of {@code struct mallinfo2}, of glibc 2.33 and newer. */
  private static final MemoryLayout MALLINFO2 = MemoryLayout.sequenceLayout(10, JAVA_LONG);

  private static final long MAPPED_BYTES = 4 * 8;
  private static final long USED_BYTES = 7 * 8;

  /** Counts; takes some tenths of a second, because it collects all garbage first. */
  public static ResourceCount now() throws IOException {
    SortedMap<String, Integer> objects = countObjects();
    return new ResourceCount(
        countThreads(), countFiles(), objects, countNativeBytes(), countDirectBytes());
  }

  /** What there is more of here than there was before, as "name: before → now". */
  public static List<String> more(
      Map<String, Integer> before, Map<String, Integer> now, Predicate<String> counts) {
    return new TreeSet<>(now.keySet())
        .stream()
            .filter(counts)
            .filter(name -> now.get(name) > before.getOrDefault(name, 0))
            .map(name -> name + ": " + before.getOrDefault(name, 0) + " → " + now.get(name))
            .toList();
  }

  private static SortedMap<String, Integer> countThreads() throws IOException {
    Path folder = Files.createTempDirectory("heliograph-threads");
    try {
      Path dump = folder.resolve("threads.json");
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
      SortedMap<String, Integer> threads = new TreeMap<>();
      JsonNode containers =
          JSON.readTree(dump.toFile()).path("threadDump").path("threadContainers");
      for (JsonNode container : containers) {
        for (JsonNode thread : container.path("threads")) {
          String name = thread.path("name").asText().replaceAll("\\d+", "#");
          threads.merge(name.isEmpty() ? unnamed(thread) : name, 1, Integer::sum);
        }
      }
      return threads;
    } finally {
      Subprocess.deleteTree(folder);
    }
  }

  /** A virtual thread mostly has no name; what it began with says whose it is. */
  private static String unnamed(JsonNode thread) {
    for (JsonNode frame : thread.path("stack")) {
      if (frame.asText().contains("org.heliograph") || frame.asText().contains("org.eclipse")) {
        return "virtual " + frame.asText();
      }
    }
    return "virtual";
  }

  private static SortedMap<String, Integer> countFiles() throws IOException {
    Map<String, String> sockets = sockets();
    SortedMap<String, Integer> files = new TreeMap<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          files.merge(kind(target, sockets), 1, Integer::sum);
        } catch (IOException closedMeanwhile) {
          // The one that this list itself needed.
        }
      }
    }
    return files;
  }

  private static String kind(String target, Map<String, String> sockets) {
    if (target.startsWith("socket:[")) {
      String inode = target.substring("socket:[".length(), target.length() - 1);
      return "socket " + sockets.getOrDefault(inode, "that is closed");
    }
    return target.replaceAll("^(pipe|anon_inode):.*?(\\w*)]?$", "$1");
  }

  /** The protocol of each socket on this machine, by inode. */
  private static Map<String, String> sockets() throws IOException {
    Map<String, String> sockets = new HashMap<>();
    for (String protocol : List.of("udp", "udp6", "tcp", "tcp6")) {
      Path table = Path.of("/proc/net", protocol);
      if (Files.exists(table)) {
        for (String line : Files.readAllLines(table)) {
          sockets.put(line.trim().split("\\s+", -1)[9], protocol.replace("6", ""));
        }
      }
    }
    for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
      sockets.put(line.trim().split("\\s+", -1)[6], "unix");
    }
    return sockets;
  }

  private static SortedMap<String, Integer> countObjects() {
    SortedMap<String, Integer> objects = new TreeMap<>();
    for (String line : histogram().split("\n", -1)) {
      String[] columns = line.trim().split("\\s+", -1);
      if (columns.length >= 4
          && columns[3].matches("org\\.heliograph\\.(agent|peer|webm)\\..*")
          && !isEnum(columns[3])) {
        objects.put(columns[3], Integer.parseInt(columns[1]));
      }
    }
    return objects;
  }

  /** The constants of an enum stay from when it is first used; nobody makes more of them. */
  private static boolean isEnum(String name) {
    try {
      Class<?> type = Class.forName(name, false, ResourceCount.class.getClassLoader());
      return Enum.class.isAssignableFrom(type);
    } catch (ClassNotFoundException hidden) {
      return false;
    }
  }

  private static String histogram() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new AssertionError(e);
    }
  }

  private static long countNativeBytes() {
    Linker linker = Linker.nativeLinker();
    MethodHandle mallinfo2 =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"),
            FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO2)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment figures = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
      return figures.get(JAVA_LONG, MAPPED_BYTES) + figures.get(JAVA_LONG, USED_BYTES);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static long countDirectBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
