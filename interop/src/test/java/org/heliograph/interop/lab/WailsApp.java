package org.heliograph.interop.lab;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An app as Wails makes one: its page comes from {@code wails://wails/}, with the page's library
 * among its files.
 */
public final class WailsApp {
  private final Path folder;

  /** Puts the app's files into a folder. */
  public WailsApp(Path folder) throws IOException {
    this.folder = folder;
    copyResource("/app/index.html", folder.resolve("index.html"));
    copyResource("/app/app.js", folder.resolve("app.js"));
    copyResource("/picture-code.js", folder.resolve("picture-code.js"));
    copyLibrary();
  }

  private static void copyResource(String name, Path file) throws IOException {
    try (InputStream input = WailsApp.class.getResourceAsStream(name)) {
      Files.copy(input, file);
    }
  }

  private void copyLibrary() throws IOException {
    try {
      var uri = WailsApp.class.getResource("/org/heliograph/web/lib/").toURI();
      if (uri.getScheme().equals("file")) {
        copyTree(Path.of(uri));
      } else {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          copyTree(jar.getPath("/org/heliograph/web/lib"));
        }
      }
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private void copyTree(Path library) throws IOException {
    Files.createDirectories(folder.resolve("lib"));
    try (Stream<Path> files = Files.list(library)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve("lib").resolve(file.getFileName().toString()));
      }
    }
  }

  /**
   * Opens the app's window.
   *
   * @param answers whether the app accepts calls by itself
   */
  public Webview open(
      Map<String, String> environment,
      HeliographAgent agent,
      String format,
      boolean answers,
      Webview.Acceleration acceleration) {
    return new Webview(
        environment,
        folder,
        "wails://wails/index.html?agent=%s&token=%s&format=%s%s"
            .formatted(
                URLEncoder.encode(agent.url(), StandardCharsets.UTF_8),
                URLEncoder.encode(agent.token(), StandardCharsets.UTF_8),
                format,
                answers ? "&answers" : ""),
        acceleration);
  }
}
