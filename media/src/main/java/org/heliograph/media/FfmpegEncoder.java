package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.heliograph.session.CodecException;

/** One of FFmpeg's encoders with its input frame and its output packet. */
final class FfmpegEncoder implements AutoCloseable {
  /** What came out for one input frame. */
  record Packet(int flags, ByteBuffer payload) {}

  static {
    Ffmpeg.prepare();
  }

  private final String name;
  private AVCodecContext context;
  private AVFrame frame;
  private AVPacket packet;

  FfmpegEncoder(String name) {
    this.name = name;
  }

  /** Sets an option that is the encoder's own. */
  static void option(AVCodecContext context, String key, String value) {
    int _ = av_opt_set(context.priv_data(), key, value, 0);
  }

  /** Opens the encoder, anew where it was open. */
  void open(Consumer<AVCodecContext> configure) throws CodecException {
    close();
    AVCodec codec = avcodec_find_encoder_by_name(name);
    if (codec == null) {
      throw new CodecException("this FFmpeg has no encoder " + name);
    }
    context = avcodec_alloc_context3(codec);
    configure.accept(context);
    frame = av_frame_alloc();
    packet = av_packet_alloc();
    int result = avcodec_open2(context, codec, (AVDictionary) null);
    if (result < 0) {
      close();
    }
    check("open", result);
  }

  /** The input frame, to be described before {@link #allocateFrame()}. */
  AVFrame frame() {
    return frame;
  }

  void allocateFrame() throws CodecException {
    check("allocate a frame for", av_frame_get_buffer(frame, 0));
  }

  /** The input frame, ready to be filled. */
  AVFrame writableFrame() throws CodecException {
    if (context == null) {
      throw new IllegalStateException("the encoder is closed");
    }
    check("write a frame for", av_frame_make_writable(frame));
    return frame;
  }

  /** Encodes the input frame. */
  Optional<Packet> encode() throws CodecException {
    check("send a frame to", avcodec_send_frame(context, frame));
    int result = avcodec_receive_packet(context, packet);
    if (result == AVERROR_EAGAIN()) {
      return Optional.empty();
    }
    check("receive a packet from", result);
    byte[] payload = new byte[packet.size()];
    packet.data().get(payload);
    int flags = packet.flags();
    av_packet_unref(packet);
    return Optional.of(new Packet(flags, ByteBuffer.wrap(payload)));
  }

  private void check(String action, int result) throws CodecException {
    if (result < 0) {
      byte[] text = new byte[128];
      int _ = av_strerror(result, text, text.length);
      throw new CodecException(
          "FFmpeg could not %s %s: %s"
              .formatted(action, name, new String(text, StandardCharsets.UTF_8).trim()));
    }
  }

  @Override
  public void close() {
    if (context != null) {
      avcodec_free_context(context);
      av_frame_free(frame);
      av_packet_free(packet);
      context = null;
    }
  }
}
