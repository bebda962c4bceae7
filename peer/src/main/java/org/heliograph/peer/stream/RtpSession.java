package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.heliograph.peer.congestion.CongestionController;
import org.heliograph.peer.congestion.ReceivedQueue;
import org.heliograph.peer.congestion.ReceivedRateEstimator;
import org.heliograph.peer.congestion.TransportFeedbackGenerator;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.Goodbye;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtcp.SourceDescription;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.receive.CommonClock;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.receive.SourceTable;
import org.heliograph.peer.stream.send.Pacer;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.heliograph.peer.stream.send.SentBeside;

/**
 * The media of one transport (RFC 3550, RFC 9143 BUNDLE): every stream that is sent and received
 * over it, and the RTCP between. It has no socket and no clock: its driver hands it each packet
 * after SRTP has unprotected it and calls {@link #handleTimeout} when {@link #nextTimeoutNanos} has
 * come; what it makes of it goes to its {@link RtpSessionListener} during the call. Instants are
 * nanoseconds on the driver's monotonic clock. One thread at a time.
 */
public final class RtpSession {
  /** The longest datagram that is sent, SRTP included: what every path carries. */
  public static final int MAX_DATAGRAM = 1200;

  /** The longest RTP packet that is received: the window's memory is bounded by it. */
  public static final int MAX_RECEIVED = 2048;

  /** What SRTP and SRTCP may add to a packet. */
  public static final int SRTP_OVERHEAD = 32;

  /** More than a header with every extension takes. */
  private static final int MAX_HEADER = 640;

  private static final long MIN_BITS_PER_SECOND = 30_000;
  private static final long START_BITS_PER_SECOND = 300_000;
  private static final long MAX_BITS_PER_SECOND = 10_000_000;

  /** What waits beyond this is made good by the encoder. */
  private static final double USUAL_QUEUE_SECONDS = 0.1;

  private static final double DRAIN_SECONDS = 0.5;
  private static final double LEAST_SHARE_OF_MEDIA = 0.5;

  private static final long REPORT_INTERVAL_NANOS = 1_000_000_000;

  /** The first sender report follows its stream's first packet closely: lip sync waits for it. */
  private static final long FIRST_REPORT_DELAY_NANOS = 50_000_000;

  private final NtpClock ntpClock;
  private final RandomGenerator random;
  private final RtpSessionListener listener;
  private final RtcpSender rtcp;
  private final List<ReceiveStream> receivers = new CopyOnWriteArrayList<>();
  private final List<SendStream> senders = new CopyOnWriteArrayList<>();
  private final SourceTable sources = new SourceTable();
  private final CommonClock commonClock = new CommonClock();
  private final CaptureClock captureClock = new CaptureClock();
  private final RoundTripTime roundTrip = new RoundTripTime();
  private final TransportFeedbackGenerator feedback = new TransportFeedbackGenerator();
  private final CongestionController congestion =
      new CongestionController(MIN_BITS_PER_SECOND, START_BITS_PER_SECOND, MAX_BITS_PER_SECOND);
  private final Pacer pacer = new Pacer(congestion);
  private final RtpPacket packet = new RtpPacket();
  private final Failures failures = new Failures();

  /** A forwarded packet may be as long as one that is received, and its header longer. */
  private final ByteBuffer rtpBuffer =
      ByteBuffer.allocate(MAX_RECEIVED + MAX_HEADER + SRTP_OVERHEAD);

  private final ReceivedQueue receivedQueue = new ReceivedQueue();

  /** Null where the sender takes transport-wide feedback, or no REMB. */
  private ReceivedRateEstimator receivedRate;

  /** For packets of no stream, by their payload type. */
  private final RtpExtensionMap[] strayExtensions = new RtpExtensionMap[128];

