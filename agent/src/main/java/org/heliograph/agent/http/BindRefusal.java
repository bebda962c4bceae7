package org.heliograph.agent.http;

import java.io.IOException;
import java.net.BindException;
import org.heliograph.text.Cause;

/**
 * Why an address and port cannot be listened on.
 *
 * @param words a clause, such as "another program uses it"
 * @param remedy a sentence that says what to do
 */
public record BindRefusal(String words, String remedy) {
  /**
   * What the system's refusal means.
   *
   * @param portKey the configuration's key of the port
   */
  public static BindRefusal of(IOException cause, String portKey) {
    String words = Cause.words(cause);
    if (!(cause instanceof BindException)) {
      return new BindRefusal(words, "Mend that, or choose another port with " + portKey + ".");
    }
    return new BindRefusal(
        words,
        switch (words) {
          case Cause.NOT_OURS ->
              "Set rendezvous.listen to one of those that \"ip address\" shows, or to 0.0.0.0 for"
                  + " all of them.";
          case Cause.LOW_PORT ->
              "Choose one from 1024 on with " + portKey + ", or 0 for a free one.";
          default -> "Choose another with " + portKey + ", or 0 for a free one.";
        });
  }
}
