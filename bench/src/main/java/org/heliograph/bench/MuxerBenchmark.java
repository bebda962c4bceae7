package org.heliograph.bench;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_close_dyn_buf;
import static org.bytedeco.ffmpeg.global.avformat.avio_open_dyn_buf;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.WebmMuxer;
import org.heliograph.webm.WebmOptions;
import org.heliograph.webm.WebmSink;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Muxes ten seconds of VP8 into memory, one cluster per packet, beside FFmpeg's live WebM muxer on
 * the same frames: a key frame of 20 kB and 299 others of 3 kB. The score is the time of one frame.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(MuxerBenchmark.FRAMES)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MuxerBenchmark {
  static final int FRAMES = 300;
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private final ByteBuffer keyFrame = keyFrame();
  private final ByteBuffer otherFrame = ByteBuffer.allocateDirect(3_000).put(0, (byte) 1);
  private final BytePointer keyPointer = new BytePointer(keyFrame);
  private final BytePointer otherPointer = new BytePointer(otherFrame);
  private final ByteBuffer reused = ByteBuffer.allocate(64 << 10);

  /** A VP8 key frame's header (RFC 6386 9.1), and nothing behind it. */
  private static ByteBuffer keyFrame() {
    ByteBuffer frame = ByteBuffer.allocateDirect(20_000);
    frame.put(0, (byte) 0x10).put(3, (byte) 0x9d).put(4, (byte) 0x01).put(5, (byte) 0x2a);
    frame.put(6, (byte) WIDTH).put(7, (byte) (WIDTH >> 8));
    return frame.put(8, (byte) HEIGHT).put(9, (byte) (HEIGHT >> 8));
  }

  /** The muxer of this project. */
  @Benchmark
  public long heliograph() {
    Counted counted = new Counted(reused);
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), counted);
    muxer.begin(List.of(VideoTrack.vp8(1, WIDTH, HEIGHT)));
    for (int i = 0; i < FRAMES; i++) {
      muxer.write(1, i * 33_000_000L, i == 0, i == 0 ? keyFrame : otherFrame);
    }
    return counted.bytes;
  }

  private static final class Counted implements WebmSink {
    private final ByteBuffer reused;
    private long bytes;

    Counted(ByteBuffer reused) {
      this.reused = reused;
    }

    @Override
    public ByteBuffer buffer(int size) {
      return reused.clear();
    }

    @Override
    public void initSegment(String mime, ByteBuffer segment) {
      bytes += segment.remaining();
    }

    @Override
    public void cluster(ByteBuffer cluster) {
      bytes += cluster.remaining();
    }
  }

  /** FFmpeg's libavformat, through JavaCPP. */
  @Benchmark
  public long ffmpeg() {
    AVFormatContext context = new AVFormatContext(null);
    check(avformat_alloc_output_context2(context, null, "webm", null));
    AVStream stream = avformat_new_stream(context, null);
    stream.codecpar().codec_type(AVMEDIA_TYPE_VIDEO).codec_id(AV_CODEC_ID_VP8);
    stream.codecpar().width(WIDTH).height(HEIGHT);
    stream.time_base().num(1).den(1000);
    AVIOContext output = new AVIOContext(null);
    check(avio_open_dyn_buf(output));
    context.pb(output);
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "live", "1", 0);
    av_dict_set(options, "cluster_time_limit", "0", 0);
    check(avformat_write_header(context, options));
    av_dict_free(options);
    AVPacket packet = av_packet_alloc();
    for (int i = 0; i < FRAMES; i++) {
      packet.data(i == 0 ? keyPointer : otherPointer);
      packet.size(i == 0 ? keyFrame.capacity() : otherFrame.capacity());
      packet.flags(i == 0 ? AV_PKT_FLAG_KEY : 0);
      packet.pts(i * 33L).dts(i * 33L);
      check(av_write_frame(context, packet));
    }
    check(av_write_trailer(context));
    PointerPointer<BytePointer> bytes = new PointerPointer<>(1);
    int size = avio_close_dyn_buf(output, bytes);
    av_free(bytes.get());
    bytes.close();
    packet.data(null);
    packet.size(0);
    av_packet_free(packet);
    avformat_free_context(context);
    return size;
  }

  private static void check(int result) {
    if (result < 0) {
      throw new IllegalStateException("FFmpeg: error " + result);
    }
  }
}
