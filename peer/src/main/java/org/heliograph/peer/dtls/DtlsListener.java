package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import org.heliograph.peer.srtp.SrtpKeys;

/**
 * What comes out of a {@link DtlsTransport}. Called on the thread that drives it, within the call
 * that brought it about, with no lock held.
 */
public interface DtlsListener {
  /**
   * A datagram is to be sent.
   *
   * @param datagram at most {@link DtlsTransport#MAX_DATAGRAM_LENGTH} octets, in an array of its
   *     own
   */
  void send(ByteBuffer datagram);

  /** The handshake is done and the other side is who it should be: media may flow. */
  void connected(SrtpKeys keys);

  /**
   * Application data: one record's, as it was sent.
   *
   * @param plaintext position to limit, to be read within the call
   */
  void data(ByteBuffer plaintext);

  /** The other side closed the association. */
  void closed();

  /** The association failed; nothing further comes. */
  void failed(DtlsFailure failure);
}
