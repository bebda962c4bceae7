package org.heliograph.peer.transport;

/** The figures of a transport, after W3C webrtc-stats {@code transport}. */
public final class TransportCounters {
  private long packetsSent;
  private long packetsReceived;
  private long bytesSent;
  private long bytesReceived;
  private long packetsRefused;
  private long packetsNotProtected;
  private long pathChanges;

  void sent(int bytes) {
    packetsSent++;
    bytesSent += bytes;
  }

  void received(int bytes) {
    packetsReceived++;
    bytesReceived += bytes;
  }

  /** A packet that was not authentic, not new, or of no known kind. */
  void refused() {
    packetsRefused++;
  }

  /** A packet was not sent because it could not be protected. */
  void notProtected() {
    packetsNotProtected++;
  }

  /** Data takes another path. */
  void pathChanged() {
    pathChanges++;
  }

  public long packetsSent() {
    return packetsSent;
  }

  public long packetsReceived() {
    return packetsReceived;
  }

  public long bytesSent() {
    return bytesSent;
  }

  public long bytesReceived() {
    return bytesReceived;
  }

  public long packetsRefused() {
    return packetsRefused;
  }

  public long packetsNotProtected() {
    return packetsNotProtected;
  }

  public long pathChanges() {
    return pathChanges;
  }
}