  private final SentBeside sentBeside = new SentBeside();
  private boolean obeysReceiverEstimates;
  private boolean handsOnPackets;
  private long reportNanos = Long.MAX_VALUE;
  private long announcedBitsPerSecond;
  private boolean packetWasNumbered;
  private long packetsDropped;

  /**
   * @param cname the canonical name (RFC 7022), the same in the session description
   * @param clock the wall clock for sender reports
   * @param random for sequence numbers, time stamps and RTCP intervals
   * @param listener what takes packets, frames and events
   */
  public RtpSession(
      String cname, NtpClock clock, RandomGenerator random, RtpSessionListener listener) {
    this.ntpClock = clock;
    this.random = random;
    this.listener = listener;
    Arrays.fill(strayExtensions, RtpExtensionMap.empty());
    long receivingSsrc = random.nextLong(1, 1L << 32);
    rtcp = new RtcpSender(cname, clock, receivingSsrc, receivers, senders, listener);
  }

  /**
   * Replaces the header extensions of packets that belong to no stream, such as those that come
   * while their section is on hold: they are counted for bandwidth estimation none the less.
   *
   * @param byPayloadType what the sections say that have the payload type, 0 to 127
   */
  public void setStrayExtensions(Map<Integer, RtpExtensionMap> byPayloadType) {
    for (int i = 0; i < strayExtensions.length; i++) {
      strayExtensions[i] = byPayloadType.getOrDefault(i, RtpExtensionMap.empty());
    }
  }

  /** Sets whether the sender is told how much it may send (REMB), by this side's estimate. */
  public void setReceiverEstimates(boolean wanted) {
    if (!wanted) {
      receivedRate = null;
    } else if (receivedRate == null) {
      receivedRate = new ReceivedRateEstimator();
    }
  }

  /**
   * Sets whether the receiver's own estimates (REMB) limit what is sent; off at first. They do
   * beside transport-wide feedback, too.
   */
  public void setObeysReceiverEstimates(boolean obeys) {
    obeysReceiverEstimates = obeys;
    if (!obeys) {
      congestion.forgetReceiverEstimate();
      announceBandwidth();
    }
  }

  /** Sets whether RTCP may be sent in reduced size (RFC 5506, {@code a=rtcp-rsize}). */
  public void setReducedSizeRtcp(boolean reducedSize) {
    rtcp.setReducedSize(reducedSize);
  }

  /** Sets whether received packets are handed on, too, to be forwarded; off at first. */
  public void setHandsOnPackets(boolean handsOn) {
    handsOnPackets = handsOn;
  }

  /** Starts to receive a media section. */
  public ReceiveStream addReceiver(ReceiveParameters parameters) {
    ReceiveStream stream = new ReceiveStream(this, commonClock, parameters);
    receivers.add(stream);
    sources.reassign(stream);
    return stream;
  }

  /**
   * Goes on with what a renegotiation has changed.
   *
   * @throws IllegalArgumentException if the clock rate is another one; that needs another receiver
   */
  public void updateReceiver(ReceiveStream stream, ReceiveParameters parameters) {
    stream.renegotiated(parameters);
    sources.reassign(stream);
  }

  /** Stops to receive a media section; its packets are dropped from now on. */
  public void removeReceiver(ReceiveStream stream) {
    if (receivers.remove(stream)) {
      sources.remove(stream);
      stream.remove();
    }
  }

  /** Starts a stream to be sent. */
  public SendStream addSender(SendParameters parameters) {
    SendStream stream = new SendStream(this, parameters, random);
    senders.add(stream);
    padWith(stream);
    return stream;
  }

  private void padWith(SendStream stream) {
    if (stream.parameters().rtxSsrc() != SendParameters.NONE) {
      pacer.padWith(stream);
    }
  }

  /**
   * Goes on with what a renegotiation has changed.
   *
   * @throws IllegalArgumentException if the clock rate or the source is another one; that needs
   *     another sender
   */
  public void updateSender(SendStream stream, SendParameters parameters) {
    stream.renegotiated(parameters);
  }

