package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.record.RecordedFile;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.record.RecordingStatus;
import org.heliograph.session.ContentHint;
import org.heliograph.session.RemoteTrack;
import org.heliograph.text.HeardLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a recording belongs to its call. */
class RecordingCallTest {
  @TempDir Path directory;

  private Side side;

  private void open(long keepFreeBytes) {
    side = new Side(4, Optional.of(new RecordingDirectory(directory, keepFreeBytes)));
  }

  @AfterEach
  void close() {
    if (side != null) {
      side.close();
    }
  }

  private static MediaFrame key() {
    byte[] bytes = {0x10, 0, 0, (byte) 0x9d, 1, 0x2a, 0x40, 1, (byte) 0xf0, 0};
    return new MediaFrame(MediaFormat.VP8, System.nanoTime(), 0, true, ByteBuffer.wrap(bytes));
  }

  private static MediaFrame vp9Key() {
    byte[] bytes = {
      (byte) 0x82, 0x49, (byte) 0x83, 0x42, 0x20, 0x27, (byte) 0xf0, 0x16, 0x70, 0, 0, 0
    };
    return new MediaFrame(MediaFormat.VP9, System.nanoTime(), 0, true, ByteBuffer.wrap(bytes));
  }

  private static MediaFrame sound() {
    byte[] bytes = {(byte) 0xfc, 1, 2, 3};
    return new MediaFrame(
        MediaFormat.OPUS, System.nanoTime(), 20_000_000, true, ByteBuffer.wrap(bytes));
  }

  @Test
  void itHasWhatBothSidesSendAndItsBeginningAndEndAreTold() throws Exception {
    open(0);
    FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
    RecordingStatus started = Side.await(side.calls.startRecording("c", Optional.of("ours")));
    assertThat(started.state()).isEqualTo("recording");
    assertThat(started.files()).containsExactly(directory.resolve("ours.webm").toString());
    assertThat(side.event(CallEvent.Recording.class).status().state()).isEqualTo("recording");
    assertThat(Side.await(side.calls.active()).getFirst().recording()).isNotNull();

    connection.listener.onFrame(MediaKind.VIDEO, key());
    connection.listener.onFrame(MediaKind.AUDIO, sound());
    side.devices.only(MediaKind.VIDEO).give(key());
    side.devices.only(MediaKind.AUDIO).give(sound());
    RecordingStatus stopped = Side.await(side.calls.stopRecording("c"));

    assertThat(stopped.state()).isEqualTo("stopped");
    assertThat(side.event(CallEvent.Recording.class).status()).isEqualTo(stopped);
    assertThat(Side.await(side.calls.recording("c"))).isEqualTo(stopped);
    assertThat(Side.await(side.calls.active()).getFirst().recording()).isNull();
    assertThat(RecordedFile.read(directory.resolve("ours.webm")).names())
        .containsExactlyInAnyOrder("Remote picture", "Remote sound", "Own picture", "Own sound");
  }

  @Test
  void bothSidesAreAskedForAKeyFrame() throws Exception {
    open(0);
    FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
    int ownBefore = side.devices.only(MediaKind.VIDEO).keyFrameRequests;
    int remoteBefore = connection.keyFrameRequests;
    Side.await(side.calls.startRecording("c", Optional.empty()));
    assertThat(side.devices.only(MediaKind.VIDEO).keyFrameRequests).isGreaterThan(ownBefore);
    assertThat(connection.keyFrameRequests).isGreaterThan(remoteBefore);
  }

  @Test
  void aTrackThatComesMeanwhileIsInAFileOfItsOwnTime() throws Exception {
    open(0);
    FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
    Side.await(side.calls.startRecording("c", Optional.of("ours")));
    connection.listener.onFrame(MediaKind.VIDEO, key());
    RemoteTrack screen = connection.listener.add("in-3", MediaKind.VIDEO);
    screen.receive(key());
    CallSnapshot.Track added =
        Side.await(
            side.calls.addTrack(
                "c",
                TrackSource.parse("camera:/dev/video2"),
                ContentHint.NONE,
                Optional.of("Drawing")));
    side.devices.everOpened().getLast().give(key());
    RecordingStatus stopped = Side.await(side.calls.stopRecording("c"));

    assertThat(added.id()).isEqualTo("out-1");
    assertThat(stopped.files()).hasSize(2);
    assertThat(RecordedFile.read(Path.of(stopped.files().getFirst())).names())
        .containsExactly("Remote picture");
    assertThat(RecordedFile.read(Path.of(stopped.files().getLast())).names())
        .containsExactlyInAnyOrder("VIDEO in-3", "Drawing");
    assertThat(stopped.droppedFrames()).isZero();
  }

