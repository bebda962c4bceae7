package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * The index of a {@link WebmFile} (Cues, RFC 9559 5.1.5): in a room of fixed size in front of the
 * clusters, so that it can grow there while the file is written, and a file that is never finished
 * has it too. What is free of the room is a Void element. When it is full, cues that are close to
 * each other are left out, so that it always covers the whole file.
 */
final class CueIndex {
  private static final int SIZE_LENGTH = 4;
  private static final int HEADER_SIZE = 4 + SIZE_LENGTH;

  /** A cue whose every number has one byte. */
  private static final int SMALLEST_CUE = 2 + 3 + 2 + 3 + 3 + 3;

  private final ByteBuffer room;
  private final long[] times;
  private final long[] clusterPositions;
  private final int[] relativePositions;
  private final byte[] tracks;
  private int count;
  private long spacing;
  private int dirtyFrom;
  private int dirtyTo;

  /**
   * @param size of the whole room, in bytes
   */
  CueIndex(int size) {
    room = ByteBuffer.allocate(size);
    int capacity = size / SMALLEST_CUE;
    times = new long[capacity];
    clusterPositions = new long[capacity];
    relativePositions = new int[capacity];
    tracks = new byte[capacity];
    Ebml.putVoid(room, size);
    room.position(HEADER_SIZE);
    dirtyTo = size;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** What has changed since {@link #clean}, with its position in the room as the buffer's. */
  ByteBuffer dirty() {
    return room.duplicate().limit(dirtyTo).position(dirtyFrom);
  }

  /** The room has been written. */
  void clean() {
    dirtyFrom = dirtyTo;
  }

  /**
   * Adds a cue, in the order of time.
   *
   * @param clusterPosition the cluster's Segment Position
   * @param relativePosition the block's position in the cluster's content
   */
  void add(long time, int track, long clusterPosition, int relativePosition) {
    if (isTooClose(time, track, count)) {
      return;
    }
    if (room.remaining() < cueSize(time, track, clusterPosition, relativePosition) + 2) {
      thinOut(time);
      if (isTooClose(time, track, count)) {
        return;
      }
    }
    keep(count, time, track, clusterPosition, relativePosition);
    int from = count == 0 ? 0 : room.position();
    put(count);
    count++;
    putFrame();
    touch(from, Math.min(room.limit(), room.position() + 1 + Long.BYTES));
  }

  private void touch(int from, int to) {
    boolean wasClean = dirtyFrom == dirtyTo;
    dirtyFrom = wasClean ? from : Math.min(dirtyFrom, from);
    dirtyTo = wasClean ? to : Math.max(dirtyTo, to);
  }

  private boolean isTooClose(long time, int track, int before) {
    for (int i = before - 1; i >= 0 && time - times[i] < spacing; i--) {
      if (tracks[i] == track) {
        return true;
      }
    }
    return false;
  }

  /** Doubles the distance that the cues have now, on average of the tracks. */
  private void thinOut(long now) {
    long tracksWithCues = IntStream.range(0, count).map(i -> tracks[i]).distinct().count();
    spacing = Math.max(spacing + 1, 2 * now * tracksWithCues / count);
    int kept = 0;
    int all = count;
    room.position(HEADER_SIZE);
    for (int i = 0; i < all; i++) {
      if (!isTooClose(times[i], tracks[i], kept)) {
        keep(kept, times[i], tracks[i], clusterPositions[i], relativePositions[i]);
        put(kept);
        kept++;
      }
    }
    count = kept;
    touch(0, room.limit());
  }

  private void keep(int index, long time, int track, long clusterPosition, int relativePosition) {
    times[index] = time;
    tracks[index] = (byte) track;
    clusterPositions[index] = clusterPosition;
    relativePositions[index] = relativePosition;
  }

  private void put(int index) {
    int positions = positionsSize(tracks[index], clusterPositions[index], relativePositions[index]);
    Ebml.putId(room, Ebml.CUE_POINT);
    Ebml.putSize(
        room,
        Ebml.unsignedElementSize(Ebml.CUE_TIME, times[index])
            + Ebml.elementSize(Ebml.CUE_TRACK_POSITIONS, positions));
    Ebml.putUnsignedElement(room, Ebml.CUE_TIME, times[index]);
    Ebml.putId(room, Ebml.CUE_TRACK_POSITIONS);
    Ebml.putSize(room, positions);
    Ebml.putUnsignedElement(room, Ebml.CUE_TRACK, tracks[index]);
    Ebml.putUnsignedElement(room, Ebml.CUE_CLUSTER_POSITION, clusterPositions[index]);
    Ebml.putUnsignedElement(room, Ebml.CUE_RELATIVE_POSITION, relativePositions[index]);
  }

  /** Cues around all cues, and behind them what is free. */
  private void putFrame() {
    ByteBuffer frame = room.duplicate().position(0);
    Ebml.putId(frame, Ebml.CUES);
    Ebml.putSize(frame, room.limit() - HEADER_SIZE, SIZE_LENGTH);
    Ebml.putVoid(frame.position(room.position()), room.remaining());
  }

  private static int cueSize(long time, int track, long clusterPosition, int relativePosition) {
    return Ebml.elementSize(
        Ebml.CUE_POINT,
        Ebml.unsignedElementSize(Ebml.CUE_TIME, time)
            + Ebml.elementSize(
                Ebml.CUE_TRACK_POSITIONS, positionsSize(track, clusterPosition, relativePosition)));
  }

  private static int positionsSize(int track, long clusterPosition, int relativePosition) {
    return Ebml.unsignedElementSize(Ebml.CUE_TRACK, track)
        + Ebml.unsignedElementSize(Ebml.CUE_CLUSTER_POSITION, clusterPosition)
        + Ebml.unsignedElementSize(Ebml.CUE_RELATIVE_POSITION, relativePosition);
  }
}
