package org.heliograph.bench;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_OPUS;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_context_free;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_malloc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.heliograph.webm.AudioTrack;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.WebmFile;
import org.heliograph.webm.WebmFileOptions;
import org.heliograph.webm.WebmMuxer;
import org.heliograph.webm.WebmOptions;
import org.heliograph.webm.WebmSink;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Muxes a minute of a call (a picture of VP8 30 times a second, 3 kB each and 20 kB every ten
 * seconds, and an Opus packet of 80 bytes 50 times) beside FFmpeg's matroska muxer on the same
 * packets: live, one cluster per packet, into a buffer that is used again and goes nowhere; as a
 * file, each with its own clusters and index, that goes nowhere either; and into a real file, where
 * most of the time is the operating system's copying. The score is packets a second; {@code bytes}
 * are those of the stream a second. FFmpeg's packets are made beforehand, so that only its muxer is
 * timed, with one call through JNI for each. {@code -prof gc} gives the bytes allocated.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(MuxerBenchmark.PACKETS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MuxerBenchmark {
  private static final int SECONDS = 60;
  static final int PACKETS = SECONDS * (30 + 50);

  private static final int VIDEO = 1;
  private static final int AUDIO = 2;
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;
  private static final int BUFFER_SIZE = 64 << 10;

  /** How many bytes were muxed. */
  @AuxCounters
  @State(Scope.Thread)
  public static class Muxed {
    public long bytes;
  }

  private record Packet(int track, long millis, boolean key, ByteBuffer frame) {}

  private final List<Packet> packets = packets();
  private final List<AVPacket> ffmpegPackets =
      packets.stream().map(MuxerBenchmark::toFfmpeg).toList();
  private final ByteBuffer reused = ByteBuffer.allocate(BUFFER_SIZE);
  private Path file;

  private static List<Packet> packets() {
    ByteBuffer keyFrame = keyFrame();
    ByteBuffer otherFrame = ByteBuffer.allocateDirect(3_000).put(0, (byte) 0x31);
    ByteBuffer sound = ByteBuffer.allocateDirect(80).put(0, (byte) 0xfc);
    List<Packet> packets = new ArrayList<>();
    int pictures = 0;
    for (int i = 0; i < SECONDS * 50; i++) {
      long millis = i * 20L;
      for (; pictures * 1000 / 30 <= millis && pictures < SECONDS * 30; pictures++) {
        boolean key = pictures % 300 == 0;
        packets.add(new Packet(VIDEO, pictures * 1000L / 30, key, key ? keyFrame : otherFrame));
      }
      packets.add(new Packet(AUDIO, millis, true, sound));
    }
    return packets;
  }

  /** A VP8 key frame's header (RFC 6386 9.1), and nothing behind it. */
  private static ByteBuffer keyFrame() {
    ByteBuffer frame = ByteBuffer.allocateDirect(20_000);
    frame.put(0, (byte) 0x10).put(3, (byte) 0x9d).put(4, (byte) 0x01).put(5, (byte) 0x2a);
    frame.put(6, (byte) WIDTH).put(7, (byte) (WIDTH >> 8));
    return frame.put(8, (byte) HEIGHT).put(9, (byte) (HEIGHT >> 8));
  }

  private static AVPacket toFfmpeg(Packet packet) {
    AVPacket made = av_packet_alloc();
    made.data(new BytePointer(packet.frame())).size(packet.frame().capacity());
    made.stream_index(packet.track() - 1).flags(packet.key() ? AV_PKT_FLAG_KEY : 0);
    return made.pts(packet.millis()).dts(packet.millis());
  }

  @Setup
  public void chooseFile() throws IOException {
    file = Files.createTempDirectory("muxer-benchmark").resolve("call.webm");
  }

  @TearDown
  public void deleteFile() throws IOException {
    Files.deleteIfExists(file);
    Files.delete(file.getParent());
  }

  @Benchmark
  public void liveHeliograph(Muxed muxed) {
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), new Counted(reused, muxed));
    muxer.begin(List.of(VideoTrack.vp8(VIDEO, WIDTH, HEIGHT), AudioTrack.opus(AUDIO, 2)));
    for (Packet packet : packets) {
      muxer.write(packet.track(), packet.millis() * 1_000_000, packet.key(), packet.frame());
    }
  }

  private record Counted(ByteBuffer reused, Muxed muxed) implements WebmSink {
    @Override
    public ByteBuffer buffer(int size) {
      return reused.clear();
    }

    @Override
    public void initSegment(String mime, ByteBuffer segment) {
      cluster(segment);
    }

    @Override
    public void cluster(ByteBuffer cluster) {
      muxed.bytes += cluster.remaining();
    }
  }

  @Benchmark
  public void fileHeliograph(Muxed muxed) throws IOException {
    muxed.bytes += writeFile(new Nowhere());
  }

  @Benchmark
  public void diskHeliograph(Muxed muxed) throws IOException {
    muxed.bytes +=
        writeFile(
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE));
  }

  private long writeFile(SeekableByteChannel channel) throws IOException {
    WebmFile webm = new WebmFile(channel, WebmFileOptions.defaults());
    try (webm) {
      webm.addTrack(VideoTrack.vp8(VIDEO, WIDTH, HEIGHT), "");
      webm.addTrack(AudioTrack.opus(AUDIO, 2), "");
      for (Packet packet : packets) {
        webm.write(packet.track(), packet.millis() * 1_000_000, packet.key(), packet.frame());
      }
    }
    return webm.size();
  }

  /** A file that takes everything and keeps nothing. */
  private static final class Nowhere implements SeekableByteChannel {
    private long position;
    private long size;

    @Override
    public int write(ByteBuffer bytes) {
      int written = bytes.remaining();
      bytes.position(bytes.limit());
      position += written;
      size = Math.max(size, position);
      return written;
    }

    @Override
    public int read(ByteBuffer target) {
      return -1;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
      position = newPosition;
      return this;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
      size = newSize;
      return this;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** FFmpeg's libavformat, through JavaCPP, into an output that takes everything. */
  @Benchmark
  public void liveFfmpeg(Muxed muxed) {
    AVDictionary options = new AVDictionary(null);
    av_dict_set(options, "live", "1", 0);
    av_dict_set(options, "cluster_time_limit", "0", 0);
    muxed.bytes += muxToNowhere(null, options);
  }

  /** The same as a file, as it makes one by default. */
  @Benchmark
  public void fileFfmpeg(Muxed muxed) {
    muxed.bytes += muxToNowhere(SEEK, new AVDictionary(null));
  }

  @Benchmark
  public void diskFfmpeg(Muxed muxed) throws IOException {
    AVIOContext output = new AVIOContext(null);
    check(avio_open(output, file.toString(), AVIO_FLAG_WRITE));
    mux(output, new AVDictionary(null));
    check(avio_closep(output));
    muxed.bytes += Files.size(file);
  }

  private long muxToNowhere(Seek_Pointer_long_int seek, AVDictionary options) {
    BytePointer buffer = new BytePointer(av_malloc(BUFFER_SIZE));
    AVIOContext output = avio_alloc_context(buffer, BUFFER_SIZE, 1, null, null, null, seek);
    long bytes = mux(output, options);
    av_free(output.buffer());
    avio_context_free(output);
    return bytes;
  }

  private static final Seek_Pointer_long_int SEEK =
      new Seek_Pointer_long_int() {
        @Override
        public long call(Pointer opaque, long offset, int whence) {
          return offset;
        }
      };

  private long mux(AVIOContext output, AVDictionary options) {
    AVFormatContext context = new AVFormatContext(null);
    check(avformat_alloc_output_context2(context, null, "webm", null));
    AVStream video = avformat_new_stream(context, null);
    video.codecpar().codec_type(AVMEDIA_TYPE_VIDEO).codec_id(AV_CODEC_ID_VP8);
    video.codecpar().width(WIDTH).height(HEIGHT);
    video.time_base().num(1).den(1000);
    AVStream audio = avformat_new_stream(context, null);
    audio.codecpar().codec_type(AVMEDIA_TYPE_AUDIO).codec_id(AV_CODEC_ID_OPUS);
    audio.codecpar().sample_rate(AudioTrack.SAMPLE_RATE);
    av_channel_layout_default(audio.codecpar().ch_layout(), 2);
    BytePointer head = new BytePointer(av_malloc(OPUS_HEAD.length + 64));
    head.put(OPUS_HEAD);
    audio.codecpar().extradata(head).extradata_size(OPUS_HEAD.length);
    audio.time_base().num(1).den(1000);
    context.pb(output);
    check(avformat_write_header(context, options));
    av_dict_free(options);
    for (AVPacket packet : ffmpegPackets) {
      check(av_write_frame(context, packet));
    }
    check(av_write_trailer(context));
    long bytes = context.pb().bytes_written();
    avformat_free_context(context);
    return bytes;
  }

  /** RFC 7845 5.1: two channels, a pre-skip of 312 samples. */
  private static final byte[] OPUS_HEAD = {
    'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 2, 0x38, 1, (byte) 0x80, (byte) 0xbb, 0, 0, 0, 0, 0
  };

  private static void check(int result) {
    if (result < 0) {
      throw new IllegalStateException("FFmpeg: error " + result);
    }
  }
}
