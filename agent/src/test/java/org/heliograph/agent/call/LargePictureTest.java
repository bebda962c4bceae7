package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.record.RecordedFile;
import org.heliograph.record.RecordingDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A picture that is too large for a page reaches neither a page nor a recording. */
class LargePictureTest {
  @TempDir Path directory;

  private Side side;

  @AfterEach
  void close() {
    side.close();
  }

  private static MediaFrame key(int width, int height) {
    ByteBuffer payload = ByteBuffer.allocate(100);
    payload.put(new byte[] {0x10, 0, 0, (byte) 0x9d, 1, 0x2a, (byte) width, (byte) (width >> 8)});
    payload.put(new byte[] {(byte) height, (byte) (height >> 8)});
    return frame(true, payload.rewind());
  }

  private static MediaFrame delta() {
    return frame(false, ByteBuffer.allocate(50).put(0, (byte) 0x31));
  }

  private static MediaFrame frame(boolean key, ByteBuffer payload) {
    return new MediaFrame(MediaFormat.VP8, System.nanoTime(), 0, key, payload);
  }

  @Test
  void itIsLeftOutAndToldOnceAndTheCallGoesOn() throws Exception {
    side = new Side(4, Optional.of(new RecordingDirectory(directory, 0)));
    FakeConnections.Connection connection = side.connectOut("c", Side.BOTH);
    Side.await(side.calls.startRecording("c", Optional.of("ours")));

    connection.listener.onFrame(MediaKind.VIDEO, key(640, 480));
    for (int i = 0; i < 5; i++) {
      connection.listener.onFrame(MediaKind.VIDEO, key(16_000, 16_000));
      connection.listener.onFrame(MediaKind.VIDEO, delta());
    }
    connection.listener.onFrame(MediaKind.VIDEO, key(320, 240));
    CallEvent.Failure told = side.event(CallEvent.Failure.class);
    Side.await(side.calls.stopRecording("c"));

    assertThat(told.code()).isEqualTo("picture_too_large");
    assertThat(told.detail()).contains("it is 16000×16000 pixels");
    assertThat(RecordedFile.read(directory.resolve("ours.webm")).track("Remote picture"))
        .satisfies(
            track -> {
              assertThat(track.packets()).hasSize(2);
              assertThat(track.width()).isEqualTo(640);
            });
    assertThat(Side.await(side.calls.active()).getFirst().state()).isEqualTo("connected");
    Side.await(side.calls.hangUp("c"));
    assertThat(side.events).noneMatch(CallEvent.Failure.class::isInstance);
  }
}
