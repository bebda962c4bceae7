package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.SharedSource;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MicrophoneTrackTest {
  private static final CaptureSettings SETTINGS = CaptureSettings.DEFAULT;

  private final BlockingQueue<Boolean> unplug = new LinkedBlockingQueue<>();
  private final SharedSource<Sound> shared =
      new SharedSource<>("fake microphone", UnpluggableTone::new);
  private final RecordingListener listener = new RecordingListener();
  private final FfmpegDecoder decoder = FfmpegDecoder.opus(1);
  private CaptureTrack track;

  /** A tone of 1000 Hz until it is unplugged. */
  private final class UnpluggableTone implements Source<Sound> {
    private final TestTone tone = new TestTone(1000, 1);

    @Override
    public String name() {
      return "fake microphone";
    }

    @Override
    public Optional<Sound> next() throws DeviceException, InterruptedException {
      if (unplug.poll() != null) {
        throw new DeviceException(name(), Reason.LOST, "unplugged", null);
      }
      return tone.next();
    }

    @Override
    public void close() {
      tone.close();
    }
  }

  private void open() throws Exception {
    OpusEncoder encoder = Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false));
    track = new MicrophoneTrack(shared, listener, SETTINGS, encoder, 1);
  }

  @AfterEach
  void closeAll() {
    track.close();
    decoder.close();
  }

  private double toneIn(MediaFrame frame) {
    return Goertzel.amplitude(decoder.decodeSound(frame), 1000);
  }

  @Test
  void anErrorOfItsThreadIsTold() throws Exception {
    OpusEncoder encoder = Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false));
    CaptureListener failing =
        new CaptureListener() {
          @Override
          public void onFrame(MediaFrame frame) {
            throw new OutOfMemoryError("by the test");
          }

          @Override
          public void onDeviceLost(DeviceException cause) {
            listener.onDeviceLost(cause);
          }
        };
    track = new MicrophoneTrack(shared, failing, SETTINGS, encoder, 1);
    assertThat(listener.nextLoss()).hasMessageContaining("by the test");
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ENDED);
  }

  @Test
  void theMicrophoneIsHeard() throws Exception {
    open();
    double heard = 0;
    for (int i = 0; i < 10; i++) {
      heard = Math.max(heard, toneIn(listener.nextFrame()));
    }
    assertThat(heard).isGreaterThan(0.2);
  }

  @Test
  void eachPacketTellsHowLoudItIs() throws Exception {
    open();
    assertThat(listener.nextFrame().audioLevel()).isBetween(10, 20);
    short[] loudest = new short[960];
    Arrays.fill(loudest, Short.MIN_VALUE);
    assertThat(MicrophoneTrack.audioLevel(loudest)).isZero();
    assertThat(MicrophoneTrack.audioLevel(new short[960])).isEqualTo(MediaFrame.SILENCE_LEVEL);
  }

  @Test
  void isMutedOnlyWhenTheLastSoundHasLeft() throws Exception {
    CountDownLatch delivering = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    OpusEncoder encoder = Encoders.openOpus(new OpusEncoder.Settings(1, 32_000, true, 10, false));
    CaptureListener slow =
        new CaptureListener() {
          @Override
          public void onFrame(MediaFrame frame) {
            delivering.countDown();
            try {
              goOn.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void onDeviceLost(DeviceException cause) {}
        };
    track = new MicrophoneTrack(shared, slow, SETTINGS, encoder, 1);
    delivering.await();
    Thread muting = Thread.ofPlatform().start(this::mute);
    assertThat(muting.join(Duration.ofMillis(100))).as("muted with a sound under way").isFalse();
    goOn.countDown();
    muting.join();
    assertThat(track.state()).isEqualTo(CaptureTrack.State.OFF);
  }

  private void mute() {
    try {
      track.setEnabled(false);
    } catch (DeviceException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void aMutedMicrophoneGivesDigitalSilenceOnTheSameTimeLine() throws Exception {
    open();
    MediaFrame last = null;
    for (int i = 0; i < 10; i++) {
      last = listener.nextFrame();
      toneIn(last);
    }
    track.setEnabled(false);
    int queued = listener.frames.size() + 1;
    for (int i = 0; i < queued + 5; i++) {
      MediaFrame frame = listener.nextFrame();
      assertThat(frame.timeNanos() - last.timeNanos()).isEqualTo(OpusEncoder.FRAME_NANOS);
      last = frame;
      toneIn(frame);
    }
    for (int i = 0; i < 10; i++) {
      MediaFrame frame = listener.nextFrame();
      assertThat(frame.timeNanos() - last.timeNanos()).isEqualTo(OpusEncoder.FRAME_NANOS);
      last = frame;
      assertThat(toneIn(frame)).isLessThan(0.001);
    }
    track.setEnabled(true);
    double heard = 0;
    for (int i = 0; i < 20; i++) {
      MediaFrame frame = listener.nextFrame();
      assertThat(frame.timeNanos() - last.timeNanos()).isEqualTo(OpusEncoder.FRAME_NANOS);
      last = frame;
      heard = Math.max(heard, toneIn(frame));
    }
    assertThat(heard).isGreaterThan(0.2);
  }

  @Test
  void aLostMicrophoneIsReportedAndSilenceGoesOn() throws Exception {
    open();
    MediaFrame last = listener.nextFrame();
    unplug.add(true);
    assertThat(listener.nextLoss().reason()).isEqualTo(Reason.LOST);
    double heard = 1;
    for (int i = 0; i < 30; i++) {
      MediaFrame frame = listener.nextFrame();
      assertThat(frame.timeNanos() - last.timeNanos()).isEqualTo(OpusEncoder.FRAME_NANOS);
      last = frame;
      heard = toneIn(frame);
    }
    assertThat(heard).isLessThan(0.001);
    track.setEnabled(true);
    for (int i = 0; i < 30; i++) {
      heard = Math.max(heard, toneIn(listener.nextFrame()));
    }
    assertThat(heard).isGreaterThan(0.2);
  }

  @Test
  void theSilenceOfALostMicrophoneKeepsPaceWithTheClock() throws Exception {
    open();
    listener.nextFrame();
    unplug.add(true);
    listener.nextLoss();
    MediaFrame frame = null;
    for (int i = 0; i < 25; i++) {
      frame = listener.nextFrame();
    }
    assertThat(System.nanoTime() - frame.timeNanos())
        .as("a packet is not sent before its sound is over")
        .isGreaterThanOrEqualTo(OpusEncoder.FRAME_NANOS);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - frame.timeNanos())).isLessThan(5);
  }
}
