package org.heliograph.agent.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.heliograph.text.Json;

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

  /** The last word, for a person. */
  public String conclusion() {
    return healthy() ? "Calls work here." : "Calls do not work here yet.";
  }
}
