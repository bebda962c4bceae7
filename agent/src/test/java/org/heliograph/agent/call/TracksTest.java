package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.CloseReason;
import org.heliograph.relay.Frames;
import org.heliograph.relay.MediaRelay;
import org.heliograph.relay.SubscriberSink;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.heliograph.session.MediaSession;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;
import org.heliograph.signaling.SignalPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several tracks in one call, each way. */
class TracksTest {
  private static final TrackSource ANOTHER_CAMERA = TrackSource.parse("camera:/dev/video2");
  private static final TrackId ADDED = new TrackId("out-1");

  private Side side;
  private FakeConnections.Connection connection;

  @BeforeEach
  void connect() throws Exception {
    side = new Side();
    connection = side.connectOut("c", Side.BOTH);
    side.settle();
    side.events.clear();
    side.sent.clear();
  }

  @AfterEach
  void end() {
    side.close();
  }

  private CallSnapshot.Track add() {
    return Side.await(
        side.calls.addTrack("c", ANOTHER_CAMERA, ContentHint.DETAIL, Optional.of("Drawing")));
  }

  private List<CallSnapshot.Track> tracks() {
    return Side.await(side.calls.active()).getFirst().tracks();
  }

  private List<String> ids() {
    return tracks().stream().map(CallSnapshot.Track::id).toList();
  }

  /** A picture that is told from others by its last byte. */
  private static MediaFrame marked(MediaFrame picture, int mark) {
    ByteBuffer payload = ByteBuffer.allocate(picture.payload().remaining() + 1);
    payload.put(picture.payload().duplicate()).put((byte) mark);
    return new MediaFrame(MediaFormat.VP8, picture.timeNanos(), 0, picture.key(), payload.rewind());
  }

  private static MediaFrame key(int mark) {
    return marked(Frames.key(System.nanoTime() / 1_000_000), mark);
  }

  private static MediaFrame delta(int mark) {
    return marked(Frames.delta(System.nanoTime() / 1_000_000), mark);
  }

  /** A page; it keeps the marks of its pictures, and why it was ended. */
  private static final class Page implements SubscriberSink {
    final BlockingQueue<Integer> marks = new LinkedBlockingQueue<>();
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();

    @Override
    public void text(String message, Runnable sent) {
      texts.add(message);
      sent.run();
    }

    @Override
    public void binary(ByteBuffer message, Runnable sent) {
      marks.add((int) message.get(message.limit() - 1));
      sent.run();
    }

    @Override
    public void close(CloseReason reason) {
      closed.add(reason);
    }

    int mark() throws InterruptedException {
      Integer mark = marks.poll(10, TimeUnit.SECONDS);
      assertThat(mark).as("a picture").isNotNull();
      return mark;
    }
  }

  private static void subscribe(Optional<MediaRelay> relay, Page page) {
    assertThat(relay.orElseThrow().subscribe(org.heliograph.relay.MediaFormat.FRAMES, page))
        .isPresent();
  }

  private Page watch(String track) {
    Page page = new Page();
    subscribe(side.calls.trackRelay("c", new TrackId(track)), page);
    return page;
  }

  private Page watchCall() {
    Page page = new Page();
    subscribe(side.calls.remoteRelay("c"), page);
    return page;
  }

  @Test
  void theTracksOfACallAreToldInOrder() {
    assertThat(tracks())
        .containsExactly(
            new CallSnapshot.Track("microphone", "audio", "microphone", "send", "on", null),
            new CallSnapshot.Track("camera", "video", "camera", "send", "on", null),
            new CallSnapshot.Track("in-audio", "audio", null, "receive", "on", "AUDIO in-audio"),
            new CallSnapshot.Track("in-video", "video", null, "receive", "on", "VIDEO in-video"));
  }

