package org.heliograph.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.heliograph.agent.capture.LocalDevices;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.doctor.Doctor;
import org.heliograph.agent.doctor.Report;
import org.heliograph.agent.doctor.SelfCall;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line. */
@Command(
    name = "heliograph",
    description = "Gives Linux desktop webviews working audio and video calls.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.VersionText.class,
    sortOptions = false,
    customSynopsis = "heliograph [COMMAND] [OPTION...]",
    footer = {
      "",
      "Without a command the agent runs until it is interrupted.",
      "Options go before environment variables, those before the file. \"heliograph config\""
          + " prints",
      "every key with what holds for it, ready to be saved as the file."
    })
public final class Main implements Callable<Integer> {
  private static final int FAILURE = 1;
  private static final int USAGE = 2;
  private static final String OPEN_WITH = "--open-with";

  private final Map<String, String> environment;

  @CommandLine.Spec private CommandSpec spec;

  private Main(Map<String, String> environment) {
    this.environment = environment;
  }

  public static void main(String[] arguments) {
    int exit = commandLine(System.getenv()).execute(arguments);
    System.exit(exit);
  }

  /** The command line with every configuration key as an option. */
  static CommandLine commandLine(Map<String, String> environment) {
    Main main = new Main(environment);
    CommandLine line = new CommandLine(main);
    line.addSubcommand("run", new Run(main));
    line.addSubcommand("doctor", new Examine(main));
    line.addSubcommand("config", new Config(main));
    line.addSubcommand("version", new PrintVersion());
    line.addSubcommand("rehearse", new Rehearse());
    addOptions(line.getCommandSpec());
    addOpenWith(line.getCommandSpec());
    addOpenWith(line.getSubcommands().get("run").getCommandSpec());
    line.getSubcommands().get("run").setUsageHelpAutoWidth(true);
    addOptions(line.getSubcommands().get("run").getCommandSpec());
    addOptions(line.getSubcommands().get("config").getCommandSpec());
    addOptions(line.getSubcommands().get("doctor").getCommandSpec());
    line.setExecutionExceptionHandler(
        (failure, failed, _) -> {
          String message =
              failure instanceof ConfigException || failure instanceof IOException
                  ? failure.getMessage()
                  : "Heliograph has failed: " + failure;
          failed.getErr().println("heliograph: " + message);
          return failure instanceof ConfigException ? USAGE : FAILURE;
        });
    return line;
  }

