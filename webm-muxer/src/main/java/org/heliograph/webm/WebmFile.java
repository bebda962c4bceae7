package org.heliograph.webm;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Writes one WebM file that can be sought in: with an index (Cues), its Duration and its date, and
 * time that starts at 0 with the first packet. One thread at a time uses it.
 *
 * <p><b>Layout</b> (RFC 9559 5.1, 24.3): EBML header; Segment; SeekHead, Info and Tracks within the
 * first 4096 bytes; Cues in a room of {@link WebmFileOptions#indexBytes()}; then clusters to the
 * end. What is free of the first two is Void (RFC 8794 11.3.2), so that both can grow in place.
 *
 * <p><b>A crash at any moment</b> leaves a file that plays up to there. A cluster is held in memory
 * until it is whole and then appended, of known size; after it the index and the Duration are
 * brought up to it where they stand, and the Segment's size stays unknown (RFC 9559 22.2) until
 * {@link #close}. So a file that was never closed can be sought in as well, and differs from one
 * that was by the Segment's size and perhaps a torn cluster at its end, which readers play as far
 * as it goes. Nothing but appending needs room on the disk: a file on a full one is closed in
 * order.
 *
 * <p><b>Clusters</b> (RFC 9559 5.1.3, 24.1) begin with a key frame of a video track, and without
 * one where the last began {@link WebmFileOptions#clusterDuration()} ago, or holds a megabyte. Key
 * frames of several tracks within half a second share one: cues say where in it each is
 * (CueRelativePosition). The first key frame of each track in a cluster has a cue; in a file
 * without picture each cluster has.
 *
 * <p><b>Tracks</b> are added at any time, also after packets of others: only those that have
 * packets should be there, since players wait for the others. <b>Another picture size</b> from a
 * key frame on is written into the same track: decoders take the size from the frame, and the
 * track's PixelWidth and PixelHeight become the largest picture's. <b>Another codec</b> cannot be:
 * Matroska ties it to the track (RFC 9559 5.1.4.1.21), and players show the first video track
 * alone, so that a second one would stand still at that moment. It needs another file.
 *
 * <p>A packet allocates nothing; a key frame's header is read into a small object.
 */
public final class WebmFile implements Closeable {
  /** Clusters of more bytes than that are not collected. */
  static final int MAX_CLUSTER_BYTES = 1 << 20;

  private static final long SCALE_NANOS = 1_000_000;
  private static final int LARGEST_CLUSTER_HEAD = 4 + 8 + 2 + 8;

  /** The last picture is not said to last longer. */
  private static final long LONGEST_PICTURE_NANOS = 1_000_000_000;

  /** Key frames of several tracks that are so close share a cluster. */
  private static final long SHARED_UNITS = 500;

  private final SeekableByteChannel channel;
  private final long clusterUnits;
  private final FileHead head;
  private final CueIndex cues;
  private final FileTrack[] tracks = new FileTrack[Track.MAX_NUMBER + 1];
  private final List<FileTrack> inOrder = new ArrayList<>();
  private final ByteBuffer eightBytes = ByteBuffer.allocate(Long.BYTES);

  private boolean started;
  private long startNanos;
  private boolean hasVideo;
  private boolean headIsOld = true;
  private boolean indexIsWritten;
  private boolean failed;
  private boolean closed;

  /** Where the last whole cluster ends. */
  private long end;

  private long durationNanos;
  private long writtenDurationNanos;

  // The cluster that is being collected: blocks behind room for the head.
  private ByteBuffer cluster = ByteBuffer.allocateDirect(256 << 10).position(LARGEST_CLUSTER_HEAD);
  private boolean beginsWithKeyFrame;
  private long clusterUnit;
  private long clusterEndNanos;

  private static final class FileTrack {
    private final BlockTrack blocks;
    private final String name;
    private boolean hasFrame;
    private long lastNanos;
    private long lastDurationNanos;

    // The track's first key frame within the cluster that is being collected.
    private boolean hasCue;
    private long cueUnit;
    private int cuePosition;

    private FileTrack(Track track, String name) {
      this.blocks = new BlockTrack(track);
      this.name = name;
    }

    /** Notes a packet, and says how long it lasts: by its own word, or as the picture before. */
    private long note(long timeNanos, ByteBuffer frame) {
      blocks.written(timeNanos);
      if (!blocks.isVideo()) {
        return OpusDuration.nanos(frame);
      }
      if (hasFrame && timeNanos > lastNanos) {
        lastDurationNanos = Math.min(timeNanos - lastNanos, LONGEST_PICTURE_NANOS);
      }
      hasFrame = true;
      lastNanos = timeNanos;
      return lastDurationNanos;
    }
  }

  /**
   * A file that has no tracks yet; nothing is written before the first cluster.
   *
   * @param channel an empty file, open for writing; closed with this
   */
  public WebmFile(SeekableByteChannel channel, WebmFileOptions options) {
    this.channel = Objects.requireNonNull(channel, "channel");
    this.clusterUnits = options.clusterDuration().toMillis();
    this.head = new FileHead(options);
    this.cues = new CueIndex(options.indexBytes());
    this.end = (long) FileHead.SIZE + options.indexBytes();
  }

  /**
   * Adds a track, before its first packet and whatever has been written of others.
   *
   * @param name what people call it, such as "Camera"; empty for none
   * @throws IllegalArgumentException if there is one of that number, or no room for its description
   *     in the file's head (4 kB)
   */
  public void addTrack(Track track, String name) {
    requireOpen();
    if (tracks[track.number()] != null) {
      throw new IllegalArgumentException("there is a track " + track.number() + " already");
    }
    FileTrack added = new FileTrack(track, name);
    inOrder.add(added);
    try {
      headBytes(Ebml.UNKNOWN_SIZE);
    } catch (IllegalArgumentException noRoom) {
      inOrder.removeLast();
      throw noRoom;
    }
    tracks[track.number()] = added;
    hasVideo |= added.blocks.isVideo();
    headIsOld = true;
  }

  /**
   * Writes one packet. Packets should come in the order of their times, over all tracks; one that
   * comes later than one of another track is written where it comes.
   *
   * @param trackNumber the track's {@link Track#number()}
   * @param timeNanos when the packet is to be presented, on any clock that the tracks share; the
   *     first packet's becomes 0. Not before the track's packet before
   * @param key whether it can be decoded without the packets before it; true for every Opus packet
   * @param frame the packet, position to limit; neither changes, and it is copied
   * @throws IllegalArgumentException if there is no such track, the packet is empty, its time is
   *     before the file's start or before the track's packet before, the track's first video frame
   *     is no key frame, or a key frame's codec is not its track's
   * @throws MalformedFrameException if a key frame's header cannot be read
   * @throws IOException if a cluster cannot be written. What was written before is whole; nothing
   *     more can be written, and {@link #close} completes the file
   */
  public void write(int trackNumber, long timeNanos, boolean key, ByteBuffer frame)
      throws IOException {
    requireOpen();
    FileTrack track = track(trackNumber);
    track.blocks.requirePacket(timeNanos, key, frame);
    if (key && track.blocks.track() instanceof VideoTrack video) {
      noteSize(track, video, VideoTrack.of(trackNumber, video.codec(), frame));
    }
    if (!started) {
      started = true;
      startNanos = timeNanos;
    }
    long unit = track.blocks.unitsSince(startNanos, timeNanos, SCALE_NANOS);
    boolean keyPicture = key && track.blocks.isVideo();
    int blockSize = track.blocks.blockSize(frame);
    int size = Ebml.elementSize(Ebml.SIMPLE_BLOCK, blockSize);
    if (!clusterIsEmpty() && beginsCluster(unit, keyPicture, size)) {
      writeCluster();
    }
    if (clusterIsEmpty()) {
      clusterUnit = unit;
      beginsWithKeyFrame = keyPicture;
    }
    reserve(size);
    if (!track.hasCue && (keyPicture || (!hasVideo && clusterIsEmpty()))) {
      track.hasCue = true;
      track.cueUnit = unit;
      track.cuePosition = cluster.position();
    }
    track.blocks.putBlock(cluster, blockSize, (int) (unit - clusterUnit), key, frame);
    long duration = track.note(timeNanos, frame);
    clusterEndNanos = Math.max(clusterEndNanos, timeNanos - startNanos + duration);
  }

  /**
   * Writes what is collected, as a cluster of its own, with the index and the duration.
   *
   * @throws IOException as {@link #write} does
   */
  public void flush() throws IOException {
    requireOpen();
    if (!clusterIsEmpty()) {
      writeCluster();
    }
  }

  /**
   * Completes the file and closes its channel; does nothing the second time. A file without a
   * packet stays empty.
   *
   * @throws IOException if something cannot be written; the channel is closed all the same
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    try (channel) {
      if (!failed && !clusterIsEmpty()) {
        writeCluster();
      }
      if (indexIsWritten) {
        writeIndex();
        writeFully(headBytes(end - FileHead.SEGMENT_START), 0);
      }
    } finally {
      closed = true;
    }
  }

  /** How many bytes the file has: its head, its index and its whole clusters. */
  public long size() {
    return indexIsWritten ? end : 0;
  }

  /** How long the file lasts, with what is collected and not written yet. */
  public Duration duration() {
    return Duration.ofNanos(Math.max(durationNanos, clusterEndNanos));
  }

  private FileTrack track(int number) {
    FileTrack track = number >= 1 && number <= Track.MAX_NUMBER ? tracks[number] : null;
    if (track == null) {
      throw new IllegalArgumentException("there is no track " + number);
    }
    return track;
  }

  private void requireOpen() {
    if (closed || failed) {
      throw new IllegalStateException(
          closed ? "the file is closed" : "the file could not be written, and can only be closed");
    }
  }

  private void noteSize(FileTrack track, VideoTrack before, VideoTrack now) {
    if (!before.hasFormatOf(now)) {
      throw new IllegalArgumentException(
          "track %d changes from %s to %s; that needs another file"
              .formatted(before.number(), before.codecString(), now.codecString()));
    }
    if ((long) now.width() * now.height() > (long) before.width() * before.height()) {
      track.blocks.become(now);
      headIsOld = true;
    }
  }

  private boolean clusterIsEmpty() {
    return cluster.position() == LARGEST_CLUSTER_HEAD;
  }

  private boolean beginsCluster(long unit, boolean keyPicture, int size) {
    if (keyPicture && !(beginsWithKeyFrame && unit - clusterUnit < SHARED_UNITS)) {
      return true;
    }
    return unit - clusterUnit >= clusterUnits
        || unit - clusterUnit < Short.MIN_VALUE
        || cluster.position() + (long) size > MAX_CLUSTER_BYTES;
  }

  private void reserve(int size) {
    if (cluster.remaining() < size) {
      int needed = Math.addExact(cluster.position(), size);
      int grown = Math.max(needed, Math.min(MAX_CLUSTER_BYTES, 4 * cluster.capacity()));
      cluster = ByteBuffer.allocateDirect(grown).put(cluster.flip());
    }
  }

  private void writeCluster() throws IOException {
    int timeSize = Ebml.unsignedElementSize(Ebml.TIMECODE, clusterUnit);
    int contentSize = timeSize + cluster.position() - LARGEST_CLUSTER_HEAD;
    int headSize = Ebml.elementSize(Ebml.CLUSTER, contentSize) - contentSize + timeSize;
    cluster.flip().position(LARGEST_CLUSTER_HEAD - headSize);
    Ebml.putId(cluster, Ebml.CLUSTER);
    Ebml.putSize(cluster, contentSize);
    Ebml.putUnsignedElement(cluster, Ebml.TIMECODE, clusterUnit);
    cluster.position(LARGEST_CLUSTER_HEAD - headSize);
    long size = cluster.remaining();
    try {
      if (headIsOld) {
        // Before the clusters that it describes: a reader that sees them knows their tracks.
        writeFully(headBytes(Ebml.UNKNOWN_SIZE), 0);
        headIsOld = false;
      }
      if (!indexIsWritten) {
        writeIndex();
        indexIsWritten = true;
      }
      append(cluster);
      boolean indexWasEmpty = cues.isEmpty();
      addCues(end - FileHead.SEGMENT_START, timeSize - LARGEST_CLUSTER_HEAD);
      end += size;
      durationNanos = Math.max(durationNanos, clusterEndNanos);
      writeIndex();
      if (indexWasEmpty && !cues.isEmpty()) {
        writeFully(headBytes(Ebml.UNKNOWN_SIZE), 0);
      } else {
        writeDuration();
      }
    } catch (IOException | RuntimeException failure) {
      failed = true;
      throw failure;
    } finally {
      cluster.clear().position(LARGEST_CLUSTER_HEAD);
    }
  }

  private void append(ByteBuffer bytes) throws IOException {
    try {
      writeFully(bytes, end);
    } catch (IOException failure) {
      try {
        channel.truncate(end); // a torn cluster is of no use, where it can be helped
      } catch (IOException stays) {
        failure.addSuppressed(stays);
      }
      throw failure;
    }
  }

  private void addCues(long clusterPosition, int relativeOffset) {
    for (FileTrack track : inOrder) {
      if (track.hasCue) {
        track.hasCue = false;
        cues.add(
            track.cueUnit,
            track.blocks.track().number(),
            clusterPosition,
            track.cuePosition + relativeOffset);
      }
    }
  }

  private void writeIndex() throws IOException {
    ByteBuffer dirty = cues.dirty();
    if (dirty.hasRemaining()) {
      writeFully(dirty, FileHead.SIZE + (long) dirty.position());
      cues.clean();
    }
  }

  private void writeDuration() throws IOException {
    if (durationNanos != writtenDurationNanos) {
      eightBytes.clear().putDouble(durationMillis()).flip();
      writeFully(eightBytes, head.durationPosition());
      writtenDurationNanos = durationNanos;
    }
  }

  private double durationMillis() {
    return durationNanos / (double) SCALE_NANOS;
  }

  private ByteBuffer headBytes(long segmentSize) {
    return head.bytes(
        inOrder.stream()
            .map(track -> InitSegment.trackEntry(track.blocks.track(), track.name))
            .toList(),
        !cues.isEmpty(),
        durationMillis(),
        segmentSize);
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    channel.position(position);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
