package org.heliograph.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.OpusPacket;
import org.heliograph.webm.AudioTrack;
import org.heliograph.webm.WebmFile;

/**
 * A sound. Once it has begun it has no gap to the end of the file: players drop gaps, and what
 * follows would be out of step. Where packets are missing (lost, left out in silence, or not sent
 * at all because the sender is muted) some are made up.
 */
final class SoundLane extends RecordedLane {
  private static final int CHANNELS = 2; // what every Opus decoder can give (RFC 7587 7)

  private static final long USUAL_PACKET_NANOS = Duration.ofMillis(20).toNanos();

  /** Packets may overlap so much: the sender's clock is not quite the call's. */
  private static final long OVERLAP_NANOS = Duration.ofMillis(5).toNanos();

  /** For so long the decoder makes up what is missing; after that there is silence. */
  private static final long MADE_UP_NANOS = Duration.ofSeconds(1).toNanos();

  /** What it goes into, or null before it begins. */
  private WebmFile file;

  private ByteBuffer missing = OpusPacket.silence();
  private long missingNanos = OpusPacket.SILENCE_NANOS;
  private long endNanos;

  /** Where the last packet that came ends. */
  private long heardNanos;

  SoundLane(RecordedStream stream, RecordingWriter writer) {
    super(stream, writer);
  }

  @Override
  long nextNanos(long horizonNanos) {
    if (isFillerNext(horizonNanos)) {
      return endNanos;
    }
    Held head = head();
    return head == null ? NEVER : head.timeNanos();
  }

  private boolean isFillerNext(long horizonNanos) {
    Held head = head();
    long limit = head == null ? horizonNanos : head.timeNanos();
    return file != null && !(head == null && hasEnded()) && limit - endNanos >= fillerNanos();
  }

  @Override
  void writeNext(long horizonNanos) throws IOException {
    if (isFillerNext(horizonNanos)) {
      long duration = fillerNanos();
      endNanos = writer.write(stream, file, endNanos, true, filler()) + duration;
      return;
    }
    long timeNanos = head().timeNanos();
    MediaFrame frame = remove();
    ByteBuffer packet = frame.payload();
    long duration = frame.durationNanos() > 0 ? frame.durationNanos() : USUAL_PACKET_NANOS;
    if (file != null && timeNanos + duration / 2 < endNanos) {
      writer.dropped(); // its place was filled before it came
      return;
    }
    if (file == null) {
      if (stream.isFurther()) {
        writer.makeRoomFor(stream, timeNanos);
      }
      endNanos = timeNanos;
      file = writer.addTrack(stream, AudioTrack.opus(stream.trackNumber(), CHANNELS), endNanos);
      if (file == null) {
        writer.dropped();
        return;
      }
    }
    boolean fits = timeNanos >= endNanos - OVERLAP_NANOS;
    endNanos = writer.write(stream, file, fits ? timeNanos : endNanos, true, packet) + duration;
    heardNanos = endNanos;
    missing = OpusPacket.missing(packet);
    missingNanos = OpusPacket.frameNanos(packet);
  }

  private boolean isMadeUp() {
    return endNanos - heardNanos < MADE_UP_NANOS;
  }

  private ByteBuffer filler() {
    return isMadeUp() ? missing : OpusPacket.silence();
  }

  private long fillerNanos() {
    return isMadeUp() ? missingNanos : OpusPacket.SILENCE_NANOS;
  }

  /** The sound goes on in the next file where it ends in this one. */
  @Override
  void goOnInNextFile() throws IOException {
    if (file != null) {
      file = writer.addTrack(stream, AudioTrack.opus(stream.trackNumber(), CHANNELS), endNanos);
    }
  }

  @Override
  boolean isIn(WebmFile open) {
    return file == open;
  }

  @Override
  void leave(WebmFile left) {
    // It went on in the next file at once.
  }
}
