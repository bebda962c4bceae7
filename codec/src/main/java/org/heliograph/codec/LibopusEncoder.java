package org.heliograph.codec;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;

/** Opus by libopus. Every setting can change from one packet to the next. */
public final class LibopusEncoder implements OpusEncoder {
  /** The largest packet that RFC 6716 3.4 allows for one frame, and its TOC byte. */
  private static final int MAX_PACKET_BYTES = 1276;

  private static final int APPLICATION_VOIP = 2048;
  private static final int APPLICATION_AUDIO = 2049;
  private static final int SET_BITRATE = 4002;
  private static final int SET_COMPLEXITY = 4010;
  private static final int SET_INBAND_FEC = 4012;
  private static final int SET_PACKET_LOSS_PERC = 4014;
  private static final int SET_DTX = 4016;
  private static final int COMPLEXITY = 8;

  private final Libopus opus;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment encoder;
  private final MemorySegment pcm;
  private final MemorySegment packet;
  private final Settings settings;
  private boolean closed;

  /**
   * Opens the encoder.
   *
   * @throws CodecException if libopus is missing or refuses the settings
   */
  public LibopusEncoder(Settings settings) throws CodecException {
    this.opus = Libopus.load();
    this.settings = settings;
    pcm = arena.allocate(JAVA_SHORT, (long) FRAME_SAMPLES * settings.channels());
    packet = arena.allocate(MAX_PACKET_BYTES);
    try {
      encoder = create();
      control(SET_BITRATE, settings.bitsPerSecond());
      control(SET_COMPLEXITY, COMPLEXITY);
      control(SET_INBAND_FEC, settings.forwardErrorCorrection() ? 1 : 0);
      control(SET_PACKET_LOSS_PERC, settings.expectedLossPercent());
      control(SET_DTX, settings.discontinuous() ? 1 : 0);
    } catch (CodecException e) {
      arena.close();
      throw e;
    }
  }

  private MemorySegment create() throws CodecException {
    MemorySegment error = arena.allocate(JAVA_INT);
    try {
      // Freed with the arena: every way out of this class closes it.
      MemorySegment created =
          (MemorySegment)
              opus.createEncoder.invokeExact(
                  SAMPLE_RATE,
                  settings.channels(),
                  settings.music() ? APPLICATION_AUDIO : APPLICATION_VOIP,
                  error);
      opus.check("open its encoder", error.get(JAVA_INT, 0));
      return created.reinterpret(arena, opus::destroyEncoder);
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  @Override
  public MediaFrame encode(short[] samples, long timeNanos) throws CodecException {
    if (samples.length != FRAME_SAMPLES * settings.channels()) {
      throw new IllegalArgumentException(
          "a packet takes %d samples, not %d"
              .formatted(FRAME_SAMPLES * settings.channels(), samples.length));
    }
    MemorySegment.copy(samples, 0, pcm, JAVA_SHORT, 0, samples.length);
    try {
      int size =
          (int) opus.encode.invokeExact(encoder, pcm, FRAME_SAMPLES, packet, MAX_PACKET_BYTES);
      if (size < 0) {
        opus.check("encode", size);
      }
      ByteBuffer payload = ByteBuffer.wrap(packet.asSlice(0, size).toArray(JAVA_BYTE));
      return new MediaFrame(MediaFormat.OPUS, timeNanos, FRAME_NANOS, true, payload);
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) throws CodecException {
    control(SET_BITRATE, settings.withBitsPerSecond(bitsPerSecond).bitsPerSecond());
  }

  @Override
  public void setExpectedLossPercent(int percent) throws CodecException {
    control(SET_PACKET_LOSS_PERC, settings.withExpectedLossPercent(percent).expectedLossPercent());
  }

  private void control(int request, int value) throws CodecException {
    try {
      opus.check("set " + request, (int) opus.control.invokeExact(encoder, request, value));
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  @Override
  public String name() {
    return opus.version;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
