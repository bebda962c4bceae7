package org.heliograph.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.Test;

class RecordingQueueTest {
  private static final ByteBuffer MEGABYTE = ByteBuffer.allocate(1 << 20);

  private final RecordingQueue queue = new RecordingQueue();

  private static MediaFrame frame(boolean key) {
    return new MediaFrame(MediaFormat.VP8, 0, 0, key, MEGABYTE);
  }

  @Test
  void eachSideHasRoomOfItsOwn() {
    for (int i = 0; i < 20; i++) {
      queue.offer(RecordedStream.REMOTE_PICTURE, frame(true), 0);
    }
    long ofTheOtherSide = queue.dropped();
    for (int i = 0; i < 7; i++) {
      queue.offer(RecordedStream.OWN_PICTURE, frame(false), 0);
    }

    assertThat(ofTheOtherSide).isEqualTo(13);
    assertThat(queue.dropped()).isEqualTo(ofTheOtherSide);
  }

  @Test
  void whatIsTakenOutMakesRoom() {
    for (int i = 0; i < 7; i++) {
      queue.offer(RecordedStream.OWN_PICTURE, frame(true), i);
    }
    assertThat(queue.poll(0)).isNotNull();
    assertThat(queue.poll(0)).as("it has not come yet").isNull();
    queue.offer(RecordedStream.OWN_PICTURE, frame(false), 7);

    assertThat(queue.dropped()).isZero();
  }
}