  @Test
  void anAddedTrackIsOpenedToldAndNegotiated() throws Exception {
    CallSnapshot.Track added = add();

    assertThat(added)
        .isEqualTo(
            new CallSnapshot.Track(
                "out-1", "video", "camera:/dev/video2", "send", "on", "Drawing"));
    assertThat(side.event(CallEvent.Devices.class).call().tracks()).contains(added);
    assertThat(side.sent(SignalPayload.CallOffer.class)).isNotNull();
    assertThat(connection.sections)
        .containsExactly(
            new MediaSession.Section(OwnTracks.MICROPHONE, MediaKind.AUDIO, true),
            new MediaSession.Section(OwnTracks.CAMERA, MediaKind.VIDEO, true),
            new MediaSession.Section(ADDED, MediaKind.VIDEO, true));
    assertThat(Side.await(side.calls.active()).getFirst().local())
        .as("the first of each kind")
        .isEqualTo(new CallSnapshot.Local("on", "on"));
  }

  @Test
  void itsFramesAreSentAsItsOwnAndSeenInAViewOfItsOwn() throws Exception {
    CallSnapshot.Track unused = add();
    Page view = watch("out-1");
    connection.sentTracks.clear();
    FakeDevices.Track device = side.devices.everOpened().getLast();
    device.give(key(7));
    int camera = side.devices.everOpenedKinds().indexOf(MediaKind.VIDEO);
    side.devices.everOpened().get(camera).give(key(8));

    assertThat(unused.id()).isEqualTo("out-1");
    assertThat(view.mark()).isEqualTo(7);
    assertThat(view.marks).isEmpty();
    assertThat(connection.sentTracks).containsExactly(ADDED, OwnTracks.CAMERA);
  }

  @Test
  void oneThatCannotBeOpenedLeavesNothing() {
    side.devices.breakDevice(MediaKind.VIDEO, DeviceException.Reason.BUSY);
    CallException refused =
        Side.refusal(side.calls.addTrack("c", ANOTHER_CAMERA, ContentHint.NONE, Optional.empty()));
    side.settle();

    assertThat(refused.code()).isEqualTo(CallException.Code.DEVICE);
    assertThat(ids()).containsExactly("microphone", "camera", "in-audio", "in-video");
    assertThat(side.sent).isEmpty();
    assertThat(connection.closed).isFalse();
  }