  private static void addOpenWith(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder(OPEN_WITH)
            .paramLabel("PROGRAM")
            .type(String.class)
            .description("Opens the demo page with this program, such as xdg-open.")
            .build());
  }

  private static void addOptions(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("--config")
            .paramLabel("FILE")
            .type(Path.class)
            .description(
                "The configuration file (default: $XDG_CONFIG_HOME/heliograph/config.toml).")
            .build());
    for (ConfigKey key : ConfigKey.values()) {
      spec.addOption(
          OptionSpec.builder(key.option())
              .paramLabel("VALUE")
              .type(String.class)
              .description(
                  escaped(key.description()),
                  escaped("Must be " + key.allowed() + ". Default: " + key.defaultAsToml()),
                  "Key " + key.path() + ", variable " + key.environmentVariable() + ".")
              .build());
    }
  }

  /** Picocli's descriptions are formats. */
  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    return run(spec.commandLine().getParseResult());
  }

  /** Where a command's values are read from. */
  private record Sources(Optional<Path> file, Map<ConfigKey, String> options) {}

  private Sources sources(ParseResult parsed) throws ConfigException {
    Path given = parsed.matchedOptionValue("--config", (Path) null);
    if (given != null && !given.toFile().canRead()) {
      throw new ConfigException("The configuration file " + given + " cannot be read.");
    }
    Map<ConfigKey, String> options = new EnumMap<>(ConfigKey.class);
    for (ConfigKey key : ConfigKey.values()) {
      String value = parsed.matchedOptionValue(key.option(), (String) null);
      if (value != null) {
        options.put(key, value);
      }
    }
    return new Sources(
        Optional.of(given == null ? ConfigReader.defaultFile(environment) : given), options);
  }

  AgentConfig config(ParseResult parsed) throws ConfigException {
    Sources sources = sources(parsed);
    return ConfigReader.read(sources.file(), environment, sources.options());
  }

  private int run(ParseResult parsed) throws ConfigException, IOException, InterruptedException {
    AgentConfig config = config(parsed);
    Logging.configure(config.logLevel());
    CountDownLatch stopped = new CountDownLatch(1);
    Agent agent = Agent.start(config, Agent.Directories.of(environment));
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("heliograph-stop")
                .unstarted(
                    () -> {
                      agent.close();
                      stopped.countDown();
                    }));
    StartUpText.print(System.out, agent, config);
    String opener = parsed.matchedOptionValue(OPEN_WITH, (String) null);
    if (opener != null) {
      open(opener, agent.oneTimeLink());
    }
    stopped.await();
    return 0;
  }

  private static void open(String program, String link) {
    try {
      new ProcessBuilder(program, link).inheritIO().start();
    } catch (IOException failure) {
      System.err.println("heliograph: " + program + " cannot be started: " + failure.getMessage());
    }
  }

  /** {@code heliograph run}. */
  @Command(name = "run", description = "Runs the agent until it is interrupted (the default).")
  static final class Run implements Callable<Integer> {
    private final Main main;

    @CommandLine.Spec private CommandSpec spec;

    Run(Main main) {
      this.main = main;
    }

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
      return main.run(spec.commandLine().getParseResult());
    }
  }

  /**
   * {@code heliograph rehearse}: does once all that a start does, and ends. What it has loaded is
   * what the JVM's cache is made of (docs/start-up.md).
   */
  @Command(
      name = "rehearse",
      hidden = true,
      description = "Starts on free ports with folders of its own, and ends.")
  static final class Rehearse implements Callable<Integer> {
    @Override
    public Integer call() throws ConfigException, IOException {
      Path directory = Files.createTempDirectory("heliograph-rehearsal");
      Agent.Directories directories =
          new Agent.Directories(directory.resolve("agent.json"), directory.resolve("data"));
      AgentConfig config = ConfigReader.read(Optional.empty(), Map.of(), Map.of());
      Logging.configure(config.logLevel());
      try (Agent agent = Agent.start(config, directories);
          LocalDevices devices = new LocalDevices(config.media())) {
        StartUpText.print(System.out, agent, config);
        Agent.warmUp(devices);
      } finally {
        SelfCall.delete(directory);
      }
      return 0;
    }
  }

  /** {@code heliograph doctor}. */
  @Command(
      name = "doctor",
      description =
          "Says what works on this machine and what does not; exits with 1 if calls do not.")
  static final class Examine implements Callable<Integer> {
    private final Main main;

    @CommandLine.Spec private CommandSpec spec;

    @CommandLine.Option(names = "--json", description = "Prints the findings as JSON.")
    private boolean json;

    Examine(Main main) {
      this.main = main;
    }

    @Override
    public Integer call() throws InterruptedException {
      ParseResult parsed = spec.commandLine().getParseResult();
      Path file = parsed.matchedOptionValue("--config", ConfigReader.defaultFile(main.environment));
      Optional<AgentConfig> config = Optional.empty();
      String problem = null;
      try {
        config = Optional.of(main.config(parsed));
      } catch (ConfigException wrong) {
        problem = wrong.getMessage();
      }
      // The findings say in words what the log would; whoever wants that too asks for it.
      boolean verbose = parsed.matchedOptionValue("--log-level", (String) null) != null;
      Logging.configure(verbose && config.isPresent() ? config.get().logLevel() : "off");
      Path addressFile =
          config
              .flatMap(each -> each.api().addressFile())
              .orElse(Agent.Directories.of(main.environment).addressFile());
      Report report = Doctor.examine(config, file, problem, addressFile);
      spec.commandLine().getOut().println(json ? report.toJson() : report.toText());
      spec.commandLine().getOut().flush();
      return report.healthy() ? 0 : FAILURE;
    }
  }

  /** {@code heliograph config}. */
  @Command(
      name = "config",
      description = "Prints every configuration key with what holds for it, as a file.")
  static final class Config implements Callable<Integer> {
    private final Main main;

    @CommandLine.Spec private CommandSpec spec;

    Config(Main main) {
      this.main = main;
    }

    @Override
    public Integer call() throws ConfigException {
      Sources sources = main.sources(spec.commandLine().getParseResult());
      spec.commandLine()
          .getOut()
          .print(ConfigReader.documented(sources.file(), main.environment, sources.options()));
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  /** {@code heliograph version}. */
  @Command(name = "version", description = "Prints the version.")
  static final class PrintVersion implements Callable<Integer> {
    @CommandLine.Spec private CommandSpec spec;

    @Override
    public Integer call() {
      List.of(new VersionText().getVersion()).forEach(spec.commandLine().getOut()::println);
      return 0;
    }
  }

  /** What {@code --version} prints. */
  static final class VersionText implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "heliograph " + Version.VERSION,
        "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
      };
    }
  }
}
