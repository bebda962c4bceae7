package org.heliograph.peer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.ReceiveParameters;
import org.heliograph.peer.stream.ReceiveStream;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.SendParameters;
import org.heliograph.peer.stream.SendStream;

/** Keeps the streams of an {@link RtpSession} as the transceivers' agreements want them. */
final class MediaStreams {
  private final RtpSession session;
  private final Map<Transceiver, SendStream> senders = new HashMap<>();
  private final Map<Transceiver, ReceiveStream> receivers = new HashMap<>();

  MediaStreams(RtpSession session) {
    this.session = session;
  }

  /** Begins, changes and ends streams after a negotiation. */
  void apply(List<Transceiver> transceivers, long nowNanos) {
    Set<Transceiver> live = new HashSet<>(transceivers);
    Map<RtpExtension, Integer> receiveExtensions = new EnumMap<>(RtpExtension.class);
    for (Transceiver transceiver : transceivers) {
      MediaAgreement agreed = transceiver.agreement();
      if (agreed == null) {
        continue;
      }
      agreed.receive().usedExtensions().forEach(receiveExtensions::putIfAbsent);
      applySender(transceiver, agreed);
      applyReceiver(transceiver, agreed);
    }
    session.setReceiveExtensions(new RtpExtensionMap(receiveExtensions));
    endSendersExcept(live, nowNanos);
    endReceiversExcept(live);
  }

  /**
   * A stream that pauses stays, so that its sequence numbers go on when it does: to begin again
   * under the same SSRC would repeat SRTP indices.
   */
  private void applySender(Transceiver transceiver, MediaAgreement agreed) {
    if (!agreed.direction().sends()) {
      return;
    }
    SendParameters wanted = sendParameters(transceiver, agreed);
    SendStream stream = senders.get(transceiver);
    if (stream == null) {
      senders.put(transceiver, session.addSender(wanted));
    } else if (!stream.parameters().equals(wanted)) {
      session.updateSender(stream, wanted);
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

  private void endSendersExcept(Set<Transceiver> live, long nowNanos) {
    for (Iterator<Map.Entry<Transceiver, SendStream>> all = senders.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<Transceiver, SendStream> entry = all.next();
      if (!live.contains(entry.getKey())) {
        session.removeSender(entry.getValue(), nowNanos);
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

  private static SendParameters sendParameters(Transceiver transceiver, MediaAgreement agreed) {
    NegotiatedMedia media = agreed.send();
    return new SendParameters(
        transceiver.mid().orElseThrow(),
        payloadFormats(media, true),
        redPayloadType(media),
        transceiver.source().ssrc(),
        media.isRetransmitted() ? transceiver.source().rtxSsrc() : SendParameters.NONE,
        new RtpExtensionMap(media.usedExtensions()));
  }

  private static ReceiveParameters receiveParameters(
      Transceiver transceiver, MediaAgreement agreed) {
    NegotiatedMedia media = agreed.receive();
    return new ReceiveParameters(
        transceiver.mid().orElseThrow(),
        payloadFormats(media, false),
        redPayloadType(media),
        agreed.remoteSources().media().orElse(ReceiveParameters.NONE),
        agreed.remoteSources().retransmission().orElse(ReceiveParameters.NONE));
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

  private static int redPayloadType(NegotiatedMedia media) {
    return media
        .format(MediaCodec.RED)
        .map(NegotiatedFormat::payloadType)
        .orElse(PayloadFormat.NONE);
  }

  /** Sends a frame, unless the transceiver does not send, or not that format. */
  void send(Transceiver transceiver, MediaFrame frame, long nowNanos) {
    SendStream stream = senders.get(transceiver);
    if (stream != null
        && stream.takes(frame.format())
        && transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent()) {
      session.send(stream, frame, nowNanos);
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
    return keyOf(receivers, stream);
  }

  Optional<Transceiver> senderOf(SendStream stream) {
    return keyOf(senders, stream);
  }

  Optional<SendStream> sender(Transceiver transceiver) {
    return Optional.ofNullable(senders.get(transceiver));
  }

  Optional<ReceiveStream> receiver(Transceiver transceiver) {
    return Optional.ofNullable(receivers.get(transceiver));
  }

  /** The few streams of a call are found faster in order than by a second map kept in step. */
  private static <S> Optional<Transceiver> keyOf(Map<Transceiver, S> streams, S stream) {
    for (Map.Entry<Transceiver, S> entry : streams.entrySet()) {
      if (entry.getValue().equals(stream)) {
        return Optional.of(entry.getKey());
      }
    }
    return Optional.empty();
  }
}
