package org.heliograph.peer;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SdpParser;
import org.heliograph.peer.transport.LocalTransport;

/** One side of an offer/answer exchange without a transport. */
final class NegotiatingSide {
  final Negotiator negotiator;
  private final Random random;
  private IceCredentials credentials;
  private IceCredentials before;
  private long nextSsrc;

  /** The fingerprint of what the other side has shown, once it has. */
  Optional<Fingerprint> remoteCertificate = Optional.empty();

  NegotiatingSide(long seed) {
    random = new Random(seed);
    credentials = IceCredentials.generate(random);
    nextSsrc = seed * 1000;
    negotiator = new Negotiator(seed, new Transport(), this::newTransceiver);
  }

  private Transceiver newTransceiver(MediaKind kind, TransceiverDirection direction) {
    String track = "track" + nextSsrc;
    return new Transceiver(
        kind,
        direction,
        () -> new SourceIdentity(nextSsrc++, nextSsrc++, "cname", "stream", track),
        () -> {});
  }

  Transceiver add(MediaKind kind, TransceiverDirection direction) {
    Transceiver transceiver = newTransceiver(kind, direction);
    negotiator.add(transceiver);
    return transceiver;
  }

  Transceiver addSimulcast(List<SendEncoding> encodings) {
    Transceiver transceiver =
        new Transceiver(
            MediaKind.VIDEO,
            TransceiverDirection.SENDONLY,
            encodings,
            () -> new SourceIdentity(nextSsrc++, nextSsrc++, "cname", "stream", "track"),
            () -> {});
    negotiator.add(transceiver);
    return transceiver;
  }

  String offer() {
    SessionDescription offer = negotiator.createOffer();
    negotiator.setLocal(offer);
    return offer.sdp();
  }

  String answer(String offer) {
    receive(SdpType.OFFER, offer);
    SessionDescription answer = negotiator.createAnswer();
    negotiator.setLocal(answer);
    return answer.sdp();
  }

  void receive(SdpType type, String sdp) {
    negotiator.setRemote(type, RemoteDescription.parse(sdp));
  }

  /** Offers to another side and takes its answer. */
  void negotiateWith(NegotiatingSide other) {
    receive(SdpType.ANSWER, other.answer(offer()));
  }

  IceCredentials credentials() {
    return credentials;
  }

  static List<MediaDescription> sections(String sdp) {
    return SdpParser.parse(sdp).media();
  }

  private final class Transport implements LocalTransport {
    @Override
    public IceCredentials iceCredentials() {
      return credentials;
    }

    @Override
    public void restartIce() {
      before = credentials;
      credentials = IceCredentials.generate(random);
    }

    @Override
    public void cancelIceRestart() {
      credentials = before;
    }

    @Override
    public Attribute.Fingerprint fingerprint() {
      return new Attribute.Fingerprint("sha-256", "AB" + ":AB".repeat(31));
    }

    @Override
    public Optional<Boolean> areOfRemoteCertificate(List<Fingerprint> fingerprints) {
      return remoteCertificate.map(shown -> fingerprints.contains(shown));
    }
  }
}
