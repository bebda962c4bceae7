package org.heliograph.peer;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.dtls.DtlsState;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateOrigin;
import org.heliograph.peer.ice.PairStatistics;
import org.heliograph.peer.stats.CertificateStats;
import org.heliograph.peer.stats.CodecStats;
import org.heliograph.peer.stats.DataChannelStats;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.IceCandidateStats;
import org.heliograph.peer.stats.InboundRtpStreamStats;
import org.heliograph.peer.stats.MediaSourceStats;
import org.heliograph.peer.stats.OutboundRtpStreamStats;
import org.heliograph.peer.stats.PeerConnectionStats;
import org.heliograph.peer.stats.RemoteInboundRtpStreamStats;
import org.heliograph.peer.stats.RemoteOutboundRtpStreamStats;
import org.heliograph.peer.stats.SctpTransportStats;
import org.heliograph.peer.stats.TransportStats;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.receive.ReceiveStatistics;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStatistics;
import org.heliograph.peer.stream.send.SendStream;
import org.heliograph.peer.transport.MediaTransport;
import org.heliograph.peer.transport.PathTraffic;
import org.heliograph.peer.transport.TransportCounters;

/** Puts a connection's figures into the objects of W3C webrtc-stats. */
final class StatsCollector {
  private static final String TRANSPORT_ID = "transport";
  private static final String DTLS_1_2 = "FEFD";
  private static final long SECONDS_FROM_1900_TO_1970 = 2_208_988_800L;
  private static final double NANOS_PER_MILLI = 1_000_000;
  private static final double NANOS_PER_SECOND = 1_000_000_000;

  private final MediaTransport transport;
  private final MediaStreams streams;
  private final DataChannels data;
  private final Negotiator negotiator;
  private final long originNanos;
  private final double originMillis;

  /**
   * @param nowNanos the present instant on the monotonic clock
   * @param wallClock the same instant on the wall clock
   */
  StatsCollector(
      MediaTransport transport,
      MediaStreams streams,
      DataChannels data,
      Negotiator negotiator,
      long nowNanos,
      Instant wallClock) {
    this.transport = transport;
    this.streams = streams;
    this.data = data;
    this.negotiator = negotiator;
    this.originNanos = nowNanos;
    this.originMillis = wallClock.toEpochMilli();
  }

  List<Stats> collect(long nowNanos, List<Candidate> localCandidates) {
    return new Collection(originMillis + (nowNanos - originNanos) / NANOS_PER_MILLI, nowNanos)
        .collect(localCandidates);
  }

  /** The objects of one instant. */
  private final class Collection {
    private final double timestamp;
    private final long nowNanos;
    private final Map<String, Stats> objects = new LinkedHashMap<>();

    Collection(double timestamp, long nowNanos) {
      this.timestamp = timestamp;
      this.nowNanos = nowNanos;
    }

    /** An instant of the monotonic clock in milliseconds since 1970. */
    private double millis(long nanos) {
      return timestamp - (nowNanos - nanos) / NANOS_PER_MILLI;
    }

    List<Stats> collect(List<Candidate> localCandidates) {
      for (Transceiver transceiver : negotiator.transceivers()) {
        streams.receiver(transceiver).ifPresent(stream -> addInbound(transceiver, stream));
        streams.senders(transceiver).forEach(this::addOutbound);
      }
      localCandidates.forEach(this::addLocalCandidate);
      transport.pairs().forEach(this::addPair);
      addTransport();
      addData();
      return new ArrayList<>(objects.values());
    }

    private void add(Stats object) {
      objects.putIfAbsent(object.id(), object);
    }

    private void addInbound(Transceiver transceiver, ReceiveStream stream) {
      ReceiveStatistics figures = stream.statistics();
      if (figures.ssrc() < 0) {
        return;
      }
      String id = "inbound-rtp-" + figures.ssrc();
      String remoteId = "remote-outbound-rtp-" + figures.ssrc();
      boolean video = transceiver.kind() == MediaKind.VIDEO;
      String codecId =
          addCodec(transceiver, "inbound", transceiver.agreement().receive(), stream.format());
      add(
          new InboundRtpStreamStats(
              id,
              "inbound-rtp",
              timestamp,
              figures.ssrc(),
              transceiver.kind().token(),
              TRANSPORT_ID,
              codecId,
              transceiver.mid().orElse(null),
              transceiver.agreement().remoteSources().track().orElse(null),
              stream.senderReport().isPresent() ? remoteId : null,
              figures.packetsReceived() + figures.retransmittedPacketsReceived(),
              figures.packetsLost(),
              figures.jitterSeconds(),
              figures.bytesReceived() + figures.retransmittedBytesReceived(),
              figures.headerBytesReceived(),
              millis(figures.lastPacketNanos()),
              figures.packetsDiscarded(),
              figures.retransmittedPacketsReceived(),
              figures.retransmittedBytesReceived(),
              figures.fecPacketsReceived(),
              video && figures.fecBytesReceived() > 0 ? figures.fecBytesReceived() : null,
              figures.fecPacketsDiscarded(),
              figures.rtxSsrc() < 0 ? null : figures.rtxSsrc(),
              video ? figures.framesReceived() : null,
              video ? figures.framesDropped() : null,
              figures.nackCount(),
              figures.pliCount()));
      stream
          .senderReport()
          .ifPresent(
              report ->
                  add(
                      new RemoteOutboundRtpStreamStats(
                          remoteId,
                          "remote-outbound-rtp",
                          timestamp,
                          figures.ssrc(),
                          transceiver.kind().token(),
                          TRANSPORT_ID,
                          codecId,
                          id,
                          report.packetCount(),
                          report.octetCount(),
                          millisSince1970(report.ntpTime()),
                          stream.senderReports())));
    }

