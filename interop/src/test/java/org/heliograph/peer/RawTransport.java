package org.heliograph.peer;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.heliograph.peer.transport.MediaTransport;

/**
 * Sends packets that are made by hand behind a connection's valid transform, as only somebody can
 * who was let in. All of it is called on the connection's thread.
 */
public final class RawTransport {
  private static final int ROOM_FOR_PROTECTION = 64;

  private RawTransport() {}

  /** An RTP packet, encrypted and signed as SRTP. */
  public static void sendRtp(PeerConnection connection, byte[] packet) {
    connection.transport().sendRtp(withRoom(packet));
  }

  /** An RTCP compound, encrypted and signed as SRTCP. */
  public static void sendRtcp(PeerConnection connection, byte[] compound) {
    connection.transport().sendRtcp(withRoom(compound));
  }

  /** A record of DTLS application data, which the other side takes for an SCTP packet. */
  public static void sendData(PeerConnection connection, byte[] packet) {
    connection.transport().sendData(withRoom(packet));
  }

  /**
   * Takes the received application data from the connection's own SCTP, which gets none any more.
   */
  public static void takeData(PeerConnection connection, Consumer<byte[]> receiver) {
    connection
        .transport()
        .carry(
            new MediaTransport.DataReceiver() {
              @Override
              public void onDtlsConnected(long nowNanos) {}

              @Override
              public void onDtlsData(long nowNanos, ByteBuffer plaintext) {
                byte[] octets = new byte[plaintext.remaining()];
                plaintext.get(octets);
                receiver.accept(octets);
              }

              @Override
              public void onDtlsClosed() {}
            });
  }

  private static ByteBuffer withRoom(byte[] packet) {
    return ByteBuffer.allocate(packet.length + ROOM_FOR_PROTECTION).put(packet).flip();
  }
}
