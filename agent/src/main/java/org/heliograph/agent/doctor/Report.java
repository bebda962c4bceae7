package org.heliograph.agent.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.heliograph.agent.signal.Json;

/** What the doctor has found. */
public final class Report {
  private final List<Finding> findings;
  private final Optional<SelfCall.Times> selfCall;

  Report(List<Finding> findings, Optional<SelfCall.Times> selfCall) {
    this.findings = List.copyOf(findings);
    this.selfCall = selfCall;
  }

  /** Everything that was looked at. */
  public List<Finding> findings() {
    return findings;
  }

  /** Whether calls work. */
  public boolean healthy() {
    return findings.stream().noneMatch(each -> each.verdict() == Finding.Verdict.FAILURE);
  }

  /** For a program. */
  public String toJson() {
    ObjectNode json = Json.object();
    json.put("healthy", healthy());
    ArrayNode list = json.putArray("findings");
    for (Finding finding : findings) {
      ObjectNode entry = list.addObject();
      entry.put("area", finding.area());
      entry.put("name", finding.name());
      entry.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
      entry.put("detail", finding.detail());
      entry.put("hint", finding.hint());
      finding.more().forEach(entry.putArray("more")::add);
    }
    selfCall.ifPresent(times -> json.set("self_call", Json.tree(times)));
    return json.toPrettyString();
  }

  /** For a person. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    String area = "";
    for (Finding finding : findings) {
      if (!finding.area().equals(area)) {
        area = finding.area();
        text.append(text.isEmpty() ? "" : "\n");
        text.append(area.substring(0, 1).toUpperCase(Locale.ROOT)).append(area.substring(1));
        text.append('\n');
      }
      String mark =
          switch (finding.verdict()) {
            case OK -> "  ok    ";
            case WARNING -> "  warn  ";
            case FAILURE -> "  FAIL  ";
          };
      text.append(mark).append(finding.name()).append(": ").append(finding.detail()).append('\n');
      finding.more().forEach(each -> text.append("          ").append(each).append('\n'));
      if (!finding.hint().isEmpty()) {
        text.append("        → ").append(finding.hint()).append('\n');
      }
    }
    text.append('\n').append(healthy() ? "Calls work here." : "Calls do not work here yet.");
    return text.toString();
  }
}
