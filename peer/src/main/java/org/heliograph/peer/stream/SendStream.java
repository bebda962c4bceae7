package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor;

/**
 * Sends one media section: cuts frames into packets, numbers them, remembers them for those that
 * the receiver asks for again. See {@link RtpSession}.
 */
public final class SendStream {
  /** Key frames are not asked of the encoder oftener than this. */
  static final long MIN_KEY_FRAME_INTERVAL_NANOS = 300_000_000;

  /** A packet older than this comes too late, whenever it is sent again. */
  static final long MAX_RESEND_AGE_NANOS = 2_000_000_000L;

  /** So much may be sent again in a second, and at once after a pause: else loss breeds loss. */
  static final int RESEND_BYTES_PER_SECOND = 250_000;

  private static final long MIN_RESEND_INTERVAL_NANOS = 10_000_000;
  private static final int SRTP_TAG_LENGTH = 16;
  private static final int RTX_HEADER_LENGTH = 2;
  private static final int MAX_DESCRIPTOR_LENGTH =
      Math.max(Vp8PayloadDescriptor.WRITTEN_LENGTH, Vp9PayloadDescriptor.WRITTEN_LENGTH);
  private static final int VOICE = 0x80;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Sound whose capture time is off by less is contiguous: it only was read late. */
  private static final long AUDIO_TOLERANCE_RTP = 480;

  private final RtpSession session;
  private SendParameters parameters;
  private RtpPacketWriter writer;

  /** What was sent last; the next frame may be of another format. */
  private PayloadFormat format;

  /** Of that format; null where the receiver does not ask for packets. */
  private PacketHistory history;

  private int maxPayloadLength;
  private final long timestampOffset;
  private final ByteBuffer payload = ByteBuffer.allocate(RtpSession.MAX_DATAGRAM);
  private int sequenceNumber;
  private int rtxSequenceNumber;
  private int pictureId;
  private boolean started;
  private long lastRtpTime;
  private long nextRtpTime;
  private double resendBudget = RESEND_BYTES_PER_SECOND;
  private long resendBudgetNanos;
  private boolean keyFrameRequested;
  private long keyFrameRequestedNanos;
  private int lastFir = -1;
  private long packetsSent;
  private long bytesSent;
  private long framesSent;
  private long keyFramesSent;
  private long retransmittedPacketsSent;
  private long retransmittedBytesSent;
  private long nackCount;
  private long pliCount;
  private long firCount;
  private ReportBlock remoteReport;

  SendStream(RtpSession session, SendParameters parameters, RandomGenerator random) {
    this.session = session;
    use(parameters);
    begin(parameters.preferred());
    timestampOffset = random.nextLong(1L << 32);
    // Far from the wrap, so that both sides count the same roll-overs (RFC 3711 3.3.1).
    sequenceNumber = random.nextInt(1 << 15);
    rtxSequenceNumber = random.nextInt(1 << 15);
    pictureId = random.nextInt(1 << 15);
  }

  private void use(SendParameters negotiated) {
    parameters = negotiated;
    writer = new RtpPacketWriter(negotiated.extensions(), negotiated.mid());
    int rtx = negotiated.rtxSsrc() == SendParameters.NONE ? 0 : RTX_HEADER_LENGTH;
    maxPayloadLength = RtpSession.MAX_DATAGRAM - SRTP_TAG_LENGTH - writer.maxHeaderLength() - rtx;
  }

  void renegotiated(SendParameters changed) {
    if (changed.preferred().format().clockRate() != format.format().clockRate()
        || changed.ssrc() != parameters.ssrc()) {
      throw new IllegalArgumentException("a stream keeps its clock rate and source");
    }
    use(changed);
    if (!changed.formats().contains(format)) {
      begin(changed.preferred());
    }
  }

  private void begin(PayloadFormat begun) {
    format = begun;
    history = begun.nack() ? new PacketHistory(begun.format().isVideo() ? 1024 : 128) : null;
  }

  /** What is sent now; before the first frame, what the receiver prefers. */
  public PayloadFormat format() {
    return format;
  }

  /** Whether the receiver takes frames of a format. */
  public boolean takes(MediaFormat wanted) {
    return formatOf(wanted) != null;
  }

  private PayloadFormat formatOf(MediaFormat wanted) {
    if (format.format() == wanted) {
      return format;
    }
    for (PayloadFormat each : parameters.formats()) {
      if (each.format() == wanted) {
        return each;
      }
    }
    return null;
  }

  /** What was negotiated for the stream. */
  public SendParameters parameters() {
    return parameters;
  }

