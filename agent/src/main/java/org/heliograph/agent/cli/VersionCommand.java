package org.heliograph.agent.cli;

import java.util.concurrent.Callable;
import org.heliograph.agent.Version;
import org.heliograph.text.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph version}. */
@Command(name = "version", description = "Prints the version.")
public final class VersionCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Prints JSON: version, java.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(
          Json.object().put("version", Version.VERSION).put("java", Runtime.version().toString()));
    } else {
      for (String line : new Text().getVersion()) {
        out.println(line);
      }
    }
    out.flush();
    return ExitCode.DONE.status();
  }

  /** What {@code --version} prints. */
  static final class Text implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "heliograph " + Version.VERSION,
        "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
      };
    }
  }
}
