package org.heliograph.session;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;

/**
 * One connection with any number of tracks each way. Who uses it has the signalling, and says which
 * tracks of its own there are; the session finds a media section for each, and tells which tracks
 * come. Every method may be called from any thread, and none but {@link #close} blocks.
 */
public interface MediaSession extends AutoCloseable {
  /**
   * A track of this side that is to have a media section of its own.
   *
   * @param sends whether the track is sent now; where it is not, its section stays, and what the
   *     other side sends in it is received
   */
  record Section(TrackId track, MediaKind kind, boolean sends) {}

  /**
   * An answer to the other side's offer.
   *
   * @param complete whether each track that is to be sent has its place in it; the offer may have
   *     had too few sections, and an offer of this side is needed then
   */
  record Answer(String sdp, boolean complete) {}

  /** What the session tells; called on its own thread, which must not be blocked. */
  interface Listener {
    /** A candidate of this side, to be signalled; one with an empty text ends them. */
    void onCandidate(IceCandidateInit candidate);

    /** The connection's state has changed. */
    void onState(PeerConnectionState state);

    /** Why the connection has failed, as a clause for people; comes before that state. */
    void onFailed(String reason);

    /**
     * A new exchange has settled what the other side sends: all of it, in the order of the
     * sections. A track that was told before is the same object. Comes before its first frame.
     */
    void onReceiving(List<RemoteTrack> tracks);

    /** A kind cannot be exchanged for want of a common codec; why, as a clause for people. */
    void onMediaRefused(MediaKind kind, String reason);

    /** A received packet, while {@link MediaSession#setHandsOnPackets} asks for them. */
    default void onPacket(RemoteTrack track, MediaPacket packet) {}

    /** The other side cannot go on with a track of this side without a key frame. */
    void onKeyFrameRequested(TrackId track);

    /** What the network takes of all tracks together, in bits per second. */
    default void onBandwidthEstimate(long bitsPerSecond) {}

    /** The share of a sound's packets, 0 to 1, whose loss its encoder should prepare for. */
    default void onLossToPrepareFor(TrackId track, double share) {}
  }

  /**
   * Makes an offer and applies it. A track that has no section gets one: one that the other side
   * has opened and nothing is sent in, or a new one. The section of a track that is not among these
   * any more is given up.
   */
  CompletableFuture<String> createOffer(List<Section> sections);

  /**
   * Applies an offer, makes the answer and applies that. An own offer that is still open is taken
   * back for it (RFC 8829 4.1.8.2). Fails with {@link IllegalArgumentException} where the offer is
   * malformed.
   */
  CompletableFuture<Answer> acceptOffer(String sdp, List<Section> sections);

  /** Applies the answer to the own offer. */
  CompletableFuture<Void> acceptAnswer(String sdp);

  /** Takes a remote candidate; one that comes before its description is kept for it. */
  CompletableFuture<Void> addCandidate(IceCandidateInit candidate);

  /** Sends a frame of a track; dropped where it is not negotiated to be sent. */
  void send(TrackId track, MediaFrame frame);

  /** Sends a packet that another session has received, as it is, in a track of this side. */
  void forward(TrackId track, MediaPacket packet);

  /** Sets whether received packets are told, beside the frames made of them; off at first. */
  void setHandsOnPackets(boolean handsOn);

  /** Whether there are TURN servers for it. */
  boolean hasTurnServers();

  /** Asks the other side for a key frame of a track; does nothing for one that has ended. */
  void requestKeyFrame(TrackId track);

  /** W3C webrtc-stats objects. */
  CompletableFuture<List<Stats>> stats();

  /** Ends the connection; returns when its sockets and threads are gone. */
  @Override
  void close();
}
