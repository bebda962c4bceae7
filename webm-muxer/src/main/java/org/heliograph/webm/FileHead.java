package org.heliograph.webm;

import static org.heliograph.webm.Ebml.element;
import static org.heliograph.webm.Ebml.floating;
import static org.heliograph.webm.Ebml.signed;
import static org.heliograph.webm.Ebml.text;
import static org.heliograph.webm.Ebml.unsigned;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The beginning of a {@link WebmFile}: EBML header, the Segment's own, SeekHead, Info and Tracks
 * (RFC 9559 5.1.1, 5.1.2, 5.1.4), and room up to {@link #SIZE}, so that it can be written again
 * where a track is added or the recording is over. It is one page of the disk and written at once.
 */
final class FileHead {
  /** Where the index begins. */
  static final int SIZE = 4096;

  /** Segment Positions count from here (RFC 9559 16). */
  static final int SEGMENT_START;

  private static final byte[] EBML_HEADER = InitSegment.ebmlHeader(4);
  private static final int SEGMENT_SIZE_POSITION = EBML_HEADER.length + 4;
  private static final int SEEK_SIZE = 17;
  private static final int SEEKS = 3;
  private static final Duration SCALE = Duration.ofMillis(1);

  /** DateUTC counts from here (RFC 8794 7.6). */
  private static final Instant MILLENNIUM = Instant.parse("2001-01-01T00:00:00Z");

  static {
    SEGMENT_START = SEGMENT_SIZE_POSITION + Long.BYTES;
  }

  private final WebmFileOptions options;
  private int durationPosition;

  FileHead(WebmFileOptions options) {
    this.options = options;
  }

  /** Where the Duration's 8 bytes are, once {@link #bytes} has been called. */
  int durationPosition() {
    return durationPosition;
  }

  /**
   * The head as it is to be now.
   *
   * @param trackEntries TrackEntry elements
   * @param hasCues whether there is an index at {@link #SIZE}
   * @param durationMillis up to the last packet's end
   * @param segmentSize of the Segment's content; {@link Ebml#UNKNOWN_SIZE} while it grows
   * @throws IllegalArgumentException if there are too many tracks
   */
  ByteBuffer bytes(
      List<byte[]> trackEntries, boolean hasCues, double durationMillis, long segmentSize) {
    ByteBuffer head = ByteBuffer.allocate(SIZE);
    head.put(EBML_HEADER);
    Ebml.putId(head, Ebml.SEGMENT);
    if (segmentSize == Ebml.UNKNOWN_SIZE) {
      head.putLong(segmentSize);
    } else {
      Ebml.putSize(head, segmentSize, Long.BYTES);
    }
    byte[] scale = unsigned(Ebml.TIMECODE_SCALE, SCALE.toNanos());
    byte[] info = info(scale, durationMillis);
    int seekHeadSize = Ebml.elementSize(Ebml.SEEK_HEAD, SEEKS * SEEK_SIZE);
    int infoPosition = head.position() + seekHeadSize;
    int tracksPosition = infoPosition + info.length;
    putSeekHead(head, infoPosition, tracksPosition, hasCues);
    int infoHead = Ebml.idLength(Ebml.INFO) + infoSizeLength(info);
    durationPosition = infoPosition + infoHead + scale.length + Ebml.idLength(Ebml.DURATION) + 1;
    head.put(info);
    byte[] tracks = element(Ebml.TRACKS, trackEntries.toArray(byte[][]::new));
    if (tracks.length > head.remaining() - Ebml.SMALLEST_VOID) {
      throw new IllegalArgumentException(
          "%d tracks and their names take %d bytes; there is room for %d"
              .formatted(
                  trackEntries.size(), tracks.length, head.remaining() - Ebml.SMALLEST_VOID));
    }
    head.put(tracks);
    Ebml.putVoid(head, head.remaining());
    return head.flip();
  }

  private byte[] info(byte[] scale, double durationMillis) {
    return element(
        Ebml.INFO,
        scale,
        floating(Ebml.DURATION, durationMillis),
        options.date().map(FileHead::dateUtc).orElse(new byte[0]),
        options.title().isEmpty() ? new byte[0] : text(Ebml.TITLE, options.title()),
        text(Ebml.MUXING_APP, InitSegment.MUXING_APP),
        text(Ebml.WRITING_APP, options.writingApp()));
  }

  private static int infoSizeLength(byte[] info) {
    return Integer.numberOfLeadingZeros(info[4] & 0xff) - 24 + 1;
  }

  private static byte[] dateUtc(Instant date) {
    return signed(Ebml.DATE_UTC, Duration.between(MILLENNIUM, date).toNanos());
  }

  /** Always the same size, so that nothing behind it moves when the index comes. */
  private static void putSeekHead(ByteBuffer head, int info, int tracks, boolean hasCues) {
    Ebml.putId(head, Ebml.SEEK_HEAD);
    Ebml.putSize(head, (long) SEEKS * SEEK_SIZE);
    putSeek(head, Ebml.INFO, info);
    putSeek(head, Ebml.TRACKS, tracks);
    if (hasCues) {
      putSeek(head, Ebml.CUES, SIZE);
    } else {
      Ebml.putVoid(head, SEEK_SIZE);
    }
  }

  private static void putSeek(ByteBuffer head, int id, int filePosition) {
    Ebml.putId(head, Ebml.SEEK);
    Ebml.putSize(head, SEEK_SIZE - 3);
    Ebml.putId(head, Ebml.SEEK_ID);
    Ebml.putSize(head, Integer.BYTES);
    head.putInt(id);
    Ebml.putId(head, Ebml.SEEK_POSITION);
    Ebml.putSize(head, Integer.BYTES);
    head.putInt(filePosition - SEGMENT_START);
  }
}