  /** The figures so far. */
  public SendStatistics statistics() {
    ReportBlock report = remoteReport;
    return new SendStatistics(
        parameters.ssrc(),
        packetsSent,
        bytesSent,
        framesSent,
        keyFramesSent,
        retransmittedPacketsSent,
        retransmittedBytesSent,
        nackCount,
        pliCount,
        firCount,
        report == null ? 0 : report.cumulativeLost(),
        report == null ? 0 : report.fractionLost() / 256.0,
        report == null ? 0 : (double) report.jitter() / format.format().clockRate(),
        session.measuredRoundTripNanos());
  }

  boolean hasSent() {
    return packetsSent > 0;
  }

  /**
   * The whole way of a frame: its time, its packets.
   *
   * @throws IllegalArgumentException if the receiver does not take its format
   */
  void send(MediaFrame frame, long nowNanos) {
    PayloadFormat sent = formatOf(frame.format());
    if (sent == null) {
      throw new IllegalArgumentException(frame.format() + " was not negotiated");
    }
    if (!sent.equals(format)) {
      begin(sent);
    }
    boolean talkspurt = !started;
    long rtpTime = format.format().toRtpTime(frame.timeNanos());
    if (started && !format.format().isVideo()) {
      boolean contiguous = Math.abs(rtpTime - nextRtpTime) < AUDIO_TOLERANCE_RTP;
      rtpTime = contiguous ? nextRtpTime : rtpTime;
      talkspurt = !contiguous;
    }
    if (started) {
      rtpTime = Math.max(rtpTime, lastRtpTime + 1);
    }
    started = true;
    lastRtpTime = rtpTime;
    nextRtpTime = rtpTime + format.format().toRtpTime(frame.durationNanos());
    long timestamp = (rtpTime + timestampOffset) & 0xffffffffL;
    switch (format.format()) {
      case VP8, VP9 -> packetizePicture(frame, timestamp, nowNanos);
      case OPUS -> packetizeOpus(frame, timestamp, talkspurt, nowNanos);
    }
    framesSent++;
    keyFramesSent += frame.key() && format.format().isVideo() ? 1 : 0;
  }

  /** Cuts a picture into packets of nearly equal size (RFC 7741 4.4). */
  private void packetizePicture(MediaFrame frame, long timestamp, long nowNanos) {
    ByteBuffer picture = frame.payload();
    int perPacket = maxPayloadLength - MAX_DESCRIPTOR_LENGTH;
    int packets = (picture.remaining() + perPacket - 1) / perPacket;
    int from = picture.position();
    for (int i = 0; i < packets; i++) {
      int to = picture.position() + (int) ((long) picture.remaining() * (i + 1) / packets);
      boolean first = i == 0;
      boolean last = i == packets - 1;
      payload.clear();
      if (frame.format() == MediaFormat.VP9) {
        Vp9PayloadDescriptor.write(payload, frame.key(), first, last, pictureId);
      } else {
        Vp8PayloadDescriptor.write(payload, first, pictureId);
      }
      payload.put(payload.position(), picture, from, to - from);
      payload.position(payload.position() + to - from).flip();
      sendPayload(last, timestamp, MediaFrame.NO_LEVEL, nowNanos);
      from = to;
    }
    pictureId = (pictureId + 1) & 0x7fff;
  }

  /** An Opus packet is one payload (RFC 7587 4.2); the marker starts a talkspurt (RFC 3551 4.1). */
  private void packetizeOpus(MediaFrame frame, long timestamp, boolean talkspurt, long nowNanos) {
    ByteBuffer packet = frame.payload();
    if (packet.remaining() > maxPayloadLength) {
      throw new IllegalArgumentException(
          "an Opus packet of " + packet.remaining() + " bytes does not fit into a datagram");
    }
    payload.clear();
    payload.put(0, packet, packet.position(), packet.remaining()).limit(packet.remaining());
    sendPayload(talkspurt, timestamp, frame.audioLevel(), nowNanos);
  }

  private void sendPayload(boolean marker, long timestamp, int audioLevel, long nowNanos) {
    if (history != null) {
      history.add(sequenceNumber, timestamp, marker, payload, nowNanos);
    }
    packetsSent++;
    bytesSent += payload.remaining();
    ByteBuffer packet = session.packetBuffer();
    writer.start(
        packet, marker, format.payloadType(), sequenceNumber, timestamp, parameters.ssrc());
    writeExtensions(audioLevel, nowNanos);
    packet.put(payload);
    session.sendRtp(packet.flip());
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
  }

