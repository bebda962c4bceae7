package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.heliograph.interop.lab.JanusServer;
import org.heliograph.peer.IceCandidateInit;

/**
 * The gateway Janus, one process for all connections. Its own candidates stand in its descriptions.
 */
abstract class JanusPeer extends RemotePeer {
  private final JanusServer server = new JanusServer();
  private JanusSession session;

  /** Attaches to what it needs of Janus. */
  abstract void attach(JanusSession session);

  @Override
  final void begin() {
    detach();
    session = new JanusSession(server.api());
    attach(session);
  }

  /** Leaves what it attached to. */
  void detach() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  @Override
  boolean offersAtWill() {
    return false;
  }

  @Override
  List<IceCandidateInit> takeCandidates() {
    return List.of();
  }

  /** It has no other commands than those that a gateway can perform. */
  @Override
  JsonNode ask(String command, JsonNode argument) {
    throw new AssertionError("Janus cannot " + command + " " + argument);
  }

  @Override
  JsonNode troubles() {
    ObjectNode told = JSON.createObjectNode().put("log", server.log());
    if (session != null) {
      session.events().forEach(told.putArray("events")::add);
    }
    return told;
  }

  @Override
  public void close() {
    detach();
    server.close();
  }
}
