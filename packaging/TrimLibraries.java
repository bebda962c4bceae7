import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;

/**
 * Copies a folder of jars without what the runtime image has no use for, and puts native libraries
 * beside them, where JavaCPP loads them from without writing to the user's home. docs/packaging.md
 * says what is left out and what that saves.
 *
 * <p>A multi-release jar becomes a plain one for the image's own Java: each class in the newest
 * version that it may load.
 */
final class TrimLibraries {
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");
  private static final Pattern NATIVE = Pattern.compile(".+/([^/]+\\.so(\\.\\d+)*)");

  /** What no running agent reads. Licences stay. */
  private static final List<Pattern> UNUSED =
      List.of(
          // Signatures: of no use in a jar that has been changed, and slow to check.
          Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)"),
          // For other tools: native-image, Maven, OSGi, the module path, Kotlin's compiler.
          // JavaCPP reads its libraries' versions out of pom.properties.
          Pattern.compile("META-INF/(native-image/.*|maven/.*/pom\\.xml)"),
          Pattern.compile("(.*/)?OSGI-INF/.*"),
          Pattern.compile("(.*/)?module-info\\.class"),
          Pattern.compile(".*\\.kotlin_(module|builtins|metadata)"),
          // Post-quantum algorithms that did not become standards: 1.2 MB of tables of one alone.
          Pattern.compile("org/bouncycastle/pqc/legacy/.*"),
          // The system's is used, which finds the sound server; only the jar for arm64 has one.
          Pattern.compile("org/bytedeco/ffmpeg/[^/]+/libasound\\.so.*"));

  private TrimLibraries() {}

  /**
   * Takes the folder of jars, the folder for trimmed ones, and the platform as JavaCPP names it.
   */
  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Files.createDirectories(Path.of(arguments[1]));
    String platform = arguments[2];
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(from, "*.jar")) {
      for (Path path : jars) {
        try (JarFile jar = new JarFile(path.toFile(), false)) {
          if (path.getFileName().toString().endsWith("-" + platform + ".jar")) {
            extract(jar, to.resolve("native"));
          } else {
            trim(jar, to.resolve(path.getFileName()));
          }
        }
      }
    }
  }

  private static boolean isUsed(String name) {
    return UNUSED.stream().noneMatch(unused -> unused.matcher(name).matches());
  }

  private static void extract(JarFile jar, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
      Matcher library = NATIVE.matcher(entry.getName());
      if (library.matches() && isUsed(entry.getName())) {
        byte[] content = jar.getInputStream(entry).readAllBytes();
        forgetBuildFolder(content);
        Files.write(folder.resolve(library.group(1)), content);
      }
    }
  }

  /**
   * Ends the list of folders in which a library looks for others after the first, its own: the
   * others are those of the machine that it was built on, which mean nothing or harm here.
   */
  private static void forgetBuildFolder(byte[] library) {
    byte[] own = "$ORIGIN/:/".getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < library.length - own.length; at++) {
      if (Arrays.equals(library, at, at + own.length, own, 0, own.length)) {
        for (int i = at + own.length - 2; library[i] != 0; i++) {
          library[i] = 0;
        }
        return;
      }
    }
  }

  private static void trim(JarFile jar, Path trimmed) throws IOException {
    Map<String, JarEntry> newest = newestVersions(jar);
    try (OutputStream file = Files.newOutputStream(trimmed);
        JarOutputStream out = new JarOutputStream(file)) {
      out.setLevel(Deflater.BEST_COMPRESSION);
      for (Map.Entry<String, JarEntry> each : newest.entrySet()) {
        JarEntry copy = new JarEntry(each.getKey());
        copy.setTime(each.getValue().getTime());
        out.putNextEntry(copy);
        if (each.getKey().equals(JarFile.MANIFEST_NAME)) {
          Manifest manifest = jar.getManifest();
          manifest.getEntries().clear(); // the signatures' check sums
          manifest.getMainAttributes().remove(Attributes.Name.MULTI_RELEASE);
          manifest.write(out);
        } else {
          jar.getInputStream(each.getValue()).transferTo(out);
        }
      }
    }
  }

  /** The jar's files, each as the JVM that runs this would load it, the manifest first. */
  private static Map<String, JarEntry> newestVersions(JarFile jar) {
    Map<String, JarEntry> newest =
        new TreeMap<>(
            Comparator.comparing((String name) -> !name.equals(JarFile.MANIFEST_NAME))
                .thenComparing(Comparator.naturalOrder()));
    Map<String, Integer> versions = new TreeMap<>();
    for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
      Matcher versioned = VERSIONED.matcher(entry.getName());
      int version = versioned.matches() ? Integer.parseInt(versioned.group(1)) : 0;
      String name = version == 0 ? entry.getName() : versioned.group(2);
      if (!entry.isDirectory()
          && isUsed(name)
          && version <= Runtime.version().feature()
          && version >= versions.getOrDefault(name, 0)) {
        versions.put(name, version);
        newest.put(name, entry);
      }
    }
    return newest;
  }
}
