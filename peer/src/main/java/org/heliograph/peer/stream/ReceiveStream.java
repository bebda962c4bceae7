package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.CounterUnwrapper;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Receives one media section: from packets, in whatever order and number they come, to whole frames
 * in order on the sender's common clock. Asks for what is missing. See {@link RtpSession}.
 */
public final class ReceiveStream {
  /** Sound is not held back longer than this for a packet that is missing. */
  static final long MAX_AUDIO_WAIT_NANOS = 80_000_000;

  /** Nor is a picture, where nothing brings a missing packet back. */
  static final long MAX_WAIT_WITHOUT_NACK_NANOS = 60_000_000;

  static final long MIN_VIDEO_WAIT_NANOS = 120_000_000;
  static final long MAX_VIDEO_WAIT_NANOS = 600_000_000;

  /** A source that another has replaced may take over again when that one is silent for so long. */
  private SenderReport senderReport;

  private long senderReports;
  private static final long SOURCE_SILENCE_NANOS = 2_000_000_000L;

  private static final long NONE = ReceiveParameters.NONE;

  private final RtpSession session;
  private final CommonClock commonClock;
  private final CommonClock.Track clock;
  private final FrameReceiver frames;
  private final KeyFrameRequester keyFrameRequester = new KeyFrameRequester();
  private final CounterUnwrapper timestamps = CounterUnwrapper.ofTimestamps();
  private ReceiveParameters parameters;
  private SourceReception reception;
  private long ssrc = NONE;
  private long replacedSsrc = NONE;
  private long rtxSsrc = NONE;
  private long replacedRtxSsrc = NONE;
  private long lastPacketNanos;
  private long bytesReceived;
  private long framesReceived;
  private long keyFramesReceived;
  private long packetsDiscarded;
  private long retransmittedPacketsReceived;
  private long nackCount;
  private long pliCount;

  ReceiveStream(RtpSession session, CommonClock commonClock, ReceiveParameters parameters) {
    this.session = session;
    this.commonClock = commonClock;
    this.parameters = parameters;
    clock = commonClock.add(parameters.format());
    reception = new SourceReception(parameters.format());
    frames =
        switch (parameters.format()) {
          case VP8 -> new VideoFrameReceiver(this::handOn);
          case OPUS -> new AudioFrameReceiver(this::handOn);
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
        reception.received(),
        reception.lost(),
        bytesReceived,
        reception.jitterSeconds(),
        framesReceived,
        keyFramesReceived,
        frames.framesDropped(),
        packetsDiscarded,
        retransmittedPacketsReceived,
        nackCount,
        pliCount,
        frames instanceof AudioFrameReceiver audio ? audio.gapsBeforeFec() : 0);
  }

  void renegotiated(ReceiveParameters changed) {
    if (changed.format() != parameters.format()) {
      throw new IllegalArgumentException("a stream keeps its format; add another receiver");
    }
    parameters = changed;
  }

  void remove() {
    commonClock.remove(clock);
  }

  /** The source that is received now, or {@link ReceiveParameters#NONE}. */
  long ssrc() {
    return ssrc;
  }

  boolean acceptsPayloadType(int payloadType) {
    return payloadType == parameters.payloadType() || payloadType == parameters.rtxPayloadType();
  }

  /** The whole way of a packet that the session has found to be this stream's. */
  void receive(RtpPacket packet, long nowNanos) throws MalformedPacketException {
    boolean retransmitted = packet.payloadType() == parameters.rtxPayloadType();
    if (retransmitted && packet.payloadLength() == 0) {
      return; // padding, with which senders probe for bandwidth
    }
    long number = retransmitted ? acceptRetransmission(packet) : acceptOriginal(packet, nowNanos);
    if (number == SourceReception.REJECTED) {
      packetsDiscarded++;
      return;
    }
    long rtpTimestamp = timestamps.unwrap(packet.timestamp());
    if (!retransmitted) {
      reception.onArrival(rtpTimestamp, nowNanos);
      bytesReceived += packet.payloadLength();
    }
    if (retransmitted) {
      long requestedNanos = frames.missing().requestedOnceNanos(number);
      if (requestedNanos != MissingPackets.NONE) {
        session.onRoundTrip(nowNanos - requestedNanos);
      }
    }
    boolean ours = packet.payloadType() == parameters.payloadType();
    boolean first = !retransmitted && reception.received() == 1;
    if (!frames.receive(packet, number, rtpTimestamp, ours, nowNanos)) {
      packetsDiscarded++;
    } else if (retransmitted) {
      retransmittedPacketsReceived++;
    }
    if (first && frames.wantsKeyFrame()) {
      keyFrameRequester.wantSoon(nowNanos);
    }
    requestKeyFrameIfNeeded(nowNanos);
  }

  private long acceptRetransmission(RtpPacket packet) throws MalformedPacketException {
    if (ssrc == NONE) {
      return SourceReception.REJECTED; // nothing to repair yet
    }
    if (rtxSsrc == NONE && packet.ssrc() != replacedRtxSsrc) {
      rtxSsrc = packet.ssrc();
    }
    if (packet.ssrc() != rtxSsrc) {
      return SourceReception.REJECTED; // repairs the source before
    }
    packet.unwrapRtx(parameters.payloadType(), ssrc);
    return reception.acceptRetransmitted(packet.sequenceNumber());
  }

