package org.heliograph.interop.peer;

import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;

/** The echo test of the gateway Janus: it answers, and sends back what it receives. */
final class JanusEchoPeer extends JanusPeer {
  private JanusSession.Handle handle;

  @Override
  void attach(JanusSession session) {
    handle = session.attach("echotest");
  }

  @Override
  boolean sendsBack() {
    return true;
  }

  @Override
  int toneHertz() {
    return CodedMedia.TONE_HERTZ;
  }

  /** What it sends is what it gets. */
  @Override
  void send(MediaKind kind) {}

  @Override
  void stopSending(MediaKind kind) {}

  @Override
  void prepare(MediaKind kind) {}

  @Override
  String answer(String offer) {
    return handle
        .ask(
            JSON.createObjectNode().put("audio", true).put("video", true),
            new SessionDescription(SdpType.OFFER, offer))
        .sdp();
  }

  /** It is told by what comes back. */
  @Override
  ReceivedContent received() {
    return ReceivedContent.NOTHING;
  }

  @Override
  void forget() {}

  @Override
  void addCandidate(IceCandidateInit candidate) {
    handle.trickle(candidate);
  }
}
