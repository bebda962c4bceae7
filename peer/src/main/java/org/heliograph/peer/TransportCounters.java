package org.heliograph.peer;

/** The figures of a transport, after W3C webrtc-stats {@code transport}. */
final class TransportCounters {
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

  long packetsSent() {
    return packetsSent;
  }

  long packetsReceived() {
    return packetsReceived;
  }

  long bytesSent() {
    return bytesSent;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  long packetsRefused() {
    return packetsRefused;
  }

  long packetsNotProtected() {
    return packetsNotProtected;
  }

  long pathChanges() {
    return pathChanges;
  }
}
