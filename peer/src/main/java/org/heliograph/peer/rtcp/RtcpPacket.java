package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;

/** One RTCP packet of a compound (RFC 3550 6.1). */
public sealed interface RtcpPacket
    permits SenderReport,
        ReceiverReport,
        SourceDescription,
        Goodbye,
        GenericNack,
        PictureLossIndication,
        FullIntraRequest,
        ReceiverEstimatedMaximumBitrate,
        TransportFeedback {

  /** The packet's length on the wire in bytes, header and padding included; a multiple of 4. */
  int length();

  /** Whether it is feedback, which is sent when there is reason to (RFC 4585 6). */
  default boolean isFeedback() {
    return switch (this) {
      case SenderReport _, ReceiverReport _, SourceDescription _, Goodbye _ -> false;
      case GenericNack _,
          PictureLossIndication _,
          FullIntraRequest _,
          ReceiverEstimatedMaximumBitrate _,
          TransportFeedback _ ->
          true;
    };
  }

  /** Writes the packet at the buffer's position, which needs {@link #length()} bytes. */
  void write(ByteBuffer out);
}
