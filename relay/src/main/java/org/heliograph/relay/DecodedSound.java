package org.heliograph.relay;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.heliograph.codec.OpusDecoder;
import org.heliograph.session.CodecException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sender's sound as samples, for pages whose engine had better not decode it. Lost packets are
 * made up, out of the copy that the next one carries where there is one: no decoder in a page can
 * use that. Decodes nothing as long as nobody asks.
 */
final class DecodedSound implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DecodedSound.class);
  private static final ValueLayout.OfShort LITTLE_ENDIAN =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SAMPLE_BYTES = OpusDecoder.CHANNELS * Short.BYTES;

  /** A longer gap is a pause of the sender (DTX, muted), or more than can be made up. */
  private static final long LONGEST_LOSS_MICROS = 120_000;

  private OpusDecoder decoder;
  private long endMicros = Long.MAX_VALUE;
  private boolean closed;

  /** Whether the machine has what it takes; if not, the log says what to install. */
  static boolean isAvailable() {
    try {
      OpusDecoder.load();
      return true;
    } catch (CodecException e) {
      LOG.warn("{} A page that asked for samples is sent Opus.", e.getMessage());
      return false;
    }
  }

  /**
   * Decodes a packet; from any thread, each packet once and in order.
   *
   * @return messages as docs/media-protocol.md lays them out: the packet's samples, and before them
   *     what stands for lost ones; empty if the packet is damaged or the call is over
   */
  synchronized List<ByteBuffer> messages(RelayedFrame packet) {
    if (closed) {
      return List.of();
    }
    try {
      if (decoder == null) {
        decoder = new OpusDecoder();
      }
      ByteBuffer payload = packet.frame().payload();
      long start = packet.microseconds();
      int lost = lostSamples(start, payload);
      Optional<ByteBuffer> madeUp = Optional.empty();
      if (lost > 0) {
        madeUp =
            Optional.of(
                message(endMicros, RelayedFrame.FLAG_MADE_UP, decoder.recover(payload, lost)));
      }
      MemorySegment samples = decoder.decode(payload);
      endMicros = start + micros(samples.byteSize() / SAMPLE_BYTES);
      ByteBuffer message = message(start, RelayedFrame.FLAG_KEY, samples);
      return madeUp.map(before -> List.of(before, message)).orElse(List.of(message));
    } catch (CodecException e) {
      LOG.debug("Sound is left out: {}", e.getMessage());
      return List.of();
    }
  }

  /** Whole frames of the packet's length: a sender's clock is corrected by less now and then. */
  private int lostSamples(long startMicros, ByteBuffer next) {
    long gap = startMicros - endMicros;
    if (gap <= 0 || gap > LONGEST_LOSS_MICROS) {
      return 0;
    }
    long frame = OpusPacket.frameNanos(next) / 1_000;
    long frames = (gap + frame / 2) / frame;
    return Math.toIntExact(frames * frame * OpusDecoder.SAMPLE_RATE / 1_000_000);
  }

  private static long micros(long samples) {
    return samples * 1_000_000 / OpusDecoder.SAMPLE_RATE;
  }

  private static ByteBuffer message(long micros, int flags, MemorySegment samples) {
    int bytes = Math.toIntExact(samples.byteSize());
    ByteBuffer message = RelayedFrame.header(RelayMessage.AUDIO_ID, flags, micros, bytes);
    MemorySegment.copy(
        samples,
        JAVA_SHORT,
        0,
        MemorySegment.ofBuffer(message),
        LITTLE_ENDIAN,
        0,
        bytes / Short.BYTES);
    return message.clear();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (decoder != null) {
      decoder.close();
    }
  }
}