    private void addOutbound(MediaStreams.Sender sender) {
      Transceiver transceiver = sender.transceiver();
      SendStream stream = sender.stream();
      SendStatistics figures = stream.statistics();
      String id = "outbound-rtp-" + figures.ssrc();
      String remoteId = "remote-inbound-rtp-" + figures.ssrc();
      String codecId =
          addCodec(transceiver, "outbound", transceiver.agreement().send(), stream.format());
      boolean video = transceiver.kind() == MediaKind.VIDEO;
      add(
          new OutboundRtpStreamStats(
              id,
              "outbound-rtp",
              timestamp,
              figures.ssrc(),
              transceiver.kind().token(),
              TRANSPORT_ID,
              codecId,
              transceiver.mid().orElse(null),
              sender.rid().isEmpty() ? null : sender.rid(),
              addSource(transceiver, figures),
              figures.reported() ? remoteId : null,
              figures.packetsSent() + figures.retransmittedPacketsSent(),
              figures.bytesSent() + figures.retransmittedBytesSent(),
              figures.headerBytesSent(),
              figures.retransmittedPacketsSent(),
              figures.retransmittedBytesSent(),
              stream.parameters().rtxSsrc() < 0 ? null : stream.parameters().rtxSsrc(),
              video ? figures.framesGiven() : null,
              video ? figures.keyFramesSent() : null,
              video ? figures.framesSent() : null,
              transceiver.sends(sender.rid())
                  && transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent(),
              figures.nackCount(),
              figures.pliCount(),
              figures.firCount()));
      if (figures.reported()) {
        add(
            new RemoteInboundRtpStreamStats(
                remoteId,
                "remote-inbound-rtp",
                timestamp,
                figures.ssrc(),
                transceiver.kind().token(),
                TRANSPORT_ID,
                codecId,
                id,
                figures.remotePacketsLost(),
                figures.remoteFractionLost(),
                figures.remoteJitterSeconds(),
                figures.roundTripMeasurements() == 0
                    ? null
                    : figures.roundTripNanos() / NANOS_PER_SECOND,
                figures.totalRoundTripNanos() / NANOS_PER_SECOND,
                figures.roundTripMeasurements()));
      }
    }

    /** What a transceiver sends; the same for all of its streams. */
    private String addSource(Transceiver transceiver, SendStatistics figures) {
      String track = transceiver.source().trackId();
      String id = "media-source-" + track;
      add(
          new MediaSourceStats(
              id,
              "media-source",
              timestamp,
              track,
              transceiver.kind().token(),
              transceiver.kind() == MediaKind.VIDEO ? figures.framesGiven() : null));
      return id;
    }

    /** The codec that a stream uses now. */
    private String addCodec(
        Transceiver transceiver, String way, NegotiatedMedia media, PayloadFormat used) {
      NegotiatedFormat format =
          media.formats().stream()
              .filter(negotiated -> negotiated.payloadType() == used.payloadType())
              .findFirst()
              .orElseGet(media::preferred);
      MediaCodec codec = format.codec();
      String id = "codec-" + way + "-" + transceiver.mid().orElse("") + "-" + format.payloadType();
      String parameters = format.parameters().toString();
      add(
          new CodecStats(
              id,
              "codec",
              timestamp,
              format.payloadType(),
              TRANSPORT_ID,
              codec.mimeType(),
              codec.clockRate(),
              codec.channels().isPresent() ? codec.channels().getAsInt() : null,
              parameters.isEmpty() ? null : parameters));
      return id;
    }

    private String addLocalCandidate(Candidate candidate) {
      return addCandidate("local-candidate", candidate, transport.origin(candidate));
    }

    private String addCandidate(
        String type, Candidate candidate, Optional<CandidateOrigin> origin) {
      String id = type + "-" + Integer.toHexString(candidate.hashCode());
      add(
          new IceCandidateStats(
              id,
              type,
              timestamp,
              TRANSPORT_ID,
              candidate.address().getHostString(),
              candidate.address().getPort(),
              candidate.transport(),
              candidate.type().token(),
              candidate.priority(),
              candidate.foundation(),
              candidate.relatedAddress().map(InetSocketAddress::getHostString).orElse(null),
              candidate.relatedAddress().map(InetSocketAddress::getPort).orElse(null),
              candidate.tcpType().orElse(null),
              origin.map(CandidateOrigin::url).orElse(null),
              origin.flatMap(CandidateOrigin::relayProtocol).orElse(null),
              candidate.usernameFragment().orElse(null)));
      return id;
    }

