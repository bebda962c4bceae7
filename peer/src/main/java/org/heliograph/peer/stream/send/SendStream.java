package org.heliograph.peer.stream.send;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.random.RandomGenerator;
import org.heliograph.peer.congestion.Probe;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.RedPayload;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor;
import org.heliograph.peer.stream.FecBitString;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;
import org.heliograph.peer.stream.RtpSession;

/**
 * Sends one media section: cuts frames into packets, or takes them as another session has received
 * them; numbers them, remembers them for those that the receiver asks for again. See {@link
 * RtpSession}.
 */
public final class SendStream {
  /** Key frames are not asked of the encoder oftener than this. */
  static final long MIN_KEY_FRAME_INTERVAL_NANOS = 300_000_000;

  /** A packet older than this comes too late, whenever it is sent again. */
  static final long MAX_RESEND_AGE_NANOS = 2_000_000_000L;

  /** Of the bandwidth so much is for what is sent again: else loss breeds loss. */
  public static final double RESEND_SHARE = 0.5;

  /** What may be sent again at once after a pause, in seconds of that share. */
  static final double RESEND_BURST_SECONDS = 0.5;

  /** What takes longer than this, within a second, to be sent again is given up for a key frame. */
  static final double MAX_RESEND_SECONDS = 0.5;

  /** Not so where the path is not full. */
  private static final long MIN_QUEUE_TO_GIVE_UP_NANOS = 100_000_000L;

  private static final long MIN_GIVE_UP_INTERVAL_NANOS = 2_000_000_000L;

  /** A picture that would wait longer than this for its turn is left out. */
  static final long MAX_QUEUE_NANOS = 1_000_000_000L;

  /** After one was left out, a key frame is asked for when the queue is as short as this. */
  static final long SHORT_QUEUE_NANOS = 100_000_000L;

  private static final long MIN_RESEND_INTERVAL_NANOS = 10_000_000;
  private static final int MAX_PADDING = 255;
  private static final int SRTP_TAG_LENGTH = 16;
  private static final int RTX_HEADER_LENGTH = 2;

  /** Reports come every 1.5 s at least, if they come at all. */
  private static final long MAX_LOSS_INTERVAL_NANOS = 2_000_000_000L;

  /** From this loss on, a packet that is asked for again is sent twice. */
  static final double LOSS_TO_RESEND_TWICE_FROM = 0.08;

  /** Below this loss asking again does. */
  static final double LOSS_TO_PROTECT_FROM = 0.01;

  /** On a shorter round trip what is asked for again is there before it is missed. */
  private static final long MIN_ROUND_TRIP_TO_PROTECT_NANOS = 20_000_000L;

  /** With less than this there is nothing to spare: a picture is one packet, its sum another. */
  private static final long MIN_BITS_PER_SECOND_TO_PROTECT = 150_000;

  private static final double LEAST_PROTECTION = 0.3;
  private static final double PROTECTION_PER_LOSS = 5;
  private static final double MOST_PROTECTION = 1;

  /** Of the bandwidth so much is for sound with its copies. */
  static final double SHARE_OF_REDUNDANT_SOUND = 0.4;

  private static final int MAX_DESCRIPTOR_LENGTH =
      Math.max(Vp8PayloadDescriptor.WRITTEN_LENGTH, Vp9PayloadDescriptor.WRITTEN_LENGTH);
  private static final int VOICE = 0x80;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Sound whose capture time is off by less is contiguous: it only was read late. */
  private static final long AUDIO_TOLERANCE_RTP = 480;

  private final RtpSession session;
  private SendParameters parameters;
  private RtpExtensionMap extensions;
  private RtpPacketWriter writer;

  /** Null where the packets are made here. */
  private Renumbering forwarding;

  /** What was sent last; the next frame may be of another format. */
  private PayloadFormat format;

  /** What waits to be sent or may be asked for; null for sound that may not. */
  private PacketHistory history;

  private int maxPayloadLength;

  /** How much shorter payloads have to be for their sum to fit into a packet. */
  private int protectionOverhead;