  @Test
  void aRemovedTrackIsClosedAndNegotiatedAway() throws Exception {
    CallSnapshot.Track added = add();
    side.sent(SignalPayload.CallOffer.class);
    side.receive("c", new SignalPayload.CallAnswer("answer 2"));
    Page view = watch("out-1");
    Side.await(side.calls.removeTrack("c", new TrackId(added.id())));

    assertThat(side.devices.open()).containsExactlyInAnyOrder(MediaKind.AUDIO, MediaKind.VIDEO);
    assertThat(side.sent(SignalPayload.CallOffer.class)).isNotNull();
    assertThat(connection.sections)
        .extracting(MediaSession.Section::track)
        .containsExactly(OwnTracks.MICROPHONE, OwnTracks.CAMERA);
    assertThat(view.closed.poll(10, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
    assertThat(ids()).doesNotContain("out-1");
    assertThat(add().id()).as("a name is never given twice").isEqualTo("out-2");
  }

  @Test
  void whatWasNotAddedCannotBeRemoved() {
    for (String given : List.of("camera", "microphone", "in-video")) {
      assertThat(Side.refusal(side.calls.removeTrack("c", new TrackId(given))).code())
          .isEqualTo(CallException.Code.NOT_ADDED);
    }
    assertThat(Side.refusal(side.calls.removeTrack("c", new TrackId("nobody"))).code())
        .isEqualTo(CallException.Code.UNKNOWN_TRACK);
  }

  @Test
  void tracksAreBoundedAndNothingOpensBeforeTheUserAccepts() throws Exception {
    for (int i = 0; i < Call.MAX_ADDED_TRACKS; i++) {
      CallSnapshot.Track added = add();
      assertThat(added.state()).isEqualTo("on");
    }
    int opened = side.devices.everOpened().size();
    assertThat(
            Side.refusal(
                    side.calls.addTrack("c", ANOTHER_CAMERA, ContentHint.NONE, Optional.empty()))
                .code())
        .isEqualTo(CallException.Code.TOO_MANY_TRACKS);
    side.receive("d", new SignalPayload.CallRequest(Side.BOTH));
    assertThat(
            Side.refusal(
                    side.calls.addTrack("d", ANOTHER_CAMERA, ContentHint.NONE, Optional.empty()))
                .code())
        .isEqualTo(CallException.Code.WRONG_STATE);
    assertThat(side.devices.everOpened()).hasSize(opened);
  }

  @Test
  void theEndOfTheCallClosesThemAll() throws Exception {
    CallSnapshot.Track added = add();
    Page view = watch(added.id());
    Side.await(side.calls.hangUp("c"));
    side.event(CallEvent.Ended.class);

    assertThat(view.closed.poll(10, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
    side.close();
    assertThat(side.devices.open()).isEmpty();
  }

  @Test
  void aSecondReceivedPictureIsToldAndShownAlone() throws Exception {
    Page call = watchCall();
    RemoteTrack second = connection.listener.add("in-3", MediaKind.VIDEO);
    CallSnapshot told = side.event(CallEvent.State.class).call();
    Page alone = watch("in-3");
    connection.listener.onFrame(MediaKind.VIDEO, key(1));
    second.receive(key(2));
    second.receive(delta(3));

    assertThat(told.tracks()).extracting(CallSnapshot.Track::id).contains("in-3");
    assertThat(told.receiving()).isEqualTo(Side.BOTH);
    assertThat(alone.mark()).isEqualTo(2);
    assertThat(alone.mark()).isEqualTo(3);
    assertThat(call.mark()).isEqualTo(1);
    assertThat(call.marks).isEmpty();

    connection.listener.remove(second);
    assertThat(alone.closed.poll(10, TimeUnit.SECONDS)).isEqualTo(CloseReason.ENDED);
    assertThat(side.event(CallEvent.State.class).call().tracks())
        .extracting(CallSnapshot.Track::id)
        .doesNotContain("in-3");
  }

  @Test
  void whoWatchesATrackAloneIsSentItsKeyFrames() {
    RemoteTrack second = connection.listener.add("in-3", MediaKind.VIDEO);
    connection.keyFramesAskedFor.clear();
    Page unused = watch("in-3");

    assertThat(unused.closed).isEmpty();
    assertThat(connection.keyFramesAskedFor).containsExactly(second.id());
  }

  /** The decoder of the page has another picture by then. */
  @Test
  void theNextTakesTheFirstsPlaceWithAKeyFrame() throws Exception {
    RemoteTrack second = connection.listener.add("in-3", MediaKind.VIDEO);
    Page call = watchCall();
    connection.listener.onFrame(MediaKind.VIDEO, key(1));
    connection.keyFramesAskedFor.clear();
    connection.listener.remove(connection.remoteTracks.get(1));
    second.receive(delta(2));
    second.receive(key(3));
    second.receive(delta(4));

    assertThat(call.mark()).isEqualTo(1);
    assertThat(call.mark()).isEqualTo(3);
    assertThat(call.mark()).isEqualTo(4);
    assertThat(connection.keyFramesAskedFor).contains(second.id());
  }

  @Test
  void anOfferWithTooFewSectionsIsFollowedByOneOfThisSide() throws Exception {
    CallSnapshot.Track added = add();
    side.sent(SignalPayload.CallOffer.class);
    side.receive("c", new SignalPayload.CallAnswer("answer 2"));
    connection.complete = false;
    side.receive("c", new SignalPayload.CallOffer("offer of theirs"));

    assertThat(side.sent(SignalPayload.CallAnswer.class)).isNotNull();
    assertThat(side.sent(SignalPayload.CallOffer.class)).isNotNull();
    assertThat(connection.sections)
        .extracting(MediaSession.Section::track)
        .contains(new TrackId(added.id()));
  }

  @Test
  void eachPictureGetsItsPartOfWhatTheNetworkTakes() {
    CallSnapshot.Track added = add();
    connection.listener.onBandwidthEstimate(548_000);

    int alone = 480_000; // 96 % of what the sound leaves
    assertThat(added.kind()).isEqualTo("video");
    assertThat(side.devices.everOpened())
        .extracting(track -> track.bitsPerSecond)
        .containsExactlyInAnyOrder(32_000, alone / 2, alone / 2);
  }
}
