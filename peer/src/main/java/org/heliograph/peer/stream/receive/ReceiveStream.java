package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.CounterUnwrapper;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RedPayload;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;
import org.heliograph.peer.stream.RtcpSender;
import org.heliograph.peer.stream.RtpSession;

/**
 * Receives one media section: from packets, in whatever order and number they come, to whole frames
 * in order on the sender's common clock. Asks for what is missing. See {@link RtpSession}.
 */
public final class ReceiveStream {
  /** Who is silent for so long may be replaced by any source, also by one that it has replaced. */
  private static final long SOURCE_SILENCE_NANOS = 2_000_000_000L;

  private static final long NONE = ReceiveParameters.NONE;
  private static final int PAYLOAD_TYPES = 128;

  private final RtpSession session;
  private final CommonClock commonClock;
  private final CommonClock.Track clock;

  /**
   * The format by its payload type and by that of its retransmissions; null where there is none.
   */
  private PayloadFormat[] formats;

  /** What the source sends now: its packets' payload type decides, and may change. */
  private PayloadFormat format;

  private FrameReceiver frames;
  private final Patience patience;
  private final KeyFrameRequester keyFrameRequester;
  private final RedPayload red = new RedPayload();
  private final PictureRepair repair = new PictureRepair();
  private final CounterUnwrapper timestamps = CounterUnwrapper.ofTimestamps();
  private ReceiveParameters parameters;
  private SourceReception reception;
  private long ssrc = NONE;
  private long rtxSsrc = NONE;

  /** Sources that others have replaced, and those of their retransmissions. */
  private final LatestSources replaced = new LatestSources();

  /** A packet that is far from all others, until the next one tells what it was. */
  private Optional<RtpPacket> stray = Optional.empty();

  private long strayNanos;

  /** The run of numbers that packets belong to which are handed on. */
  private Object source = new Object();

  private long newestNumber = Long.MIN_VALUE;
  private long lastPacketNanos;
  private SenderReport senderReport;
  private long senderReports;

  /** What was received and lost before the source started anew or another took its place. */
  private long receivedBefore;

  private long lostBefore;
  private long bytesReceived;
  private long framesReceived;
  private long keyFramesReceived;

  /** What earlier formats' receivers have dropped. */
  private long droppedBefore;

  private long packetsDiscarded;
  private long retransmittedPacketsReceived;
  private long retransmittedBytesReceived;
  private long headerBytesReceived;
  private long nackCount;
  private long pliCount;

  public ReceiveStream(RtpSession session, CommonClock commonClock, ReceiveParameters parameters) {
    this.session = session;
    this.commonClock = commonClock;
    this.parameters = parameters;
    formats = byPayloadType(parameters);
    format = parameters.preferred();
    clock = commonClock.add(format.format());
    reception = new SourceReception(format.format());
    patience = new Patience(session.roundTrip(), format.nack());
    keyFrameRequester = new KeyFrameRequester(session.roundTrip());
    frames = framesOf(format.format());
  }

  private static PayloadFormat[] byPayloadType(ReceiveParameters parameters) {
    PayloadFormat[] table = new PayloadFormat[PAYLOAD_TYPES];
    for (PayloadFormat each : parameters.formats()) {
      table[each.payloadType()] = each;
      if (each.rtxPayloadType() != PayloadFormat.NONE) {
        table[each.rtxPayloadType()] = each;
      }
    }
    Redundancy redundancy = parameters.redundancy();
    if (redundancy.payloadType() != Redundancy.NONE) {
      table[redundancy.payloadType()] = parameters.preferred();
    }
    if (redundancy.rtxPayloadType() != Redundancy.NONE) {
      table[redundancy.rtxPayloadType()] = parameters.preferred();
    }
    return table;
  }

  private FrameReceiver framesOf(MediaFormat received) {
    return switch (received) {
      case VP8 -> new VideoFrameReceiver(new VideoPayload.Vp8(), patience, this::handOn);
      case VP9 -> new VideoFrameReceiver(new VideoPayload.Vp9(), patience, this::handOn);
      case OPUS -> new AudioFrameReceiver(patience, this::handOn);
    };
  }

