package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.log.Log;
import org.heliograph.media.CameraFormat;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.DeviceCatalog;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;
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
  private static final String LOOPBACK =
      ", which hears what is played here; \"auto\" never takes it";

  private final Surroundings surroundings;

  @Option(
      names = "--json",
      description =
          "Prints JSON: cameras (device, name, availability, problem, formats), microphones,"
              + " sound_server (and its _microphone, _problem), configured (camera,"
              + " camera_problem, …).")
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
    DeviceCatalog.SoundServer soundServer = DeviceCatalog.soundServer();
    Listing listing =
        new Listing(
            DeviceCatalog.cameras(),
            DeviceCatalog.microphones(),
            soundServer,
            new Configured(
                configured.camera(),
                DeviceCatalog.cameraProblem(configured),
                configured.microphone(),
                DeviceCatalog.microphoneProblem(configured, soundServer)));
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? listing.toJson().toPrettyString() : listing.toText());
    out.flush();
    return ExitCode.DONE.status();
  }

  /**
   * What is configured.
   *
   * @param cameraProblem why the camera cannot be had at all; empty where it is there
   * @param microphoneProblem the same of the microphone
   */
  record Configured(
      String camera,
      Optional<String> cameraProblem,
      String microphone,
      Optional<String> microphoneProblem) {}

  /** What was found. */
  record Listing(
      List<DeviceCatalog.Camera> cameras,
      List<DeviceCatalog.Microphone> microphones,
      DeviceCatalog.SoundServer soundServer,
      Configured configured) {

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
      listing.put("sound_server", soundServer.runs());
      listing.put("sound_server_microphone", emptyAsNull(soundServer.microphone()));
      listing.put("sound_server_problem", emptyAsNull(soundServer.problem()));
      ObjectNode chosen = listing.putObject("configured");
      chosen.put("camera", configured.camera());
      chosen.put("camera_problem", configured.cameraProblem().orElse(null));
      chosen.put("microphone", configured.microphone());
      chosen.put("microphone_problem", configured.microphoneProblem().orElse(null));
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
      entry.put("problem", emptyAsNull(problem));
    }

    private static String emptyAsNull(String text) {
      return text.isEmpty() ? null : text;
    }

    String toText() {
      List<String> lines = new ArrayList<>();
      int column =
          Math.max(
              cameras.stream().mapToInt(each -> each.device().length()).max().orElse(0),
              microphones.stream().mapToInt(each -> each.device().length()).max().orElse(0));
      column = Math.max(column, "pulse".length()) + 2;
      lines.add("Cameras   (media.camera = \"" + configured.camera() + "\")");
      configured.cameraProblem().ifPresent(problem -> problem(lines, problem));
      for (DeviceCatalog.Camera camera : cameras) {
        row(lines, column, camera.device(), camera.name(), camera.problem());
        formats(lines, camera.formats());
      }
      if (cameras.isEmpty()) {
        lines.add("  none was found; with \"auto\" a test picture takes its place");
      }
      lines.add("");
      lines.add("Microphones   (media.microphone = \"" + configured.microphone() + "\")");
      configured.microphoneProblem().ifPresent(problem -> problem(lines, problem));
      for (DeviceCatalog.Microphone each : microphones) {
        String name = each.loopback() ? each.name() + LOOPBACK : each.name();
        row(lines, column, each.device(), name, each.problem());
      }
      if (soundServer.runs()) {
        row(lines, column, "pulse", pulse(), soundServer.problem());
      } else if (microphones.stream().allMatch(DeviceCatalog.Microphone::loopback)) {
        lines.add("  none was found; with \"auto\" a test tone takes its place");
      }
      return ForeignText.lines(String.join("\n", lines));
    }

    private String pulse() {
      return soundServer.microphone().isEmpty()
          ? "the sound server"
          : "the sound server's " + soundServer.microphone();
    }

    private static void problem(List<String> lines, String problem) {
      lines.add("  ! configured, but not to be had: " + problem);
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