  private final PictureProtection protection = new PictureProtection();
  private final long timestampOffset;
  private final ByteBuffer payload = ByteBuffer.allocate(RtpSession.MAX_DATAGRAM);
  private final AudioRedundancy redundancy = new AudioRedundancy();
  private int sequenceNumber;
  private int rtxSequenceNumber;
  private int pictureId;
  private boolean started;
  private long lastRtpTime;
  private long nextRtpTime;
  private double resendBudgetBits;
  private boolean resendBudgetStarted;
  private long resendBudgetNanos;

  /** A source begins with a key frame, and goes on with one after a gap (RFC 7741 4.1). */
  private boolean needsKeyFrame = true;

  private boolean gaveUp;
  private long gaveUpNanos;
  private PacketHistory.Entry lastSent;
  private boolean keyFrameRequested;
  private long keyFrameRequestedNanos;
  private int lastFir = -1;
  private long packetsSent;
  private long bytesSent;
  private long framesSent;
  private long framesDropped;
  private long keyFramesSent;
  private long retransmittedPacketsSent;
  private long retransmittedBytesSent;
  private long nackCount;
  private long pliCount;
  private long firCount;
  private long headerBytesSent;
  private ReportBlock remoteReport;

  private boolean hasLossReport;
  private long lossReportNanos;

  /** The highest number that losses were reported up to. */
  private long reportedNumber;

  private long roundTripNanos = -1;
  private long totalRoundTripNanos;
  private long roundTripMeasurements;

