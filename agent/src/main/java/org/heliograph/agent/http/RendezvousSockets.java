package org.heliograph.agent.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many sockets the rendezvous has. Those that it closes itself count for their name only, until
 * they are gone: so whoever does not answer a close holds his own name's places and nobody else's.
 */
final class RendezvousSockets {
  static final int LIMIT = 64;

  /** The one that has the name, and those before it that are being closed. */
  static final int LIMIT_FOR_A_NAME = 4;

  private final Map<String, List<WebSocketOutlet>> byName = new HashMap<>();

  /** Whether one more of that name would be taken. */
  synchronized boolean hasRoom(String name) {
    List<WebSocketOutlet> own = byName.getOrDefault(name, List.of());
    boolean replaces = own.stream().anyMatch(each -> !each.isClosing());
    return own.size() < LIMIT_FOR_A_NAME && (replaces || open() < LIMIT);
  }

  private long open() {
    return byName.values().stream().flatMap(List::stream).filter(each -> !each.isClosing()).count();
  }

  /** Takes a socket in; false if there is no room. */
  synchronized boolean add(String name, WebSocketOutlet socket) {
    if (!hasRoom(name)) {
      return false;
    }
    byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(socket);
    return true;
  }

  /** How many a name has, those included that are being closed. */
  synchronized int count(String name) {
    return byName.getOrDefault(name, List.of()).size();
  }

  /** A socket is gone. */
  synchronized void remove(String name, WebSocketOutlet socket) {
    byName.computeIfPresent(
        name,
        (_, sockets) -> {
          sockets.remove(socket);
          return sockets.isEmpty() ? null : sockets;
        });
  }
}
