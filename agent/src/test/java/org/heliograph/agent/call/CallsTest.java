package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.agent.call.Side.AUDIO;
import static org.heliograph.agent.call.Side.BOTH;
import static org.heliograph.agent.call.Side.PEER;
import static org.heliograph.agent.call.Side.await;
import static org.heliograph.agent.call.Side.candidate;
import static org.heliograph.agent.call.Side.refusal;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.heliograph.agent.call.CallException.Code;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.SignalPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CallsTest {
  private final Side side = new Side();

  @AfterEach
  void close() {
    side.close();
    assertThat(side.devices.open()).as("devices left open").isEmpty();
    assertThat(side.connections.all()).allMatch(connection -> connection.closed);
    assertThat(side.timers.count()).as("timers left").isZero();
  }

  private static void assertRefused(
      EnvelopeException.Code code, org.assertj.core.api.ThrowableAssert.ThrowingCallable step) {
    assertThatThrownBy(step)
        .isInstanceOfSatisfying(
            EnvelopeException.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Nested
  class Quality {
    @Test
    void isToldEveryThreeSecondsOfAConnectedCall() throws Exception {
      side.ringOut("c", BOTH);
      side.timers.advance(QualityWatch.INTERVAL);
      side.receive("c", new SignalPayload.CallAck());
      side.receive("c", new SignalPayload.CallAnswer("answer"));
      FakeConnections.Connection connection = side.connections.next();
      connection.become(PeerConnectionState.CONNECTED);
      side.state("connected");
      side.settle();
      assertThat(side.events).noneMatch(CallEvent.Quality.class::isInstance);

      for (int i = 1; i <= 3; i++) {
        side.timers.advance(QualityWatch.INTERVAL);
        assertThat(side.event(CallEvent.Quality.class).grade()).isEqualTo("good");
        side.settle();
      }
      assertThat(connection.statsTaken).isEqualTo(4);

      await(side.calls.hangUp("c"));
      side.timers.advance(QualityWatch.INTERVAL);
      side.settle();
      assertThat(connection.statsTaken).isEqualTo(4);
    }
  }

  @Nested
  class Calling {
    @Test
    void opensTheDevicesAndThenRings() throws Exception {
      await(side.calls.start("c", PEER, BOTH, false));
      assertThat(side.devices.open()).containsExactlyInAnyOrder(MediaKind.AUDIO, MediaKind.VIDEO);
      assertThat(side.sent(SignalPayload.CallRequest.class).media()).isEqualTo(BOTH);
      assertThat(side.state("ringing").incoming()).isFalse();
    }

    @Test
    void anAudioCallNeverOpensTheCamera() throws Exception {
      side.connectOut("c", AUDIO);
      assertThat(side.devices.everOpened()).hasSize(1);
      assertThat(side.devices.open()).containsExactly(MediaKind.AUDIO);
    }

    @Test
    void offersOnlyAfterTheCalleeHasAccepted() throws Exception {
      side.ringOut("c", BOTH);
      assertThat(side.connections.all()).isEmpty();
      side.receive("c", new SignalPayload.CallAck());
      assertThat(side.sent(SignalPayload.CallOffer.class).sdp())
          .isEqualTo("offer 1 [AUDIO, VIDEO]");
      side.state("connecting");
    }

    @Test
    void sendsItsCandidatesAfterTheOfferThatTheyBelongTo() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      assertThat(side.sent(SignalPayload.Candidate.class).candidate().candidate())
          .isEqualTo("candidate:own");
    }

    @Test
    void endsWhenNobodyAnswersInTime() throws Exception {
      side.ringOut("c", BOTH);
      side.timers.advance(Side.RING);
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("no_answer");
      assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("no_answer");
      await(side.calls.freed());
      assertThat(side.devices.open()).isEmpty();
    }

    @Test
    void ringsAsLongAsItMay() throws Exception {
      side.ringOut("c", BOTH);
      side.timers.advance(Side.RING.minusMillis(1));
      side.receive("c", new SignalPayload.CallAck());
      side.state("connecting");
    }

    @Test
    void endsWhenTheOtherSideSendsNoDescriptionInTime() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.timers.advance(Side.CONNECT);
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_failed");
      assertThat(ended.message()).contains("Perhaps its browser still asks");
    }

    @Test
    void hasTimeToConnectFromTheDescriptionOn() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      side.timers.advance(Side.CONNECT.minusMillis(1));
      side.receive("c", new SignalPayload.CallAnswer("answer"));
      // Its connection gives up by itself after that time and says why; this one never does.
      side.timers.advance(Side.CONNECT.plus(Call.CONNECT_RESERVE).minusMillis(1));
      assertThat(await(side.calls.active())).isNotEmpty();
      side.timers.advance(Duration.ofMillis(1));
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_failed");
      assertThat(ended.message()).contains("keys");
    }

    @Test
    void endsWithTheCauseWhenTheOtherSidesDescriptionStaysUnusable() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      side.timers.advance(Side.CONNECT.minusMillis(1));
      assertRefused(
          EnvelopeException.Code.BAD_DESCRIPTION,
          () -> side.receive("c", new SignalPayload.CallAnswer("nonsense")));
      side.timers.advance(Duration.ofMillis(1));
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_failed");
      assertThat(ended.message()).contains("no v= line").doesNotContain("browser");
    }

    @Test
    void endsAtOnceWhenTheOtherSideCannotUseItsDescription() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      side.receive("c", new SignalPayload.CallError("bad_description", "no such codec"));
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_failed");
      assertThat(ended.message()).contains("no such codec");
    }

    @Test
    void offersAgainAfterTheOtherSideRefusedANewOffer() throws Exception {
      side.connectOut("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.sent(SignalPayload.CallOffer.class);
      side.receive("c", new SignalPayload.CallError("bad_description", "not now"));
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("connected");
      await(side.calls.setDisabled("c", Optional.of(false)));
      side.sent(SignalPayload.CallOffer.class);
    }

    @Test
    void hearsThatTheOtherSideFoundNoWay() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.receive("c", new SignalPayload.CallHangup("failed"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("connection_failed");
    }

    @Test
    void endsWhenNoConnectionCanBeOpened() throws Exception {
      side.connections.breakThem();
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("connection_failed");
    }

    @Test
    void hearsThatTheOtherSideIsBusy() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallHangup("busy"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("busy");
    }

    @Test
    void hearsThatTheOtherSideRejects() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallHangup("in a meeting"));
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("remote_rejected");
      assertThat(ended.message()).contains("in a meeting");
    }

    @Test
    void hearsThatNobodyHasThatName() throws Exception {
      side.ringOut("c", BOTH);
      side.calls.undeliverable("c", PEER);
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("unreachable");
    }

    @Test
    void isRefusedWhileTheRendezvousIsGone() {
      side.unavailable = "The rendezvous cannot be reached.";
      assertThat(refusal(side.calls.start("c", PEER, BOTH, false)).code())
          .isEqualTo(Code.SIGNALING_UNAVAILABLE);
      assertThat(side.devices.everOpened()).isEmpty();
    }

    @Test
    void endsWhenTheRequestCannotBeSent() throws Exception {
      side.congested = true;
      await(side.calls.start("c", PEER, BOTH, false));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("signaling_failed");
    }

    @Test
    void isRefusedUnderANameThatIsInUse() throws Exception {
      side.ringOut("c", BOTH);
      assertThat(refusal(side.calls.start("c", PEER, BOTH, false)).code())
          .isEqualTo(Code.CALL_EXISTS);
      assertThat(side.devices.everOpened()).hasSize(2);
    }

    @Test
    void isRefusedUnderANameThatWasInUse() throws Exception {
      side.ringOut("c", BOTH);
      await(side.calls.hangUp("c"));
      assertThat(refusal(side.calls.start("c", PEER, BOTH, false)).code())
          .isEqualTo(Code.CHANNEL_USED);
    }

    @Test
    void isRefusedToItself() {
      assertThat(refusal(side.calls.start("c", Side.ME, BOTH, false)).code())
          .isEqualTo(Code.WRONG_PEER);
    }

    @Test
    void isRefusedWhenThereAreTooManyCalls() throws Exception {
      for (int i = 0; i < 4; i++) {
        side.ringOut("c" + i, AUDIO);
      }
      assertThat(refusal(side.calls.start("more", PEER, AUDIO, false)).code())
          .isEqualTo(Code.TOO_MANY_CALLS);
    }
  }

  @Nested
  class BeingCalled {
    @Test
    void opensNoDeviceBeforeTheUserAccepts() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      CallSnapshot ringing = side.event(CallEvent.Incoming.class).call();
      assertThat(ringing.remotePeer()).isEqualTo(PEER);
      assertThat(ringing.media()).isEqualTo(BOTH);
      assertThat(side.devices.everOpened()).isEmpty();
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      assertThat(side.devices.open()).hasSize(2);
      side.sent(SignalPayload.CallAck.class);
    }

    @Test
    void acceptedWithoutVideoItDoesNotOpenTheCameraAndReceivesOnly() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.of(AUDIO), false));
      side.receive("c", new SignalPayload.CallOffer("offer"));
      side.sent(SignalPayload.CallAck.class);
      side.sent(SignalPayload.CallAnswer.class);
      assertThat(side.devices.open()).containsExactly(MediaKind.AUDIO);
      assertThat(side.connections.next().offeredToSend).containsExactly(MediaKind.AUDIO);
      assertThat(await(side.calls.active()).getFirst().disabled()).isTrue();
    }

    @Test
    void anAudioCallAcceptedWithVideoDoesNotOpenTheCamera() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(AUDIO));
      await(side.calls.accept("c", PEER, Optional.of(BOTH), false));
      assertThat(side.devices.open()).containsExactly(MediaKind.AUDIO);
    }

    @Test
    void answersTheOfferAndThenSendsItsCandidates() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      side.sent(SignalPayload.CallAck.class);
      side.receive("c", new SignalPayload.CallOffer("offer X"));
      assertThat(side.sent(SignalPayload.CallAnswer.class).sdp()).isEqualTo("answer to offer X");
      side.sent(SignalPayload.Candidate.class);
    }

    @Test
    void isMissedWhenTheUserDoesNotAnswer() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.timers.advance(Side.RING);
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("missed");
    }

    @Test
    void isRejectedWithTheUsersWords() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.reject("c", "later"));
      assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("later");
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("rejected");
    }

    @Test
    void isCancelledByTheCaller() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.receive("c", new SignalPayload.CallHangup("hangup"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("cancelled");
    }

    @Test
    void beyondTheLimitTheCallerHearsBusy() throws Exception {
      for (int i = 0; i < 4; i++) {
        side.receiveFrom("peer" + i, "c" + i, new SignalPayload.CallRequest(BOTH));
        await(side.calls.accept("c" + i, "peer" + i, Optional.empty(), false));
        side.sent(SignalPayload.CallAck.class);
      }
      side.receive("more", new SignalPayload.CallRequest(BOTH));
      assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("busy");
      assertThat(await(side.calls.active())).hasSize(4);
    }

    @Test
    void canBeAcceptedOnlyOnceAndOnlyWithItsPeer() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(AUDIO));
      assertThat(refusal(side.calls.accept("c", "other", Optional.empty(), false)).code())
          .isEqualTo(Code.WRONG_PEER);
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      assertThat(refusal(side.calls.accept("c", PEER, Optional.empty(), false)).code())
          .isEqualTo(Code.WRONG_STATE);
      assertThat(refusal(side.calls.reject("c", "x")).code()).isEqualTo(Code.WRONG_STATE);
      assertThat(side.devices.everOpened()).hasSize(1);
    }

    @Test
    void isNotAcceptedTwiceWhileItsDevicesOpen() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(AUDIO));
      side.devices.holdBack();
      CompletableFuture<Calls.Answer> first = side.calls.accept("c", PEER, Optional.empty(), false);
      side.devices.awaitOpening();
      assertThat(refusal(side.calls.accept("c", PEER, Optional.empty(), false)).code())
          .isEqualTo(Code.WRONG_STATE);
      side.devices.release();
      await(first);
      assertThat(side.devices.everOpened()).hasSize(1);
    }

    @Test
    void anOutgoingCallCannotBeAccepted() throws Exception {
      side.ringOut("c", AUDIO);
      assertThat(refusal(side.calls.accept("c", PEER, Optional.empty(), false)).code())
          .isEqualTo(Code.WRONG_STATE);
    }
  }

  @Nested
  class HangingUp {
    @Test
    void isUnknownForACallThatIsNot() {
      assertThat(refusal(side.calls.hangUp("c")).code()).isEqualTo(Code.UNKNOWN_CALL);
    }

    @Test
    void whileDevicesOpenFreesThem() throws Exception {
      side.devices.holdBack();
      CompletableFuture<Calls.Answer> start = side.calls.start("c", PEER, BOTH, false);
      side.devices.awaitOpening();
      await(side.calls.hangUp("c"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("hung_up");
      side.devices.release();
      assertThat(refusal(start).code()).isEqualTo(Code.WRONG_STATE);
      await(side.calls.freed());
      assertThat(side.devices.open()).isEmpty();
      assertThat(side.sent).as("the other side never heard of the call").isEmpty();
    }

    @Test
    void whileTheAcceptedCallsDevicesOpenFreesThem() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.devices.holdBack();
      CompletableFuture<Calls.Answer> accept =
          side.calls.accept("c", PEER, Optional.empty(), false);
      side.devices.awaitOpening();
      side.receive("c", new SignalPayload.CallHangup("hangup"));
      side.devices.release();
      assertThat(refusal(accept).code()).isEqualTo(Code.WRONG_STATE);
      await(side.calls.freed());
      assertThat(side.devices.open()).isEmpty();
      assertThat(side.connections.all()).isEmpty();
    }

    @Test
    void whileItRingsTellsTheCallee() throws Exception {
      side.ringOut("c", BOTH);
      await(side.calls.hangUp("c"));
      side.sent(SignalPayload.CallHangup.class);
    }

    @Test
    void anIncomingCallThatRingsRejectsIt() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.hangUp("c"));
      assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("rejected");
    }

    @Test
    void whileItConnectsClosesTheConnection() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      await(side.calls.hangUp("c"));
      await(side.calls.freed());
      assertThat(side.connections.all()).allMatch(connection -> connection.closed);
    }

    @Test
    void aConnectedCallFreesEverything() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      await(side.calls.hangUp("c"));
      side.sent(SignalPayload.CallHangup.class);
      await(side.calls.freed());
      assertThat(connection.closed).isTrue();
      assertThat(side.devices.open()).isEmpty();
      assertThat(await(side.calls.active())).isEmpty();
      assertThat(side.calls.remoteRelay("c")).isEmpty();
    }

    @Test
    void aCallThatReconnectsEndsIt() throws Exception {
      side.connectOut("c", BOTH).become(PeerConnectionState.DISCONNECTED);
      side.state("reconnecting");
      await(side.calls.hangUp("c"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("hung_up");
    }

    @Test
    void byTheOtherSideEndsTheCall() throws Exception {
      side.connectOut("c", BOTH);
      side.receive("c", new SignalPayload.CallHangup("hangup"));
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("remote_hung_up");
      await(side.calls.freed());
      assertThat(side.devices.open()).isEmpty();
    }
  }

  @Nested
  class TheConnection {
    @Test
    void thatIsLostAndComesBackIsShown() throws Exception {
      FakeConnections.Connection connection = side.connectIn("c", BOTH);
      connection.become(PeerConnectionState.DISCONNECTED);
      side.state("reconnecting");
      connection.become(PeerConnectionState.CONNECTED);
      side.state("connected");
    }

    @Test
    void thatFailsAfterwardsEndsTheCallInWords() throws Exception {
      FakeConnections.Connection connection = side.connectIn("c", BOTH);
      connection.listener.onFailed("the path died");
      connection.become(PeerConnectionState.FAILED);
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_lost");
      assertThat(ended.message())
          .isEqualTo("The connection to the other side is lost. The cause: the path died.");
    }

    @Test
    void thatFailsAtFirstEndsTheCall() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.connections.next().become(PeerConnectionState.FAILED);
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("connection_failed");
      assertThat(ended.message()).contains("a TURN server may be needed (ice.servers)");
    }

    @Test
    void thatFailsInSpiteOfATurnServerIsNotToldToHaveOne() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      FakeConnections.Connection connection = side.connections.next();
      connection.hasTurnServers = true;
      connection.listener.onFailed("no relay at turn:a.example: its name is not known here");
      connection.become(PeerConnectionState.FAILED);
      assertThat(side.event(CallEvent.Ended.class).message())
          .isEqualTo(
              "No connection to the other side could be made. The cause: no relay at"
                  + " turn:a.example: its name is not known here. \"heliograph doctor\" asks the"
                  + " TURN servers of ice.servers.");
    }

    @Test
    void outlivesTheSignalling() throws Exception {
      side.connectOut("c", BOTH);
      side.calls.availability(false);
      assertThat(side.event(CallEvent.Failure.class).code()).isEqualTo("signaling_unavailable");
      side.calls.undeliverable("c", PEER);
      side.timers.advance(Duration.ofHours(1));
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("connected");
    }

    @Test
    void getsTheFramesOfBothDevices() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      side.devices.only(MediaKind.AUDIO).give(1);
      side.devices.only(MediaKind.VIDEO).give(2);
      assertThat(connection.sentKinds).containsExactly(MediaKind.AUDIO, MediaKind.VIDEO);
      assertThat(connection.sent.get(1).payload()).isEqualTo(ByteBuffer.wrap(new byte[] {2}));
    }

    @Test
    void beginsWithAKeyFrameAndPassesRequestsForMoreOn() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      int before = camera.keyFrameRequests;
      assertThat(before).isPositive();
      connection.listener.onKeyFrameRequested(MediaKind.VIDEO);
      assertThat(camera.keyFrameRequests).isEqualTo(before + 1);
    }

    @Test
    void steersSoundAndPictureWithinTheirLimits() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      FakeDevices.Track microphone = side.devices.only(MediaKind.AUDIO);
      connection.listener.onBandwidthEstimate(548_000);
      assertThat(camera.bitsPerSecond).isEqualTo(480_000);
      assertThat(microphone.bitsPerSecond).isEqualTo(32_000);
      connection.listener.onSoundLoss(0.071);
      assertThat(microphone.expectedLossPercent).isEqualTo(8);
      connection.listener.onBandwidthEstimate(99_000_000);
      assertThat(camera.bitsPerSecond).isEqualTo(1_000_000);
      connection.listener.onBandwidthEstimate(90_000);
      assertThat(microphone.bitsPerSecond).isEqualTo(24_000);
    }

    @Test
    void sendsNoPictureWhereThereIsRoomForSoundAlone() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      connection.listener.onBandwidthEstimate(40_000);
      connection.sentKinds.clear();
      camera.give(1);
      assertThat(connection.sentKinds).isEmpty();

      int keyFramesBefore = camera.keyFrameRequests;
      connection.listener.onBandwidthEstimate(200_000);
      assertThat(camera.keyFrameRequests).isEqualTo(keyFramesBefore + 1);
      ByteBuffer payload = ByteBuffer.wrap(new byte[] {2});
      camera.give(new MediaFrame(MediaFormat.VP8, System.nanoTime(), 0, false, payload));
      assertThat(connection.sentKinds).isEmpty();
      camera.give(2);
      camera.give(new MediaFrame(MediaFormat.VP8, System.nanoTime(), 0, false, payload));
      assertThat(connection.sentKinds).containsExactly(MediaKind.VIDEO, MediaKind.VIDEO);
    }

    @Test
    void tellsThatMediaHasNoCommonCodecAndGoesOn() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      side.events.clear();
      connection.listener.onMediaRefused(
          MediaKind.VIDEO, "the other side has video only as H264, and this side takes VP8 or VP9");
      side.settle();

      CallEvent.Failure told = side.event(CallEvent.Failure.class);
      assertThat(told.code()).isEqualTo("no_common_codec");
      assertThat(told.detail()).contains("no video").contains("H264");
      assertThat(await(side.calls.active())).hasSize(1);
    }

    @Test
    void showsWhatTheOtherSideSends() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      connection.listener.onReceiving(Set.of(MediaKind.AUDIO));
      side.settle();
      assertThat(await(side.calls.active()).getFirst().receiving()).isEqualTo(AUDIO);
    }

    @Test
    void mayGoOnTellingAfterTheEnd() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      await(side.calls.hangUp("c"));
      connection.become(PeerConnectionState.CLOSED);
      connection.listener.onFrame(
          MediaKind.VIDEO,
          new MediaFrame(MediaFormat.VP8, 1, 0, true, ByteBuffer.wrap(new byte[1])));
      connection.listener.onReceiving(Set.of());
      camera.lose();
      camera.give(1);
      side.settle();
      assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("hung_up");
      assertThat(side.events).isEmpty();
    }
  }

  @Nested
  class Envelopes {
    @Test
    void thatComeTwiceDoNothingTwice() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      side.sent(SignalPayload.Candidate.class);
      side.receive("c", new SignalPayload.CallAnswer("answer"));
      side.receive("c", new SignalPayload.CallAnswer("answer"));
      side.settle();
      assertThat(side.sent).isEmpty();
      assertThat(side.connections.all()).hasSize(1);
    }

    @Test
    void aRequestThatComesTwiceRingsOnce() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.event(CallEvent.Incoming.class);
      assertThat(side.events).isEmpty();
    }

    @Test
    void anOfferThatComesTwiceGetsTheSameAnswer() throws Exception {
      side.connectIn("c", BOTH);
      side.receive("c", new SignalPayload.CallOffer("offer"));
      assertThat(side.sent(SignalPayload.CallAnswer.class).sdp()).isEqualTo("answer to offer");
    }

    @Test
    void aRequestThatIsOvertakenByItsHangUpDoesNotRing() throws Exception {
      side.receive("c", new SignalPayload.CallHangup("hangup"));
      assertRefused(
          EnvelopeException.Code.CHANNEL_USED,
          () -> side.receive("c", new SignalPayload.CallRequest(BOTH)));
      assertThat(side.events).isEmpty();
    }

    @Test
    void candidatesThatComeBeforeTheOfferAreKept() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      side.receive("c", candidate("early"));
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      FakeConnections.Connection connection = side.connections.next();
      side.receive("c", candidate("later"));
      assertThat(connection.candidates)
          .extracting(each -> each.candidate())
          .containsExactly("early", "later");
    }

    @Test
    void ofAnotherSenderAreRefusedAndTheCallGoesOn() throws Exception {
      side.connectOut("c", BOTH);
      for (SignalPayload payload :
          new SignalPayload[] {
            new SignalPayload.CallHangup("x"),
            new SignalPayload.CallOffer("offer"),
            new SignalPayload.CallRequest(BOTH),
            candidate("foreign")
          }) {
        assertRefused(
            EnvelopeException.Code.WRONG_SENDER, () -> side.receiveFrom("mallory", "c", payload));
      }
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("connected");
    }

    @Test
    void ofNoCallAreRefused() {
      assertRefused(
          EnvelopeException.Code.UNKNOWN_CALL,
          () -> side.receive("c", new SignalPayload.CallAnswer("answer")));
    }

    @Test
    void thatAreLateForACallThatIsOverArePassedOver() throws Exception {
      side.ringOut("c", BOTH);
      await(side.calls.hangUp("c"));
      side.receive("c", candidate("late"));
      side.receive("c", new SignalPayload.CallAck());
      assertThat(await(side.calls.active())).isEmpty();
    }

    @Test
    void thatDoNotFitTheStateAreRefused() throws Exception {
      side.ringOut("c", BOTH);
      assertRefused(
          EnvelopeException.Code.UNEXPECTED,
          () -> side.receive("c", new SignalPayload.CallOffer("offer")));
      assertRefused(
          EnvelopeException.Code.UNEXPECTED,
          () -> side.receive("c", new SignalPayload.CallAnswer("answer")));
      side.receive("d", new SignalPayload.CallHangup(""));
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("ringing");
    }

    @Test
    void ofACalleeThatWasNotAskedAreRefused() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      assertRefused(
          EnvelopeException.Code.UNEXPECTED, () -> side.receive("c", new SignalPayload.CallAck()));
      assertRefused(
          EnvelopeException.Code.UNEXPECTED,
          () -> side.receive("c", new SignalPayload.CallOffer("offer")));
      assertThat(side.devices.everOpened()).isEmpty();
    }

    @Test
    void aBadDescriptionIsRefusedAndAGoodOneTakenAfterwards() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      side.sent(SignalPayload.CallAck.class);
      assertRefused(
          EnvelopeException.Code.BAD_DESCRIPTION,
          () -> side.receive("c", new SignalPayload.CallOffer("nonsense")));
      side.receive("c", new SignalPayload.CallOffer("offer"));
      side.sent(SignalPayload.CallAnswer.class);
    }

    @Test
    void aBadAnswerIsRefusedAndAGoodOneTakenAfterwards() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      assertRefused(
          EnvelopeException.Code.BAD_DESCRIPTION,
          () -> side.receive("c", new SignalPayload.CallAnswer("nonsense")));
      side.receive("c", new SignalPayload.CallAnswer("answer"));
    }

    @Test
    void aBadCandidateIsPassedOver() throws Exception {
      side.connectOut("c", BOTH);
      side.receive("c", candidate("nonsense"));
      side.receive("c", candidate("good"));

      assertThat(side.connections.all().getFirst().candidates)
          .extracting(IceCandidateInit::candidate)
          .contains("good");
    }

    @Test
    void candidatesWithoutEndAreRefused() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      for (int i = 0; i < 256; i++) {
        side.receive("c", candidate("c" + i));
      }
      assertRefused(
          EnvelopeException.Code.TOO_MANY, () -> side.receive("c", candidate("one more")));
    }

    @Test
    void aRefusalOfTheRequestEndsTheCall() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallError("channel_used", "choose another"));
      CallEvent.Ended ended = side.event(CallEvent.Ended.class);
      assertThat(ended.reason()).isEqualTo("signaling_failed");
      assertThat(ended.message()).contains("choose another");
    }

    @Test
    void aNewOfferDuringTheCallIsAnswered() throws Exception {
      side.connectOut("c", BOTH);
      side.receive("c", new SignalPayload.CallOffer("offer again"));
      assertThat(side.sent(SignalPayload.CallAnswer.class).sdp())
          .isEqualTo("answer to offer again");
    }
  }

  @Nested
  class OwnDevices {
    @Test
    void thatAreBusyRefuseTheStartWithTheirName() throws Exception {
      side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.BUSY);
      CallException refused = refusal(side.calls.start("c", PEER, BOTH, false));
      assertThat(refused.code()).isEqualTo(Code.DEVICE);
      assertThat(refused.device().orElseThrow().device()).isEqualTo("/dev/video7");
      await(side.calls.freed());
      assertThat(side.devices.open()).isEmpty();
      assertThat(side.sent).as("nobody was rung").isEmpty();
    }

    @Test
    void thatAreBusyLetTheCallRingOnUntilItIsAcceptedWithoutThem() throws Exception {
      side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.BUSY);
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      assertThat(refusal(side.calls.accept("c", PEER, Optional.empty(), false)).code())
          .isEqualTo(Code.DEVICE);
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("ringing");
      assertThat(side.sent).isEmpty();
      await(side.calls.accept("c", PEER, Optional.of(AUDIO), false));
      side.sent(SignalPayload.CallAck.class);
    }

    @Test
    void thatAreOptionalAndFailMakeTheKindReceiveOnlyAndTellTheUser() throws Exception {
      side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.NO_PERMISSION);
      await(side.calls.start("c", PEER, BOTH, true));
      CallEvent.Failure told = side.event(CallEvent.Failure.class);
      assertThat(told.code()).isEqualTo("device_no_permission");
      assertThat(told.device()).isEqualTo("/dev/video7");
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallRequest.class);
      assertThat(side.sent(SignalPayload.CallOffer.class).sdp()).contains("VIDEO");
      assertThat(side.connections.next().offeredToSend).containsExactly(MediaKind.AUDIO);
      assertThat(await(side.calls.active()).getFirst().local().video()).isEqualTo("failed");
    }

    @Test
    void aLostCameraLetsTheCallGoOnReceivingAndTellsTheUser() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      CallEvent.Failure told = side.event(CallEvent.Failure.class);
      assertThat(told.device()).isEqualTo("/dev/video7");
      assertThat(told.code()).isEqualTo("device_lost");
      side.sent(SignalPayload.CallOffer.class);
      assertThat(connection.offeredToSend).containsExactly(MediaKind.AUDIO);
      assertThat(await(side.calls.active()).getFirst().state()).isEqualTo("connected");
    }

    @Test
    void aLostCameraThatIsBackCanBeSwitchedOnAgain() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.sent(SignalPayload.CallOffer.class);
      side.receive("c", new SignalPayload.CallAnswer("answer 2"));
      await(side.calls.setDisabled("c", Optional.of(false)));
      side.sent(SignalPayload.CallOffer.class);
      assertThat(connection.offeredToSend).contains(MediaKind.VIDEO);
    }

    @Test
    void aSecondChangeWaitsForTheAnswerToTheFirst() throws Exception {
      side.connectOut("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.devices.only(MediaKind.AUDIO).lose();
      side.settle();
      side.sent(SignalPayload.CallOffer.class);
      side.settle();
      assertThat(side.sent).isEmpty();
      side.receive("c", new SignalPayload.CallAnswer("answer 2"));
      side.sent(SignalPayload.CallOffer.class);
    }

    @Test
    void theCallersOfferWinsOverTheCalleesInTheMiddleOfTheCall() throws Exception {
      side.connectOut("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.sent(SignalPayload.CallOffer.class);
      assertRefused(
          EnvelopeException.Code.UNEXPECTED,
          () -> side.receive("c", new SignalPayload.CallOffer("offer of the callee")));
    }

    @Test
    void theCalleeTakesItsOfferBackForTheCallersAndMakesItAgain() throws Exception {
      side.connectIn("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.sent(SignalPayload.CallOffer.class);
      side.receive("c", new SignalPayload.CallOffer("offer of the caller"));
      assertThat(side.sent(SignalPayload.CallAnswer.class).sdp()).contains("of the caller");
      side.sent(SignalPayload.CallOffer.class);
    }

    @Test
    void theCalleeMakesItsOfferAgainAfterABadOneOfTheCaller() throws Exception {
      side.connectIn("c", BOTH);
      side.devices.only(MediaKind.VIDEO).lose();
      side.sent(SignalPayload.CallOffer.class);
      assertRefused(
          EnvelopeException.Code.BAD_DESCRIPTION,
          () -> side.receive("c", new SignalPayload.CallOffer("nonsense")));
      side.sent(SignalPayload.CallOffer.class);
      side.receive("c", new SignalPayload.CallAnswer("answer"));
    }

    @Test
    void mutingSilencesTheMicrophone() throws Exception {
      side.connectOut("c", AUDIO);
      assertThat(await(side.calls.setMuted("c", Optional.empty()))).isTrue();
      assertThat(side.devices.only(MediaKind.AUDIO).enabled).isFalse();
      assertThat(await(side.calls.setMuted("c", Optional.of(true)))).isTrue();
      assertThat(await(side.calls.setMuted("c", Optional.empty()))).isFalse();
      assertThat(side.devices.only(MediaKind.AUDIO).enabled).isTrue();
    }

    @Test
    void cameraOffSwitchesTheDeviceOff() throws Exception {
      side.connectOut("c", BOTH);
      assertThat(await(side.calls.setDisabled("c", Optional.empty()))).isTrue();
      assertThat(side.devices.only(MediaKind.VIDEO).enabled).isFalse();
      assertThat(side.event(CallEvent.Devices.class).call().local().video()).isEqualTo("off");
    }

    @Test
    void mutedBeforeItIsAcceptedNoSampleLeaves() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(AUDIO));
      await(side.calls.setMuted("c", Optional.of(true)));
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      assertThat(side.devices.only(MediaKind.AUDIO).enabled).isFalse();
    }

    @Test
    void cameraOffBeforeItIsAcceptedItIsNotOpened() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.setDisabled("c", Optional.of(true)));
      await(side.calls.accept("c", PEER, Optional.empty(), false));
      assertThat(side.devices.open()).containsExactly(MediaKind.AUDIO);
      await(side.calls.setDisabled("c", Optional.of(false)));
      assertThat(side.devices.open()).contains(MediaKind.VIDEO);
    }

    @Test
    void aCameraAddedLaterIsOffered() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.of(AUDIO), false));
      side.sent(SignalPayload.CallAck.class);
      side.receive("c", new SignalPayload.CallOffer("offer"));
      side.sent(SignalPayload.CallAnswer.class);
      side.sent(SignalPayload.Candidate.class);
      FakeConnections.Connection connection = side.connections.next();
      connection.become(PeerConnectionState.CONNECTED);
      side.state("connected");
      await(side.calls.setDisabled("c", Optional.of(false)));
      side.sent(SignalPayload.CallOffer.class);
      assertThat(connection.offeredToSend).contains(MediaKind.VIDEO);
    }

    @Test
    void aCameraThatCannotBeSwitchedOnAgainStaysOff() throws Exception {
      side.connectOut("c", BOTH);
      await(side.calls.setDisabled("c", Optional.of(true)));
      side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.BUSY);
      assertThat(refusal(side.calls.setDisabled("c", Optional.of(false))).code())
          .isEqualTo(Code.DEVICE);
      assertThat(await(side.calls.active()).getFirst().disabled()).isTrue();
    }

    @Test
    void thatAreToggledWhileAnOpeningFailsAreWhatIsToldOfThem() throws Exception {
      side.connectOut("c", BOTH);
      await(side.calls.setDisabled("c", Optional.of(true)));
      side.devices.holdBack();
      side.devices.failNext(MediaKind.VIDEO);
      CompletableFuture<Boolean> on = side.calls.setDisabled("c", Optional.of(false));
      side.devices.awaitOpening();
      CompletableFuture<Boolean> off = side.calls.setDisabled("c", Optional.of(true));
      CompletableFuture<Boolean> onAgain = side.calls.setDisabled("c", Optional.of(false));
      side.settle();
      assertThat(await(side.calls.active()).getFirst().local().video()).isEqualTo("off");
      side.devices.release();
      assertThat(refusal(on).code()).isEqualTo(Code.DEVICE);
      assertThat(await(off)).as("what holds by then").isFalse();
      assertThat(await(onAgain)).isFalse();
      assertThat(side.devices.only(MediaKind.VIDEO).isLive()).isTrue();
      CallSnapshot told = await(side.calls.active()).getFirst();
      assertThat(told.local().video()).isEqualTo("on");
      assertThat(told.disabled()).isFalse();
    }

    @Test
    void thatAreSwitchedOffWhileTheyOpenGiveNothing() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      await(side.calls.setDisabled("c", Optional.of(true)));
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      side.devices.holdBack();
      CompletableFuture<Boolean> on = side.calls.setDisabled("c", Optional.of(false));
      side.devices.awaitOpening();
      CompletableFuture<Boolean> off = side.calls.setDisabled("c", Optional.of(true));
      side.settle();
      camera.give(7);
      assertThat(connection.sent).isEmpty();
      side.devices.release();
      assertThat(await(on)).as("what holds by then").isTrue();
      assertThat(await(off)).isTrue();
      assertThat(camera.isLive()).isFalse();
      assertThat(await(side.calls.active()).getFirst().local().video()).isEqualTo("off");
    }

    @Test
    void areMutedWhileTheCameraStillOpens() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.of(AUDIO), false));
      FakeDevices.Track microphone = side.devices.only(MediaKind.AUDIO);
      side.devices.holdBack();
      CompletableFuture<Boolean> camera = side.calls.setDisabled("c", Optional.of(false));
      side.devices.awaitOpening();
      assertThat(await(side.calls.setMuted("c", Optional.of(true)))).isTrue();
      assertThat(microphone.isLive()).isFalse();
      side.devices.release();
      assertThat(await(camera)).isFalse();
    }

    @Test
    void thatWereMutedBeforeAnAcceptThatFailedStayMuted() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.setMuted("c", Optional.of(true)));
      side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.BUSY);
      assertThat(refusal(side.calls.accept("c", PEER, Optional.empty(), false)).code())
          .isEqualTo(Code.DEVICE);
      CallSnapshot ringing = await(side.calls.active()).getFirst();
      assertThat(ringing.muted()).isTrue();
      assertThat(ringing.local()).isEqualTo(new CallSnapshot.Local("off", "off"));
      await(side.calls.accept("c", PEER, Optional.of(AUDIO), false));
      assertThat(side.devices.only(MediaKind.AUDIO).isLive()).isFalse();
    }

    @Test
    void whoseLossIsToldLateAreNotTakenForLost() throws Exception {
      FakeConnections.Connection connection = side.connectOut("c", BOTH);
      FakeDevices.Track camera = side.devices.only(MediaKind.VIDEO);
      camera.lost = true;
      await(side.calls.setDisabled("c", Optional.of(true)));
      await(side.calls.setDisabled("c", Optional.of(false)));
      assertThat(camera.isLive()).isTrue();
      camera.tellLost();
      side.settle();
      await(side.calls.setMuted("c", Optional.of(true)));
      assertThat(await(side.calls.active()).getFirst().local().video()).isEqualTo("on");
      assertThat(side.events).noneMatch(CallEvent.Failure.class::isInstance);
      camera.give(7);
      assertThat(connection.sent).hasSize(1);
    }

    @Test
    void areToldAsOnAsSoonAsTheyAre() throws Exception {
      await(side.calls.start("c", PEER, BOTH, false));
      CallSnapshot told = side.event(CallEvent.Devices.class).call();
      while (!told.local().equals(new CallSnapshot.Local("on", "on"))) {
        told = side.event(CallEvent.Devices.class).call();
      }
      assertThat(told.state()).isEqualTo("ringing");
    }

    @Test
    void thatAreLostWhileTheCallConnectsAreOfferedAnewOnceItIsUp() throws Exception {
      side.ringOut("c", BOTH);
      side.receive("c", new SignalPayload.CallAck());
      side.sent(SignalPayload.CallOffer.class);
      side.sent(SignalPayload.Candidate.class);
      side.receive("c", new SignalPayload.CallAnswer("answer"));
      side.devices.only(MediaKind.VIDEO).lose();
      assertThat(side.event(CallEvent.Failure.class).code()).isEqualTo("device_lost");
      FakeConnections.Connection connection = side.connections.next();
      connection.become(PeerConnectionState.CONNECTED);
      side.sent(SignalPayload.CallOffer.class);
      assertThat(connection.offeredToSend).containsExactly(MediaKind.AUDIO);
    }

    @Test
    void anAudioCallHasNoCameraToSwitch() throws Exception {
      side.connectOut("c", AUDIO);
      assertThat(refusal(side.calls.setDisabled("c", Optional.of(false))).code())
          .isEqualTo(Code.NOT_IN_CALL);
      assertThat(side.devices.everOpened()).hasSize(1);
    }

    @Test
    void withoutAnyAreAcceptedToReceiveOnly() throws Exception {
      side.receive("c", new SignalPayload.CallRequest(BOTH));
      await(side.calls.accept("c", PEER, Optional.of(new CallMedia(false, false)), false));
      side.receive("c", new SignalPayload.CallOffer("offer"));
      assertThat(side.devices.everOpened()).isEmpty();
      assertThat(side.connections.next().offeredToSend).isEmpty();
    }
  }

  @Test
  void closingHangsUpEveryCallAndFreesEverything() throws Exception {
    side.connectOut("c", BOTH);
    side.receiveFrom("another", "d", new SignalPayload.CallRequest(AUDIO));
    side.close();
    assertThat(side.devices.open()).isEmpty();
    assertThat(side.connections.all()).allMatch(connection -> connection.closed);
    assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("shutdown");
    assertThat(side.event(CallEvent.Ended.class).reason()).isEqualTo("shutdown");
  }
}