  private void writeExtensions(int audioLevel, long nowNanos) {
    writer.mid();
    writer.absSendTime(
        (int) ((Math.floorMod(nowNanos, 64 * NANOS_PER_SECOND) << 18) / NANOS_PER_SECOND));
    writer.transportSequenceNumber(
        session.nextTransportSequenceNumber(parameters.extensions(), nowNanos));
    if (audioLevel != MediaFrame.NO_LEVEL) {
      // Nobody here tells voices from noise: all that is not silence is said to be one.
      writer.audioLevel(audioLevel < MediaFrame.SILENCE_LEVEL ? VOICE | audioLevel : audioLevel);
    }
    writer.endHeader();
  }

  /** Sends what was asked for again, as far as it is kept, still of use, and within the budget. */
  void onNack(List<Integer> sequenceNumbers, long nowNanos) {
    nackCount++;
    if (history == null) {
      return;
    }
    refillResendBudget(nowNanos);
    long minInterval = Math.max(MIN_RESEND_INTERVAL_NANOS, session.roundTripNanos() / 2);
    for (int number : sequenceNumbers) {
      PacketHistory.Entry entry = history.find(number);
      if (entry == null
          || nowNanos - entry.firstSentNanos() > MAX_RESEND_AGE_NANOS
          || (entry.lastSentNanos() != entry.firstSentNanos()
              && nowNanos - entry.lastSentNanos() < minInterval)) {
        continue;
      }
      if (resendBudget < entry.payloadLength()) {
        return;
      }
      resendBudget -= entry.payloadLength();
      resend(entry, nowNanos);
    }
  }

  private void refillResendBudget(long nowNanos) {
    double refill =
        (double) (nowNanos - resendBudgetNanos) / NANOS_PER_SECOND * RESEND_BYTES_PER_SECOND;
    resendBudget = Math.min(RESEND_BYTES_PER_SECOND, resendBudget + Math.max(0, refill));
    resendBudgetNanos = nowNanos;
  }

  private void resend(PacketHistory.Entry entry, long nowNanos) {
    entry.sentAgain(nowNanos);
    retransmittedPacketsSent++;
    retransmittedBytesSent += entry.payloadLength();
    boolean rtx = format.rtxPayloadType() != PayloadFormat.NONE;
    ByteBuffer packet = session.packetBuffer();
    writer.start(
        packet,
        entry.marker(),
        rtx ? format.rtxPayloadType() : format.payloadType(),
        rtx ? rtxSequenceNumber : entry.sequenceNumber(),
        entry.timestamp(),
        rtx ? parameters.rtxSsrc() : parameters.ssrc());
    writeExtensions(MediaFrame.NO_LEVEL, nowNanos);
    if (rtx) {
      packet.put((byte) (entry.sequenceNumber() >>> 8)).put((byte) entry.sequenceNumber());
      rtxSequenceNumber = (rtxSequenceNumber + 1) & 0xffff;
    }
    entry.copyPayloadTo(packet);
    session.sendRtp(packet.flip());
  }

  void onPictureLoss(long nowNanos) {
    pliCount++;
    requestKeyFrame(nowNanos);
  }

  /** A command with the number of the one before is a repetition of it (RFC 5104 4.3.1.1). */
  void onFullIntraRequest(FullIntraRequest.Request request, long nowNanos) {
    if (request.commandSequenceNumber() != lastFir) {
      lastFir = request.commandSequenceNumber();
      firCount++;
      requestKeyFrame(nowNanos);
    }
  }

  private void requestKeyFrame(long nowNanos) {
    if (!format.format().isVideo()
        || (keyFrameRequested
            && nowNanos - keyFrameRequestedNanos < MIN_KEY_FRAME_INTERVAL_NANOS)) {
      return;
    }
    keyFrameRequested = true;
    keyFrameRequestedNanos = nowNanos;
    session.onKeyFrameRequested(this);
  }

  /** Takes a report in, and tells how many packets it is about. */
  long onReport(ReportBlock report) {
    long before =
        remoteReport == null
            ? report.extendedHighestSequenceNumber() - packetsSent
            : remoteReport.extendedHighestSequenceNumber();
    remoteReport = report;
    return Math.max(0, report.extendedHighestSequenceNumber() - before);
  }

  /** The sender report of this instant; it may carry reports on what is received, too. */
  SenderReport senderReport(long ntpTime, List<ReportBlock> reports, long nowNanos) {
    return new SenderReport(
        parameters.ssrc(),
        ntpTime,
        (format.format().toRtpTime(nowNanos) + timestampOffset) & 0xffffffffL,
        packetsSent & 0xffffffffL,
        bytesSent & 0xffffffffL,
        reports);
  }
}
