package org.heliograph.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.VideoEncoder;

/**
 * VP8 by libvpx, set up for a live call: one pass, no look-ahead, constant bit rate over a buffer
 * of a second, key frames only on demand.
 *
 * <p>A new bit rate takes effect without a key frame. A new picture size opens the encoder anew,
 * which costs a key frame either way: libvpx can change the size of a running encoder, but only
 * downwards, and that path has had memory errors.
 */
public final class LibvpxVp8Encoder implements VideoEncoder {
  private static final int CLOCK_RATE = 90_000;
  private static final int CONSTANT_BIT_RATE = 1;
  private static final int KEY_FRAMES_ON_DEMAND = 0;
  private static final int ERROR_RESILIENT_DEFAULT = 1;
  private static final int BUFFER_MILLIS = 1000;
  private static final int BUFFER_INITIAL_MILLIS = 500;
  private static final int BUFFER_OPTIMAL_MILLIS = 600;

  /** Negative: this speed always; positive would let libvpx change it with the load. */
  private static final int CPU_USED = -6;

  private static final int TWO_THREADS_FROM_PIXELS = 1280 * 720;

  private final Libvpx vpx;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment config;
  private final MemorySegment context;
  private final MemorySegment image;
  private final MemorySegment iterator;
  private Settings settings;
  private boolean open;
  private boolean closed;
  private long firstTimeNanos;
  private long lastPresentationTime = -1;

  /**
   * Opens the encoder.
   *
   * @throws CodecException if libvpx is missing, unknown or refuses the settings
   */
  public LibvpxVp8Encoder(Settings settings) throws CodecException {
    this.vpx = Libvpx.load();
    this.settings = settings;
    config = arena.allocate(Libvpx.CONFIG_BYTES, 8);
    context = arena.allocate(Libvpx.CONTEXT_BYTES, 8);
    image = arena.allocate(Libvpx.IMAGE_BYTES, 8);
    iterator = arena.allocate(ADDRESS);
    try {
      open();
    } catch (CodecException e) {
      arena.close();
      throw e;
    }
  }

