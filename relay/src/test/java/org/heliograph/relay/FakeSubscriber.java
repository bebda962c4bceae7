package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/** A connection that keeps what it is sent, and sends at once or when it is told to. */
final class FakeSubscriber implements SubscriberSink {
  /** One WebM stream as a page receives it. */
  record Stream(String mime, List<Block> blocks) {
    List<Block> video() {
      return blocks.stream().filter(block -> block.track() == RelayMessage.VIDEO_ID).toList();
    }

    List<Block> audio() {
      return blocks.stream().filter(block -> block.track() == RelayMessage.AUDIO_ID).toList();
    }
  }

  /** A cluster's only block. */
  record Block(int track, long millis, boolean key, ByteBuffer frame) {
    /** Whether the relay made the frame, and not the test. */
    boolean isMadeUp() {
      boolean repeated = track == RelayMessage.VIDEO_ID && !key && frame.remaining() > 6;
      return repeated || frame.remaining() == 1 || isSilence();
    }

    /** Whether it is the relay's silence. */
    boolean isSilence() {
      return frame.equals(OpusPacket.silence());
    }
  }

  final List<String> texts = new ArrayList<>();
  final List<ByteBuffer> binaries = new ArrayList<>();
  final List<Stream> streams = new ArrayList<>();
  Optional<CloseReason> closed = Optional.empty();
  int mostInFlight;

  private final Queue<Runnable> inFlight = new ArrayDeque<>();
  private boolean slow;
  private boolean initExpected;

  /** From now on messages stay until {@link #sendAll}. */
  void beSlow() {
    slow = true;
  }

  /** From now on messages leave at once; what waits leaves too. */
  void beFast() {
    slow = false;
    sendAll();
  }

  /** Lets everything leave that is there, and what follows from it. */
  void sendAll() {
    while (!inFlight.isEmpty()) {
      inFlight.remove().run();
    }
  }

  /** Lets some messages leave. */
  void send(int count) {
    for (int i = 0; i < count && !inFlight.isEmpty(); i++) {
      inFlight.remove().run();
    }
  }

  Stream stream() {
    return streams.getLast();
  }

  @Override
  public void text(String message, Runnable sent) {
    requireOpen();
    texts.add(message);
    if (message.startsWith("{\"type\":\"init\"")) {
      String mime = message.substring(message.indexOf("\"mime\":\"") + 8, message.length() - 2);
      streams.add(new Stream(mime.replace("\\\"", "\""), new ArrayList<>()));
      initExpected = true;
    }
    leave(sent);
  }

  @Override
  public void binary(ByteBuffer message, Runnable sent) {
    requireOpen();
    binaries.add(message);
    if (!streams.isEmpty()) {
      if (initExpected) {
        if (message.getInt(0) != 0x1A45DFA3) {
          throw new AssertionError("no init segment after its message");
        }
        initExpected = false;
      } else {
        stream().blocks().add(cluster(message.duplicate()));
      }
    }
    leave(sent);
  }

  @Override
  public void close(CloseReason reason) {
    requireOpen();
    closed = Optional.of(reason);
  }

  private void requireOpen() {
    if (closed.isPresent()) {
      throw new AssertionError("a message after the close");
    }
  }

  private void leave(Runnable sent) {
    inFlight.add(sent);
    mostInFlight = Math.max(mostInFlight, inFlight.size());
    if (!slow) {
      sendAll();
    }
  }

  private static Block cluster(ByteBuffer bytes) {
    require(bytes.getInt() == 0x1F43B675, "no cluster");
    require(readSize(bytes) == bytes.remaining(), "a cluster's size is wrong");
    require((bytes.get() & 0xff) == 0xE7, "no timecode");
    long millis = 0;
    for (long left = readSize(bytes); left > 0; left--) {
      millis = millis << 8 | (bytes.get() & 0xff);
    }
    require((bytes.get() & 0xff) == 0xA3, "no simple block");
    require(readSize(bytes) == bytes.remaining(), "a block's size is wrong");
    int track = bytes.get() & 0x7f;
    require(bytes.getShort() == 0, "a block's time differs from its cluster's");
    boolean key = (bytes.get() & 0x80) != 0;
    return new Block(track, millis, key, bytes.slice());
  }

  private static long readSize(ByteBuffer bytes) {
    int first = bytes.get() & 0xff;
    int more = Integer.numberOfLeadingZeros(first) - 24;
    long size = first & (0x7f >> more);
    for (int i = 0; i < more; i++) {
      size = size << 8 | (bytes.get() & 0xff);
    }
    return size;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}
