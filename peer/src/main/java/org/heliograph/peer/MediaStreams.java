package org.heliograph.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;

/**
 * Keeps the streams of an {@link RtpSession} as the transceivers' agreements want them. A call has
 * a few, which are found faster in order than by maps kept in step.
 */
final class MediaStreams {
  private final RtpSession session;
  private final List<Sender> senders = new ArrayList<>();
  private final Map<Transceiver, ReceiveStream> receivers = new HashMap<>();

  /** A stream that is sent. */
  static final class Sender {
    private final Transceiver transceiver;
    private final String rid;
    private final SendStream stream;

    /** What {@link Transceiver#activations} was when a frame was sent last. */
    private int activations;

    Sender(Transceiver transceiver, String rid, SendStream stream) {
      this.transceiver = transceiver;
      this.rid = rid;
      this.stream = stream;
    }

    Transceiver transceiver() {
      return transceiver;
    }

    /** Its name among those of the transceiver; empty without simulcast. */
    String rid() {
      return rid;
    }

    SendStream stream() {
      return stream;
    }
  }

  MediaStreams(RtpSession session) {
    this.session = session;
  }

  /** Begins, changes and ends streams after a negotiation. */
  void apply(List<Transceiver> transceivers, long nowNanos) {
    Set<Transceiver> live = new HashSet<>(transceivers);
    endSendersExcept(live, nowNanos);
    Map<Integer, RtpExtensionMap> strayExtensions = new HashMap<>();
    boolean givesEstimates = false;
    boolean takesEstimates = false;
    boolean numbered = false;
    for (Transceiver transceiver : transceivers) {
      MediaAgreement agreed = transceiver.agreement();
      if (agreed == null) {
        continue;
      }
      RtpExtensionMap extensions = extensions(agreed.receive());
      numbered |= extensions.has(RtpExtension.TRANSPORT_SEQUENCE_NUMBER);
      agreed
          .receive()
          .allPayloadTypes()
          .forEach(number -> strayExtensions.putIfAbsent(number, extensions));
      givesEstimates |= hasReceiverEstimates(agreed.receive());
      takesEstimates |= hasReceiverEstimates(agreed.send());
      applySenders(transceiver, agreed);
      applyReceiver(transceiver, agreed);
    }
    session.setStrayExtensions(strayExtensions);
    session.setReceiverEstimates(givesEstimates && !numbered);
    session.setObeysReceiverEstimates(takesEstimates);
    endReceiversExcept(live);
    synchronize();
  }

  private static boolean hasReceiverEstimates(NegotiatedMedia media) {
    return media.formats().stream()
        .anyMatch(
            format -> format.feedback().contains(MediaCodec.RECEIVER_ESTIMATED_MAXIMUM_BITRATE));
  }

  /** Puts those streams on one clock that the transceivers want on one. */
  void synchronize() {
    receivers.forEach(
        (transceiver, stream) -> stream.setSynchronization(transceiver.synchronization()));
  }

  /**
   * A stream that pauses while an answer is provisional stays, so that its sequence numbers go on
   * when it does: to begin again under the same SSRC would repeat SRTP indices.
   */
  private void applySenders(Transceiver transceiver, MediaAgreement agreed) {
    if (!agreed.direction().sends()) {
      return;
    }
    if (transceiver.rids().isEmpty()) {
      applySender(transceiver, "", sendParameters(transceiver, agreed, "", ""));
    } else if (agreed.rids().isEmpty()) {
      // The other side takes one stream: the first, which then needs no name.
      String first = transceiver.rids().getFirst();
      applySender(transceiver, first, sendParameters(transceiver, agreed, first, ""));
    } else {
      for (String rid : agreed.rids()) {
        applySender(transceiver, rid, sendParameters(transceiver, agreed, rid, rid));
      }
    }
  }

  private void applySender(Transceiver transceiver, String rid, SendParameters wanted) {
    Optional<SendStream> stream = sender(transceiver, rid);
    if (stream.isEmpty()) {
      senders.add(new Sender(transceiver, rid, session.addSender(wanted)));
    } else if (!stream.get().parameters().equals(wanted)) {
      session.updateSender(stream.get(), wanted);
    }
  }

