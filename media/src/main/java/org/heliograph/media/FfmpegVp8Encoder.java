package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_I;
import static org.bytedeco.ffmpeg.global.avutil.AV_PICTURE_TYPE_NONE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.VideoEncoder;

/**
 * VP8 by FFmpeg's libvpx wrapper, for machines whose own libvpx cannot be used.
 *
 * <p>The wrapper ignores a new bit rate while it runs, so the encoder is opened anew, which costs a
 * key frame; a change of less than an eighth is therefore left out.
 */
public final class FfmpegVp8Encoder implements VideoEncoder {
  private static final int CLOCK_RATE = 90_000;

  private final FfmpegEncoder encoder = new FfmpegEncoder("libvpx");
  private Settings settings;
  private long firstTimeNanos;
  private long lastPresentationTime = -1;

  /**
   * Opens the encoder.
   *
   * @throws CodecException if FFmpeg has no libvpx or refuses the settings
   */
  public FfmpegVp8Encoder(Settings settings) throws CodecException {
    this.settings = settings;
    open();
  }

  private void open() throws CodecException {
    lastPresentationTime = -1;
    encoder.open(this::configure);
    AVFrame frame = encoder.frame();
    frame.format(AV_PIX_FMT_YUV420P).width(settings.width()).height(settings.height());
    encoder.allocateFrame();
  }

  private void configure(AVCodecContext context) {
    context.width(settings.width()).height(settings.height()).pix_fmt(AV_PIX_FMT_YUV420P);
    context.time_base().num(1).den(CLOCK_RATE);
    context.framerate().num(settings.framesPerSecond()).den(1);
    context.bit_rate(settings.bitsPerSecond());
    context.rc_min_rate(settings.bitsPerSecond());
    context.rc_max_rate(settings.bitsPerSecond());
    context.rc_buffer_size(settings.bitsPerSecond());
    context.gop_size(Integer.MAX_VALUE).thread_count(1).qmin(2).qmax(56);
    FfmpegEncoder.option(context, "deadline", "realtime");
    FfmpegEncoder.option(context, "cpu-used", "-6");
    FfmpegEncoder.option(context, "lag-in-frames", "0");
    FfmpegEncoder.option(context, "error-resilient", settings.errorResilient() ? "default" : "0");
  }

  @Override
  public Optional<MediaFrame> encode(I420Picture picture, long timeNanos, boolean key)
      throws CodecException {
    if (picture.width() != settings.width() || picture.height() != settings.height()) {
      settings = settings.withSize(picture.width(), picture.height());
      open();
    }
    AVFrame frame = encoder.writableFrame();
    copyPlane(picture.y(), frame, 0, picture.width(), picture.height());
    copyPlane(picture.u(), frame, 1, picture.width() / 2, picture.height() / 2);
    copyPlane(picture.v(), frame, 2, picture.width() / 2, picture.height() / 2);
    frame.pict_type(key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE);
    frame.pts(presentationTime(timeNanos));
    return encoder
        .encode()
        .map(
            packet ->
                new MediaFrame(
                    MediaFormat.VP8,
                    timeNanos,
                    0,
                    (packet.flags() & AV_PKT_FLAG_KEY) != 0,
                    packet.payload()));
  }

  private static void copyPlane(
      MemorySegment plane, AVFrame frame, int index, int width, int height) {
    int stride = frame.linesize(index);
    BytePointer target = frame.data(index).capacity((long) stride * height);
    MemorySegment rows = MemorySegment.ofBuffer(target.asBuffer());
    for (int row = 0; row < height; row++) {
      MemorySegment.copy(plane, (long) row * width, rows, (long) row * stride, width);
    }
  }

  private long presentationTime(long timeNanos) {
    if (lastPresentationTime < 0) {
      firstTimeNanos = timeNanos;
    }
    long time = (timeNanos - firstTimeNanos) * 9 / 100_000;
    lastPresentationTime = Math.max(time, lastPresentationTime + 1);
    return lastPresentationTime;
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) throws CodecException {
    if (Math.abs(bitsPerSecond - settings.bitsPerSecond()) * 8L >= settings.bitsPerSecond()) {
      settings = settings.withBitsPerSecond(bitsPerSecond);
      open();
    }
  }

  @Override
  public String name() {
    return "FFmpeg " + avutil.av_version_info().getString() + ", libvpx";
  }

  @Override
  public void close() {
    encoder.close();
  }
}
