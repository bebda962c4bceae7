package org.heliograph.session;

import java.util.Optional;

/**
 * An open camera or microphone, real or made up. Opened, read and closed by one thread.
 *
 * @param <T> {@link Picture} or {@link Sound}
 */
public interface Source<T> extends AutoCloseable {
  /** Opens a source. */
  @FunctionalInterface
  interface Opener<T> {
    Source<T> open() throws DeviceException;
  }

  /** The device's name as a user knows it. */
  String name();

  /**
   * Waits for the next item, for a tenth of a second or so: a source that has nothing must come
   * back, so that it can be closed. What is returned is valid until the next call.
   *
   * @throws DeviceException if the device is gone; the source can then only be closed
   */
  Optional<T> next() throws DeviceException, InterruptedException;

  @Override
  void close();
}
