import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/**
 * Takes the signatures out of the signed jars in a folder, Bouncy Castle's. The JVM keeps no class
 * of a signed jar in its cache, and checks a manifest of a megabyte before it loads the first one:
 * together most of the time that a start would take. Maven has compared the jars' checksums; only
 * encryption that is installed as a provider must be signed, and only for some vendors' JDKs, and
 * there is none.
 */
final class Unsign {
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");

  private Unsign() {}

  public static void main(String[] arguments) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
      for (Path path : jars) {
        try (JarFile jar = new JarFile(path.toFile(), false)) {
          if (jar.stream().anyMatch(Unsign::isSignature)) {
            unsign(jar, path);
          }
        }
      }
    }
  }

  private static boolean isSignature(JarEntry entry) {
    return SIGNATURE.matcher(entry.getName()).matches();
  }

  private static void unsign(JarFile jar, Path path) throws IOException {
    Attributes main = jar.getManifest().getMainAttributes();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putAll(main);
    Path unsigned = Files.createTempFile(path.toAbsolutePath().getParent(), "unsigned", ".tmp");
    try (OutputStream file = Files.newOutputStream(unsigned);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        if (!isSignature(entry) && !entry.getName().equals(JarFile.MANIFEST_NAME)) {
          JarEntry copy = new JarEntry(entry.getName());
          copy.setTime(entry.getTime());
          out.putNextEntry(copy);
          jar.getInputStream(entry).transferTo(out);
        }
      }
    }
    Files.setPosixFilePermissions(unsigned, Files.getPosixFilePermissions(path));
    Files.setLastModifiedTime(unsigned, Files.getLastModifiedTime(path));
    Files.move(unsigned, path, StandardCopyOption.REPLACE_EXISTING);
  }
}