  /** What it was recorded as would go on with what cannot be decoded. */
  @Test
  void aPictureThatTakesTheFirstsPlaceIsRecordedAsItsOwn() throws Exception {
    open(0);
    FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
    Side.await(side.calls.startRecording("c", Optional.of("ours")));
    connection.listener.onFrame(MediaKind.VIDEO, key());
    RemoteTrack next = connection.listener.add("in-3", MediaKind.VIDEO);
    connection.listener.remove(connection.remoteTracks.get(1));
    next.receive(key());
    RecordingStatus stopped = Side.await(side.calls.stopRecording("c"));

    assertThat(RecordedFile.read(Path.of(stopped.files().getLast())).names())
        .containsExactly("VIDEO in-3");
  }

  @Test
  void itEndsWithTheCall() throws Exception {
    open(0);
    FakeConnections.Connection connection = side.connectIn("c", Side.BOTH);
    Side.await(side.calls.startRecording("c", Optional.of("ours")));
    connection.listener.onFrame(MediaKind.VIDEO, key());
    Side.await(side.calls.hangUp("c"));
    side.event(CallEvent.Recording.class);
    assertThat(side.event(CallEvent.Recording.class).status().state()).isEqualTo("stopped");
    Side.await(side.calls.freed());
    assertThat(RecordedFile.read(directory.resolve("ours.webm")).names())
        .containsExactly("Remote picture");
  }

  @Test
  void aLineOfTheLogNamesOneFileHoweverManyThereAre() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (HeardLog _ = new HeardLog(CallRecorder.class, line -> lines.add(line.getMessage()))) {
      open(0);
      FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
      Side.await(side.calls.startRecording("c", Optional.of("ours")));
      connection.listener.onFrame(MediaKind.VIDEO, key());
      connection.listener.onFrame(MediaKind.VIDEO, vp9Key());
      RecordingStatus stopped = Side.await(side.calls.stopRecording("c"));
      side.event(CallEvent.Recording.class);
      side.event(CallEvent.Recording.class);

      assertThat(stopped.files()).hasSize(2);
      assertThat(lines).hasSize(2).allMatch(line -> line.contains("ours.webm"));
      assertThat(lines.getLast()).contains("2 files").doesNotContain("ours 2.webm");
    }
  }

  @Test
  void aCallCanBeRecordedAgain() throws Exception {
    open(0);
    side.connectOut("c", Side.AUDIO);
    for (String name : new String[] {"first", "second"}) {
      Side.await(side.calls.startRecording("c", Optional.of(name)));
      side.devices.only(MediaKind.AUDIO).give(sound());
      assertThat(Side.await(side.calls.stopRecording("c")).files())
          .containsExactly(directory.resolve(name + ".webm").toString());
    }
  }

  @Test
  void whatCannotBeIsRefused() throws Exception {
    open(0);
    assertThat(Side.await(side.calls.active())).isEmpty();
    assertThat(Side.refusal(side.calls.startRecording("c", Optional.empty())).code())
        .isEqualTo(CallException.Code.UNKNOWN_CALL);
    side.ringOut("c", Side.AUDIO);
    assertThat(Side.refusal(side.calls.startRecording("c", Optional.empty())).code())
        .isEqualTo(CallException.Code.WRONG_STATE);
    FakeConnections.Connection connection = side.connectOut("d", Side.AUDIO);
    assertThat(Side.refusal(side.calls.stopRecording("d")).code())
        .isEqualTo(CallException.Code.NOT_RECORDING);
    assertThat(Side.await(side.calls.recording("d"))).isEqualTo(RecordingStatus.NONE);
    Side.await(side.calls.startRecording("d", Optional.of("ours")));
    assertThat(Side.refusal(side.calls.startRecording("d", Optional.empty())).code())
        .isEqualTo(CallException.Code.ALREADY_RECORDING);
    connection.listener.onFrame(MediaKind.AUDIO, sound());
    Side.await(side.calls.stopRecording("d"));
    assertThat(Side.refusal(side.calls.startRecording("d", Optional.of("ours"))).code())
        .isEqualTo(CallException.Code.FILE_EXISTS);
  }

  @Test
  void aFullDiskIsToldBeforeAnythingBegins() throws Exception {
    open(Long.MAX_VALUE / 2);
    side.connectOut("c", Side.AUDIO);
    CallException refused = Side.refusal(side.calls.startRecording("c", Optional.empty()));
    assertThat(refused.code()).isEqualTo(CallException.Code.DISK_FULL);
    assertThat(refused.hint()).isNotEmpty();
    assertThat(refused.device()).isEmpty();
  }

  @Test
  void whereItIsSwitchedOffItIsRefused() throws Exception {
    side = new Side();
    side.connectOut("c", Side.AUDIO);
    assertThat(Side.refusal(side.calls.startRecording("c", Optional.empty())).code())
        .isEqualTo(CallException.Code.RECORDING_DISABLED);
  }
}