  public SendStream(RtpSession session, SendParameters parameters, RandomGenerator random) {
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
    // Nothing is to be learnt of a path that what is forwarded does not wait for.
    extensions =
        forwarding == null
            ? negotiated.extensions()
            : negotiated.extensions().without(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
    writer =
        new RtpPacketWriter(extensions, negotiated.mid(), negotiated.rid(), negotiated.rtxSsrc());
    int rtx = negotiated.rtxSsrc() == SendParameters.NONE ? 0 : RTX_HEADER_LENGTH;
    maxPayloadLength = RtpSession.MAX_DATAGRAM - SRTP_TAG_LENGTH - writer.maxHeaderLength() - rtx;
    protectionOverhead =
        RedPayload.HEADER_LENGTH
            + FecBitString.MAX_PAYLOAD_HEADER
            + writer.maxHeaderLength()
            - RtpPacket.FIXED_HEADER_LENGTH;
  }

  public void renegotiated(SendParameters changed) {
    if (changed.preferred().format().clockRate() != format.format().clockRate()
        || changed.ssrc() != parameters.ssrc()) {
      throw new IllegalArgumentException("a stream keeps its clock rate and source");
    }
    use(changed);
    if (!changed.formats().contains(format)) {
      begin(changed.preferred());
    }
  }

  /** Frames were not sent here: those that refer to them are left out until a key frame comes. */
  public void interrupt() {
    needsKeyFrame = true;
  }

  private void begin(PayloadFormat begun) {
    if (format != null && format.format() != begun.format()) {
      interrupt();
    }
    format = begun;
    if (history == null && begun.format().isVideo()) {
      history = new PacketHistory(PacketHistory.VIDEO_CAPACITY);
    } else if (history == null && begun.nack()) {
      history = new PacketHistory(PacketHistory.AUDIO_CAPACITY);
    }
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

  /** Whether a source is that of the stream's packets, or of their retransmissions. */
  public boolean sendsFrom(long ssrc) {
    return ssrc == parameters.ssrc()
        || (ssrc == parameters.rtxSsrc() && ssrc != SendParameters.NONE);
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
        roundTripNanos,
        framesSent + framesDropped,
        headerBytesSent,
        report != null,
        totalRoundTripNanos,
        roundTripMeasurements);
  }

  public AudioRedundancy redundancy() {
    return redundancy;
  }

  /** Whether a packet of it has left. */
  public boolean hasSent() {
    return packetsSent > 0;
  }

  /** Whether a sender report can tell when what was sent was captured. */
  public boolean canReport() {
    return hasSent() && (forwarding == null || forwarding.knowsCaptureTimes());
  }

  /** All bytes that have left, with headers and retransmissions. */
  long totalBytesSent() {
    return bytesSent + headerBytesSent + retransmittedBytesSent;
  }

  /** Pictures that were left out because too much waited already. */
  public long framesDropped() {
    return framesDropped;
  }

  /**
   * The whole way of a frame: its time, its packets.
   *
   * @throws IllegalArgumentException if the receiver does not take its format
   */
  public void send(MediaFrame frame, long nowNanos) {
    PayloadFormat sent = formatOf(frame.format());
    if (sent == null) {
      throw new IllegalArgumentException(frame.format() + " was not negotiated");
    }
    if (!sent.equals(format)) {
      begin(sent);
    }
    if (format.format().isVideo() && !hasRoomFor(frame, nowNanos)) {
      framesDropped++;
      return;
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
      case VP8, VP9 -> packetizePicture(frame, timestamp);
      case OPUS -> packetizeOpus(frame, timestamp, talkspurt, nowNanos);
    }
    framesSent++;
    keyFramesSent += frame.key() && format.format().isVideo() ? 1 : 0;
  }

  /**
   * A picture is left out whole, not cut off, when those before it still wait; the ones that refer
   * to it are then left out too, until a key frame, which is asked for when there is room for it.
   */
  private boolean hasRoomFor(MediaFrame frame, long nowNanos) {
    long queueNanos = session.pacer().queueNanos();
    boolean fits =
        queueNanos <= MAX_QUEUE_NANOS
            && frame.payload().remaining() < maxPayloadLength * (PacketQueue.MAX_PACKETS / 2L);
    if (fits && (frame.key() || !needsKeyFrame)) {
      needsKeyFrame = false;
      return true;
    }
    needsKeyFrame = true;
    if (queueNanos <= SHORT_QUEUE_NANOS) {
      requestKeyFrame(nowNanos);
    }
    return false;
  }

  /** Cuts a picture into packets of nearly equal size (RFC 7741 4.4). */
  private void packetizePicture(MediaFrame frame, long timestamp) {
    ByteBuffer picture = frame.payload();
    double share = protectionShare();
    boolean isProtected = share > 0;
    int wrapped = isProtected ? format.payloadType() : Redundancy.NONE;
    int perPacket =
        maxPayloadLength - MAX_DESCRIPTOR_LENGTH - (isProtected ? protectionOverhead : 0);
    int packets = (picture.remaining() + perPacket - 1) / perPacket;
    int from = picture.position();
    int firstNumber = sequenceNumber;
    protection.begin(packets, share);
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
      if (isProtected) {
        protect(timestamp, last);
      }
      enqueue(timestamp, last, wrapped);
      from = to;
    }
    for (int i = 0; i < protection.sums(); i++) {
      if (!protection.isEmpty(i)) {
        payload.clear();
        protection.write(i, firstNumber, payload);
        payload.flip();
        enqueue(timestamp, false, parameters.redundancy().fecPayloadType());
      }
    }
    pictureId = (pictureId + 1) & 0x7fff;
  }

  private void enqueue(long timestamp, boolean marker, int wrappedType) {
    history.add(format, sequenceNumber, timestamp, marker, wrappedType, payload);
    session.pacer().enqueue(this, sequenceNumber, payload.remaining());
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
  }

  /**
   * How many packets of forward error correction a picture gets for each of its own. None where
   * asking again is as good: without loss, or with the other side near; nor where there is no room,
   * or what is lost is what a full queue could not take.
   */
  private double protectionShare() {
    double loss = redundancy.loss();
    if (parameters.redundancy().fecPayloadType() == Redundancy.NONE
        || !parameters.rid().isEmpty()
        || loss < LOSS_TO_PROTECT_FROM
        || session.roundTripNanos() < MIN_ROUND_TRIP_TO_PROTECT_NANOS
        || session.sendBitsPerSecond() < MIN_BITS_PER_SECOND_TO_PROTECT
        || session.pathQueueNanos() > MIN_QUEUE_TO_GIVE_UP_NANOS) {
      return 0;
    }
    return Math.min(MOST_PROTECTION, LEAST_PROTECTION + PROTECTION_PER_LOSS * loss);
  }