  private void applyReceiver(Transceiver transceiver, MediaAgreement agreed) {
    ReceiveStream stream = receivers.get(transceiver);
    if (!agreed.direction().receives()) {
      if (stream != null) {
        session.removeReceiver(stream);
        receivers.remove(transceiver);
      }
      return;
    }
    ReceiveParameters wanted = receiveParameters(transceiver, agreed);
    if (stream == null) {
      receivers.put(transceiver, session.addReceiver(wanted));
    } else if (!stream.parameters().equals(wanted)) {
      session.updateReceiver(stream, wanted);
    }
  }

  /** Ends the streams of transceivers that are gone, or send from other sources now. */
  private void endSendersExcept(Set<Transceiver> live, long nowNanos) {
    for (Iterator<Sender> all = senders.iterator(); all.hasNext(); ) {
      Sender sender = all.next();
      boolean renewed =
          sender.stream().parameters().ssrc() != sender.transceiver().source(sender.rid()).ssrc();
      if (!live.contains(sender.transceiver())) {
        session.removeSender(sender.stream(), nowNanos);
        all.remove();
      } else if (renewed) {
        session.withdrawSender(sender.stream());
        all.remove();
      }
    }
  }

  private void endReceiversExcept(Set<Transceiver> live) {
    for (Iterator<Map.Entry<Transceiver, ReceiveStream>> all = receivers.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<Transceiver, ReceiveStream> entry = all.next();
      if (!live.contains(entry.getKey())) {
        session.removeReceiver(entry.getValue());
        all.remove();
      }
    }
  }

  private static SendParameters sendParameters(
      Transceiver transceiver, MediaAgreement agreed, String rid, String toldRid) {
    NegotiatedMedia media = agreed.send();
    SourceIdentity source = transceiver.source(rid);
    return new SendParameters(
        transceiver.mid().orElseThrow(),
        toldRid,
        payloadFormats(media, true),
        redundancy(media),
        source.ssrc(),
        media.isRetransmitted() ? source.rtxSsrc() : SendParameters.NONE,
        extensions(media));
  }

  private static ReceiveParameters receiveParameters(
      Transceiver transceiver, MediaAgreement agreed) {
    NegotiatedMedia media = agreed.receive();
    return new ReceiveParameters(
        transceiver.mid().orElseThrow(),
        payloadFormats(media, false),
        redundancy(media),
        agreed.remoteSources().media().orElse(ReceiveParameters.NONE),
        agreed.remoteSources().retransmission().orElse(ReceiveParameters.NONE),
        extensions(media));
  }

  private static RtpExtensionMap extensions(NegotiatedMedia media) {
    return new RtpExtensionMap(media.usedExtensions());
  }

  private static List<PayloadFormat> payloadFormats(NegotiatedMedia media, boolean sent) {
    List<PayloadFormat> formats = new ArrayList<>();
    for (NegotiatedFormat format : media.formats()) {
      int rtx = format.rtxPayloadType().orElse(PayloadFormat.NONE);
      // A lost packet is sent again only on a stream of its own: protecting two packets under one
      // SRTP index would give away the key (RFC 7714 8.3).
      boolean nack =
          format.feedback().contains(MediaCodec.NACK) && !(sent && rtx == PayloadFormat.NONE);
      format
          .codec()
          .format()
          .ifPresent(
              frames ->
                  formats.add(
                      new PayloadFormat(
                          frames,
                          format.payloadType(),
                          rtx,
                          nack,
                          format.feedback().contains(MediaCodec.PICTURE_LOSS_INDICATION))));
    }
    return formats;
  }

