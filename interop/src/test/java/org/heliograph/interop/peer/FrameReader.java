package org.heliograph.interop.peer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.heliograph.interop.lab.FfmpegDecoder;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.interop.lab.Tone;
import org.heliograph.peer.MediaKind;

/**
 * Reads the codes in VP8 frames and the tone in Opus packets, as FFmpeg decodes them. Frames may be
 * added on any thread; they are decoded where they are asked for.
 */
final class FrameReader implements AutoCloseable {
  private static final int SAMPLE_RATE = 48_000;
  private static final int WINDOW_SAMPLES = SAMPLE_RATE / 5;
  private static final double SILENCE = 0.01;

  private record Frame(MediaKind kind, ByteBuffer payload) {}

  private final Queue<Frame> added = new ConcurrentLinkedQueue<>();
  private final float[] sound = new float[WINDOW_SAMPLES];
  private FfmpegDecoder video;
  private FfmpegDecoder audio = FfmpegDecoder.opus(1);
  private int frames;
  private final Set<Integer> codes = new HashSet<>();
  private long samples;

  void add(MediaKind kind, ByteBuffer payload) {
    added.add(new Frame(kind, payload));
  }

  /** Another sender begins: decodes from its first key frame on. */
  void reset() {
    added.clear();
    close();
    audio = FfmpegDecoder.opus(1);
    clear();
  }

  /** Decodes no picture before the next key frame. */
  void resetVideo() {
    read();
    if (video != null) {
      video.close();
      video = null;
    }
  }

  /** What was read since {@link #forget}; the tone is that of the last 200 ms. */
  ReceivedContent content() {
    read();
    return new ReceivedContent(frames, codes, samples < WINDOW_SAMPLES ? 0 : hertz());
  }

  /** How much sound came since {@link #forget}, in samples of 48 kHz. */
  long samples() {
    read();
    return samples;
  }

  void forget() {
    read();
    clear();
  }

  private void clear() {
    frames = 0;
    codes.clear();
    samples = 0;
  }

  private void read() {
    for (Frame frame = added.poll(); frame != null; frame = added.poll()) {
      switch (frame.kind()) {
        case VIDEO -> see(frame.payload());
        case AUDIO -> audio.decode(frame.payload()).ifPresent(this::hear);
      }
    }
  }

  private void see(ByteBuffer payload) {
    frames++;
    boolean key = (payload.get(payload.position()) & 1) == 0;
    if (video == null) {
      if (!key) {
        return;
      }
      video = FfmpegDecoder.video("vp8");
    }
    Optional<AVFrame> picture = video.decode(payload);
    picture.ifPresent(
        decoded -> {
          int stride = decoded.linesize(0);
          ByteBuffer luma =
              decoded.data(0).capacity((long) stride * decoded.height()).asByteBuffer();
          int code = PictureCode.read(luma, stride, decoded.width(), decoded.height());
          if (code >= 0) {
            codes.add(code);
          }
        });
  }

  private void hear(AVFrame decoded) {
    var heard =
        decoded
            .data(0)
            .capacity(4L * decoded.nb_samples())
            .asBuffer()
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    int count = Math.min(heard.remaining(), WINDOW_SAMPLES);
    System.arraycopy(sound, count, sound, 0, WINDOW_SAMPLES - count);
    heard.get(sound, WINDOW_SAMPLES - count, count);
    samples += count;
  }

  private double hertz() {
    Tone tone = Tone.strongest(sound, SAMPLE_RATE);
    return tone.level() > SILENCE ? tone.hertz() : 0;
  }

  @Override
  public void close() {
    if (video != null) {
      video.close();
      video = null;
    }
    if (audio != null) {
      audio.close();
      audio = null;
    }
  }
}