  /** Ends a stream that was sent, with a BYE if it has sent anything. */
  public void removeSender(SendStream stream, long nowNanos) {
    if (senders.contains(stream)) {
      rtcp.sayGoodbye(List.of(stream), nowNanos);
      withdrawSender(stream);
    }
  }

  /**
   * Ends a stream whose section goes on, later, from another source: without a BYE (RFC 3550 6.6),
   * by which aiortc would end what it receives in the section for good. libwebrtc sends none there
   * either.
   */
  public void withdrawSender(SendStream stream) {
    if (senders.remove(stream)) {
      pacer.remove(stream);
      for (SendStream other : senders) {
        padWith(other);
      }
    }
  }

  /**
   * Sends a frame; its time is on the driver's clock.
   *
   * @throws IllegalArgumentException if it is an Opus packet that does not fit into a datagram, or
   *     its format was not negotiated
   */
  public void send(SendStream stream, MediaFrame frame, long nowNanos) {
    boolean first = !stream.hasSent();
    stream.send(frame, nowNanos);
    pacer.process(nowNanos);
    announceBandwidth();
    if (first && stream.hasSent()) {
      reportNanos = Math.min(reportNanos, nowNanos + FIRST_REPORT_DELAY_NANOS);
    }
  }

  /**
   * Sends on at once what another session has received; without a pacer, because it is for a path
   * that carries what it is given: one within this machine. Dropped where its format was not
   * negotiated.
   */
  public void forward(SendStream stream, MediaPacket received, long nowNanos) {
    boolean reported = stream.canReport();
    stream.forward(received, nowNanos);
    if (!reported && stream.canReport()) {
      reportNanos = Math.min(reportNanos, nowNanos + FIRST_REPORT_DELAY_NANOS);
    }
  }

  /**
   * Takes an unprotected RTP packet, position to limit; what is malformed is counted and dropped.
   */
  public void receiveRtp(ByteBuffer datagram, long nowNanos) {
    if (datagram.remaining() > MAX_RECEIVED) {
      packetsDropped++;
      return;
    }
    try {
      packet.wrap(datagram);
      ReceiveStream stream = sources.find(packet, receivers);
      RtpExtensionMap extensions =
          stream == null ? strayExtensions[packet.payloadType()] : stream.parameters().extensions();
      int number = packet.transportSequenceNumber(extensions);
      if (number >= 0) {
        feedback.onPacket(number, packet.ssrc(), packet.length(), nowNanos);
      }
      measureWay(extensions, nowNanos);
      if (stream == null) {
        packetsDropped++;
        return;
      }
      if (reportNanos == Long.MAX_VALUE) {
        scheduleReport(nowNanos);
      }
      stream.receive(packet, nowNanos);
    } catch (MalformedPacketException e) {
      packetsDropped++;
    }
  }

  private void measureWay(RtpExtensionMap extensions, long nowNanos) {
    int sendTime = packet.absSendTime(extensions);
    if (sendTime < 0) {
      return;
    }
    receivedQueue.onPacket(sendTime, nowNanos);
    roundTrip.onQueue(receivedQueue.nanos());
    if (receivedRate != null) {
      receivedRate.onPacket(sendTime, packet.length(), nowNanos);
    }
  }

