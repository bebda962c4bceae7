package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.function.Consumer;

/** One end of a {@link NetworkCall}: obeys the commands of a {@link Program}, with its answers. */
interface Participant {
  /** Sends the signalling messages of this end to someone. */
  void onEnvelope(Consumer<ObjectNode> taker);

  /** Gives a command. */
  void tell(String command, JsonNode argument);

  /** Gives a command that says all by its name. */
  default void tell(String command) {
    tell(command, JsonNodeFactory.instance.objectNode());
  }

  /** Takes an answer; waits for it. */
  JsonNode await(String answer, Duration limit);

  /** Forgets what nobody has asked for. */
  void forgetAnswers();
}
