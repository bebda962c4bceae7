package org.heliograph.peer.stream.receive;

/**
 * A received stream's figures, after W3C webrtc-stats {@code inbound-rtp}.
 *
 * @param ssrc the source, or -1 before its first packet
 * @param packetsReceived RTP packets, retransmissions and duplicates not counted
 * @param packetsLost as RFC 3550 A.3 counts, signed
 * @param bytesReceived payload bytes
 * @param jitterSeconds the interarrival jitter of RFC 3550 A.8
 * @param framesReceived frames handed on
 * @param keyFramesReceived key frames among them
 * @param framesDropped frames of which a packet was lost, or which needed one that was
 * @param packetsDiscarded packets that came too late or twice
 * @param retransmittedPacketsReceived packets that a retransmission brought
 * @param nackCount NACK packets sent
 * @param pliCount PLI packets sent
 * @param gapsBeforeFec audio gaps of which the next packet carries the lost sound as in-band FEC
 * @param framesRecovered lost audio frames that redundant audio (RFC 2198) has brought all the same
 * @param fecPacketsReceived packets of forward error correction, or copies in redundant audio
 * @param fecBytesReceived their payload bytes
 * @param fecPacketsDiscarded those that were not needed, or not enough
 * @param headerBytesReceived bytes of RTP headers and padding of all packets, retransmissions too
 * @param retransmittedBytesReceived payload bytes that a retransmission brought
 * @param rtxSsrc the source of retransmissions, or -1 before the first
 * @param lastPacketNanos when the last packet came
 */
public record ReceiveStatistics(
    long ssrc,
    long packetsReceived,
    long packetsLost,
    long bytesReceived,
    double jitterSeconds,
    long framesReceived,
    long keyFramesReceived,
    long framesDropped,
    long packetsDiscarded,
    long retransmittedPacketsReceived,
    long nackCount,
    long pliCount,
    long gapsBeforeFec,
    long framesRecovered,
    long fecPacketsReceived,
    long fecBytesReceived,
    long fecPacketsDiscarded,
    long headerBytesReceived,
    long retransmittedBytesReceived,
    long rtxSsrc,
    long lastPacketNanos) {}
