package org.heliograph.webm;

import static org.heliograph.webm.Ebml.element;
import static org.heliograph.webm.Ebml.floating;
import static org.heliograph.webm.Ebml.text;
import static org.heliograph.webm.Ebml.unsigned;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;

/** What comes before a stream's first cluster: EBML header, Info, Tracks (RFC 9559 5.1). */
final class InitSegment {
  static final String MUXING_APP = "Heliograph webm-muxer";

  private static final int TYPE_VIDEO = 1;
  private static final int TYPE_AUDIO = 2;

  private InitSegment() {}

  static String mime(List<Track> tracks) {
    boolean video = tracks.stream().anyMatch(VideoTrack.class::isInstance);
    String codecs =
        tracks.stream().map(Track::codecString).distinct().collect(Collectors.joining(","));
    return (video ? "video" : "audio") + "/webm; codecs=\"" + codecs + "\"";
  }

  static byte[] bytes(List<Track> tracks, WebmOptions options) {
    byte[] info =
        element(
            Ebml.INFO,
            unsigned(Ebml.TIMECODE_SCALE, options.timecodeScale().toNanos()),
            text(Ebml.MUXING_APP, MUXING_APP),
            text(Ebml.WRITING_APP, options.writingApp()));
    byte[] entries =
        element(
            Ebml.TRACKS,
            tracks.stream().map(track -> trackEntry(track, "")).toArray(byte[][]::new));
    // CodecDelay and SeekPreRoll came with version 4; a reader may pass them over. SimpleBlock,
    // which it may not, came with version 2 (RFC 9559 7).
    byte[] header = ebmlHeader(tracks.stream().anyMatch(AudioTrack.class::isInstance) ? 4 : 2);
    ByteBuffer segment =
        ByteBuffer.allocate(
            header.length
                + Ebml.idLength(Ebml.SEGMENT)
                + Long.BYTES
                + info.length
                + entries.length);
    segment.put(header);
    Ebml.putId(segment, Ebml.SEGMENT);
    segment.putLong(Ebml.UNKNOWN_SIZE);
    return segment.put(info).put(entries).array();
  }

  /** The EBML header of a WebM document whose newest elements came with that version. */
  static byte[] ebmlHeader(int version) {
    return element(
        Ebml.EBML,
        unsigned(Ebml.EBML_VERSION, 1),
        unsigned(Ebml.EBML_READ_VERSION, 1),
        unsigned(Ebml.EBML_MAX_ID_LENGTH, 4),
        unsigned(Ebml.EBML_MAX_SIZE_LENGTH, 8),
        text(Ebml.DOC_TYPE, "webm"),
        unsigned(Ebml.DOC_TYPE_VERSION, version),
        unsigned(Ebml.DOC_TYPE_READ_VERSION, 2));
  }

  /**
   * A TrackEntry (RFC 9559 5.1.4.1).
   *
   * @param name the track's name for people; empty for none
   */
  static byte[] trackEntry(Track track, String name) {
    return switch (track) {
      case VideoTrack video ->
          element(
              Ebml.TRACK_ENTRY,
              common(video, name, TYPE_VIDEO, video.codec().codecId()),
              codecPrivate(video.codecPrivate()),
              element(
                  Ebml.VIDEO,
                  unsigned(Ebml.PIXEL_WIDTH, video.width()),
                  unsigned(Ebml.PIXEL_HEIGHT, video.height())));
      case AudioTrack audio ->
          element(
              Ebml.TRACK_ENTRY,
              common(audio, name, TYPE_AUDIO, AudioTrack.CODEC_ID),
              codecPrivate(ByteBuffer.wrap(audio.opusHead())),
              unsigned(Ebml.CODEC_DELAY, audio.codecDelayNanos()),
              unsigned(Ebml.SEEK_PRE_ROLL, AudioTrack.SEEK_PRE_ROLL_NANOS),
              element(
                  Ebml.AUDIO,
                  floating(Ebml.SAMPLING_FREQUENCY, AudioTrack.SAMPLE_RATE),
                  unsigned(Ebml.CHANNELS, audio.channels())));
    };
  }

  private static byte[] common(Track track, String name, int type, String codecId) {
    var fields = new ByteArrayOutputStream();
    fields.writeBytes(unsigned(Ebml.TRACK_NUMBER, track.number()));
    fields.writeBytes(unsigned(Ebml.TRACK_UID, track.number()));
    fields.writeBytes(unsigned(Ebml.TRACK_TYPE, type));
    fields.writeBytes(unsigned(Ebml.FLAG_LACING, 0));
    if (!name.isEmpty()) {
      fields.writeBytes(text(Ebml.NAME, name));
    }
    fields.writeBytes(text(Ebml.LANGUAGE, "und"));
    fields.writeBytes(text(Ebml.CODEC_ID, codecId));
    return fields.toByteArray();
  }

  private static byte[] codecPrivate(ByteBuffer value) {
    if (!value.hasRemaining()) {
      return new byte[0];
    }
    byte[] bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    return element(Ebml.CODEC_PRIVATE, bytes);
  }
}
