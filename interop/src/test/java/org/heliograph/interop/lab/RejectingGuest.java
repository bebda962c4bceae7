package org.heliograph.interop.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;

/**
 * A guest of an agent's rendezvous who is no page and no agent: he rejects each call with a text
 * that acts, where it is shown as it came, on a page, on a terminal and on the order of what is
 * read.
 */
public final class RejectingGuest implements AutoCloseable {
  /** What stays of the text; on a page it would be an element, and run. */
  public static final String MARKUP =
      "<img src=x onerror=\"document.title='pwned'\"><b onclick=1>&lt;";

  private static final String ACTING =
      "\u001b[2J\u001b]0;pwned\u0007\u009b31m\u202egnp.\u2066\u2028\u2029\r\n\u0000\u200b";
  private static final String FIT = "[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]*";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Joins.
   *
   * @param signalUrl the rendezvous' address with the name and the invitation
   */
  public RejectingGuest(String signalUrl) {
    var _ = http.newWebSocketBuilder().buildAsync(URI.create(signalUrl), new Rejecting()).join();
  }

  /** Whether nothing in a line of text acts on who shows it. */
  public static boolean isFit(String line) {
    return line.matches(FIT);
  }

  private static final class Rejecting implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        answer(socket, text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    private static void answer(WebSocket socket, String text) {
      JsonNode heard;
      try {
        heard = JSON.readTree(text);
      } catch (JsonProcessingException wrong) {
        throw new AssertionError(text, wrong);
      }
      if (!heard.at("/payload/type").asText().equals("call-request")) {
        return;
      }
      ObjectNode envelope = JSON.createObjectNode();
      envelope.set("channel_id", heard.get("channel_id"));
      envelope.set("from", heard.get("to"));
      envelope.set("to", heard.get("from"));
      envelope
          .putObject("payload")
          .put("type", "call-hangup")
          .put("reason", MARKUP + ACTING + "end");
      var _ = socket.sendText(envelope.toString(), true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
