package org.heliograph.peer.srtp;

import java.util.Arrays;

/**
 * Values by synchronization source (SSRC, RFC 3550 8), up to a limit. They are kept in order, so
 * that finding one takes the logarithm of their number, whatever SSRCs the other side chooses, and
 * no allocation.
 */
public final class SsrcTable<V> {
  private final int limit;
  private int[] ssrcs = new int[4];
  private Object[] values = new Object[4];
  private int size;

  /**
   * A table without values.
   *
   * @param limit how many it may have
   */
  public SsrcTable(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit of sources is " + limit);
    }
    this.limit = limit;
  }

  /** How many values there are. */
  public int size() {
    return size;
  }

  /** Whether no further source has room. */
  public boolean isFull() {
    return size == limit;
  }

  /** A source's value, or null if it has none. */
  public V get(int ssrc) {
    int at = Arrays.binarySearch(ssrcs, 0, size, ssrc);
    return at < 0 ? null : valueAt(at);
  }

  /** The value at a place, from 0 to {@link #size}; the places change with each change. */
  @SuppressWarnings("unchecked")
  public V valueAt(int place) {
    return (V) values[place];
  }

  /** The source at a place. */
  public int ssrcAt(int place) {
    return ssrcs[place];
  }

  /**
   * Gives a source a value, in the place of the one that it had.
   *
   * @throws IllegalStateException if the table is full and the source not in it
   */
  public void put(int ssrc, V value) {
    int found = Arrays.binarySearch(ssrcs, 0, size, ssrc);
    if (found >= 0) {
      values[found] = value;
      return;
    }
    if (isFull()) {
      throw new IllegalStateException("more than " + limit + " sources");
    }
    if (size == ssrcs.length) {
      int length = Math.min(limit, 2 * size);
      ssrcs = Arrays.copyOf(ssrcs, length);
      values = Arrays.copyOf(values, length);
    }
    int at = -found - 1;
    System.arraycopy(ssrcs, at, ssrcs, at + 1, size - at);
    System.arraycopy(values, at, values, at + 1, size - at);
    ssrcs[at] = ssrc;
    values[at] = value;
    size++;
  }

  /** Takes a source out, if it is there. */
  public void remove(int ssrc) {
    int at = Arrays.binarySearch(ssrcs, 0, size, ssrc);
    if (at >= 0) {
      removeAt(at);
    }
  }

  /** Takes out the source at a place; those behind it move up. */
  public void removeAt(int place) {
    size--;
    System.arraycopy(ssrcs, place + 1, ssrcs, place, size - place);
    System.arraycopy(values, place + 1, values, place, size - place);
    values[size] = null;
  }
}
