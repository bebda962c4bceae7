package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_S16;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_copy;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.OpusEncoder;

/**
 * Opus by FFmpeg's libopus wrapper, for machines without a libopus of their own.
 *
 * <p>The wrapper ignores a new setting while it runs, so the encoder is opened anew; it knows no
 * discontinuous transmission, and that setting has no effect.
 */
public final class FfmpegOpusEncoder implements OpusEncoder {
  private final FfmpegEncoder encoder = new FfmpegEncoder("libopus");
  private Settings settings;
  private long samplesTaken;

  /**
   * Opens the encoder.
   *
   * @throws CodecException if FFmpeg has no libopus or refuses the settings
   */
  public FfmpegOpusEncoder(Settings settings) throws CodecException {
    this.settings = settings;
    open();
  }

  private void open() throws CodecException {
    encoder.open(this::configure);
    AVFrame frame = encoder.frame();
    frame.format(AV_SAMPLE_FMT_S16).sample_rate(SAMPLE_RATE).nb_samples(FRAME_SAMPLES);
    av_channel_layout_default(frame.ch_layout(), settings.channels());
    encoder.allocateFrame();
  }

  private void configure(AVCodecContext context) {
    context.sample_fmt(AV_SAMPLE_FMT_S16).sample_rate(SAMPLE_RATE);
    try (var layout = new org.bytedeco.ffmpeg.avutil.AVChannelLayout()) {
      av_channel_layout_default(layout, settings.channels());
      av_channel_layout_copy(context.ch_layout(), layout);
    }
    context.time_base().num(1).den(SAMPLE_RATE);
    context.bit_rate(settings.bitsPerSecond());
    FfmpegEncoder.option(context, "application", "voip");
    FfmpegEncoder.option(context, "frame_duration", "20");
    FfmpegEncoder.option(context, "fec", settings.forwardErrorCorrection() ? "1" : "0");
    FfmpegEncoder.option(context, "packet_loss", Integer.toString(settings.expectedLossPercent()));
  }

  @Override
  public MediaFrame encode(short[] samples, long timeNanos) throws CodecException {
    if (samples.length != FRAME_SAMPLES * settings.channels()) {
      throw new IllegalArgumentException(
          "a packet takes %d samples, not %d"
              .formatted(FRAME_SAMPLES * settings.channels(), samples.length));
    }
    AVFrame frame = encoder.writableFrame();
    BytePointer target = frame.data(0).capacity(samples.length * 2L);
    target.asBuffer().order(ByteOrder.nativeOrder()).asShortBuffer().put(samples);
    frame.pts(samplesTaken);
    samplesTaken += FRAME_SAMPLES;
    ByteBuffer payload =
        encoder
            .encode()
            .orElseThrow(() -> new CodecException("FFmpeg's Opus encoder gave no packet"))
            .payload();
    return new MediaFrame(MediaFormat.OPUS, timeNanos, FRAME_NANOS, true, payload);
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) throws CodecException {
    reopen(settings.withBitsPerSecond(bitsPerSecond));
  }

  @Override
  public void setExpectedLossPercent(int percent) throws CodecException {
    reopen(settings.withExpectedLossPercent(percent));
  }

  private void reopen(Settings changed) throws CodecException {
    if (!changed.equals(settings)) {
      settings = changed;
      open();
    }
  }

  @Override
  public String name() {
    return "FFmpeg " + avutil.av_version_info().getString() + ", libopus";
  }

  @Override
  public void close() {
    encoder.close();
  }
}
