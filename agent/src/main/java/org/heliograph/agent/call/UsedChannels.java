package org.heliograph.agent.call;

import java.io.Serial;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The names of calls that are over, so that what comes late raises nothing again. Bounded for each
 * peer: whoever uses names without end forgets his own only. Belongs to the calls' loop.
 */
final class UsedChannels {
  /** How many of each peer's names are remembered, and of how many peers. */
  private static final int CHANNELS = 128;

  private static final int PEERS = 64;

  private final Map<String, Map<String, Boolean>> channels = new Newest<>(PEERS);

  /** A map that forgets what has not been used for longest. */
  private static final class Newest<V> extends LinkedHashMap<String, V> {
    @Serial private static final long serialVersionUID = 1L;

    private final int limit;

    Newest(int limit) {
      super(16, 0.75f, true);
      this.limit = limit;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > limit;
    }
  }

  /** A call of this name with this peer is over, or never was one. */
  void add(String peer, String channelId) {
    channels.computeIfAbsent(peer, _ -> new Newest<>(CHANNELS)).put(channelId, true);
  }

  boolean contains(String peer, String channelId) {
    Map<String, Boolean> ofPeer = channels.get(peer);
    return ofPeer != null && ofPeer.containsKey(channelId);
  }
}