  /** Takes the packet into the sums as its receiver sees it before it was wrapped. */
  private void protect(long timestamp, boolean marker) {
    ByteBuffer packet = session.packetBuffer();
    startPacket(packet, format.payloadType(), marker, sequenceNumber, timestamp);
    writer.mid();
    writer.absSendTime(0);
    writer.transportSequenceNumber(0);
    writer.endHeader();
    packet.put(payload.duplicate()).flip();
    protection.add(packet);
  }

  /** An Opus packet is one payload (RFC 7587 4.2); the marker starts a talkspurt (RFC 3551 4.1). */
  private void packetizeOpus(MediaFrame frame, long timestamp, boolean talkspurt, long nowNanos) {
    ByteBuffer packet = frame.payload();
    if (packet.remaining() > maxPayloadLength) {
      throw new IllegalArgumentException(
          "an Opus packet of " + packet.remaining() + " bytes does not fit into a datagram");
    }
    payload.clear();
    int payloadType = format.payloadType();
    if (writeRedundantly(packet, frame.durationNanos())) {
      payloadType = parameters.redundancy().payloadType();
      payload.flip();
      session.pacer().onProtection(payload.remaining() - packet.remaining());
    } else {
      payload.put(0, packet, packet.position(), packet.remaining()).limit(packet.remaining());
    }
    redundancy.remember(packet, lastRtpTime);
    sendPayload(payloadType, talkspurt, timestamp, frame.audioLevel(), nowNanos);
  }

  /** Writes an Opus packet with those before it, if that was negotiated and is worth it. */
  private boolean writeRedundantly(ByteBuffer packet, long durationNanos) {
    double affordable =
        SHARE_OF_REDUNDANT_SOUND * session.sendBitsPerSecond() * durationNanos / 8e9;
    return parameters.redundancy().payloadType() != Redundancy.NONE
        && format.equals(parameters.preferred())
        && redundancy.write(
            payload,
            packet,
            lastRtpTime,
            format.payloadType(),
            (int) Math.min(affordable, maxPayloadLength));
  }

  /** Sends sound, which does not wait. */
  private void sendPayload(
      int payloadType, boolean marker, long timestamp, int audioLevel, long nowNanos) {
    if (history != null && payloadType == format.payloadType()) { // copies replace what has copies
      history
          .add(format, sequenceNumber, timestamp, marker, Redundancy.NONE, payload)
          .sentFirst(nowNanos);
    }
    ByteBuffer packet = session.packetBuffer();
    writer.start(packet, marker, payloadType, sequenceNumber, timestamp, parameters.ssrc());
    // Nobody here tells voices from noise: all that is not silence is said to be one.
    int voice = audioLevel < MediaFrame.SILENCE_LEVEL ? VOICE | audioLevel : audioLevel;
    writeExtensions(voice, Probe.NONE, nowNanos);
    int length = payload.remaining();
    int _ = finish(packet.put(payload), length, nowNanos);
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
  }

  /**
   * The whole way of a packet that another session has received: a number of this stream's, and out
   * it goes. Dropped where the receiver does not take its format.
   */
  public void forward(MediaPacket received, long nowNanos) {
    PayloadFormat sent = formatOf(received.format());
    if (sent == null) {
      return;
    }
    if (forwarding == null) {
      forwarding = new Renumbering(sequenceNumber, timestampOffset, session.captureClock());
      use(parameters);
    }
    if (!sent.equals(format)) {
      begin(sent);
    }
    if (!forwarding.admit(received)) {
      return;
    }
    int number = forwarding.sequenceNumber(received);
    long timestamp = forwarding.timestamp(received);
    ByteBuffer packet = session.packetBuffer();
    startPacket(packet, format.payloadType(), received.marker(), number, timestamp);
    writeExtensions(received.audioLevel(), Probe.NONE, nowNanos);
    ByteBuffer bytes = received.payload();
    if (history == null) {
      packet.put(packet.position(), bytes, bytes.position(), bytes.remaining());
      packet.position(packet.position() + bytes.remaining());
    } else {
      PacketHistory.Entry entry =
          history.add(format, number, timestamp, received.marker(), Redundancy.NONE, bytes);
      forwarding.renumberPictures(received, entry.payload(), entry.payloadLength());
      entry.sentFirst(nowNanos);
      entry.copyPayloadTo(packet);
    }
    framesSent += received.marker() || !format.format().isVideo() ? 1 : 0;
    int _ = finish(packet, bytes.remaining(), nowNanos);
  }