  /** What was negotiated for the stream. */
  public ReceiveParameters parameters() {
    return parameters;
  }

  /** The figures so far. */
  public ReceiveStatistics statistics() {
    return new ReceiveStatistics(
        ssrc,
        receivedBefore + reception.received(),
        lostBefore + reception.lost(),
        bytesReceived,
        reception.jitterSeconds(),
        framesReceived,
        keyFramesReceived,
        droppedBefore + frames.framesDropped(),
        packetsDiscarded,
        retransmittedPacketsReceived,
        nackCount,
        pliCount,
        frames instanceof AudioFrameReceiver audio ? audio.gapsBeforeFec() : 0,
        frames instanceof AudioFrameReceiver audio ? audio.framesRecovered() : 0,
        frames instanceof AudioFrameReceiver audio ? audio.copiesReceived() : repair.received(),
        frames instanceof AudioFrameReceiver audio
            ? audio.copiedBytesReceived()
            : repair.bytesReceived(),
        frames instanceof AudioFrameReceiver audio
            ? audio.copiesReceived() - audio.framesRecovered()
            : repair.discarded(),
        headerBytesReceived,
        retransmittedBytesReceived,
        rtxSsrc,
        lastPacketNanos);
  }

  /** The format that is received now; before the first packet the preferred one. */
  public PayloadFormat format() {
    return format;
  }

  public void renegotiated(ReceiveParameters changed) {
    if (changed.preferred().format().clockRate() != format.format().clockRate()) {
      throw new IllegalArgumentException("a stream keeps its clock rate; add another receiver");
    }
    parameters = changed;
    if (ssrc == changed.ssrc() && changed.rtxSsrc() != NONE) {
      rtxSsrc = changed.rtxSsrc();
    }
    formats = byPayloadType(changed);
    MediaFormat before = format.format();
    // The same format, perhaps under another number; or else whatever comes next.
    format =
        changed.formats().stream()
            .filter(each -> each.format() == before)
            .findFirst()
            .orElseGet(changed::preferred);
    if (format.format() != before) {
      frames = framesOf(format.format());
    }
    patience.renegotiated(format.nack());
  }

  public void remove() {
    commonClock.remove(clock);
  }

  /** Says what the stream is in time with; from its next frame on. */
  public void setSynchronization(Synchronization synchronization) {
    clock.setSynchronization(synchronization);
  }

  public void onCname(String cname) {
    clock.onCname(cname);
  }

  /** The source that is received now, or {@link ReceiveParameters#NONE}. */
  public long ssrc() {
    return ssrc;
  }

  boolean acceptsPayloadType(int payloadType) {
    return formats[payloadType] != null;
  }

  /** The whole way of a packet that the session has found to be this stream's. */
  public void receive(RtpPacket packet, long nowNanos) throws MalformedPacketException {
    PayloadFormat named = formats[packet.payloadType()];
    boolean retransmitted = named != null && isRetransmission(packet.payloadType(), named);
    if (retransmitted && packet.payloadLength() == 0) {
      return; // padding, with which senders probe for bandwidth
    }
    long number =
        retransmitted
            ? acceptRetransmission(packet, named)
            : acceptOriginal(packet, named, nowNanos);
    if (number == SourceReception.REJECTED) {
      packetsDiscarded++;
      return;
    }
    long rtpTimestamp = timestamps.unwrap(packet.timestamp());
    headerBytesReceived += packet.length() - packet.payloadLength();
    if (!retransmitted) {
      reception.onArrival(rtpTimestamp, nowNanos);
      bytesReceived += packet.payloadLength();
    }
    learnFrom(number, retransmitted, nowNanos);
    boolean redundant = packet.payloadType() == parameters.redundancy().payloadType();
    boolean video = format.format().isVideo();
    if (redundant && video) {
      named = unwrap(packet, number, retransmitted);
    }
    boolean changes = named != null && named.format() != format.format();
    if (changes && !changeFormat(named, number, nowNanos)) {
      packetsDiscarded++;
      return;
    }
    boolean ours = named != null;
    newestNumber = Math.max(newestNumber, number);
    if (reception.received() == 1 || changes) {
      keyFrameRequester.onStart(nowNanos);
    }
    boolean taken =
        (redundant && frames instanceof AudioFrameReceiver audio)
            ? receiveRedundant(audio, packet, number, rtpTimestamp, nowNanos)
            : receivePlain(packet, number, rtpTimestamp, ours, nowNanos);
    if (!taken) {
      packetsDiscarded++;
    } else if (retransmitted) {
      retransmittedPacketsReceived++;
      retransmittedBytesReceived += packet.payloadLength();
    }
    if (repair.hasSums()) {
      receiveRecovered(nowNanos);
    }
    requestKeyFrameIfNeeded(nowNanos);
  }

