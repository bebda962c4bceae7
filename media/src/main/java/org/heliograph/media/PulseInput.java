package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_S16;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.heliograph.media.PulseServer.Offer;
import org.heliograph.media.PulseServer.SoundSource;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.OpusEncoder;

/**
 * The samples of a source of the sound server.
 *
 * <p>A server moves a stream on when its source goes, PulseAudio even to a loudspeaker's monitor:
 * the other side would hear itself. So each move is looked at before what follows it is taken.
 */
final class PulseInput implements FrameInput {
  /** As {@code pulse} without a name: the desktop's choice, as long as it is a microphone. */
  static final String DEFAULT = "default";

  /** At most so much is taken at once; the rest follows with the next call. */
  private static final int MOST_SAMPLES = OpusEncoder.SAMPLE_RATE / 5;

  private final PulseServer server;
  private final SoundSource source;
  private final int channels;
  private final AVFrame frame = av_frame_alloc();
  private final MemorySegment samples;

  /** The source that is known to be none that is to be avoided. */
  private int knownIndex;

  private long taken;

  static {
    Ffmpeg.prepare();
  }

  private PulseInput(PulseServer server, SoundSource source, int channels) {
    this.server = server;
    this.source = source;
    this.channels = channels;
    this.knownIndex = source.index();
    frame.format(AV_SAMPLE_FMT_S16);
    frame.sample_rate(OpusEncoder.SAMPLE_RATE);
    frame.nb_samples(MOST_SAMPLES);
    av_channel_layout_default(frame.ch_layout(), channels);
    if (av_frame_get_buffer(frame, 0) < 0) {
      throw new OutOfMemoryError("no memory for a sound");
    }
    BytePointer buffer = frame.data(0);
    this.samples =
        MemorySegment.ofAddress(buffer.address()).reinterpret(2L * channels * MOST_SAMPLES);
  }

  /**
   * Opens a source.
   *
   * @param name {@link #DEFAULT}, or a source's name; only a name may be a loudspeaker's monitor
   */
  static PulseInput open(Optional<String> address, String name, int channels)
      throws DeviceException {
    return open(PulseServer.require(address), name, channels);
  }

  /** The same of a server that is connected to, and is closed with the source. */
  static PulseInput open(PulseServer server, String name, int channels) throws DeviceException {
    try {
      SoundSource source = choose(server.offer(), name);
      server.record(
          source.name(),
          OpusEncoder.SAMPLE_RATE,
          channels,
          OpusEncoder.FRAME_SAMPLES * channels * 2);
      return new PulseInput(server, source, channels);
    } catch (DeviceException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The source of that name; for {@link #DEFAULT} a microphone, never a loudspeaker. */
  static SoundSource choose(Offer offer, String name) throws DeviceException {
    if (name.equals(DEFAULT)) {
      return offer.microphone().orElseThrow(PulseInput::onlyLoudspeakers);
    }
    return offer
        .named(name)
        .orElseThrow(
            () ->
                new DeviceException(
                    "pulse:" + name,
                    Reason.MISSING,
                    "The sound server has no microphone %s. Plug it in, or choose another one: %s."
                        .formatted(name, names(offer)),
                    null));
  }

  private static String names(Offer offer) {
    String names =
        String.join(
            ", ",
            offer.sources().stream()
                .filter(each -> !each.loudspeaker())
                .map(SoundSource::name)
                .limit(8)
                .toList());
    return names.isEmpty() ? "it has none" : names;
  }

  static DeviceException onlyLoudspeakers() {
    return new DeviceException(
        "pulse",
        Reason.MISSING,
        "The sound server has no microphone, only what its loudspeakers play. Plug one in, and look"
            + " that the sound settings do not have it switched off.",
        null);
  }

  /** What is recorded from. */
  SoundSource source() {
    return source;
  }

  @Override
  public boolean next() throws DeviceException {
    server.receive();
    if (!server.isRecording()) {
      throw gone("The sound server has ended, or has taken the microphone %s away.");
    }
    if (server.recordedIndex() != knownIndex) {
      lookAtMove();
    }
    Optional<MemorySegment> piece = server.peek();
    if (piece.isEmpty()) {
      return false;
    }
    long left = piece.get().byteSize() - taken;
    long bytes = Math.min(left, samples.byteSize());
    if (piece.get().address() == 0) {
      samples.asSlice(0, bytes).fill((byte) 0); // a hole in the recording
    } else {
      MemorySegment.copy(piece.get(), taken, samples, 0, bytes);
    }
    frame.nb_samples((int) (bytes / (2L * channels)));
    taken += bytes;
    if (taken == piece.get().byteSize()) {
      server.drop();
      taken = 0;
    }
    return true;
  }

  private void lookAtMove() throws DeviceException {
    int index = server.recordedIndex();
    boolean microphone =
        server.offer().sources().stream()
            .anyMatch(each -> each.index() == index && !each.loudspeaker());
    if (!microphone) {
      throw gone("The microphone %s is gone, and the sound server has none in its place.");
    }
    knownIndex = index;
  }

  private DeviceException gone(String what) {
    return new DeviceException(
        "pulse:" + source.name(),
        Reason.LOST,
        what.formatted(source.name()) + " Plug it in or start the server, and switch it on again.",
        null);
  }

  @Override
  public AVFrame frame() {
    return frame;
  }

  @Override
  public void close() {
    av_frame_free(frame);
    server.close();
  }
}