  /**
   * Sends a packet for the first time, when the {@link Pacer} finds that it is its turn.
   *
   * @param probe the probe that it is part of, or {@link Probe#NONE}
   * @return the packet's length, or 0 if it is kept no more
   */
  int transmit(int number, int probe, long nowNanos) {
    PacketHistory.Entry entry = history.find(number);
    if (entry == null || entry.sent()) {
      return 0;
    }
    entry.sentFirst(nowNanos);
    lastSent = entry;
    ByteBuffer packet = session.packetBuffer();
    boolean wrapped = entry.wrappedType() != Redundancy.NONE;
    startPacket(
        packet,
        wrapped ? parameters.redundancy().payloadType() : entry.format().payloadType(),
        entry.marker(),
        number,
        entry.timestamp());
    writeExtensions(MediaFrame.NO_LEVEL, probe, nowNanos);
    if (wrapped) {
      RedPayload.writeHeader(packet, entry.wrappedType());
    }
    entry.copyPayloadTo(packet);
    return finish(packet, entry.payloadLength(), nowNanos);
  }

  /** Whether the packet that left last is one of forward error correction. */
  boolean hasSentSum() {
    return lastSent.isSum();
  }

  private void startPacket(
      ByteBuffer packet, int payloadType, boolean marker, int number, long timestamp) {
    writer.start(packet, marker, payloadType, number, timestamp, parameters.ssrc());
  }

  private int finish(ByteBuffer packet, int payloadLength, long nowNanos) {
    packetsSent++;
    bytesSent += payloadLength;
    headerBytesSent += packet.position() - payloadLength;
    return session.sendRtp(packet.flip(), nowNanos);
  }

  /**
   * @param audioLevel as in the extension (RFC 6464), or {@link MediaFrame#NO_LEVEL}
   */
  private void writeExtensions(int audioLevel, int probe, long nowNanos) {
    writer.mid();
    writer.absSendTime(
        (int) ((Math.floorMod(nowNanos, 64 * NANOS_PER_SECOND) << 18) / NANOS_PER_SECOND));
    writer.transportSequenceNumber(
        session.nextTransportSequenceNumber(extensions, probe, nowNanos));
    if (audioLevel != MediaFrame.NO_LEVEL) {
      writer.audioLevel(audioLevel);
    }
    writer.endHeader();
  }

  /**
   * Queues what was asked for again, as far as it is kept, still of use, not on its way already,
   * and within the budget.
   */
  public void onNack(List<Integer> sequenceNumbers, long nowNanos) {
    nackCount++;
    if (history == null) {
      return;
    }
    if (forwarding != null) {
      resendAtOnce(sequenceNumbers, nowNanos);
      return;
    }
    if (format.format().isVideo() && isTooMuch(sequenceNumbers, nowNanos)) {
      giveUp(nowNanos);
      return;
    }
    refillResendBudget(nowNanos);
    List<Integer> worth =
        sequenceNumbers.stream()
            .filter(number -> history.find(number) != null)
            .filter(number -> isWorthResending(history.find(number), nowNanos))
            .toList();
    int times = redundancy.loss() >= LOSS_TO_RESEND_TWICE_FROM ? 2 : 1;
    for (int i = 0; i < times; i++) { // the second copies behind all first ones
      for (int number : worth) {
        PacketHistory.Entry entry = history.find(number);
        if (resendBudgetBits < 8 * entry.payloadLength()
            || !session.pacer().enqueueRetransmission(this, number, entry.payloadLength())) {
          return;
        }
        resendBudgetBits -= 8 * entry.payloadLength();
        entry.queueAgain();
      }
    }
  }

