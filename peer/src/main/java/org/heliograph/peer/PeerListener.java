package org.heliograph.peer;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;

/**
 * What a {@link PeerConnection} tells: the events of W3C {@code RTCPeerConnection}, and the media
 * that arrives. Each is called on the thread that drives the connection, which it must not block.
 */
public interface PeerListener {
  /** A local candidate to be signalled; one with an empty {@code candidate} ends them. */
  default void onIceCandidate(IceCandidateInit candidate) {}

  /**
   * A configured server is of use.
   *
   * @param url the server's, with port and transport written out
   * @param address where a STUN server sees this side, or where a TURN server relays for it
   */
  default void onIceServer(String url, InetSocketAddress address) {}

  /**
   * A configured server is of no use (W3C {@code icecandidateerror}); the connection goes on
   * without it. Told once for each reason.
   *
   * @param url the server's, with port and transport written out
   * @param errorCode what a TURN server has refused with (RFC 8656 19); 701 for one that cannot be
   *     reached
   * @param errorText a clause for people
   */
  default void onIceCandidateError(String url, int errorCode, String errorText) {}

  /** The connection's state has changed. */
  default void onConnectionStateChange(PeerConnectionState state) {}

  /**
   * The connection has failed, and why: no path was found or the one in use died, the other side's
   * certificate was a wrong one, it ended the connection. Comes before the state change.
   *
   * @param reason a clause for people
   */
  default void onFailed(String reason) {}

  /** The state of the offer/answer exchange has changed. */
  default void onSignalingStateChange(SignalingState state) {}

  /**
   * A new offer is needed for what was changed here to take effect (W3C {@code negotiationneeded}).
   */
  default void onNegotiationNeeded() {}

  /** What the other side sends has changed; {@link Transceiver#currentDirection()} tells how. */
  default void onTrack(Transceiver transceiver) {}

  /**
   * The other side offers media of which this side has no codec; its section is refused, and the
   * call goes on without it.
   *
   * @param reason a clause for people
   */
  default void onMediaRefused(MediaKind kind, String reason) {}

  /** A whole frame, in order, decodable after the frames handed on before it. */
  default void onFrame(Transceiver transceiver, MediaFrame frame) {}

  /**
   * A received packet, as soon as it has come, where {@link PeerConnection#setHandsOnPackets} asks
   * for packets; {@link PeerConnection#forward} takes it on another connection.
   */
  default void onPacket(Transceiver transceiver, MediaPacket packet) {}

  /**
   * The other side cannot decode what it has and asks for a key frame (RFC 4585 PLI, RFC 5104 FIR).
   */
  default void onKeyFrameRequested(Transceiver transceiver) {}

  /**
   * The same of one of a transceiver's streams.
   *
   * @param rid the stream's name ({@link SendEncoding#rid}); empty without simulcast
   */
  default void onKeyFrameRequested(Transceiver transceiver, String rid) {
    onKeyFrameRequested(transceiver);
  }

  /** The other side has made a data channel; it is open next. */
  default void onDataChannel(DataChannel channel) {}

  /** A data channel is open: messages may be sent. */
  default void onOpen(DataChannel channel) {}

  /** A text has come. */
  default void onMessage(DataChannel channel, String text) {}

  /**
   * Octets have come.
   *
   * @param binary in an array of its own; may have none
   */
  default void onMessage(DataChannel channel, ByteBuffer binary) {}

  /**
   * No more octets wait to be sent than {@link DataChannel#bufferedAmountLowThreshold}, and more
   * did before.
   */
  default void onBufferedAmountLow(DataChannel channel) {}

  /** The other side closes a data channel; what waited to be sent is dropped. */
  default void onClosing(DataChannel channel) {}

  /** A data channel is closed, by either side or with the connection. */
  default void onClosed(DataChannel channel) {}

  /**
   * The share of packets of the sound that is sent, 0 to 1, whose loss its encoder should prepare
   * for (in-band FEC); comes with each of the other side's reports, about once a second.
   */
  default void onLossToPrepareFor(Transceiver transceiver, double share) {}

  /** The rate at which this side should send now, all tracks together, in bits per second. */
  default void onBandwidthEstimate(long bitsPerSecond) {}
}
