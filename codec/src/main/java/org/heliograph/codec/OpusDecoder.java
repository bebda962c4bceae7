package org.heliograph.codec;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.heliograph.session.CodecException;

/**
 * Opus packets to samples by libopus: 48 kHz, two channels, whatever the packets hold. Used by one
 * thread at a time.
 */
public final class OpusDecoder implements AutoCloseable {
  /** Samples per second and channel. */
  public static final int SAMPLE_RATE = 48_000;

  /** Channels of the samples, which lie side by side. */
  public static final int CHANNELS = 2;

  /** The longest packet, of 120 ms (RFC 6716 3.2.5), in samples of a channel. */
  private static final int MAX_SAMPLES = 5760;

  /** Of 48 frames at most, and their lengths (RFC 6716 3.2.5). */
  private static final int MAX_PACKET_BYTES = 64 << 10;

  private final Libopus opus;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment decoder;
  private final MemorySegment packet;
  private final MemorySegment pcm;
  private boolean closed;

  /**
   * Opens a decoder.
   *
   * @throws CodecException if libopus is missing
   */
  public OpusDecoder() throws CodecException {
    opus = Libopus.load();
    packet = arena.allocate(MAX_PACKET_BYTES);
    pcm = arena.allocate(JAVA_SHORT, (long) MAX_SAMPLES * CHANNELS);
    MemorySegment error = arena.allocate(JAVA_INT);
    try {
      MemorySegment created =
          (MemorySegment) opus.createDecoder.invokeExact(SAMPLE_RATE, CHANNELS, error);
      opus.check("open its decoder", error.get(JAVA_INT, 0));
      decoder = created.reinterpret(arena, opus::destroyDecoder);
    } catch (CodecException e) {
      arena.close();
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  /**
   * Loads libopus.
   *
   * @throws CodecException if it is missing; says what to install
   */
  public static void load() throws CodecException {
    Libopus.load();
  }

  /**
   * Decodes a packet.
   *
   * @param payload left as it is
   * @return the samples, interleaved, in the machine's byte order, valid until the next call
   * @throws CodecException if it is damaged; the decoder goes on with the next
   */
  public MemorySegment decode(ByteBuffer payload) throws CodecException {
    return decode(payload, MAX_SAMPLES, 0);
  }

  /**
   * Makes up the sound that is missing before a packet: the end of it out of the coarse copy that
   * the packet may carry (RFC 6716 2.1.7), all else out of what was heard before. The packet itself
   * is to be decoded next.
   *
   * @param next left as it is
   * @param samples of a channel; a multiple of 2.5 ms, at most 120 ms
   * @return the samples, interleaved, valid until the next call
   * @throws CodecException if the packet is damaged
   */
  public MemorySegment recover(ByteBuffer next, int samples) throws CodecException {
    return decode(next, samples, 1);
  }

  private MemorySegment decode(ByteBuffer payload, int samples, int recover) throws CodecException {
    int size = payload.remaining();
    if (size > MAX_PACKET_BYTES) {
      throw new CodecException("an Opus packet of %d bytes cannot be decoded".formatted(size));
    }
    MemorySegment.copy(MemorySegment.ofBuffer(payload), 0, packet, 0, size);
    try {
      int decoded = (int) opus.decode.invokeExact(decoder, packet, size, pcm, samples, recover);
      if (decoded < 0) {
        opus.check("decode", decoded);
      }
      return pcm.asSlice(0, (long) decoded * CHANNELS * Short.BYTES);
    } catch (CodecException e) {
      throw e;
    } catch (Throwable thrown) {
      throw NativeLibrary.unexpected(thrown);
    }
  }

  /** Frees the decoder; does nothing the second time. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
