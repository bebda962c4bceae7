package org.heliograph.interop.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.heliograph.agent.codec.CodecException;
import org.heliograph.agent.codec.Encoders;
import org.heliograph.agent.codec.OpusEncoder;
import org.heliograph.peer.PeerDriver;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;

/** Sends a VP8 test vector over and over, and a tone, in real time. */
final class SampleMedia implements AutoCloseable {
  static final int TONE_HERTZ = 440;

  private static final Path VECTOR =
      Path.of("../webm-muxer/src/test/resources/vp8/vp80-00-comprehensive-001.ivf");

  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  private final List<Future<?>> tasks = new ArrayList<>();
  private final OpusEncoder opus;
  private final List<ByteBuffer> pictures = readIvf(VECTOR);
  private int nextPicture;
  private long nextSample;

  SampleMedia() throws IOException, CodecException {
    opus = Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 5, false));
  }

  /** The pictures' number, after which they begin again with a key frame. */
  int pictureCount() {
    return pictures.size();
  }

  void sendPictures(PeerDriver driver, Transceiver transceiver) {
    repeat(
        33,
        () -> {
          int index = nextPicture++ % pictures.size();
          driver.send(
              transceiver,
              new MediaFrame(
                  MediaFormat.VP8,
                  PeerDriver.nanoTime(),
                  0,
                  index == 0,
                  pictures.get(index).duplicate()));
        });
  }

  void sendTone(PeerDriver driver, Transceiver transceiver) {
    repeat(
        20,
        () -> {
          short[] samples = new short[OpusEncoder.FRAME_SAMPLES];
          for (int i = 0; i < samples.length; i++) {
            samples[i] =
                (short) (8000 * Math.sin(2 * Math.PI * TONE_HERTZ * nextSample++ / 48_000.0));
          }
          try {
            driver.send(transceiver, opus.encode(samples, PeerDriver.nanoTime()));
          } catch (CodecException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void repeat(long millis, Runnable action) {
    tasks.add(clock.scheduleAtFixedRate(action, 0, millis, TimeUnit.MILLISECONDS));
  }

  private static List<ByteBuffer> readIvf(Path file) throws IOException {
    ByteBuffer ivf = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    ivf.position(32);
    List<ByteBuffer> frames = new ArrayList<>();
    while (ivf.hasRemaining()) {
      int length = ivf.getInt();
      ivf.position(ivf.position() + 8);
      frames.add(ivf.slice(ivf.position(), length));
      ivf.position(ivf.position() + length);
    }
    return frames;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    try {
      if (!clock.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the sending threads do not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    opus.close();
    for (Future<?> task : tasks) {
      if (task.state() == Future.State.FAILED) {
        throw new IllegalStateException("media could not be sent", task.exceptionNow());
      }
    }
  }
}
