package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.VideoTrack;

/**
 * One frame on its way from the sender to every subscriber. What is made of it without regard to
 * who gets it is made once, by whoever needs it first, and used by all.
 */
final class RelayedFrame {
  /** The header of a frame that is sent by itself (docs/media-protocol.md). */
  static final int HEADER_SIZE = 12;

  static final int FLAG_KEY = 1;
  private static final int FLAG_PAST = 2;
  static final int FLAG_MADE_UP = 4;

  private final long number;
  private final MediaKind kind;
  private final MediaFrame frame;
  private final long arrivedNanos;
  private final long microseconds;
  private final DecodedSound sound;
  private volatile ByteBuffer message;
  private volatile List<ByteBuffer> samples;
  private volatile Optional<VideoTrack> track;

  /**
   * @param number counts the relay's frames
   * @param arrivedNanos when it came, on the relay's clock
   * @param zeroNanos what is time 0 for those who are sent single frames, on the sender's clock
   * @param sound decodes the sender's sound
   */
  RelayedFrame(
      long number,
      MediaKind kind,
      MediaFrame frame,
      long arrivedNanos,
      long zeroNanos,
      DecodedSound sound) {
    this.number = number;
    this.kind = kind;
    this.frame = frame;
    this.arrivedNanos = arrivedNanos;
    this.microseconds = (frame.timeNanos() - zeroNanos) / 1_000;
    this.sound = sound;
  }

  long number() {
    return number;
  }

  MediaKind kind() {
    return kind;
  }

  MediaFrame frame() {
    return frame;
  }

  boolean isKeyPicture() {
    return kind == MediaKind.VIDEO && frame.key();
  }

  /** When the frame is to be presented, on the sender's clock. */
  long timeNanos() {
    return frame.timeNanos();
  }

  /** When the frame came, on the relay's clock. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  /** When the frame is to be presented, for those who are sent single frames. */
  long microseconds() {
    return microseconds;
  }

  int payloadBytes() {
    return frame.payload().remaining();
  }

  /** The track that a key picture begins; empty if its header is damaged. */
  Optional<VideoTrack> track() {
    Optional<VideoTrack> read = track;
    if (read == null) {
      read = KeyPicture.describe(frame);
      track = read;
    }
    return read;
  }

  /**
   * The frame as a message of its own. All subscribers share its bytes; the buffer is the caller's.
   */
  ByteBuffer message() {
    ByteBuffer made = message;
    if (made == null) {
      made = message(0);
      message = made;
    }
    return made.duplicate();
  }

  /** The same for who is to decode the frame, but need not show it. */
  ByteBuffer pastMessage() {
    return message(FLAG_PAST);
  }

  /**
   * The sound decoded, and what was lost before it made up. All subscribers share the bytes; the
   * buffers are the caller's.
   */
  List<ByteBuffer> sampleMessages() {
    List<ByteBuffer> made = samples;
    if (made == null) {
      made = sound.messages(this);
      samples = made;
    }
    return made.stream().map(ByteBuffer::duplicate).toList();
  }

  private ByteBuffer message(int flags) {
    ByteBuffer payload = frame.payload();
    int size = payload.remaining();
    ByteBuffer made =
        header(
            RelayMessage.trackId(kind), flags | (frame.key() ? FLAG_KEY : 0), microseconds, size);
    made.put(made.position(), payload, payload.position(), size);
    return made.clear();
  }

  /** A message with its header, and room for the payload from its position on. */
  static ByteBuffer header(int trackId, int flags, long microseconds, int payloadBytes) {
    return ByteBuffer.allocate(HEADER_SIZE + payloadBytes)
        .put((byte) trackId)
        .put((byte) flags)
        .putShort((short) 0)
        .putLong(microseconds);
  }
}
