package org.heliograph.peer.stream.send;

/**
 * A sent stream's figures, after W3C webrtc-stats {@code outbound-rtp} and {@code
 * remote-inbound-rtp}.
 *
 * @param ssrc the source
 * @param packetsSent RTP packets, retransmissions not counted
 * @param bytesSent their payload bytes
 * @param framesSent frames
 * @param keyFramesSent key frames among them
 * @param retransmittedPacketsSent packets sent again
 * @param retransmittedBytesSent their payload bytes
 * @param nackCount NACK packets received
 * @param pliCount PLI packets received
 * @param firCount new FIR commands received
 * @param remotePacketsLost what the receiver has lost, by its last report
 * @param remoteFractionLost the share of packets it lost between its last two reports, 0 to 1
 * @param remoteJitterSeconds its interarrival jitter
 * @param roundTripNanos the last round-trip time, or -1 before the first
 * @param framesGiven frames that were given to be sent; some were left out where too much waited
 * @param headerBytesSent bytes of RTP headers and padding of all packets, retransmissions too
 * @param reported whether the receiver has reported on the stream
 * @param totalRoundTripNanos the sum of the round-trip times that its reports told
 * @param roundTripMeasurements how many they were
 */
public record SendStatistics(
    long ssrc,
    long packetsSent,
    long bytesSent,
    long framesSent,
    long keyFramesSent,
    long retransmittedPacketsSent,
    long retransmittedBytesSent,
    long nackCount,
    long pliCount,
    long firCount,
    long remotePacketsLost,
    double remoteFractionLost,
    double remoteJitterSeconds,
    long roundTripNanos,
    long framesGiven,
    long headerBytesSent,
    boolean reported,
    long totalRoundTripNanos,
    long roundTripMeasurements) {}
