package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.heliograph.agent.capture.CameraFormat;
import org.heliograph.agent.capture.CaptureSettings;
import org.heliograph.agent.capture.DeviceCatalog;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.log.Log;
import org.heliograph.agent.signal.Json;
import org.heliograph.agent.text.ForeignText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph devices}. */
@Command(
    name = "devices",
    description = {
      "Lists the cameras, with the pictures that each can give, and the microphones.",
      "Which ones are used is configured by media.camera and media.microphone."
    })
final class DevicesCommand implements Callable<Integer> {
  private static final int WIDTH = 100;
  private static final String INDENT = "      ";

  private final Surroundings surroundings;

  @Option(
      names = "--json",
      description =
          "Prints JSON: cameras (device, name, availability, problem, formats), microphones,"
              + " sound_server, configured.")
  private boolean json;

  @Spec private CommandSpec spec;

  DevicesCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws ConfigException {
    Log.setLevel("off");
    CaptureSettings configured =
        ConfigOptions.source(spec.commandLine().getParseResult(), surroundings.environment())
            .read()
            .config()
            .media();
    Listing listing =
        new Listing(
            DeviceCatalog.cameras(),
            DeviceCatalog.microphones(),
            DeviceCatalog.hasSoundServer(),
            configured);
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? listing.toJson().toPrettyString() : listing.toText());
    out.flush();
    return ExitCode.DONE.status();
  }

  /** What was found. */
  record Listing(
      List<DeviceCatalog.Camera> cameras,
      List<DeviceCatalog.Microphone> microphones,
      boolean soundServer,
      CaptureSettings configured) {

    ObjectNode toJson() {
      ObjectNode listing = Json.object();
      ArrayNode all = listing.putArray("cameras");
      for (DeviceCatalog.Camera camera : cameras) {
        ObjectNode entry = all.addObject();
        describe(entry, camera.device(), camera.name(), camera.availability(), camera.problem());
        ArrayNode formats = entry.putArray("formats");
        for (CameraFormat format : camera.formats()) {
          formats
              .addObject()
              .put("format", format.fourCc())
              .put("width", format.width())
              .put("height", format.height())
              .put("frames_per_second", format.framesPerSecond());
        }
      }
      ArrayNode heard = listing.putArray("microphones");
      for (DeviceCatalog.Microphone each : microphones) {
        describe(
            heard.addObject(), each.device(), each.name(), each.availability(), each.problem());
      }
      listing.put("sound_server", soundServer);
      ObjectNode chosen = listing.putObject("configured");
      chosen.put("camera", configured.camera());
      chosen.put("microphone", configured.microphone());
      return listing;
    }

    private static void describe(
        ObjectNode entry,
        String device,
        String name,
        DeviceCatalog.Availability availability,
        String problem) {
      entry.put("device", device);
      entry.put("name", name);
      entry.put("availability", availability.name().toLowerCase(Locale.ROOT));
      entry.put("problem", problem.isEmpty() ? null : problem);
    }

    String toText() {
      List<String> lines = new ArrayList<>();
      int column =
          Math.max(
              cameras.stream().mapToInt(each -> each.device().length()).max().orElse(0),
              microphones.stream().mapToInt(each -> each.device().length()).max().orElse(0));
      column = Math.max(column, "pulse".length()) + 2;
      lines.add("Cameras   (media.camera = \"" + configured.camera() + "\")");
      for (DeviceCatalog.Camera camera : cameras) {
        row(lines, column, camera.device(), camera.name(), camera.problem());
        formats(lines, camera.formats());
      }
      if (cameras.isEmpty()) {
        lines.add("  none was found; with \"auto\" a test picture takes its place");
      }
      lines.add("");
      lines.add("Microphones   (media.microphone = \"" + configured.microphone() + "\")");
      for (DeviceCatalog.Microphone each : microphones) {
        row(lines, column, each.device(), each.name(), each.problem());
      }
      if (soundServer) {
        row(lines, column, "pulse", "the sound server's microphone", "");
      } else if (microphones.isEmpty()) {
        lines.add("  none was found; with \"auto\" a test tone takes its place");
      }
      return ForeignText.lines(String.join("\n", lines));
    }

    private static void row(
        List<String> lines, int column, String device, String name, String problem) {
      lines.add("  " + device + " ".repeat(column - device.length()) + name);
      if (!problem.isEmpty()) {
        lines.add(INDENT + "! " + problem);
      }
    }

    /** The sizes of each pixel format, with their rates, in lines of a readable length. */
    private static void formats(List<String> lines, List<CameraFormat> formats) {
      Map<String, List<String>> sizes = new LinkedHashMap<>();
      for (CameraFormat format : formats) {
        String size = format.toString().replace(" " + format.fourCc(), "").replace(" at ", " @ ");
        sizes.computeIfAbsent(format.fourCc(), _ -> new ArrayList<>()).add(size);
      }
      sizes.forEach(
          (fourCc, each) -> {
            StringBuilder line = new StringBuilder(INDENT).append(fourCc);
            for (int i = 0; i < each.size(); i++) {
              String next = (i == 0 ? "  " : ", ") + each.get(i);
              if (line.length() + next.length() > WIDTH) {
                lines.add(line + ",");
                line = new StringBuilder(INDENT).append(" ".repeat(fourCc.length()));
                next = "  " + each.get(i);
              }
              line.append(next);
            }
            lines.add(line.toString());
          });
    }
  }
}