    private void addPair(PairStatistics figures) {
      String local = addLocalCandidate(figures.local());
      String remote = addCandidate("remote-candidate", figures.remote(), Optional.empty());
      PathTraffic.Figures traffic = transport.traffic().of(figures.local(), figures.remote());
      add(
          new IceCandidatePairStats(
              pairId(figures),
              "candidate-pair",
              timestamp,
              TRANSPORT_ID,
              local,
              remote,
              figures.state(),
              figures.nominated(),
              traffic.packetsSent(),
              traffic.packetsReceived(),
              traffic.bytesSent(),
              traffic.bytesReceived(),
              traffic.packetsSent() == 0 ? null : millis(traffic.lastSentNanos()),
              traffic.packetsReceived() == 0 ? null : millis(traffic.lastReceivedNanos()),
              figures.selected() ? (double) streams.availableBitsPerSecond() : null,
              figures.requestsSent(),
              figures.requestsReceived(),
              figures.requestsReceived(),
              figures.responsesReceived(),
              seconds(figures.totalRoundTripTime()),
              figures.roundTripTime().map(StatsCollector::seconds).orElse(null)));
    }

    private void addTransport() {
      String localCertificate =
          addCertificate(
              "certificate-local",
              transport.certificate().fingerprint(),
              Base64.getEncoder().encodeToString(transport.certificate().encoded()));
      String remoteCertificate =
          negotiator
              .agreement()
              .map(agreement -> agreement.remote().fingerprints().getFirst())
              .map(fingerprint -> addCertificate("certificate-remote", fingerprint, null))
              .orElse(null);
      boolean secured = transport.dtlsState() == DtlsState.CONNECTED;
      TransportCounters counters = transport.counters();
      add(
          new TransportStats(
              TRANSPORT_ID,
              "transport",
              timestamp,
              counters.packetsSent(),
              counters.packetsReceived(),
              counters.bytesSent(),
              counters.bytesReceived(),
              token(transport.iceRole()),
              transport.iceCredentials().usernameFragment(),
              token(transport.iceState()),
              token(transport.dtlsState()),
              negotiator
                  .agreement()
                  .map(agreement -> agreement.dtlsRole() == DtlsRole.CLIENT ? "client" : "server")
                  .orElse("unknown"),
              transport.pairs().stream()
                  .filter(PairStatistics::selected)
                  .findFirst()
                  .map(StatsCollector::pairId)
                  .orElse(null),
              localCertificate,
              remoteCertificate,
              secured ? DTLS_1_2 : null,
              secured ? transport.srtpProfile().orElse(null) : null,
              counters.pathChanges()));
    }

    private void addData() {
      add(
          new PeerConnectionStats(
              "peer-connection", "peer-connection", timestamp, data.opened(), data.closed()));
      data.statistics()
          .ifPresent(
              figures ->
                  add(
                      new SctpTransportStats(
                          "sctp-transport",
                          "sctp-transport",
                          timestamp,
                          TRANSPORT_ID,
                          figures.smoothedRoundTripNanos() == 0
                              ? null
                              : figures.smoothedRoundTripNanos() / NANOS_PER_SECOND,
                          figures.congestionWindow(),
                          figures.receiverWindow(),
                          figures.maxPacketLength(),
                          figures.unacknowledgedChunks())));
      for (DataChannel channel : data.all()) {
        Integer id = channel.id().isPresent() ? channel.id().getAsInt() : null;
        add(
            new DataChannelStats(
                "data-channel-" + channel.number(),
                "data-channel",
                timestamp,
                channel.label(),
                channel.protocol(),
                id,
                token(channel.readyState()),
                channel.messagesSent(),
                channel.bytesSent(),
                channel.messagesReceived(),
                channel.bytesReceived()));
      }
    }

    private String addCertificate(String id, Fingerprint fingerprint, String base64Certificate) {
      String[] words = fingerprint.toAttribute().split(" ", 2);
      add(
          new CertificateStats(
              id, "certificate", timestamp, words[1], words[0], base64Certificate));
      return id;
    }
  }

  private static String pairId(PairStatistics pair) {
    return "candidate-pair-"
        + Integer.toHexString(pair.local().hashCode())
        + "-"
        + Integer.toHexString(pair.remote().hashCode());
  }

  private static double millisSince1970(long ntpTime) {
    double seconds =
        (ntpTime >>> 32) - SECONDS_FROM_1900_TO_1970 + (ntpTime & 0xFFFF_FFFFL) / 0x1p32;
    return seconds * 1000;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / NANOS_PER_SECOND;
  }

  private static String token(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
