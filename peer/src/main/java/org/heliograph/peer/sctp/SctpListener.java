package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;

/**
 * What comes out of an {@link SctpAssociation}. Called on the thread that drives it, within the
 * call that brought it about; it may send and reset streams from within.
 */
public interface SctpListener {
  /**
   * A packet is to be sent.
   *
   * @param packet at most {@link SctpAssociation#MAX_PACKET_LENGTH} octets in an accessible array,
   *     to be read within the call
   */
  void send(ByteBuffer packet);

  /** The association is up. */
  void onConnected();

  /**
   * A whole message has come, in its turn.
   *
   * @param payloadProtocol the PPID, unsigned 32 bits
   * @param payload an array of its own, of one octet and more
   */
  void onMessage(int stream, long payloadProtocol, byte[] payload);

  /** Octets of a message are no longer waiting: they were sent or given up. Not to send from. */
  void onDequeued(SctpMessage message, int octets);

  /** The other side sends nothing further on a stream, whose next message is its first again. */
  void onIncomingStreamReset(int stream);

  /** A stream that was to be reset is: its next message is its first again. */
  void onOutgoingStreamReset(int stream);

  /**
   * The association has ended, by the other side or by an error; nothing further comes.
   *
   * @param reason a clause for people
   */
  void onClosed(String reason);
}
