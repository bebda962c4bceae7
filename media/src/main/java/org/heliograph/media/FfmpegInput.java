package org.heliograph.media;

import static org.bytedeco.ffmpeg.avformat.AVFormatContext.AVFMT_FLAG_NONBLOCK;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_flush_buffers;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_version;
import static org.bytedeco.ffmpeg.global.avdevice.avdevice_register_all;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_guess_sample_aspect_ratio;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_seek_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.avutil_version;
import static org.bytedeco.ffmpeg.global.swresample.swresample_version;
import static org.bytedeco.ffmpeg.global.swscale.swscale_version;

import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One stream of a media file or of a device, opened and decoded by FFmpeg. Used by one thread at a
 * time.
 */
final class FfmpegInput implements FrameInput {
  /** What reading came to. */
  enum Result {
    /** There is a decoded frame. */
    FRAME,
    /** A device has nothing yet; ask again in a while. */
    NOTHING_YET,
    /** The file is at its end. */
    END
  }

  private static final long MICROSECOND_NANOS = 1_000;

  private final AVFormatContext format;
  private final AVStream stream;
  private final AVCodecContext decoder;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private boolean draining;

  static {
    Ffmpeg.prepare();
  }

  private FfmpegInput(AVFormatContext format, AVStream stream, AVCodecContext decoder) {
    this.format = format;
    this.stream = stream;
    this.decoder = decoder;
  }

  /** Loads FFmpeg. */
  static void load() {
    avdevice_register_all();
    long _ = avutil_version() + (long) avcodec_version() + swscale_version() + swresample_version();
  }

  /**
   * Opens the best stream of a kind in a file.
   *
   * @param mediaType AVMEDIA_TYPE_VIDEO or AVMEDIA_TYPE_AUDIO
   */
  static FfmpegInput openFile(String path, int mediaType) throws FfmpegException {
    AVFormatContext format = openFormat(null, path, Map.of(), 0);
    try {
      require("reading " + path, avformat_find_stream_info(format, (PointerPointer<?>) null));
      return openDecoder(format, path, mediaType);
    } catch (FfmpegException | RuntimeException e) {
      avformat_close_input(format);
      throw e;
    }
  }

  /**
   * Opens a device, which then never blocks when it is read.
   *
   * @param kind FFmpeg's input format: {@code v4l2} or {@code alsa}
   */
  static FfmpegInput openDevice(
      String kind, String device, Map<String, String> options, int mediaType)
      throws FfmpegException {
    avdevice_register_all();
    AVFormatContext format =
        openFormat(av_find_input_format(kind), device, options, AVFMT_FLAG_NONBLOCK);
    try {
      return openDecoder(format, device, mediaType);
    } catch (FfmpegException | RuntimeException e) {
      avformat_close_input(format);
      throw e;
    }
  }

  private static AVFormatContext openFormat(
      AVInputFormat kind, String url, Map<String, String> options, int flags)
      throws FfmpegException {
    AVFormatContext format = avformat_alloc_context();
    format.flags(format.flags() | flags);
    AVDictionary dictionary = new AVDictionary(null);
    options.forEach((key, value) -> av_dict_set(dictionary, key, value, 0));
    int result = avformat_open_input(format, url, kind, dictionary);
    av_dict_free(dictionary);
    dictionary.close();
    require("opening " + url, result);
    return format;
  }

  private static FfmpegInput openDecoder(AVFormatContext format, String url, int mediaType)
      throws FfmpegException {
    int index = av_find_best_stream(format, mediaType, -1, -1, (AVCodec) null, 0);
    require("finding the stream in " + url, index);
    AVStream stream = format.streams(index);
    AVCodec codec = avcodec_find_decoder(stream.codecpar().codec_id());
    AVCodecContext decoder = avcodec_alloc_context3(codec);
    try {
      require("describing " + url, avcodec_parameters_to_context(decoder, stream.codecpar()));
      decoder.pkt_timebase(stream.time_base()).thread_count(1);
      require("decoding " + url, avcodec_open2(decoder, codec, (AVDictionary) null));
      return new FfmpegInput(format, stream, decoder);
    } catch (FfmpegException e) {
      avcodec_free_context(decoder);
      throw e;
    }
  }