  private static Redundancy redundancy(NegotiatedMedia media) {
    Optional<NegotiatedFormat> wrapping =
        media.format(MediaCodec.RED).or(() -> media.format(MediaCodec.VIDEO_RED));
    return wrapping
        .map(
            format ->
                new Redundancy(
                    format.payloadType(),
                    format.rtxPayloadType().orElse(Redundancy.NONE),
                    media
                        .format(MediaCodec.ULPFEC)
                        .map(NegotiatedFormat::payloadType)
                        .orElse(Redundancy.NONE)))
        .orElse(Redundancy.ABSENT);
  }

  /**
   * Sends a frame, unless the transceiver does not send, or not that stream or format.
   *
   * @param rid the stream's name; empty for the only or the first one
   */
  void send(Transceiver transceiver, String rid, MediaFrame frame, long nowNanos) {
    Sender sender = find(transceiver, nameOf(transceiver, rid));
    if (sender == null) {
      return;
    }
    int activations = transceiver.activations(sender.rid);
    boolean sends =
        sender.stream.takes(frame.format())
            && transceiver.sends(sender.rid)
            && transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent();
    if (!sends || activations != sender.activations) {
      sender.stream.interrupt();
      sender.activations = activations;
    }
    if (sends) {
      session.send(sender.stream, frame, nowNanos);
    }
  }

  /** Frames of a stream are lost: those after them are of use from a key frame on. */
  void interrupt(Transceiver transceiver, String rid) {
    Sender sender = find(transceiver, nameOf(transceiver, rid));
    if (sender != null) {
      sender.stream.interrupt();
    }
  }

  private static String nameOf(Transceiver transceiver, String rid) {
    List<String> rids = transceiver.rids();
    return rid.isEmpty() && !rids.isEmpty() ? rids.getFirst() : rid;
  }

  /** Has the encoders begin those pictures with a key frame that have sent nothing yet. */
  void askForFirstKeyFrames(long nowNanos) {
    for (Sender sender : senders) {
      if (!sender.stream.hasSent()) {
        session.askForKeyFrame(sender.stream, nowNanos);
      }
    }
  }

  /** Has the encoders go on with a key frame. */
  void askForKeyFrames(long nowNanos) {
    senders.forEach(sender -> session.askForKeyFrame(sender.stream, nowNanos));
  }

  /** Sends on a packet, unless the transceiver does not send. */
  void forward(Transceiver transceiver, MediaPacket packet, long nowNanos) {
    Optional<SendStream> stream = sender(transceiver, "");
    if (stream.isPresent()
        && transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent()) {
      session.forward(stream.get(), packet, nowNanos);
    }
  }

  /** Asks for a key frame, unless the transceiver does not receive. */
  void requestKeyFrame(Transceiver transceiver, long nowNanos) {
    ReceiveStream stream = receivers.get(transceiver);
    if (stream != null) {
      session.requestKeyFrame(stream, nowNanos);
    }
  }

  Optional<Transceiver> receiverOf(ReceiveStream stream) {
    for (Map.Entry<Transceiver, ReceiveStream> entry : receivers.entrySet()) {
      if (entry.getValue().equals(stream)) {
        return Optional.of(entry.getKey());
      }
    }
    return Optional.empty();
  }

  Optional<Sender> senderOf(SendStream stream) {
    return senders.stream().filter(sender -> sender.stream().equals(stream)).findFirst();
  }

  /** What a transceiver sends, or has sent. */
  List<Sender> senders(Transceiver transceiver) {
    return senders.stream().filter(sender -> sender.transceiver().equals(transceiver)).toList();
  }

  private Optional<SendStream> sender(Transceiver transceiver, String rid) {
    return Optional.ofNullable(find(transceiver, rid)).map(Sender::stream);
  }

  private Sender find(Transceiver transceiver, String rid) {
    for (Sender sender : senders) {
      if (sender.transceiver.equals(transceiver) && sender.rid.equals(rid)) {
        return sender;
      }
    }
    return null;
  }

  /** The rate that the way to the other side is estimated to carry. */
  long availableBitsPerSecond() {
    return session.sendBitsPerSecond();
  }

  Optional<ReceiveStream> receiver(Transceiver transceiver) {
    return Optional.ofNullable(receivers.get(transceiver));
  }
}
