package org.heliograph.peer;

import java.util.List;

/**
 * A connection to one other peer (W3C {@code RTCPeerConnection}, RFC 8829). It has no socket, no
 * thread and no clock: one thread at a time drives it. {@link PeerDriver} does so in real life.
 */
public final class PeerConnection {
  PeerConnection() {}

  /** Adds a transceiver, whose media section the next offer will have. */
  public Transceiver addTransceiver(MediaKind kind, TransceiverDirection direction) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Every transceiver, in the order in which they were added or negotiated. */
  public List<Transceiver> transceivers() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** An offer of what the transceivers want (RFC 8829 5.2). */
  public SessionDescription createOffer() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** An answer to the remote offer (RFC 8829 5.3). */
  public SessionDescription createAnswer() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Applies a description made by {@link #createOffer} or {@link #createAnswer} (RFC 8829 5.9). */
  public void setLocalDescription(SessionDescription description) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Applies the other side's description (RFC 8829 5.10).
   *
   * @throws IllegalArgumentException if the description is malformed or breaks the exchange's rules
   * @throws IllegalStateException if the signaling state does not allow it
   */
  public void setRemoteDescription(SessionDescription description) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Takes a remote candidate; one that comes before its description is kept for it. */
  public void addIceCandidate(IceCandidateInit candidate) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** ICE and DTLS together. */
  public PeerConnectionState connectionState() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Where the offer/answer exchange stands. */
  public SignalingState signalingState() {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Asks the other side for a key frame (RFC 4585 6.3.1 PLI), not oftener than its rate limit
   * allows.
   */
  public void requestKeyFrame(Transceiver transceiver) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** W3C webrtc-stats objects, with the names of that document. */
  public List<Stats> getStats() {
    throw new UnsupportedOperationException("not built yet");
  }
}
