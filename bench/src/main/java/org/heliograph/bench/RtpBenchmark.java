package org.heliograph.bench;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.congestion.TransportFeedbackGenerator;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * RTP and RTCP alone. No other implementation for the JVM that stands by itself is at hand to set
 * beside them; {@link ConnectionBench} has them in their place.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RtpBenchmark {
  private static final int PAYLOAD = 1100;
  private static final int PACKETS_IN_FEEDBACK = 20;
  private static final long FEEDBACK_NANOS = 100_000_000;

  private final RtpExtensionMap extensions =
      new RtpExtensionMap(
          Map.of(
              RtpExtension.MID, 1,
              RtpExtension.ABS_SEND_TIME, 2,
              RtpExtension.TRANSPORT_SEQUENCE_NUMBER, 3));
  private final ByteBuffer datagram = ByteBuffer.allocate(1500);
  private final RtpPacket packet = new RtpPacket();
  private final Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();
  private final TransportFeedbackGenerator generator = new TransportFeedbackGenerator();
  private final ByteBuffer feedback = ByteBuffer.allocate(1500);
  private final ByteBuffer built = ByteBuffer.allocate(1500);
  private int number;
  private long nowNanos;

  /** One packet with three header extensions, and one feedback packet. */
  @Setup
  public void prepare() {
    RtpPacketWriter writer = new RtpPacketWriter(extensions, "1");
    writer.start(datagram, true, 96, 1, 90_000, 12_345);
    writer.mid();
    writer.absSendTime(1);
    writer.transportSequenceNumber(1);
    writer.endHeader();
    Vp8PayloadDescriptor.write(datagram, true, 7);
    datagram.put(new byte[PAYLOAD]).flip();
    feedback.put(buildFeedback()).flip();
  }

  /** The header, its transport-wide number, and the VP8 payload descriptor. */
  @Benchmark
  public int parseRtp() throws MalformedPacketException {
    packet.wrap(datagram);
    descriptor.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    return packet.transportSequenceNumber(extensions) + descriptor.length();
  }

  /** A tenth of a second's transport-wide feedback, on 20 packets, from arrivals to bytes. */
  @Benchmark
  public ByteBuffer buildFeedback() {
    for (int i = 0; i < PACKETS_IN_FEEDBACK; i++) {
      nowNanos += FEEDBACK_NANOS / PACKETS_IN_FEEDBACK;
      generator.onPacket(number++ & 0xffff, 12_345, PAYLOAD, nowNanos);
    }
    TransportFeedback due = generator.poll(1, nowNanos + FEEDBACK_NANOS);
    built.clear();
    RtcpCompound.write(List.of(due), built);
    return built.flip();
  }

  /** The same feedback, from bytes to arrivals. */
  @Benchmark
  public List<RtcpPacket> parseFeedback() throws MalformedPacketException {
    return RtcpCompound.parse(feedback);
  }
}
