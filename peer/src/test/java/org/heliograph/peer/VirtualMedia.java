package org.heliograph.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.NetworkEmulator;

/**
 * A camera and a microphone in virtual time: a VP8 test vector over and over at 25 frames a second,
 * from its key frame again when one is asked for, each picture with its number behind it, and
 * numbered Opus packets every 20 ms.
 */
final class VirtualMedia {
  static final Duration PICTURE_INTERVAL = Duration.ofMillis(40);
  static final Duration SOUND_INTERVAL = Duration.ofMillis(20);

  /** The table of contents of an Opus packet of 20 ms, CELT, mono (RFC 6716 3.1). */
  private static final byte OPUS_20_MS = (byte) 0xF8;

  final List<ByteBuffer> sentPictures = new ArrayList<>();
  final List<ByteBuffer> sentSounds = new ArrayList<>();

  /** Whether the vector goes on without its key frame when it begins again. */
  boolean keyFramesOnlyWhenAsked;

  private final NetworkEmulator network;
  private final VirtualPeer from;
  private final List<ByteBuffer> vector = readVector();
  private int nextPicture;
  private int keyFrameRequestsSeen;
  private boolean stopped;

  VirtualMedia(NetworkEmulator network, VirtualPeer from) {
    this.network = network;
    this.from = from;
  }

  void sendPictures(Transceiver transceiver) {
    if (stopped) {
      return;
    }
    if (from.keyFrameRequests > keyFrameRequestsSeen) {
      keyFrameRequestsSeen = from.keyFrameRequests;
      nextPicture = 0;
    }
    ByteBuffer frame =
        vector.get(
            keyFramesOnlyWhenAsked && nextPicture > 0
                ? 1 + nextPicture % (vector.size() - 1)
                : nextPicture % vector.size());
    ByteBuffer picture =
        ByteBuffer.allocate(frame.remaining() + Integer.BYTES)
            .put(frame.duplicate())
            .putInt(sentPictures.size())
            .flip();
    boolean key = (picture.get(0) & 1) == 0;
    nextPicture++;
    sentPictures.add(picture);
    from.send(
        transceiver,
        new MediaFrame(MediaFormat.VP8, network.nanoTime(), 0, key, picture.duplicate()));
    network.clock().after(PICTURE_INTERVAL, () -> sendPictures(transceiver));
  }

  void sendSound(Transceiver transceiver) {
    if (stopped) {
      return;
    }
    ByteBuffer packet = ByteBuffer.allocate(40).put(0, OPUS_20_MS).putInt(1, sentSounds.size());
    sentSounds.add(packet);
    from.send(
        transceiver,
        new MediaFrame(
            MediaFormat.OPUS,
            network.nanoTime(),
            SOUND_INTERVAL.toNanos(),
            true,
            packet.duplicate()));
    network.clock().after(SOUND_INTERVAL, () -> sendSound(transceiver));
  }

  void stop() {
    stopped = true;
  }

  private static List<ByteBuffer> readVector() {
    try (InputStream file =
        VirtualMedia.class.getResourceAsStream("/vp8/vp80-00-comprehensive-001.ivf")) {
      ByteBuffer ivf = ByteBuffer.wrap(file.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      List<ByteBuffer> frames = new ArrayList<>();
      ivf.position(ivf.getShort(6));
      while (ivf.hasRemaining()) {
        int length = ivf.getInt();
        ivf.getLong();
        frames.add(ivf.slice(ivf.position(), length));
        ivf.position(ivf.position() + length);
      }
      return frames;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