  private void open() throws CodecException {
    try {
      config.fill((byte) 0);
      context.fill((byte) 0);
      check("default configuration", (int) vpx.configDefault.invokeExact(vpx.vp8, config, 0));
      configure();
      check("open", (int) vpx.initVersion.invokeExact(context, vpx.vp8, config, 0L, vpx.abi));
      open = true;
      control(Libvpx.SET_CPU_USED, CPU_USED);
      control(Libvpx.SET_STATIC_THRESHOLD, 1);
      control(Libvpx.SET_TOKEN_PARTITIONS, threads() > 1 ? 1 : 0);
      control(Libvpx.SET_MAX_INTRA_BITRATE_PERCENT, maxIntraBitratePercent());
    } catch (CodecException e) {
      destroy();
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  private void configure() {
    set(Libvpx.THREADS, threads());
    set(Libvpx.WIDTH, settings.width());
    set(Libvpx.HEIGHT, settings.height());
    set(Libvpx.TIME_BASE_NUMERATOR, 1);
    set(Libvpx.TIME_BASE_DENOMINATOR, CLOCK_RATE);
    set(Libvpx.ERROR_RESILIENT, settings.errorResilient() ? ERROR_RESILIENT_DEFAULT : 0);
    set(Libvpx.LAG_IN_FRAMES, 0);
    set(Libvpx.DROP_FRAME_THRESHOLD, 30);
    set(Libvpx.RESIZE_ALLOWED, 0);
    set(Libvpx.RATE_CONTROL, CONSTANT_BIT_RATE);
    set(Libvpx.TARGET_KILOBITS_PER_SECOND, kilobitsPerSecond());
    set(Libvpx.MIN_QUANTIZER, 2);
    set(Libvpx.MAX_QUANTIZER, 56);
    set(Libvpx.UNDERSHOOT_PERCENT, 100);
    set(Libvpx.OVERSHOOT_PERCENT, 15);
    set(Libvpx.BUFFER_MILLIS, BUFFER_MILLIS);
    set(Libvpx.BUFFER_INITIAL_MILLIS, BUFFER_INITIAL_MILLIS);
    set(Libvpx.BUFFER_OPTIMAL_MILLIS, BUFFER_OPTIMAL_MILLIS);
    set(Libvpx.KEY_FRAME_MODE, KEY_FRAMES_ON_DEMAND);
  }

  private void set(long field, int value) {
    config.set(JAVA_INT, field, value);
  }

  private void control(int id, int value) throws Throwable {
    check("control " + id, (int) vpx.control.invokeExact(context, id, value));
  }

  private int threads() {
    boolean large = settings.width() * settings.height() >= TWO_THREADS_FROM_PIXELS;
    return large && Runtime.getRuntime().availableProcessors() > 2 ? 2 : 1;
  }

  private int kilobitsPerSecond() {
    return Math.max(1, settings.bitsPerSecond() / 1000);
  }

  /**
   * How large a key frame may be, in per cent of the share of one frame: half of what the buffer
   * should hold, so that a key frame does not hold up the frames after it.
   */
  private int maxIntraBitratePercent() {
    return Math.max(300, BUFFER_OPTIMAL_MILLIS * settings.framesPerSecond() / 20);
  }

  @Override
  public Optional<MediaFrame> encode(I420Picture picture, long timeNanos, boolean key)
      throws CodecException {
    requireOpen();
    if (picture.width() != settings.width() || picture.height() != settings.height()) {
      settings = settings.withSize(picture.width(), picture.height());
      destroy();
      open();
      lastPresentationTime = -1;
    }
    try {
      MemorySegment wrapped =
          (MemorySegment)
              vpx.wrapImage.invokeExact(
                  image, Libvpx.IMAGE_I420, picture.width(), picture.height(), 1, picture.planes());
      if (wrapped.address() == 0 || image.get(JAVA_INT, Libvpx.IMAGE_STRIDE) != picture.width()) {
        throw new CodecException("libvpx lays out its pictures in an unknown way");
      }
      check(
          "encode",
          (int)
              vpx.encode.invokeExact(
                  context,
                  image,
                  presentationTime(timeNanos),
                  (long) CLOCK_RATE / settings.framesPerSecond(),
                  key ? Libvpx.FORCE_KEY_FRAME : 0L,
                  Libvpx.REALTIME));
      return frame(timeNanos);
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  private long presentationTime(long timeNanos) {
    if (lastPresentationTime < 0) {
      firstTimeNanos = timeNanos;
    }
    long time = (timeNanos - firstTimeNanos) * 9 / 100_000;
    lastPresentationTime = Math.max(time, lastPresentationTime + 1);
    return lastPresentationTime;
  }

  private Optional<MediaFrame> frame(long timeNanos) throws Throwable {
    iterator.set(ADDRESS, 0, MemorySegment.NULL);
    while (true) {
      MemorySegment packet =
          ((MemorySegment) vpx.getPackets.invokeExact(context, iterator)).reinterpret(64);
      if (packet.address() == 0) {
        return Optional.empty();
      }
      if (packet.get(JAVA_INT, Libvpx.PACKET_KIND) != Libvpx.PACKET_KIND_FRAME) {
        continue;
      }
      long size = packet.get(JAVA_LONG, Libvpx.PACKET_SIZE);
      if (size == 0) {
        continue;
      }
      byte[] payload = new byte[Math.toIntExact(size)];
      MemorySegment encoded = packet.get(ADDRESS, Libvpx.PACKET_DATA).reinterpret(size);
      MemorySegment.ofArray(payload).copyFrom(encoded);
      boolean key = (packet.get(JAVA_INT, Libvpx.PACKET_FLAGS) & Libvpx.FRAME_IS_KEY) != 0;
      return Optional.of(
          new MediaFrame(MediaFormat.VP8, timeNanos, 0, key, ByteBuffer.wrap(payload)));
    }
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) throws CodecException {
    requireOpen();
    settings = settings.withBitsPerSecond(bitsPerSecond);
    set(Libvpx.TARGET_KILOBITS_PER_SECOND, kilobitsPerSecond());
    try {
      check("change the bit rate", (int) vpx.configSet.invokeExact(context, config));
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  @Override
  public String name() {
    return vpx.version();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      destroy();
      arena.close();
    }
  }

  private void destroy() {
    if (open) {
      open = false;
      try {
        int _ = (int) vpx.destroy.invokeExact(context);
      } catch (Throwable thrown) {
        throw NativeLibrary.unexpected(thrown);
      }
    }
  }

  private void requireOpen() {
    if (!open) {
      throw new IllegalStateException("the encoder is closed");
    }
  }

  private void check(String action, int result) throws CodecException {
    if (result != Libvpx.CODEC_OK) {
      throw new CodecException("libvpx could not %s: %s".formatted(action, vpx.describe(result)));
    }
  }
}