  /** The picture's width as the stream announces it. */
  int width() {
    return decoder.width();
  }

  /** The picture's height as the stream announces it. */
  int height() {
    return decoder.height();
  }

  /** The frame that {@link #read()} decoded last. */
  @Override
  public AVFrame frame() {
    return frame;
  }

  /** When the file begins on its own clock. */
  private long startNanos() {
    return format.start_time() == AV_NOPTS_VALUE ? 0 : format.start_time() * MICROSECOND_NANOS;
  }

  /** How long the file is as it says itself; 0 when it does not. */
  long durationNanos() {
    return format.duration() == AV_NOPTS_VALUE ? 0 : format.duration() * MICROSECOND_NANOS;
  }

  /** When the decoded frame is due, in nanoseconds from the beginning of the file. */
  long frameTimeNanos() {
    return toNanos(frame.best_effort_timestamp()) - startNanos();
  }

  /** How long the decoded frame is to be seen; 0 when the file does not say. */
  long frameDurationNanos() {
    return Math.max(0, toNanos(frame.duration()));
  }

  /** The decoded frame's time stamp as a device gives it, in nanoseconds on the device's clock. */
  long deviceTimeNanos() {
    return toNanos(frame.best_effort_timestamp());
  }

  private long toNanos(long timestamp) {
    long numerator = stream.time_base().num();
    long denominator = stream.time_base().den();
    return Math.round(timestamp * (1e9 * numerator / denominator));
  }

  /** Goes to the last key frame at or before this time; stays where it is if that cannot be. */
  void seek(long fromStartNanos) {
    long target = (startNanos() + fromStartNanos) / MICROSECOND_NANOS;
    if (av_seek_frame(format, -1, target, AVSEEK_FLAG_BACKWARD) >= 0) {
      avcodec_flush_buffers(decoder);
    }
  }

  @Override
  public boolean next() throws FfmpegException {
    return read() == Result.FRAME;
  }

  /**
   * Reads and decodes on.
   *
   * @throws FfmpegException if the file cannot be read or the device is gone; a frame that cannot
   *     be decoded is left out
   */
  Result read() throws FfmpegException {
    while (true) {
      int received = avcodec_receive_frame(decoder, frame);
      if (received >= 0) {
        // The container's word on the pixel's aspect goes before the codec's.
        frame.sample_aspect_ratio(av_guess_sample_aspect_ratio(format, stream, frame));
        return Result.FRAME;
      }
      if (draining) {
        return Result.END;
      }
      int result = av_read_frame(format, packet);
      if (result == AVERROR_EAGAIN()) {
        return Result.NOTHING_YET;
      }
      if (result == AVERROR_EOF()) {
        draining = true;
        int _ = avcodec_send_packet(decoder, (AVPacket) null);
        continue;
      }
      require("reading", result);
      if (packet.stream_index() == stream.index()) {
        int _ = avcodec_send_packet(decoder, packet);
      }
      av_packet_unref(packet);
    }
  }

  /** Reads the file to its end and says when its last packet ends, from its beginning. */
  long measureDurationNanos() throws FfmpegException {
    long end = 0;
    while (true) {
      int result = av_read_frame(format, packet);
      if (result == AVERROR_EOF()) {
        return end;
      }
      require("reading", result);
      if (packet.stream_index() == stream.index() && packet.pts() != AV_NOPTS_VALUE) {
        end = Math.max(end, toNanos(packet.pts() + packet.duration()) - startNanos());
      }
      av_packet_unref(packet);
    }
  }

  private static void require(String action, int result) throws FfmpegException {
    if (result < 0) {
      throw new FfmpegException(action, result);
    }
  }

  @Override
  public void close() {
    av_frame_free(frame);
    av_packet_free(packet);
    avcodec_free_context(decoder);
    avformat_close_input(format);
  }
}
