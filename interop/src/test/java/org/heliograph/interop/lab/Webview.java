package org.heliograph.interop.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A real WebKitGTK webview, embedded as an app does, with a custom scheme's origin. */
public final class Webview implements Page {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** How WebKit draws: {@code NEVER} is Wails' default, {@code ALWAYS} GTK's and Tauri's. */
  public enum Acceleration {
    ALWAYS,
    NEVER
  }

  private final Subprocess program;
  private int requests;

  /** Opens a window that WebKit draws as it likes best. */
  public Webview(Map<String, String> environment, Path files, String url) {
    this(environment, files, url, Acceleration.ALWAYS);
  }

  /**
   * Opens a window.
   *
   * @param environment of a {@link VirtualDisplay} and, for sound, a {@link SoundServer}
   * @param files the folder that {@code wails://wails/} serves
   * @param url the page to open
   */
  public Webview(
      Map<String, String> environment, Path files, String url, Acceleration acceleration) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("GST_REGISTRY_FORK", "no");
    all.put("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "webview-lab/webview.py"));
    command.add("--scheme=wails=" + files);
    command.add("--acceleration=" + acceleration.name().toLowerCase(Locale.ROOT));
    command.add(url);
    program = Subprocess.start(all, command);
    program.awaitLine(line -> line.startsWith("LOADED "), LIMIT);
  }

  @Override
  public void open(String url) {
    evaluate("setTimeout(() => location.href = " + Page.quote(url) + ")");
    await("location.href === " + Page.quote(url) + " && document.readyState === 'complete'", LIMIT);
  }

  @Override
  public synchronized JsonNode evaluate(String body) {
    String number = Integer.toString(++requests);
    program.writeLine(number + " " + Page.quote(body));
    String reply =
        program.awaitLine(
            line ->
                line.startsWith("REPLY " + number + " ")
                    || line.startsWith("FAILED " + number + " "),
            LIMIT);
    String rest = reply.substring(reply.indexOf(' ', reply.indexOf(' ') + 1) + 1);
    if (reply.startsWith("FAILED")) {
      throw new AssertionError("the page threw: " + rest + "\n" + console());
    }
    try {
      return JSON.readTree(rest);
    } catch (JsonProcessingException e) {
      throw new AssertionError(rest, e);
    }
  }

  /**
   * Waits for the page to say something that begins so; no script is put in, which would count as a
   * gesture.
   */
  public String awaitSaying(String beginning, Duration limit) {
    String prefix = "SAYS ";
    return program
        .awaitLine(text -> text.startsWith(prefix + beginning), limit)
        .substring(prefix.length());
  }

  /** What the page wrote to its console, and what the engine said. */
  public String console() {
    return program.output();
  }

  @Override
  public void close() {
    program.close();
  }
}