  /** Takes an unprotected RTCP compound, position to limit; what is malformed in it is skipped. */
  public void receiveRtcp(ByteBuffer compound, long nowNanos) {
    List<RtcpPacket> packets;
    try {
      packets = RtcpCompound.parse(compound, reason -> packetsDropped++);
    } catch (MalformedPacketException e) {
      packetsDropped++;
      return;
    }
    boolean besideFeedback = packets.stream().anyMatch(RtcpPacket::isFeedback);
    for (RtcpPacket received : packets) {
      switch (received) {
        case SenderReport report -> {
          for (ReceiveStream stream : receivers) {
            if (stream.ssrc() == report.ssrc()) {
              stream.onSenderReport(report, nowNanos);
            }
          }
          onReports(report.reports(), besideFeedback, nowNanos);
        }
        case ReceiverReport report -> onReports(report.reports(), besideFeedback, nowNanos);
        case SourceDescription description -> {
          for (SourceDescription.Chunk chunk : description.chunks()) {
            for (ReceiveStream stream : receivers) {
              if (stream.ssrc() == chunk.ssrc()) {
                stream.onCname(chunk.cname());
              }
            }
          }
        }
        case Goodbye goodbye -> {
          for (ReceiveStream stream : receivers) {
            if (goodbye.ssrcs().contains(stream.ssrc())) {
              stream.onGoodbye(nowNanos);
            }
          }
        }
        case GenericNack nack -> {
          for (SendStream stream : senders) {
            if (stream.parameters().ssrc() == nack.mediaSsrc()) {
              stream.onNack(nack.sequenceNumbers(), nowNanos);
            }
          }
          pacer.process(nowNanos);
        }
        case PictureLossIndication loss -> {
          for (SendStream stream : senders) {
            if (stream.sendsFrom(loss.mediaSsrc())) {
              stream.onPictureLoss(nowNanos);
            }
          }
        }
        case FullIntraRequest intra -> {
          for (SendStream stream : senders) {
            for (FullIntraRequest.Request request : intra.requests()) {
              if (stream.sendsFrom(request.ssrc())) {
                stream.onFullIntraRequest(request, nowNanos);
              }
            }
          }
        }
        case ReceiverEstimatedMaximumBitrate limit -> {
          if (obeysReceiverEstimates) {
            long told = Math.min(limit.bitsPerSecond(), MAX_BITS_PER_SECOND);
            long beside = sentBeside.bitsPerSecond(senders, limit.ssrcs(), nowNanos);
            congestion.onReceiverEstimate(told == 0 ? 0 : told + beside, nowNanos);
            announceBandwidth();
          }
        }
        case TransportFeedback arrivals -> {
          congestion.onRoundTrip(roundTripNanos());
          congestion.onTransportFeedback(arrivals, nowNanos);
          pacer.process(nowNanos);
          announceBandwidth();
        }
      }
    }
  }

  private void onReports(List<ReportBlock> reports, boolean besideFeedback, long nowNanos) {
    long packets = 0;
    double lost = 0;
    for (ReportBlock report : reports) {
      for (SendStream stream : senders) {
        if (stream.parameters().ssrc() == report.ssrc()) {
          long count = stream.onReport(report, besideFeedback, nowNanos);
          if (!stream.format().format().isVideo()) {
            listener.onLossToPrepareFor(stream, stream.lossToPrepareFor());
          }
          packets += count;
          lost += count * report.fractionLost() / 256.0;
          measureRoundTrip(stream, report, nowNanos);
        }
      }
    }
    if (packets > 0) {
      boolean numbered = senders.stream().anyMatch(SendStream::isNumbered);
      congestion.onReceiverReport(lost / packets, numbered, nowNanos);
      announceBandwidth();
    }
  }

  /** RFC 3550 6.4.1: now, less when our report was sent, less how long it lay there. */
  private void measureRoundTrip(SendStream stream, ReportBlock report, long nowNanos) {
    if (report.lastSenderReport() == 0) {
      return;
    }
    long now = ntpClock.ntp(nowNanos) >>> 16 & 0xffffffffL;
    int elapsed = (int) (now - report.lastSenderReport() - report.delaySinceLastSenderReport());
    long nanos = NtpClock.nanosBetween(0, (long) elapsed << 16);
    roundTrip.onSample(nanos);
    if (nanos >= 0) {
      stream.onRoundTrip(nanos);
    }
  }