  private void resendAtOnce(List<Integer> sequenceNumbers, long nowNanos) {
    for (int number : sequenceNumbers) {
      PacketHistory.Entry entry = history.find(number);
      if (entry != null && isWorthResending(entry, nowNanos)) {
        int _ = retransmit(number, Probe.NONE, nowNanos);
      }
    }
  }

  /** Whether a path that has become narrow is asked to carry again all that it has lost. */
  private boolean isTooMuch(List<Integer> sequenceNumbers, long nowNanos) {
    if (session.pathQueueNanos() < MIN_QUEUE_TO_GIVE_UP_NANOS
        || (gaveUp && nowNanos - gaveUpNanos < MIN_GIVE_UP_INTERVAL_NANOS)) {
      return false;
    }
    double bits = session.pacer().retransmittedBits();
    for (int number : sequenceNumbers) {
      PacketHistory.Entry entry = history.find(number);
      bits += entry != null && isWorthResending(entry, nowNanos) ? 8 * entry.payloadLength() : 0;
    }
    return bits > MAX_RESEND_SECONDS * session.sendBitsPerSecond();
  }

  /** Begins anew with a key frame, and sends nothing of what was before it. */
  private void giveUp(long nowNanos) {
    gaveUp = true;
    gaveUpNanos = nowNanos;
    needsKeyFrame = true;
    session.pacer().drop(this);
    history.forgetAll();
    requestKeyFrame(nowNanos);
  }

  private boolean isWorthResending(PacketHistory.Entry entry, long nowNanos) {
    if (!entry.format().nack()
        || entry.isSum()
        || !entry.sent()
        || entry.queuedAgain()
        || nowNanos - entry.firstSentNanos() > MAX_RESEND_AGE_NANOS) {
      return false;
    }
    boolean again = entry.lastSentNanos() != entry.firstSentNanos();
    // A little less than the round trip, whose measure varies: the next request comes right after.
    long interval = Math.max(MIN_RESEND_INTERVAL_NANOS, session.roundTripNanos() * 7 / 8);
    return !again || nowNanos - entry.lastSentNanos() >= interval;
  }

  private void refillResendBudget(long nowNanos) {
    double perSecond = RESEND_SHARE * session.sendBitsPerSecond();
    double most = RESEND_BURST_SECONDS * perSecond;
    double seconds = (nowNanos - resendBudgetNanos) / 1e9;
    resendBudgetBits =
        resendBudgetStarted ? Math.min(most, resendBudgetBits + seconds * perSecond) : most;
    resendBudgetStarted = true;
    resendBudgetNanos = nowNanos;
  }

  /**
   * Sends a packet again.
   *
   * @return the packet's length, or 0 if it is kept no more or too old
   */
  int retransmit(int number, int probe, long nowNanos) {
    PacketHistory.Entry entry = history.find(number);
    if (entry == null || !entry.sent()) {
      return 0;
    }
    if (nowNanos - entry.firstSentNanos() > MAX_RESEND_AGE_NANOS) {
      entry.sentAgain(entry.lastSentNanos());
      return 0;
    }
    entry.sentAgain(nowNanos);
    retransmittedPacketsSent++;
    retransmittedBytesSent += entry.payloadLength();
    return resend(entry, probe, nowNanos);
  }

  private int resend(PacketHistory.Entry entry, int probe, long nowNanos) {
    boolean rtx = entry.format().rtxPayloadType() != PayloadFormat.NONE;
    ByteBuffer packet = session.packetBuffer();
    if (rtx) {
      startRtx(packet, entry, entry.marker());
    } else {
      startPacket(
          packet,
          entry.format().payloadType(),
          entry.marker(),
          entry.sequenceNumber(),
          entry.timestamp());
    }
    writeExtensions(MediaFrame.NO_LEVEL, probe, nowNanos);
    if (rtx) {
      packet.put((byte) (entry.sequenceNumber() >>> 8)).put((byte) entry.sequenceNumber());
    }
    headerBytesSent += packet.position();
    entry.copyPayloadTo(packet);
    return session.sendRtp(packet.flip(), nowNanos);
  }

