import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.heliograph.agent.Version;
import org.heliograph.agent.cli.HeliographCommand;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the manual page, man(7), and bash's completion, from the program's own commands, so that
 * neither can say anything else than {@code --help} does.
 */
final class Documents {
  private final StringBuilder page = new StringBuilder();
  private final CommandSpec program;

  /** The configuration's options, which "run" and "config" take, and others that read it. */
  private final Map<String, OptionSpec> common = new LinkedHashMap<>();

  private Documents(CommandLine line) {
    program = line.getCommandSpec();
    CommandSpec config = line.getSubcommands().get("config").getCommandSpec();
    line.getSubcommands().get("run").getCommandSpec().options().stream()
        .filter(option -> isShown(option) && !isHelp(option))
        .filter(option -> config.findOption(option.longestName()) != null)
        .forEach(option -> common.put(option.longestName(), option));
  }

  /** Takes the files to write: the manual page, the completion. */
  public static void main(String[] arguments) throws IOException {
    CommandLine line = HeliographCommand.commandLine(Map.of());
    Files.writeString(Path.of(arguments[0]), new Documents(line).manualPage());
    String completion = AutoComplete.bash(line.getCommandName(), line);
    // It is read by a shell that runs already.
    Files.writeString(Path.of(arguments[1]), completion.replaceFirst("\\A#!.*\\R", ""));
  }

  private String manualPage() {
    String name = program.name();
    page.append(
        ".TH %s 1 %s \"%s %s\" \"User Commands\"\n"
            .formatted(name.toUpperCase(), date(), name, Version.VERSION));
    section("NAME");
    String purpose = String.join(" ", program.usageMessage().description());
    page.append(escaped(name + " - " + lowerCased(purpose))).append('\n');
    section("SYNOPSIS");
    page.append(".B ").append(name).append("\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]\n");
    section("DESCRIPTION");
    Stream.of(program.usageMessage().footer()).filter(each -> !each.isBlank()).forEach(this::text);
    section("COMMANDS");
    commands(program).forEach(this::command);
    section("OPTIONS");
    text(
        "Every command has --help and --version. These are the options of \""
            + name
            + " run\";"
            + " other commands that read the configuration take those that belong to it.");
    common.values().forEach(this::option);
    section("EXIT STATUS");
    program.usageMessage().exitCodeList().forEach((code, meaning) -> entry(code, List.of(meaning)));
    section("ENVIRONMENT");
    text("Every key of the configuration has a variable, named above.");
    entry("HELIOGRAPH_JAVA_OPTIONS", List.of("Further options for Java."));
    section("FILES");
    entry("$XDG_CONFIG_HOME/heliograph/config.toml", List.of("The configuration."));
    entry(
        "$XDG_RUNTIME_DIR/heliograph/agent.json",
        List.of("Where a running agent is, and its token: for the user's apps."));
    return page.toString();
  }

  private static LocalDate date() {
    String epoch = System.getenv("SOURCE_DATE_EPOCH");
    Instant instant = epoch == null ? Instant.now() : Instant.ofEpochSecond(Long.parseLong(epoch));
    return instant.atZone(ZoneOffset.UTC).toLocalDate();
  }

  private static List<CommandSpec> commands(CommandSpec parent) {
    List<CommandSpec> commands = new ArrayList<>();
    for (CommandLine each : parent.subcommands().values()) {
      CommandSpec command = each.getCommandSpec();
      if (!command.usageMessage().hidden()) {
        commands.add(command);
        commands.addAll(commands(command));
      }
    }
    return commands;
  }

  private void command(CommandSpec command) {
    StringBuilder synopsis = new StringBuilder(command.qualifiedName());
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      boolean optional = parameter.arity().min() == 0;
      String label = parameter.paramLabel();
      synopsis.append(' ').append(optional && !label.startsWith("[") ? "[" + label + "]" : label);
    }
    page.append(".SS ").append(escaped(synopsis.toString())).append('\n');
    for (String paragraph : command.usageMessage().description()) {
      text(paragraph);
    }
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      entry(parameter.paramLabel(), List.of(parameter.description()));
    }
    command.options().stream()
        .filter(each -> isShown(each) && !isHelp(each))
        .filter(each -> !common.containsKey(each.longestName()))
        .forEach(this::option);
  }

  private static boolean isShown(OptionSpec option) {
    return !option.hidden();
  }

  private static boolean isHelp(OptionSpec option) {
    return option.usageHelp() || option.versionHelp();
  }

  private void option(OptionSpec option) {
    String value = option.arity().max() > 0 ? "=" + option.paramLabel() : "";
    entry(String.join(", ", option.names()) + value, List.of(option.description()));
  }

  private void section(String title) {
    page.append(".SH ").append(title).append('\n');
  }

  private void entry(String term, List<String> paragraphs) {
    page.append(".TP\n.B ").append(escaped(term)).append('\n');
    for (int i = 0; i < paragraphs.size(); i++) {
      page.append(i == 0 ? "" : ".br\n").append(escaped(format(paragraphs.get(i)))).append('\n');
    }
  }

  private void text(String paragraph) {
    page.append(".PP\n").append(escaped(format(paragraph))).append('\n');
  }

  /** Picocli's descriptions are formats. */
  private static String format(String description) {
    return description.formatted();
  }

  private static String lowerCased(String sentence) {
    String start = sentence.substring(0, 1).toLowerCase() + sentence.substring(1);
    return start.replaceAll("\\.$", "");
  }

  /**
   * As roff takes it: its own characters are escaped, and no line starts with one of its requests.
   */
  private static String escaped(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped
        .lines()
        .map(each -> each.matches("[.'].*") ? "\\&" + each : each)
        .collect(Collectors.joining("\n"));
  }
}
