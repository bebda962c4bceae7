package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationTest {
  private static final int PACKETS = 100_000;

  private final ByteBuffer delta = Vp8Frames.delta();
  private final ByteBuffer opus = ByteBuffer.allocate(120);
  private int clusters;

  /** A sink that keeps nothing and always gives the same buffer. */
  private final WebmSink reusing =
      new WebmSink() {
        private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

        @Override
        public ByteBuffer buffer(int size) {
          return buffer.clear();
        }

        @Override
        public void initSegment(String mime, ByteBuffer segment) {}

        @Override
        public void cluster(ByteBuffer cluster) {
          clusters++;
        }
      };

  @ParameterizedTest
  @ValueSource(ints = {0, 100})
  void aPacketAllocatesNothing(int clusterMillis) {
    Duration duration = Duration.ofMillis(clusterMillis);
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live().withClusterDuration(duration), reusing);
    muxer.begin(List.of(VideoTrack.vp8(1, 640, 480), AudioTrack.opus(2, 2)));
    muxer.write(1, 0, true, Vp8Frames.key(640, 480));
    write(muxer, 0);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    write(muxer, PACKETS);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(clusters).isPositive();
    // The measuring itself may take a little; one object per packet would be 1.6 MB at least.
    assertThat(allocated).isLessThan(PACKETS / 10);
  }

  @Test
  void aPacketOfAFileAllocatesNothing(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("call.webm");
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        WebmFile file = new WebmFile(channel, WebmFileOptions.defaults())) {
      file.addTrack(VideoTrack.vp8(1, 640, 480), "");
      file.addTrack(AudioTrack.opus(2, 2), "");
      file.write(1, 0, true, Vp8Frames.key(640, 480));
      write(file, 0);

      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      write(file, PACKETS);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;

      assertThat(file.size()).isGreaterThan(120L * PACKETS);
      assertThat(allocated).isLessThan(PACKETS);
    }
  }

  private void write(WebmFile file, int first) throws IOException {
    for (int i = 0; i < PACKETS / 2; i++) {
      long timeNanos = (first + i) * 20_000_000L;
      file.write(1, timeNanos, false, delta);
      file.write(2, timeNanos, true, opus);
    }
  }

  private void write(WebmMuxer muxer, int first) {
    for (int i = 0; i < PACKETS / 2; i++) {
      long timeNanos = (first + i) * 20_000_000L;
      muxer.write(1, timeNanos, false, delta);
      muxer.write(2, timeNanos, true, opus);
    }
  }
}