  private boolean receivePlain(
      RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos)
      throws MalformedPacketException {
    boolean taken = frames.receive(packet, number, rtpTimestamp, ours, nowNanos);
    if (taken) {
      int length = ours ? packet.payloadLength() : 0;
      handOnPacket(packet, number, rtpTimestamp, packet.payloadOffset(), length, nowNanos);
    }
    return taken;
  }

  private boolean isRetransmission(int payloadType, PayloadFormat named) {
    return payloadType == named.rtxPayloadType()
        || payloadType == parameters.redundancy().rtxPayloadType();
  }

  /**
   * Takes a picture's packet out of its wrapping; one of forward error correction goes to the
   * repair. One that was sent again is not the same to the last bit, and no part of any sum.
   *
   * @return the format of what is in it; null if that is no media
   */
  private PayloadFormat unwrap(RtpPacket packet, long number, boolean retransmitted)
      throws MalformedPacketException {
    red.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    packet.unwrapRed(red);
    if (packet.payloadType() == parameters.redundancy().fecPayloadType()) {
      repair.onSum(number, packet.buffer(), packet.payloadOffset(), packet.payloadLength());
      return null;
    }
    if (!retransmitted) {
      repair.onPacket(number, packet, parameters.extensions());
    }
    return formats[packet.payloadType()];
  }

  /** What forward error correction has made good is as if it had come. */
  private void receiveRecovered(long nowNanos) throws MalformedPacketException {
    for (RtpPacket packet = repair.recover(ssrc); packet != null; packet = repair.recover(ssrc)) {
      PayloadFormat named = formats[packet.payloadType()];
      if (format.equals(named) && frames.missing().isMissing(repair.recoveredNumber())) {
        patience.onLost();
        long rtpTimestamp = timestamps.peek(packet.timestamp());
        boolean _ = receivePlain(packet, repair.recoveredNumber(), rtpTimestamp, true, nowNanos);
      }
    }
  }

  private boolean receiveRedundant(
      AudioFrameReceiver audio, RtpPacket packet, long number, long rtpTimestamp, long nowNanos)
      throws MalformedPacketException {
    red.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    packet.unwrapRed(red);
    return audio.receiveRedundant(
        packet,
        red,
        format.payloadType(),
        number,
        rtpTimestamp,
        nowNanos,
        (taken, time, offset, length) ->
            handOnPacket(packet, taken, time, offset, length, nowNanos));
  }

  /**
   * Hands a packet on as it is, to be forwarded: at once and not in order, because the jitter
   * buffer of whoever gets it does that work with less delay.
   *
   * @param offset where its payload is: of redundant audio, among those of others
   */
  private void handOnPacket(
      RtpPacket packet, long number, long rtpTimestamp, int offset, int length, long nowNanos) {
    if (!session.handsOnPackets()) {
      return;
    }
    boolean own = offset == packet.payloadOffset();
    ByteBuffer payload = ByteBuffer.allocate(length);
    payload.put(0, packet.buffer(), offset, length);
    session.onPacket(
        this,
        new MediaPacket(
            source,
            format.format(),
            number,
            rtpTimestamp,
            own && packet.marker(),
            own ? packet.audioLevel(parameters.extensions()) : MediaFrame.NO_LEVEL,
            nowNanos,
            clock.toWallNanos(rtpTimestamp),
            length == 0 ? MediaPacket.NO_FRAME : frames.frameOffset(),
            payload.asReadOnlyBuffer()));
  }

