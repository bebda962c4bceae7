package org.heliograph.interop.ice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Coturn;
import org.heliograph.interop.lab.HeliographAgent;
import org.junit.jupiter.api.Test;

/** {@code heliograph doctor} says of each STUN and TURN server whether a call can use it. */
class DoctorIceServersTest {
  @Test
  void eachServerIsReachedOrTheReasonIsSaidWithWhatToDo() throws Exception {
    try (Coturn coturn = Coturn.start();
        Coturn stranger = Coturn.withSecret("a secret that the doctor does not know")) {
      String stun = coturn.url("udp").replace("turn:", "stun:");
      String nobody = "turn:127.0.0.1:9?transport=tcp";
      Map<String, JsonNode> findings =
          examine(
              List.of(
                  stun,
                  coturn.url("udp"),
                  coturn.url("tcp"),
                  coturn.url("tls"),
                  stranger.url("udp"),
                  nobody));
      assertFinding(
          findings.get(stun), "ok", "reached in \\d+ ms; it sees this machine at [0-9a-f.:]+");
      for (String transport : List.of("udp", "tcp")) {
        assertFinding(
            findings.get(coturn.url(transport)),
            "ok",
            "reached in \\d+ ms; it relays at 127[.]0[.]0[.]1:\\d+");
      }
      assertFinding(findings.get(coturn.url("tls")), "warning", "its TLS certificate.*");
      assertThat(findings.get(coturn.url("tls")).path("hint").asText()).contains("ice.ca_file");
      assertFinding(findings.get(stranger.url("udp")), "warning", ".*password: 401.*");
      assertThat(findings.get(stranger.url("udp")).path("hint").asText()).contains("ice.username");
      assertFinding(findings.get(nobody), "warning", "Connection refused");
      assertThat(findings.get(nobody).path("hint").asText()).contains("port");
    }
  }

  private static Map<String, JsonNode> examine(List<String> servers) throws Exception {
    String output =
        HeliographAgent.run(
            "doctor",
            "--json",
            "--ice-servers=" + String.join(",", servers),
            "--ice-username=" + Coturn.USER,
            "--ice-credential=" + Coturn.PASSWORD);
    assertThat(output).doesNotContain(Coturn.PASSWORD);
    JsonNode report = new ObjectMapper().readTree(output.substring(output.indexOf('{')));
    Map<String, JsonNode> findings = new HashMap<>();
    for (JsonNode finding : report.path("findings")) {
      if (finding.path("area").asText().equals("ice server")) {
        findings.put(finding.path("name").asText(), finding);
      }
    }
    assertThat(findings).as(output).containsOnlyKeys(servers);
    return findings;
  }

  private static void assertFinding(JsonNode finding, String verdict, String detail) {
    assertThat(finding.path("verdict").asText()).as("%s", finding).isEqualTo(verdict);
    assertThat(finding.path("detail").asText()).matches(detail);
  }
}
