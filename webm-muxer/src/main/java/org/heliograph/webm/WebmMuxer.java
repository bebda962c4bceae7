package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes live WebM: an init segment (a segment of unknown size, without cues and duration), then
 * clusters of known size, each whole when it is handed to the {@link WebmSink}. One thread at a
 * time uses a muxer.
 *
 * <p>Times are given in nanoseconds on any one clock that all tracks share. They are written
 * absolute, in units of {@link WebmOptions#timecodeScale()}, from 0 at each init segment.
 *
 * <p>A packet costs no allocation beyond the buffer that the sink gives; only a key frame's header
 * is read into a small object.
 */
public final class WebmMuxer {
  private static final int MAX_CLUSTER_BYTES = 16 << 20;

  private final WebmOptions options;
  private final WebmSink sink;
  private final long scaleNanos;
  private final long clusterUnits;
  private final ByteBuffer noBlocks = ByteBuffer.allocate(0);

  private BlockTrack[] tracks = {};
  private boolean started;
  private long startNanos;

  // The cluster that is being collected, where a cluster holds more than one packet.
  private ByteBuffer blocks = noBlocks;
  private long clusterUnit;
  private long lastBlockUnit;

  /** A muxer that has to {@linkplain #begin begin} before it writes. */
  public WebmMuxer(WebmOptions options, WebmSink sink) {
    this.options = options;
    this.sink = sink;
    this.scaleNanos = options.timecodeScale().toNanos();
    this.clusterUnits = Math.min(options.clusterDuration().toNanos() / scaleNanos, Short.MAX_VALUE);
  }

  /**
   * Begins a stream with an init segment; the first packet's time becomes 0. Ends the stream
   * before, if there is one.
   *
   * @throws IllegalArgumentException if there is no track, or two have the same number
   */
  public void begin(List<? extends Track> tracks) {
    requireTracks(tracks);
    flush();
    this.tracks = tracks.stream().map(BlockTrack::new).toArray(BlockTrack[]::new);
    started = false;
    writeInitSegment();
  }

  /**
   * Begins a stream as {@link #begin(List)} does, and says which time becomes 0, so that the
   * tracks' first packets may come in any order.
   */
  public void begin(List<? extends Track> tracks, long startNanos) {
    begin(tracks);
    start(startNanos);
  }

  /**
   * Writes one packet. A key frame of another picture size (or AV1 sequence header) than its track
   * begins a new stream with a new init segment, whose time starts at 0 with that key frame.
   *
   * @param trackNumber the track's {@link Track#number()}
   * @param timeNanos when the packet is to be presented; not before the track's packet before
   * @param key whether it can be decoded without the packets before it; true for every Opus packet
   * @param frame the packet, position to limit; neither changes
   * @throws IllegalArgumentException if there is no such track, the packet is empty, its time is
   *     before the stream's start or before the track's packet before, or a track's first video
   *     frame is no key frame
   * @throws MalformedFrameException if a key frame's header cannot be read
   * @throws IllegalStateException if no stream was begun
   */
  public void write(int trackNumber, long timeNanos, boolean key, ByteBuffer frame) {
    BlockTrack state = state(trackNumber);
    state.requirePacket(timeNanos, key, frame);
    if (key && state.track() instanceof VideoTrack video) {
      VideoTrack now = VideoTrack.of(trackNumber, video.codec(), frame);
      if (!now.equals(video)) {
        restart(state, now, timeNanos);
      }
    }
    if (!started) {
      start(timeNanos);
    }
    long unit = toUnits(state, timeNanos);
    if (clusterUnits == 0) {
      writeCluster(state, unit, key, frame);
    } else {
      collect(state, unit, key, frame);
    }
    state.written(timeNanos);
  }

  /** Hands over the cluster that is being collected, if any. */
  public void flush() {
    if (blocks.position() == 0) {
      return;
    }
    blocks.flip();
    int contentSize = timecodeSize(clusterUnit) + blocks.remaining();
    ByteBuffer cluster = sink.buffer(Ebml.elementSize(Ebml.CLUSTER, contentSize));
    int start = cluster.position();
    putClusterHeader(cluster, contentSize, clusterUnit);
    cluster.put(blocks);
    blocks.clear();
    sink.cluster(cluster.limit(cluster.position()).position(start));
  }

  private BlockTrack state(int trackNumber) {
    for (BlockTrack state : tracks) {
      if (state.track().number() == trackNumber) {
        return state;
      }
    }
    if (tracks.length == 0) {
      throw new IllegalStateException("begin() comes before the first packet");
    }
    throw new IllegalArgumentException(
        "there is no track " + trackNumber + "; there are " + describeTracks());
  }

  private void restart(BlockTrack state, VideoTrack track, long timeNanos) {
    flush();
    state.become(track);
    for (BlockTrack each : tracks) {
      each.beginAnew();
    }
    writeInitSegment();
    start(timeNanos);
  }

  private void start(long nanos) {
    started = true;
    startNanos = nanos;
  }

  private void writeInitSegment() {
    List<Track> current = new ArrayList<>();
    for (BlockTrack state : tracks) {
      current.add(state.track());
    }
    byte[] bytes = InitSegment.bytes(current, options);
    ByteBuffer segment = sink.buffer(bytes.length);
    int start = segment.position();
    segment.put(bytes);
    sink.initSegment(InitSegment.mime(current), segment.limit(segment.position()).position(start));
  }

  private long toUnits(BlockTrack state, long timeNanos) {
    return state.unitsSince(startNanos, timeNanos, scaleNanos);
  }

  private void writeCluster(BlockTrack state, long unit, boolean key, ByteBuffer frame) {
    int blockSize = state.blockSize(frame);
    int contentSize =
        Math.addExact(timecodeSize(unit), Ebml.elementSize(Ebml.SIMPLE_BLOCK, blockSize));
    ByteBuffer cluster = sink.buffer(Ebml.elementSize(Ebml.CLUSTER, contentSize));
    int start = cluster.position();
    putClusterHeader(cluster, contentSize, unit);
    state.putBlock(cluster, blockSize, 0, key, frame);
    sink.cluster(cluster.limit(cluster.position()).position(start));
  }

  private void collect(BlockTrack state, long unit, boolean key, ByteBuffer frame) {
    int blockSize = state.blockSize(frame);
    int size = Ebml.elementSize(Ebml.SIMPLE_BLOCK, blockSize);
    if (blocks.position() > 0 && beginsCluster(state, unit, key, size)) {
      flush();
    }
    if (blocks.position() == 0) {
      clusterUnit = unit;
    }
    reserve(size);
    state.putBlock(blocks, blockSize, (int) (unit - clusterUnit), key, frame);
    lastBlockUnit = unit;
  }

  private boolean beginsCluster(BlockTrack state, long unit, boolean key, int size) {
    return (key && state.isVideo()) // a player can begin at a cluster's start
        || unit - clusterUnit >= clusterUnits
        || unit < lastBlockUnit // Chromium wants the blocks of a cluster sorted by time
        || blocks.position() + (long) size > MAX_CLUSTER_BYTES;
  }

  private void reserve(int size) {
    if (blocks.remaining() < size) {
      int needed = Math.addExact(blocks.position(), size);
      int grown = Math.max(needed, Math.max(64 << 10, 2 * blocks.capacity()));
      blocks = ByteBuffer.allocate(grown).put(blocks.flip());
    }
  }

  private static void putClusterHeader(ByteBuffer target, int contentSize, long unit) {
    Ebml.putId(target, Ebml.CLUSTER);
    Ebml.putSize(target, contentSize);
    Ebml.putUnsignedElement(target, Ebml.TIMECODE, unit);
  }

  private static int timecodeSize(long unit) {
    return Ebml.unsignedElementSize(Ebml.TIMECODE, unit);
  }

  private String describeTracks() {
    return Arrays.stream(tracks)
        .map(state -> state.track().number() + " (" + state.track().codecString() + ")")
        .collect(Collectors.joining(", "));
  }

  private static void requireTracks(List<? extends Track> tracks) {
    if (tracks.isEmpty()) {
      throw new IllegalArgumentException("a stream needs at least one track");
    }
    if (tracks.stream().mapToInt(Track::number).distinct().count() < tracks.size()) {
      throw new IllegalArgumentException("two tracks have the same number: " + tracks);
    }
  }
}