  /**
   * Goes over to another format, with a key frame. What is not whole yet of the one before will not
   * be missed, since nothing refers to it any more.
   *
   * @return false if the packet is only late, from before a change that was made already
   */
  private boolean changeFormat(PayloadFormat changed, long number, long nowNanos) {
    if (number < newestNumber) {
      return false;
    }
    frames.onGoodbye(nowNanos);
    droppedBefore += frames.framesDropped();
    format = changed;
    patience.renegotiated(changed.nack());
    frames = framesOf(changed.format());
    return true;
  }

  /** A packet that was missing tells of the network: why it was, and how long a round trip is. */
  private void learnFrom(long number, boolean retransmitted, long nowNanos) {
    MissingPackets missing = frames.missing();
    long detectedNanos = missing.detectedNanos(number);
    if (detectedNanos == MissingPackets.NONE) {
      return;
    }
    // Where there is no RTX, what was asked for again looks as if it had come by itself.
    boolean answer =
        retransmitted
            || (format.rtxPayloadType() == PayloadFormat.NONE && missing.requests(number) > 0);
    if (answer) {
      patience.onLost();
      patience.onRequestEnded(true);
      session
          .roundTrip()
          .onSample(
              missing.answeredAfterNanos(
                  number, session.roundTrip().smoothedNanos() / 2, nowNanos));
    } else {
      patience.onOvertaken(nowNanos - detectedNanos);
    }
  }

  private long acceptRetransmission(RtpPacket packet, PayloadFormat repaired)
      throws MalformedPacketException {
    if (ssrc == NONE) {
      return SourceReception.REJECTED; // nothing to repair yet
    }
    long repairing = packet.ssrc();
    if (repairing != rtxSsrc && (rtxSsrc != NONE || !mayRepair(repairing))) {
      return SourceReception.REJECTED; // repairs another source
    }
    boolean wrapped = packet.payloadType() == parameters.redundancy().rtxPayloadType();
    packet.unwrapRtx(
        wrapped ? parameters.redundancy().payloadType() : repaired.payloadType(), ssrc);
    long number = reception.acceptRetransmitted(packet.sequenceNumber());
    if (rtxSsrc == NONE && number != SourceReception.REJECTED) {
      // What brings a packet that was asked for repairs this source (RFC 4588 5.3).
      if (frames.missing().requests(number) == 0) {
        return SourceReception.REJECTED;
      }
      rtxSsrc = repairing;
    }
    return number;
  }

  private boolean mayRepair(long repairing) {
    return repairing != parameters.rtxSsrc() && !replaced.contains(repairing);
  }

  private long acceptOriginal(RtpPacket packet, PayloadFormat named, long nowNanos)
      throws MalformedPacketException {
    if (packet.ssrc() != ssrc && (named == null || !changeSource(packet.ssrc(), nowNanos))) {
      return SourceReception.REJECTED;
    }
    lastPacketNanos = nowNanos;
    if (reception.isRestart(packet.sequenceNumber())) {
      restart();
      receiveStray();
    }
    long number = reception.accept(packet.sequenceNumber());
    if (number == SourceReception.REJECTED) {
      stray = Optional.of(packet.copy());
      strayNanos = nowNanos;
    }
    return number;
  }

  /** The packet that was not believed was the first one after a leap; it may begin a key frame. */
  private void receiveStray() throws MalformedPacketException {
    RtpPacket first = stray.orElseThrow();
    stray = Optional.empty();
    receive(first, strayNanos);
  }

  /**
   * Another source takes over with its first packet; but not from the one that the description
   * names while that sends, nor where it is a straggler of one that was replaced.
   */
  private boolean changeSource(long newSsrc, long nowNanos) {
    boolean named = newSsrc == parameters.ssrc();
    boolean sending = ssrc != NONE && nowNanos - lastPacketNanos < SOURCE_SILENCE_NANOS;
    if (sending && !named && (ssrc == parameters.ssrc() || replaced.contains(newSsrc))) {
      return false;
    }
    replaced.add(ssrc);
    replaced.add(rtxSsrc);
    ssrc = newSsrc;
    rtxSsrc = named ? parameters.rtxSsrc() : NONE;
    restart();
    return true;
  }

