package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;

/**
 * Has the JVM load and compile what a handshake and SRTP need, by a handshake of this process with
 * itself in memory, so that the first call does not wait for it. To be run in the background at
 * start.
 */
public final class DtlsWarmUp {
  /** From the second handshake on little is won; see docs/dtls-srtp.md. */
  private static final int HANDSHAKES_PER_PROFILE = 2;

  private static final int PACKETS = 50;
  private static final int PACKET_LENGTH = 1000;

  private DtlsWarmUp() {}

  /** Shakes hands in both roles, with each SRTP profile, and protects some packets. */
  public static void run() {
    for (int i = 0; i < HANDSHAKES_PER_PROFILE; i++) {
      for (SrtpProfile profile : SrtpProfile.values()) {
        shakeHands(profile);
      }
    }
  }

  private static void shakeHands(SrtpProfile profile) {
    DtlsCertificate clientCertificate = DtlsCertificate.generate();
    DtlsCertificate serverCertificate = DtlsCertificate.generate();
    MemoryEnd client =
        new MemoryEnd(DtlsRole.CLIENT, clientCertificate, serverCertificate, profile);
    MemoryEnd server =
        new MemoryEnd(DtlsRole.SERVER, serverCertificate, clientCertificate, profile);
    try {
      server.transport.start(0);
      client.transport.start(0);
      while (!client.sent.isEmpty() || !server.sent.isEmpty()) {
        client.deliverTo(server);
        server.deliverTo(client);
      }
      exchangePackets(client.keys, server.keys);
    } finally {
      client.transport.close();
      server.transport.close();
    }
  }

  private static void exchangePackets(SrtpKeys from, SrtpKeys to) {
    OutboundSrtp outbound = new OutboundSrtp(from);
    InboundSrtp inbound = new InboundSrtp(to);
    ByteBuffer packet =
        ByteBuffer.allocate(PACKET_LENGTH + from.profile().rtcpOverhead()).put(0, (byte) 0x80);
    for (int i = 0; i < PACKETS; i++) {
      outbound.protectRtp(packet.putShort(2, (short) i).limit(PACKET_LENGTH));
      inbound.unprotectRtp(packet);
      outbound.protectRtcp(packet.limit(PACKET_LENGTH));
      inbound.unprotectRtcp(packet);
    }
  }

  private static final class MemoryEnd implements DtlsListener {
    final DtlsTransport transport;
    final Queue<ByteBuffer> sent = new ArrayDeque<>();
    SrtpKeys keys;

    MemoryEnd(DtlsRole role, DtlsCertificate own, DtlsCertificate other, SrtpProfile profile) {
      transport =
          new DtlsTransport(
              new DtlsConfiguration(role, own, List.of(other.fingerprint()), List.of(profile)),
              this);
    }

    void deliverTo(MemoryEnd other) {
      for (ByteBuffer datagram = sent.poll(); datagram != null; datagram = sent.poll()) {
        other.transport.handleDatagram(0, datagram);
      }
    }

    @Override
    public void send(ByteBuffer datagram) {
      sent.add(datagram);
    }

    @Override
    public void connected(SrtpKeys agreed) {
      keys = agreed;
    }

    @Override
    public void data(ByteBuffer plaintext) {}

    @Override
    public void closed() {}

    @Override
    public void failed(DtlsFailure failure) {
      throw new IllegalStateException(failure.message());
    }
  }
}