  private void announceBandwidth() {
    long now = mediaBitsPerSecond();
    if (Math.abs(now - announcedBitsPerSecond) * 50 > announcedBitsPerSecond) {
      announcedBitsPerSecond = now;
      listener.onBandwidthEstimate(now);
    }
  }

  /**
   * What the encoders may produce: the estimate without what makes losses good, and less while too
   * much waits here or on the path, so that queues empty soon.
   */
  private long mediaBitsPerSecond() {
    double estimate = congestion.bitsPerSecond();
    double onPath = congestion.queueNanos() / 1e9 * estimate;
    double waiting = pacer.queuedBits() + onPath - USUAL_QUEUE_SECONDS * estimate;
    double drain = Math.max(0, waiting) / DRAIN_SECONDS;
    double media = estimate - pacer.repairBitsPerSecond() - drain;
    return (long) Math.max(LEAST_SHARE_OF_MEDIA * estimate, media);
  }

  /** Asks the encoder of a stream of pictures for a key frame, as if the receiver had asked. */
  public void askForKeyFrame(SendStream stream, long nowNanos) {
    stream.requestKeyFrame(nowNanos);
  }

  /** Asks the stream's sender for a key frame, not oftener than the rate limit allows. */
  public void requestKeyFrame(ReceiveStream stream, long nowNanos) {
    stream.requestKeyFrame(nowNanos);
  }

  /** The last round trips' time, smoothed, or -1 before the first is known. */
  public long measuredRoundTripNanos() {
    return roundTrip.measured() ? roundTrip.smoothedNanos() : -1;
  }

  /** Packets, and parts of RTCP compounds, that were malformed or belonged to no stream. */
  public long packetsDropped() {
    return packetsDropped;
  }

