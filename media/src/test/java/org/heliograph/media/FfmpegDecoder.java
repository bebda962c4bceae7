package org.heliograph.media;

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

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.heliograph.peer.media.MediaFrame;

/** Decodes what the encoders made, by FFmpeg: native VP8, libopus. */
public final class FfmpegDecoder implements AutoCloseable {
  /** A decoded picture's luma. */
  @SuppressWarnings("ArrayRecordComponent")
  public record DecodedPicture(int width, int height, byte[] luma) {
    public int at(int x, int y) {
      return luma[y * width + x] & 0xFF;
    }
  }

  private final AVCodecContext context;
  private final AVPacket packet = av_packet_alloc();
  private final AVFrame frame = av_frame_alloc();

  private FfmpegDecoder(String name, int channels) {
    var codec = avcodec_find_decoder_by_name(name);
    context = avcodec_alloc_context3(codec);
    if (channels > 0) {
      context.sample_rate(48_000).request_sample_fmt(AV_SAMPLE_FMT_FLT);
      av_channel_layout_default(context.ch_layout(), channels);
    }
    require(avcodec_open2(context, codec, (AVDictionary) null));
  }

  public static FfmpegDecoder vp8() {
    return new FfmpegDecoder("vp8", 0);
  }

  public static FfmpegDecoder opus(int channels) {
    return new FfmpegDecoder("libopus", channels);
  }

  private void send(MediaFrame encoded) {
    ByteBuffer payload = encoded.payload().duplicate();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    require(av_new_packet(packet, bytes.length));
    packet.data().put(bytes);
    require(avcodec_send_packet(context, packet));
    av_packet_unref(packet);
  }

  public Optional<DecodedPicture> decodePicture(MediaFrame encoded) {
    send(encoded);
    if (avcodec_receive_frame(context, frame) < 0) {
      return Optional.empty();
    }
    int width = frame.width();
    int height = frame.height();
    byte[] luma = new byte[width * height];
    int stride = frame.linesize(0);
    BytePointer rows = frame.data(0);
    for (int y = 0; y < height; y++) {
      rows.position((long) y * stride).get(luma, y * width, width);
    }
    return Optional.of(new DecodedPicture(width, height, luma));
  }

  /** The first channel's samples, −1 to 1. */
  public float[] decodeSound(MediaFrame encoded) {
    send(encoded);
    require(avcodec_receive_frame(context, frame));
    int samples = frame.nb_samples();
    float[] first = new float[samples];
    int stride = frame.ch_layout().nb_channels();
    BytePointer pointer = frame.data(0).capacity((long) samples * stride * 4);
    if (frame.format() == AV_SAMPLE_FMT_FLT) {
      FloatBuffer buffer = pointer.asBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (int i = 0; i < samples; i++) {
        first[i] = buffer.get(i * stride);
      }
    } else {
      var buffer = pointer.capacity((long) samples * stride * 2).asBuffer();
      var shorts = buffer.order(ByteOrder.nativeOrder()).asShortBuffer();
      for (int i = 0; i < samples; i++) {
        first[i] = shorts.get(i * stride) / 32768f;
      }
    }
    return first;
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
    avcodec_free_context(context);
  }
}
