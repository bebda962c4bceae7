package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_S16;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_compare;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_copy;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_uninit;
import static org.bytedeco.ffmpeg.global.swresample.swr_alloc_set_opts2;
import static org.bytedeco.ffmpeg.global.swresample.swr_convert;
import static org.bytedeco.ffmpeg.global.swresample.swr_free;
import static org.bytedeco.ffmpeg.global.swresample.swr_get_out_samples;
import static org.bytedeco.ffmpeg.global.swresample.swr_init;
import static org.bytedeco.ffmpeg.global.swresample.swr_set_compensation;

import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.heliograph.session.OpusEncoder;

/** Turns frames of any sample format, rate and layout into 16 bits, 48 kHz, one or two channels. */
final class SoundResampler implements AutoCloseable {
  private final int channels;
  private SwrContext context;
  private int sourceFormat;
  private int sourceRate;
  private final AVChannelLayout sourceLayout = new AVChannelLayout();
  private ShortPointer converted = new ShortPointer(0);
  private PointerPointer<Pointer> convertedPlanes = new PointerPointer<>(1);

  SoundResampler(int channels) {
    this.channels = channels;
  }

  /** How many channels come out. */
  int channels() {
    return channels;
  }

  /** The frame's samples, interleaved; how many they are varies. */
  short[] resample(AVFrame frame) throws FfmpegException {
    if (frame.ch_layout().nb_channels() == 0) {
      av_channel_layout_default(frame.ch_layout(), 1);
    }
    if (context == null
        || frame.format() != sourceFormat
        || frame.sample_rate() != sourceRate
        || av_channel_layout_compare(frame.ch_layout(), sourceLayout) != 0) {
      prepare(frame);
    }
    int room = swr_get_out_samples(context, frame.nb_samples());
    reserve((long) room * channels);
    int samples =
        swr_convert(context, convertedPlanes, room, frame.extended_data(), frame.nb_samples());
    if (samples < 0) {
      throw new FfmpegException("resampling", samples);
    }
    short[] result = new short[samples * channels];
    converted.get(result);
    return result;
  }

  private void reserve(long shorts) {
    if (converted.capacity() < shorts) {
      converted.close();
      converted = new ShortPointer(shorts);
      convertedPlanes.put(0, converted);
    }
  }

  private void prepare(AVFrame frame) throws FfmpegException {
    free();
    sourceFormat = frame.format();
    sourceRate = frame.sample_rate();
    av_channel_layout_copy(sourceLayout, frame.ch_layout());
    context = new SwrContext(null);
    try (AVChannelLayout target = new AVChannelLayout()) {
      av_channel_layout_default(target, channels);
      int result =
          swr_alloc_set_opts2(
              context,
              target,
              AV_SAMPLE_FMT_S16,
              OpusEncoder.SAMPLE_RATE,
              sourceLayout,
              sourceFormat,
              sourceRate,
              0,
              null);
      if (result >= 0) {
        result = swr_init(context);
      }
      if (result < 0) {
        throw new FfmpegException("resampling", result);
      }
    }
  }

  /**
   * Stretches or shortens what comes, to follow another clock.
   *
   * @param samples how many to add, or to leave out when negative
   * @param distance over how many samples
   */
  void compensate(int samples, int distance) {
    if (context != null) {
      int _ = swr_set_compensation(context, samples, distance);
    }
  }

  private void free() {
    if (context != null) {
      swr_free(context);
      context = null;
    }
  }

  @Override
  public void close() {
    free();
    av_channel_layout_uninit(sourceLayout);
    sourceLayout.close();
    converted.close();
    convertedPlanes.close();
  }
}