  /** When {@link #handleTimeout} wants to be called next; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    long next = Math.min(reportNanos, feedback.nextTimeoutNanos());
    next = Math.min(next, Math.min(congestion.nextTimeoutNanos(), pacer.nextTimeoutNanos()));
    next = receivedRate == null ? next : Math.min(next, receivedRate.nextTimeoutNanos());
    for (ReceiveStream stream : receivers) {
      next = Math.min(next, stream.nextTimeoutNanos());
    }
    return next;
  }

  /**
   * Does what is due by now: reports, NACKs, feedback, frames that have waited long enough. What
   * fails of it keeps nothing else from being done, and is thrown at the end.
   */
  public void handleTimeout(long nowNanos) {
    for (ReceiveStream stream : receivers) {
      try {
        stream.handleTimeout(nowNanos);
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    failures.run(() -> sendTransportFeedback(nowNanos));
    failures.run(() -> sendReceiverEstimate(nowNanos));
    failures.run(
        () -> {
          congestion.handleTimeout(nowNanos);
          pacer.process(nowNanos);
          announceBandwidth();
        });
    if (nowNanos >= reportNanos) {
      scheduleReport(nowNanos);
      failures.run(() -> rtcp.sendReports(nowNanos));
    }
    failures.throwFirst();
  }

  private void sendTransportFeedback(long nowNanos) {
    if (nowNanos < feedback.nextTimeoutNanos()) {
      return;
    }
    long ssrc = rtcp.ssrcFor(receiverOf(feedback.mediaSsrc()));
    for (TransportFeedback arrivals = feedback.poll(ssrc, nowNanos);
        arrivals != null;
        arrivals = feedback.poll(ssrc, nowNanos)) {
      rtcp.sendFeedback(ssrc, arrivals);
    }
  }

  private void sendReceiverEstimate(long nowNanos) {
    long bitsPerSecond = receivedRate == null ? -1 : receivedRate.poll(nowNanos);
    if (bitsPerSecond >= 0) {
      List<ReceiveStream> started =
          receivers.stream()
              .filter(stream -> stream.ssrc() != ReceiveParameters.NONE)
              .filter(stream -> stream.parameters().extensions().has(RtpExtension.ABS_SEND_TIME))
              .toList();
      ReceiveStream about =
          started.stream()
              .filter(stream -> stream.format().format().isVideo())
              .findFirst()
              .orElse(null);
      List<Long> ssrcs =
          started.stream()
              .map(ReceiveStream::ssrc)
              .limit(ReceiverEstimatedMaximumBitrate.MAX_SSRCS)
              .toList();
      rtcp.sendFeedback(
          about,
          new ReceiverEstimatedMaximumBitrate(rtcp.ssrcFor(about), bitsPerSecond, ssrcs),
          nowNanos);
    }
  }

  /** Says goodbye for every stream that was sent. */
  public void close(long nowNanos) {
    rtcp.sayGoodbye(senders, nowNanos);
  }

  /** Half to one and a half of the interval (RFC 3550 6.2), so that peers do not fall into step. */
  private void scheduleReport(long nowNanos) {
    reportNanos = nowNanos + REPORT_INTERVAL_NANOS / 2 + random.nextLong(REPORT_INTERVAL_NANOS);
  }

  /** The stream that is received from a source, or else any. */
  private ReceiveStream receiverOf(long ssrc) {
    ReceiveStream found = null;
    for (ReceiveStream stream : receivers) {
      if (found == null || stream.ssrc() == ssrc) {
        found = stream;
      }
    }
    return found;
  }

  /** What sends reports and feedback. */
  public RtcpSender rtcp() {
    return rtcp;
  }

  /** The round trip's time, or what is assumed of it. */
  public long roundTripNanos() {
    return roundTrip.smoothedNanos();
  }

  /** What is measured of it: by reports, and by packets that were asked for again. */
  public RoundTripTime roundTrip() {
    return roundTrip;
  }

  /** The buffer for the packet that is sent next. */
  public ByteBuffer packetBuffer() {
    return rtpBuffer.clear();
  }

  /** The number of that packet on the transport, or -1 if packets of that stream have none. */
  public int nextTransportSequenceNumber(RtpExtensionMap extensions, int probe, long nowNanos) {
    packetWasNumbered = extensions.has(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
    return packetWasNumbered ? congestion.nextNumber(probe, nowNanos) : -1;
  }

  /** Sends a packet; tells its length. */
  public int sendRtp(ByteBuffer rtp, long nowNanos) {
    int length = rtp.remaining();
    if (packetWasNumbered) {
      congestion.onSent(length, nowNanos);
    }
    pacer.onSent(length);
    listener.onRtpToSend(rtp);
    return length;
  }

  /**
   * The transport sends over another path from now on, or over its first one.
   *
   * @param roundTripNanos what a check of the path took; negative if that is not known. Who only
   *     receives has nothing else to measure it by
   */
  public void onPathChange(long nowNanos, long roundTripNanos) {
    receivedQueue.onPathChange();
    if (receivedRate != null) {
      receivedRate = ReceivedRateEstimator.ofPathSince(nowNanos);
    }
    roundTrip.onPathChange(roundTripNanos);
    congestion.onPathChange(nowNanos);
    announceBandwidth();
  }

  /** How much may be sent, all streams together, in bits per second. */
  public long sendBitsPerSecond() {
    return congestion.bitsPerSecond();
  }

  /** How long packets wait in queues on the path. */
  public long pathQueueNanos() {
    return congestion.queueNanos();
  }

  public Pacer pacer() {
    return pacer;
  }

  public boolean handsOnPackets() {
    return handsOnPackets;
  }

  /** Puts the capture times of what is forwarded onto one clock. */
  public CaptureClock captureClock() {
    return captureClock;
  }

  public void onPacket(ReceiveStream stream, MediaPacket received) {
    listener.onPacket(stream, received);
  }

  public void onFrame(ReceiveStream stream, MediaFrame frame) {
    listener.onFrame(stream, frame);
  }

  public void onKeyFrameRequested(SendStream stream) {
    listener.onKeyFrameRequested(stream);
  }
}
