package org.heliograph.agent.call;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;

/**
 * A call's PeerConnection, in the steps that a call needs: at most one section for each kind. Every
 * method may be called from any thread, and none but {@link #close} blocks.
 */
public interface MediaConnection extends AutoCloseable {
  /** What the connection tells; called on its own thread, which must not be blocked. */
  interface Listener {
    void onCandidate(IceCandidateInit candidate);

    void onState(PeerConnectionState state);

    /** Why the connection has failed, as a clause for people; comes before that state. */
    void onFailed(String reason);

    /** A new exchange has settled what the other side sends. */
    void onReceiving(Set<MediaKind> kinds);

    /** A kind cannot be exchanged for want of a common codec; why, as a clause for people. */
    void onMediaRefused(MediaKind kind, String reason);

    void onFrame(MediaKind kind, MediaFrame frame);

    /** A received packet, while {@link MediaConnection#setHandsOnPackets} asks for them. */
    void onPacket(MediaKind kind, MediaPacket packet);

    void onKeyFrameRequested(MediaKind kind);

    void onBandwidthEstimate(long bitsPerSecond);

    /** The share of sound's packets, 0 to 1, whose loss its encoder should prepare for. */
    void onSoundLoss(double share);
  }

  /** Makes connections. */
  interface Factory {
    /**
     * Opens a connection's sockets; may block for a moment.
     *
     * @param onThisMachine whether the other side's signalling comes from this machine, so that it
     *     may be reached on loopback
     * @throws IOException if no address can be bound
     */
    MediaConnection open(boolean onThisMachine, Listener listener) throws IOException;
  }

  /**
   * Makes an offer and applies it.
   *
   * @param kinds the kinds that the call carries; each is received
   * @param sending those of them that are sent too
   */
  CompletableFuture<String> createOffer(Set<MediaKind> kinds, Set<MediaKind> sending);

  /**
   * Applies an offer, makes the answer and applies that. An own offer that is still open is taken
   * back for it (RFC 8829 4.1.8.2). Fails with {@link IllegalArgumentException} where the offer is
   * malformed.
   */
  CompletableFuture<String> acceptOffer(String sdp, Set<MediaKind> sending);

  /** Applies the answer to the own offer. */
  CompletableFuture<Void> acceptAnswer(String sdp);

  /** Takes a remote candidate; one that comes before its description is kept for it. */
  CompletableFuture<Void> addCandidate(IceCandidateInit candidate);

  /** Sends a frame; dropped where the kind is not negotiated to be sent. */
  void send(MediaKind kind, MediaFrame frame);

  /** Sets whether received packets are told, beside the frames made of them; off at first. */
  void setHandsOnPackets(boolean handsOn);

  /** Whether there are TURN servers for it. */
  boolean hasTurnServers();

  /** Asks the other side for a key frame. */
  void requestKeyFrame();

  /** W3C webrtc-stats objects. */
  CompletableFuture<List<Stats>> stats();

  /** Ends the connection; returns when its sockets and threads are gone. */
  @Override
  void close();
}