  private void startRtx(ByteBuffer packet, PacketHistory.Entry entry, boolean marker) {
    writer.start(
        packet,
        marker,
        entry.format().rtxPayloadType(),
        rtxSequenceNumber,
        entry.timestamp(),
        parameters.rtxSsrc());
    rtxSequenceNumber = (rtxSequenceNumber + 1) & 0xffff;
  }

  /** Whether its packets are numbered on the transport, so that feedback tells of them. */
  public boolean isNumbered() {
    return extensions.has(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
  }

  /**
   * Whether there is a stream of retransmissions, where padding does not disturb the media, and
   * feedback will tell of it.
   */
  boolean canPad() {
    return lastSent != null
        && lastSent.format().rtxPayloadType() != PayloadFormat.NONE
        && isNumbered();
  }

  /**
   * Sends a packet of nothing but padding (RFC 3550 5.1).
   *
   * @return the packet's length
   */
  int pad(int probe, long nowNanos) {
    ByteBuffer packet = session.packetBuffer();
    startRtx(packet, lastSent, false);
    packet.put(0, (byte) (packet.get(0) | RtpPacket.PADDING_BIT));
    writeExtensions(MediaFrame.NO_LEVEL, probe, nowNanos);
    for (int i = 1; i < MAX_PADDING; i++) {
      packet.put((byte) 0);
    }
    return session.sendRtp(packet.put((byte) MAX_PADDING).flip(), nowNanos);
  }

  public void onPictureLoss(long nowNanos) {
    pliCount++;
    requestKeyFrame(nowNanos);
  }

  /** A command with the number of the one before is a repetition of it (RFC 5104 4.3.1.1). */
  public void onFullIntraRequest(FullIntraRequest.Request request, long nowNanos) {
    if (request.commandSequenceNumber() != lastFir) {
      lastFir = request.commandSequenceNumber();
      firCount++;
      requestKeyFrame(nowNanos);
    }
  }

  public void requestKeyFrame(long nowNanos) {
    if (!format.format().isVideo()
        || (keyFrameRequested
            && nowNanos - keyFrameRequestedNanos < MIN_KEY_FRAME_INTERVAL_NANOS)) {
      return;
    }
    keyFrameRequested = true;
    keyFrameRequestedNanos = nowNanos;
    session.onKeyFrameRequested(this);
  }

  /**
   * Takes a report in, and tells how many packets its losses are about.
   *
   * @param besideFeedback whether it came because of feedback: at such a moment more is missing
   *     than usual, and its losses count only where no others have been heard of for long
   */
  public long onReport(ReportBlock report, boolean besideFeedback, long nowNanos) {
    remoteReport = report;
    if (!hasLossReport) {
      hasLossReport = true;
      lossReportNanos = nowNanos;
      reportedNumber = report.extendedHighestSequenceNumber() - packetsSent;
    }
    if (besideFeedback && nowNanos - lossReportNanos < MAX_LOSS_INTERVAL_NANOS) {
      return 0;
    }
    long packets = report.extendedHighestSequenceNumber() - reportedNumber;
    reportedNumber = report.extendedHighestSequenceNumber();
    lossReportNanos = nowNanos;
    redundancy.onLoss(report.fractionLost() / 256.0);
    return Math.max(0, packets);
  }

  /** A report has told how long the way there and back took. */
  public void onRoundTrip(long nanos) {
    roundTripNanos = nanos;
    totalRoundTripNanos += nanos;
    roundTripMeasurements++;
  }

  /** The share of packets that the receiver loses, 0 to 1, judged with caution. */
  public double lossToPrepareFor() {
    return redundancy.loss();
  }

  /** The sender report of this instant; it may carry reports on what is received, too. */
  public SenderReport senderReport(long ntpTime, List<ReportBlock> reports, long nowNanos) {
    return new SenderReport(
        parameters.ssrc(),
        ntpTime,
        forwarding == null
            ? (format.format().toRtpTime(nowNanos) + timestampOffset) & 0xffffffffL
            : forwarding.timestampAt(nowNanos, format.format()),
        packetsSent & 0xffffffffL,
        bytesSent & 0xffffffffL,
        reports);
  }
}
