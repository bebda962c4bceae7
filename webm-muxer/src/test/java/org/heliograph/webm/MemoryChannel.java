package org.heliograph.webm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A file in memory, on a disk that may be full: then what fits is still written, as on a real one.
 */
final class MemoryChannel implements SeekableByteChannel {
  private final long capacity;
  private byte[] bytes = new byte[1 << 16];
  private int size;
  private int position;
  private boolean open = true;
  private Consumer<MemoryChannel> observer = channel -> {};

  MemoryChannel() {
    this(Long.MAX_VALUE);
  }

  MemoryChannel(long capacity) {
    this.capacity = capacity;
  }

  /** Has the observer look at the file after each single write. */
  MemoryChannel observedBy(Consumer<MemoryChannel> newObserver) {
    observer = newObserver;
    return this;
  }

  byte[] content() {
    return Arrays.copyOf(bytes, size);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int wanted = source.remaining();
    int fitting = (int) Math.min(wanted, Math.max(0, capacity - position));
    if (fitting == 0 && wanted > 0) {
      throw new IOException("No space left on device");
    }
    int newEnd = position + fitting;
    if (newEnd > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(newEnd, 2 * bytes.length));
    }
    source.get(bytes, position, fitting);
    position = newEnd;
    size = Math.max(size, newEnd);
    observer.accept(this);
    return fitting;
  }

  @Override
  public int read(ByteBuffer target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = Math.toIntExact(newPosition);
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    size = (int) Math.min(size, newSize);
    return this;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
