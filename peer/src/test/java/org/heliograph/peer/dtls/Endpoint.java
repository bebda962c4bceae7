package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.srtp.SrtpKeys;

/** A transport, and what has come out of it. */
class Endpoint implements DtlsListener {
  final DtlsTransport transport;
  final List<byte[]> toSend = new ArrayList<>();
  final List<DtlsFailure> failures = new ArrayList<>();
  final List<SrtpKeys> connections = new ArrayList<>();
  final List<byte[]> received = new ArrayList<>();
  Runnable onData = () -> {};
  int closedByRemote;
  int datagramsSent;

  Endpoint(DtlsConfiguration configuration) {
    transport = new DtlsTransport(configuration, this);
  }

  /** Takes out what is to be sent. */
  List<byte[]> takeSent() {
    List<byte[]> taken = List.copyOf(toSend);
    toSend.clear();
    return taken;
  }

  @Override
  public void send(ByteBuffer datagram) {
    byte[] octets = new byte[datagram.remaining()];
    datagram.get(octets);
    toSend.add(octets);
    datagramsSent++;
  }

  @Override
  public void connected(SrtpKeys keys) {
    connections.add(keys);
  }

  @Override
  public void data(ByteBuffer plaintext) {
    byte[] octets = new byte[plaintext.remaining()];
    plaintext.get(octets);
    received.add(octets);
    onData.run();
  }

  @Override
  public void closed() {
    closedByRemote++;
  }

  @Override
  public void failed(DtlsFailure failure) {
    failures.add(failure);
  }
}
