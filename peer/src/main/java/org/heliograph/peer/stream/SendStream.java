package org.heliograph.peer.stream;

/** Makes packets of one media section's frames; see {@link RtpSession}. */
public final class SendStream {
  SendStream() {}

  /** The figures so far. */
  public SendStatistics statistics() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** What was negotiated for the stream. */
  public SendParameters parameters() {
    throw new UnsupportedOperationException("not built yet");
  }
}
