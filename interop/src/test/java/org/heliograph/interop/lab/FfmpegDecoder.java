package org.heliograph.interop.lab;

import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_move_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A decoder of FFmpeg for one track. */
public final class FfmpegDecoder implements AutoCloseable {
  private final AVCodecContext context;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();
  private final AVFrame next = av_frame_alloc();

  private FfmpegDecoder(String name, int channels) {
    var codec = avcodec_find_decoder_by_name(name);
    context = avcodec_alloc_context3(codec);
    if (channels > 0) {
      context.sample_rate(48_000).request_sample_fmt(AV_SAMPLE_FMT_FLT);
      av_channel_layout_default(context.ch_layout(), channels);
    }
    require(avcodec_open2(context, codec, (AVDictionary) null));
  }

  /** Pictures of a codec such as {@code vp8}. */
  public static FfmpegDecoder video(String codec) {
    return new FfmpegDecoder(codec, 0);
  }

  /** Opus, as interleaved floating-point samples at 48 kHz. */
  public static FfmpegDecoder opus(int channels) {
    return new FfmpegDecoder("libopus", channels);
  }

  /**
   * Decodes one frame; what it gives is valid until the next one. Of a picture with spatial layers
   * it gives the last layer, which is the one to be shown.
   */
  public Optional<AVFrame> decode(ByteBuffer encoded) {
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    require(av_new_packet(packet, bytes.length));
    packet.data().put(bytes);
    require(avcodec_send_packet(context, packet));
    av_packet_unref(packet);
    boolean decoded = false;
    while (avcodec_receive_frame(context, next) >= 0) {
      av_frame_unref(frame);
      av_frame_move_ref(frame, next);
      decoded = true;
    }
    return decoded ? Optional.of(frame) : Optional.empty();
  }

  private static void require(int result) {
    if (result < 0) {
      throw new IllegalStateException("FFmpeg failed: " + result);
    }
  }

  @Override
  public void close() {
    av_packet_free(packet);
    av_frame_free(frame);
    av_frame_free(next);
    avcodec_free_context(context);
  }
}
