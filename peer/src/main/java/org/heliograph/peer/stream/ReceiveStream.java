package org.heliograph.peer.stream;

/** Receives one media section's packets and makes frames of them; see {@link RtpSession}. */
public final class ReceiveStream {
  ReceiveStream() {}

  /** The figures so far. */
  public ReceiveStatistics statistics() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** What was negotiated for the stream. */
  public ReceiveParameters parameters() {
    throw new UnsupportedOperationException("not built yet");
  }
}
