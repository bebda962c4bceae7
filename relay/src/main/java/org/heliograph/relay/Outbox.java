package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;

/**
 * What waits for one subscriber's connection: bounded in bytes and in time, and only so much is
 * handed to the connection before it says that it has sent some. It has no lock and no clock of its
 * own.
 *
 * <p>So a subscriber that takes nothing holds {@link #MAX_BYTES} and {@link #MAX_BYTES_IN_FLIGHT}
 * at most, and one message more of each.
 */
public final class Outbox {
  /** How many messages the connection is given at a time; it writes those that wait together. */
  static final int MAX_IN_FLIGHT = 8;

  /** How many bytes the connection has before it is given no more. */
  public static final int MAX_BYTES_IN_FLIGHT = 256 << 10;

  /** What waits longer is of no use for a call. */
  static final Duration MAX_WAIT = Duration.ofSeconds(1);

  /** Room for the recent pictures that a subscriber begins with, and as much again. */
  public static final int MAX_BYTES = 2 * RecentPictures.MAX_BYTES;

  private sealed interface Entry {}

  /** A text message; one that describes media goes when that media goes. */
  private record Text(String message, boolean describesMedia) implements Entry {}

  private record Media(ByteBuffer message, long sinceNanos) implements Entry {}

  private final SubscriberSink sink;
  private final Runnable sent;
  private final Queue<Entry> waiting = new ArrayDeque<>();

  // What the connection has, the oldest message first.
  private final int[] sizesInFlight = new int[MAX_IN_FLIGHT];
  private int oldestInFlight;
  private int inFlight;
  private long bytesInFlight;

  private long lastProgressNanos;
  private long waitingBytes;
  private long sentMessages;
  private long sentBytes;

  /**
   * @param sent what the connection runs when a message has left; it has to call {@link #sent}
   */
  Outbox(SubscriberSink sink, Runnable sent) {
    this.sink = sink;
    this.sent = sent;
  }

  /** A message that stays when media is dropped. */
  void text(String message) {
    waiting.add(new Text(message, false));
  }

  /** A message that describes the media after it. */
  void description(String message) {
    waiting.add(new Text(message, true));
  }

  void media(ByteBuffer message, long nowNanos) {
    waiting.add(new Media(message, nowNanos));
    waitingBytes += message.remaining();
  }

  /** Whether more waits than is allowed, or something for longer. */
  boolean isOverfull(long nowNanos) {
    if (waitingBytes > MAX_BYTES) {
      return true;
    }
    for (Entry entry : waiting) {
      if (entry instanceof Media media) {
        return nowNanos - media.sinceNanos() > MAX_WAIT.toNanos();
      }
    }
    return false;
  }

  /** Drops the media that waits, with what describes it; gives the number of media messages. */
  int dropMedia() {
    int dropped = 0;
    for (Iterator<Entry> entries = waiting.iterator(); entries.hasNext(); ) {
      switch (entries.next()) {
        case Media _ -> {
          dropped++;
          entries.remove();
        }
        case Text text when text.describesMedia() -> entries.remove();
        case Text _ -> {}
      }
    }
    waitingBytes = 0;
    return dropped;
  }

  /** Hands messages to the connection, as many as it may have. */
  void drain(long nowNanos) {
    while (inFlight < MAX_IN_FLIGHT && bytesInFlight < MAX_BYTES_IN_FLIGHT && !waiting.isEmpty()) {
      if (inFlight == 0) {
        lastProgressNanos = nowNanos;
      }
      switch (waiting.remove()) {
        case Text text -> {
          handOver(text.message().length());
          if (text.describesMedia()) {
            sink.description(text.message(), sent);
          } else {
            sink.text(text.message(), sent);
          }
        }
        case Media media -> {
          int size = media.message().remaining();
          handOver(size);
          waitingBytes -= size;
          sentBytes += size;
          sentMessages++;
          sink.binary(media.message(), sent);
        }
      }
    }
  }

  private void handOver(int size) {
    sizesInFlight[(oldestInFlight + inFlight) % MAX_IN_FLIGHT] = size;
    inFlight++;
    bytesInFlight += size;
  }

  /** A message has left. */
  void sent(long nowNanos) {
    bytesInFlight -= sizesInFlight[oldestInFlight];
    oldestInFlight = (oldestInFlight + 1) % MAX_IN_FLIGHT;
    inFlight--;
    lastProgressNanos = nowNanos;
  }

  /** Whether all that the connection was given has left. */
  boolean isIdle() {
    return inFlight == 0;
  }

  /** How long the connection has sent nothing of what it has. */
  Duration stuckFor(long nowNanos) {
    return inFlight == 0 ? Duration.ZERO : Duration.ofNanos(nowNanos - lastProgressNanos);
  }

  /** The bytes that wait, and those that the connection has not sent yet. */
  long heldBytes() {
    return waitingBytes + bytesInFlight;
  }

  long sentMessages() {
    return sentMessages;
  }

  long sentBytes() {
    return sentBytes;
  }
}
