package org.heliograph.peer.transport;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.SelectedPair;

/** What has gone over each candidate pair that was in use (W3C {@code candidate-pair}). */
public final class PathTraffic {
  /** Pairs before these are forgotten. */
  private static final int MAX_PAIRS = 16;

  private final List<Figures> pairs = new ArrayList<>();
  private Figures latest;

  /** One pair's figures: bytes without those of ICE itself. */
  public static final class Figures {
    private final SelectedPair pair;
    private long packetsSent;
    private long bytesSent;
    private long lastSentNanos;
    private long packetsReceived;
    private long bytesReceived;
    private long lastReceivedNanos;

    private Figures(SelectedPair pair) {
      this.pair = pair;
    }

    public long packetsSent() {
      return packetsSent;
    }

    public long bytesSent() {
      return bytesSent;
    }

    /** Meaningful once something was sent. */
    public long lastSentNanos() {
      return lastSentNanos;
    }

    public long packetsReceived() {
      return packetsReceived;
    }

    public long bytesReceived() {
      return bytesReceived;
    }

    /** Meaningful once something was received. */
    public long lastReceivedNanos() {
      return lastReceivedNanos;
    }

    private boolean isOf(InetSocketAddress local, InetSocketAddress remote) {
      return pair.local().equals(local) && pair.remote().equals(remote);
    }
  }

  void sent(SelectedPair pair, int bytes, long nowNanos) {
    Figures figures = find(pair.local(), pair.remote());
    if (figures == null) {
      figures = new Figures(pair);
      if (pairs.size() == MAX_PAIRS) {
        pairs.removeFirst();
      }
      pairs.add(figures);
    }
    latest = figures;
    figures.packetsSent++;
    figures.bytesSent += bytes;
    figures.lastSentNanos = nowNanos;
  }

  /** An authentic packet; counted if its path was ever in use for sending. */
  void received(InetSocketAddress local, InetSocketAddress remote, int bytes, long nowNanos) {
    Figures figures = find(local, remote);
    if (figures != null) {
      figures.packetsReceived++;
      figures.bytesReceived += bytes;
      figures.lastReceivedNanos = nowNanos;
    }
  }

  private Figures find(InetSocketAddress local, InetSocketAddress remote) {
    if (latest != null && latest.isOf(local, remote)) {
      return latest;
    }
    for (Figures figures : pairs) {
      if (figures.isOf(local, remote)) {
        return figures;
      }
    }
    return null;
  }

  /** The figures of a pair; all zero if it was never in use. */
  public Figures of(Candidate local, Candidate remote) {
    for (Figures figures : pairs) {
      if (figures.pair.localCandidate().equals(local)
          && figures.pair.remoteCandidate().equals(remote)) {
        return figures;
      }
    }
    return new Figures(null);
  }
}