  private void restart() {
    receivedBefore += reception.received();
    lostBefore += reception.lost();
    reception = new SourceReception(format.format());
    newestNumber = Long.MIN_VALUE;
    repair.forgetAll();
    timestamps.reset();
    frames.reset();
    source = new Object();
    clock.restart();
  }

  private void handOn(long rtpTimestamp, long arrivalNanos, boolean key, ByteBuffer payload) {
    framesReceived++;
    boolean video = format.format().isVideo();
    if (video && key) {
      keyFramesReceived++;
      keyFrameRequester.onKeyFrame();
    }
    long duration = video ? 0 : OpusPacket.durationNanos(payload);
    long nanos = clock.toCommonNanos(rtpTimestamp, arrivalNanos);
    session.onFrame(this, new MediaFrame(format.format(), nanos, duration, key, payload));
  }

  /** What the sender said of this stream last. */
  public Optional<SenderReport> senderReport() {
    return Optional.ofNullable(senderReport);
  }

  /** How many sender reports have come. */
  public long senderReports() {
    return senderReports;
  }

  public void onSenderReport(SenderReport report, long nowNanos) {
    senderReport = report;
    senderReports++;
    reception.onSenderReport(report, nowNanos);
    if (reception.started()) {
      clock.onSenderReport(report.ntpTime(), timestamps.peek(report.rtpTimestamp()));
    }
  }

  /** The source has left: nothing that is missing will come. */
  public void onGoodbye(long nowNanos) {
    frames.onGoodbye(nowNanos);
  }

  /** What a receiver report says of this stream; empty if nothing has come. */
  public Optional<ReportBlock> report(long nowNanos) {
    return reception.started() ? Optional.of(reception.report(ssrc, nowNanos)) : Optional.empty();
  }

  /** The same beside feedback, between two reports. */
  public Optional<ReportBlock> interimReport(long nowNanos) {
    return reception.started()
        ? Optional.of(reception.interimReport(ssrc, nowNanos))
        : Optional.empty();
  }

  public void requestKeyFrame(long nowNanos) {
    if (format.format().isVideo() && ssrc != NONE) {
      keyFrameRequester.askFor(nowNanos);
      requestKeyFrameIfNeeded(nowNanos);
    }
  }

  private void requestKeyFrameIfNeeded(long nowNanos) {
    keyFrameRequester.setNeeded(frames.keyFrameWantedNanos() <= nowNanos, nowNanos);
    if (keyFrameRequester.poll(nowNanos) && format.pli()) {
      pliCount++;
      RtcpSender rtcp = session.rtcp();
      rtcp.sendFeedback(this, new PictureLossIndication(rtcp.ssrcFor(this), ssrc), nowNanos);
    }
  }

  public long nextTimeoutNanos() {
    long next = Math.min(frames.nextTimeoutNanos(), keyFrameRequester.dueNanos());
    if (!keyFrameRequester.wanted()) {
      next = Math.min(next, frames.keyFrameWantedNanos());
    }
    return format.nack() ? Math.min(next, frames.missing().nextRequestNanos()) : next;
  }

  public void handleTimeout(long nowNanos) {
    frames.handleTimeout(nowNanos);
    sendNack(nowNanos);
    requestKeyFrameIfNeeded(nowNanos);
  }

  private void sendNack(long nowNanos) {
    MissingPackets missing = frames.missing();
    if (!format.nack() || missing.nextRequestNanos() > nowNanos) {
      return;
    }
    List<Integer> due = new ArrayList<>();
    missing.collectDue(nowNanos, due);
    if (due.isEmpty()) {
      return; // what was to be asked for twice has come
    }
    nackCount++;
    RtcpSender rtcp = session.rtcp();
    rtcp.sendFeedback(this, new GenericNack(rtcp.ssrcFor(this), ssrc, due), nowNanos);
  }
}