  private long acceptOriginal(RtpPacket packet, long nowNanos) {
    if (packet.ssrc() != ssrc
        && (packet.payloadType() != parameters.payloadType()
            || !changeSource(packet.ssrc(), nowNanos))) {
      return SourceReception.REJECTED;
    }
    lastPacketNanos = nowNanos;
    if (reception.isRestart(packet.sequenceNumber())) {
      restart();
    }
    return reception.accept(packet.sequenceNumber());
  }

  private boolean changeSource(long newSsrc, long nowNanos) {
    if (newSsrc == replacedSsrc && nowNanos - lastPacketNanos < SOURCE_SILENCE_NANOS) {
      return false; // a straggler of the source before
    }
    replacedSsrc = ssrc;
    replacedRtxSsrc = rtxSsrc;
    rtxSsrc = NONE;
    ssrc = newSsrc;
    restart();
    return true;
  }

  private void restart() {
    reception = new SourceReception(parameters.format());
    timestamps.reset();
    frames.reset();
    clock.restart();
  }

  private void handOn(long rtpTimestamp, long arrivalNanos, boolean key, ByteBuffer payload) {
    framesReceived++;
    boolean video = parameters.format() == MediaFormat.VP8;
    if (video && key) {
      keyFramesReceived++;
      keyFrameRequester.onKeyFrame();
    }
    long duration = video ? 0 : OpusPacket.durationNanos(payload);
    long nanos = clock.toCommonNanos(rtpTimestamp, arrivalNanos);
    session.onFrame(this, new MediaFrame(nanos, duration, key, payload));
  }

  /** What the sender said of this stream last. */
  public Optional<SenderReport> senderReport() {
    return Optional.ofNullable(senderReport);
  }

  /** How many sender reports have come. */
  public long senderReports() {
    return senderReports;
  }

  void onSenderReport(SenderReport report, long nowNanos) {
    senderReport = report;
    senderReports++;
    reception.onSenderReport(report, nowNanos);
    if (reception.started()) {
      clock.onSenderReport(report.ntpTime(), timestamps.peek(report.rtpTimestamp()));
    }
  }

  /** The source has left: nothing that is missing will come. */
  void onGoodbye(long nowNanos) {
    frames.giveUp(nowNanos, 0);
  }

  /** What a receiver report says of this stream, or null if nothing has come. */
  ReportBlock report(long nowNanos) {
    return reception.started() ? reception.report(ssrc, nowNanos) : null;
  }

  void requestKeyFrame(long nowNanos) {
    if (parameters.format() == MediaFormat.VP8 && ssrc != NONE) {
      keyFrameRequester.want(nowNanos);
      sendKeyFrameRequest(nowNanos);
    }
  }

  private void requestKeyFrameIfNeeded(long nowNanos) {
    if (frames.wantsKeyFrame()) {
      keyFrameRequester.want(nowNanos);
    }
    sendKeyFrameRequest(nowNanos);
  }

  private void sendKeyFrameRequest(long nowNanos) {
    if (keyFrameRequester.poll(nowNanos, frames.keyFrameIsComing()) && parameters.pli()) {
      pliCount++;
      session.sendFeedback(new PictureLossIndication(session.localSsrc(), ssrc));
    }
  }

  long nextTimeoutNanos() {
    MissingPackets missing = frames.missing();
    long next = keyFrameRequester.dueNanos();
    if (!missing.isEmpty()) {
      next = Math.min(next, missing.firstDetectedNanos() + maxWaitNanos());
      next = parameters.nack() ? Math.min(next, missing.nextRequestNanos()) : next;
    }
    return next;
  }

  void handleTimeout(long nowNanos) {
    frames.giveUp(nowNanos, maxWaitNanos());
    sendNack(nowNanos);
    requestKeyFrameIfNeeded(nowNanos);
  }

  private void sendNack(long nowNanos) {
    MissingPackets missing = frames.missing();
    if (!parameters.nack() || missing.nextRequestNanos() > nowNanos) {
      return;
    }
    List<Integer> due = new ArrayList<>();
    missing.collectDue(nowNanos, session.roundTripNanos(), due);
    nackCount++;
    session.sendFeedback(new GenericNack(session.localSsrc(), ssrc, due));
  }

  /** How long a missing packet is waited for: for a picture, as long as asking twice takes. */
  private long maxWaitNanos() {
    if (parameters.format() == MediaFormat.OPUS) {
      return parameters.nack() ? MAX_AUDIO_WAIT_NANOS : MAX_WAIT_WITHOUT_NACK_NANOS;
    }
    if (!parameters.nack()) {
      return MAX_WAIT_WITHOUT_NACK_NANOS;
    }
    long wait = session.roundTripNanos() * 5 / 2 + 80_000_000;
    return Math.clamp(wait, MIN_VIDEO_WAIT_NANOS, MAX_VIDEO_WAIT_NANOS);
  }
}
