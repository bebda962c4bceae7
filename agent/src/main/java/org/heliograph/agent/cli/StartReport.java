package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.text.Json;

/** What a start comes to, as JSON: for the process that waits for it, and for an app. */
final class StartReport {
  private StartReport() {}

  /**
   * An agent can be used. The token stands in the address file, which only the user can read.
   *
   * @param started whether it was started for this, and did not run before
   */
  static ObjectNode of(AddressFile.Address address, Path addressFile, boolean started) {
    ObjectNode report = Json.object();
    report.put("url", address.url());
    report.put("port", URI.create(address.url()).getPort());
    report.put("address_file", addressFile.toAbsolutePath().toString());
    report.put("pid", address.pid());
    report.put("version", address.version());
    report.put("started", started);
    return report;
  }

  /** No agent could be started. */
  static ObjectNode failure(Exception failure) {
    ObjectNode report = Json.object();
    report.put("error", Failures.message(failure));
    report.put("exit_code", Failures.exitCode(failure).status());
    return report;
  }
}
