package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.stream.NtpClock;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.RtpSessionListener;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** A receiver's estimates (REMB) are obeyed where its description asks for that. */
class ReceiverEstimateAgreementTest {
  private static final long ESTIMATE = 70_000;

  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);
  private final RtpSession session =
      new RtpSession("alice", NtpClock.at(0, Instant.EPOCH), new Random(1), new Nobody());
  private final MediaStreams streams = new MediaStreams(session);

  private static final class Nobody implements RtpSessionListener {
    @Override
    public void onRtpToSend(ByteBuffer packet) {}

    @Override
    public void onRtcpToSend(ByteBuffer compound) {}

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {}

    @Override
    public void onKeyFrameRequested(SendStream stream) {}

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {}
  }

  private void negotiate(String taken) {
    String answer = bob.answer(alice.offer());
    StringBuilder changed = new StringBuilder();
    for (String line : answer.lines().toList()) {
      if (line.startsWith("m=video") || !line.endsWith(taken)) {
        changed.append(line).append("\r\n");
      }
    }
    alice.receive(SdpType.ANSWER, changed.toString());
    streams.apply(alice.negotiator.transceivers(), 1);
  }

  private long allowedByAnEstimate() {
    ReceiverEstimatedMaximumBitrate estimate =
        new ReceiverEstimatedMaximumBitrate(1, ESTIMATE, List.of());
    ByteBuffer out = ByteBuffer.allocate(estimate.length());
    estimate.write(out);
    session.receiveRtcp(out.flip(), 1);
    return session.sendBitsPerSecond();
  }

  @Test
  void theyAreObeyedBesideTransportWideFeedback() {
    alice.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
    negotiate("nothing");

    assertThat(allowedByAnEstimate()).isEqualTo(ESTIMATE);
  }

  @Test
  void theyAreNotObeyedWhereTheOtherSideDoesNotGiveThem() {
    alice.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
    negotiate(" goog-remb");

    assertThat(allowedByAnEstimate()).isGreaterThan(ESTIMATE);
  }

  @Test
  void theyAreNotObeyedInACallOfSoundAlone() {
    alice.add(MediaKind.AUDIO, TransceiverDirection.SENDRECV);
    negotiate("nothing");

    assertThat(allowedByAnEstimate()).isGreaterThan(ESTIMATE);
  }

  @Test
  void whatTheyHaveSaidIsForgottenWithTheAgreement() {
    alice.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
    negotiate("nothing");
    assertThat(allowedByAnEstimate()).isEqualTo(ESTIMATE);
    negotiate(" goog-remb");

    assertThat(session.sendBitsPerSecond()).isGreaterThan(ESTIMATE);
  }
}
