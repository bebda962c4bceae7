package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.Picture;
import org.heliograph.session.SharedSource;
import org.heliograph.session.Source;
import org.heliograph.session.VideoEncoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CameraTrackTest {
  private static final int BLACK = 16;
  private static final CaptureSettings SETTINGS =
      new CaptureSettings("test", "test", 160, 120, 120, 500_000, 32_000);

  private final FakeCamera camera = new FakeCamera();
  private final SharedSource<Picture> shared =
      new SharedSource<>("fake camera", camera::openSource);
  private final RecordingListener listener = new RecordingListener();
  private final FfmpegDecoder decoder = FfmpegDecoder.vp8();
  private final List<CaptureTrack> tracks = new ArrayList<>();

  private CaptureTrack open(CaptureListener to) throws Exception {
    VideoEncoder encoder =
        Encoders.openVp8(new VideoEncoder.Settings(160, 120, 30, 500_000, false));
    CaptureTrack track = new CameraTrack(shared, to, SETTINGS, encoder);
    tracks.add(track);
    return track;
  }

  @AfterEach
  void closeAll() {
    tracks.forEach(CaptureTrack::close);
    decoder.close();
    assertThat(camera.open).as("open devices").hasValue(0);
  }

  /** The next frame's brightness in the middle. */
  private int nextBrightness() throws InterruptedException {
    return decoder.decodePicture(listener.nextFrame()).orElseThrow().at(80, 60);
  }

  @Test
  void aPictureReachesTheListener() throws Exception {
    CaptureTrack _ = open(listener);
    camera.show(180);
    assertThat(nextBrightness()).isBetween(175, 185);
  }

  @Test
  void twoTracksShareOneOpenDevice() throws Exception {
    RecordingListener other = new RecordingListener();
    CaptureTrack first = open(listener);
    CaptureTrack second = open(other);
    camera.show(100);
    assertThat(listener.nextFrame().key()).isTrue();
    assertThat(other.nextFrame().key()).isTrue();
    assertThat(camera.opened).hasValue(1);
    first.close();
    assertThat(camera.open).hasValue(1);
    second.close();
    assertThat(camera.open).hasValue(0);
  }

  @Test
  void aTrackThatIsOffHasItsDeviceClosedAndGivesBlack() throws Exception {
    CaptureTrack track = open(listener);
    camera.show(180);
    assertThat(nextBrightness()).isGreaterThan(170);
    track.setEnabled(false);
    assertThat(camera.open).hasValue(0);
    MediaFrame first = listener.nextFrame();
    assertThat(decoder.decodePicture(first).orElseThrow().at(80, 60)).isBetween(10, 24);
    MediaFrame second = listener.nextFrame();
    assertThat(Duration.ofNanos(second.timeNanos() - first.timeNanos()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(900));
  }

  @Test
  void aTrackThatIsSwitchedOnAgainShowsTheCameraAgain() throws Exception {
    CaptureTrack track = open(listener);
    track.setEnabled(false);
    assertThat(nextBrightness()).isBetween(10, 24);
    track.setEnabled(true);
    assertThat(camera.opened).hasValue(2);
    listener.frames.clear();
    camera.show(180);
    assertThat(nextBrightness()).isBetween(170, 190);
  }

  @Test
  void aTrackThatIsSwitchedOnAgainBeginsWithAKeyFrame() throws Exception {
    CaptureTrack track = open(listener);
    camera.show(180);
    assertThat(listener.nextFrame().key()).isTrue();
    camera.show(180);
    assertThat(listener.nextFrame().key()).isFalse();
    track.setEnabled(false);
    assertThat(listener.nextFrame().key()).isFalse(); // the black picture
    track.setEnabled(true);
    listener.frames.clear();
    camera.show(180);
    assertThat(listener.nextFrame().key()).isTrue();
  }

  @Test
  void aCameraThatIsStillBeingClosedIsNotBusy() throws Exception {
    CaptureTrack first = open(listener);
    CaptureTrack second;
    camera.closeSlowly(Duration.ofMillis(500));
    Thread hangingUp = Thread.ofPlatform().start(first::close);
    camera.awaitClosing();
    second = open(listener);
    hangingUp.join();
    assertThat(second.state()).isEqualTo(CaptureTrack.State.ON);
    assertThat(camera.opened).hasValue(2);
  }

  @Test
  void aCameraThatDoesNotCloseIsTriedAfterTheTimeThatClosingMayTake() throws Exception {
    SharedSource<Picture> hanging =
        new SharedSource<>(
            "fake camera",
            camera::openSource,
            new SharedSource.Limits(Duration.ofSeconds(30), Duration.ofMillis(1)));
    SharedSource.Subscriber<Picture> subscriber = new Ignoring();
    hanging.subscribe(subscriber);
    camera.closeSlowly(Duration.ofSeconds(30));
    hanging.unsubscribe(subscriber);
    camera.awaitClosing();
    assertThatThrownBy(() -> hanging.subscribe(subscriber))
        .isInstanceOfSatisfying(
            DeviceException.class, busy -> assertThat(busy.reason()).isEqualTo(Reason.BUSY));
    camera.awaitClosed();
  }

  @Test
  void aLossIsNeverToldToWhoHasOpenedTheDeviceAgainSince() throws Exception {
    SharedSource<Picture> both = new SharedSource<>("camera of two", camera::openSource);
    List<String> heard = new CopyOnWriteArrayList<>();
    CountDownLatch losing = new CountDownLatch(1);
    CountDownLatch openedAgain = new CountDownLatch(1);
    SharedSource.Subscriber<Picture> slow =
        new Ignoring() {
          @Override
          public void lost(DeviceException cause) {
            losing.countDown();
            try {
              boolean _ = openedAgain.await(300, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
          }
        };
    SharedSource.Subscriber<Picture> other =
        new Ignoring() {
          @Override
          public void lost(DeviceException cause) {
            heard.add("lost");
          }
        };
    both.subscribe(slow);
    both.subscribe(other);
    camera.unplug();
    losing.await();
    both.unsubscribe(other);
    both.subscribe(other);
    heard.add("opened again");
    openedAgain.countDown();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("capture camera of two")) {
        both.unsubscribe(other);
        thread.join();
      }
    }
    assertThat(heard).containsExactly("lost", "opened again");
  }

  private static class Ignoring implements SharedSource.Subscriber<Picture> {
    @Override
    public void take(Picture picture) {}

    @Override
    public void lost(DeviceException cause) {}
  }

  /** Else nobody hears of it, and the camera stays open behind a picture that stands still. */
  @Test
  void anErrorOfItsThreadIsToldAndClosesTheCamera() throws Exception {
    CaptureTrack track =
        open(
            new CaptureListener() {
              @Override
              public void onFrame(MediaFrame frame) {
                throw new OutOfMemoryError("by the test");
              }

              @Override
              public void onDeviceLost(DeviceException cause) {
                listener.onDeviceLost(cause);
              }
            });
    camera.show(180);
    assertThat(listener.nextLoss()).hasMessageContaining("by the test");
    camera.awaitClosed();
    assertThat(camera.open).hasValue(0);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ENDED);
  }

  @Test
  void anErrorWhileADeviceIsOpenedIsToldAtOnce() {
    SharedSource<Picture> failing =
        new SharedSource<>(
            "failing camera",
            () -> {
              throw new StackOverflowError();
            });
    assertThatThrownBy(() -> failing.subscribe(new Ignoring()))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("failing camera cannot be used: java.lang.StackOverflowError");
  }

  @Test
  void anErrorOfADevicesThreadIsToldToEachSubscriber() throws Exception {
    BlockingQueue<DeviceException> losses = new LinkedBlockingQueue<>();
    shared.subscribe(
        new Ignoring() {
          @Override
          public void take(Picture picture) {
            throw new OutOfMemoryError("by the test");
          }

          @Override
          public void lost(DeviceException cause) {
            losses.add(cause);
          }
        });
    camera.show(180);
    assertThat(losses.poll(20, TimeUnit.SECONDS)).hasMessageContaining("by the test");
    camera.awaitClosed();
  }

  @Test
  void saysWhatItsDeviceIs() throws Exception {
    CaptureTrack track = open(listener);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
    camera.unplug();
    listener.nextLoss();
    assertThat(track.state()).isEqualTo(CaptureTrack.State.LOST);
    track.setEnabled(true);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
    track.setEnabled(false);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.OFF);
    track.close();
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ENDED);
  }

  @Test
  void oneTrackBeingOffLeavesTheOtherItsCamera() throws Exception {
    RecordingListener other = new RecordingListener();
    CaptureTrack track = open(other);
    CaptureTrack _ = open(listener);
    track.setEnabled(false);
    assertThat(camera.open).hasValue(1);
    camera.show(150);
    assertThat(nextBrightness()).isBetween(140, 160);
  }

  @Test
  void anUnpluggedCameraIsReportedAndTheTrackGoesOnInBlack() throws Exception {
    CaptureTrack track = open(listener);
    camera.show(180);
    assertThat(nextBrightness()).isGreaterThan(170);
    camera.unplug();
    assertThat(listener.nextLoss().reason()).isEqualTo(Reason.LOST);
    assertThat(nextBrightness()).isBetween(BLACK - 6, BLACK + 8);
    track.setEnabled(true);
    listener.frames.clear();
    camera.show(180);
    assertThat(nextBrightness()).isGreaterThan(170);
    assertThat(camera.opened).hasValue(2);
  }

  @Test
  void aDemandedKeyFrameComesWithTheNextPicture() throws Exception {
    CaptureTrack track = open(listener);
    camera.show(50);
    assertThat(listener.nextFrame().key()).isTrue();
    camera.show(60);
    assertThat(listener.nextFrame().key()).isFalse();
    track.requestKeyFrame();
    camera.show(70);
    assertThat(listener.nextFrame().key()).isTrue();
  }

  @Test
  void aKeyFrameCanBeDemandedOfATrackThatIsOff() throws Exception {
    CaptureTrack track = open(listener);
    track.setEnabled(false);
    assertThat(listener.nextFrame().key()).isTrue();
    track.requestKeyFrame();
    assertThat(listener.nextFrame().key()).isTrue();
  }

  @Test
  void aSlowListenerLosesPicturesAndGetsTheNewest() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CaptureListener slow =
        new CaptureListener() {
          @Override
          public void onFrame(MediaFrame frame) {
            blocked.countDown();
            try {
              assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            listener.onFrame(frame);
          }

          @Override
          public void onDeviceLost(DeviceException cause) {
            listener.onDeviceLost(cause);
          }
        };
    CaptureTrack _ = open(slow);
    camera.show(30);
    assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
    RecordingListener other = new RecordingListener();
    CaptureTrack _ = open(other);
    for (int brightness = 40; brightness <= 200; brightness += 20) {
      camera.show(brightness);
      other.nextFrame();
    }
    go.countDown();
    assertThat(nextBrightness()).isBetween(24, 36);
    assertThat(nextBrightness()).isBetween(185, 215);
    assertThat(listener.frames).isEmpty();
  }

  @Test
  void nothingComesAfterTheEnd() throws Exception {
    CaptureTrack track = open(listener);
    track.setEnabled(false);
    listener.nextFrame();
    track.close();
    listener.frames.clear();
    track.setEnabled(true);
    track.requestKeyFrame();
    track.close();
    assertThat(camera.open).hasValue(0);
    assertThat(listener.frames).isEmpty();
  }

  @Test
  void aListenerMayEndItsOwnTrack() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    CaptureListener closing =
        new CaptureListener() {
          @Override
          public void onFrame(MediaFrame frame) {
            tracks.getFirst().close();
            ended.countDown();
          }

          @Override
          public void onDeviceLost(DeviceException cause) {}
        };
    CaptureTrack _ = open(closing);
    camera.show(100);
    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aDeviceThatHangsWhileItIsOpenedHoldsUpNobodyForLong() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    SharedSource<Picture> hanging =
        new SharedSource<>(
            "/dev/hanging",
            () -> {
              awaitUninterruptibly(release);
              return closing(closed);
            },
            new SharedSource.Limits(Duration.ofMillis(200), Duration.ofMillis(200)));
    VideoEncoder encoder =
        Encoders.openVp8(new VideoEncoder.Settings(160, 120, 30, 500_000, false));
    assertThatThrownBy(() -> new CameraTrack(hanging, listener, SETTINGS, encoder))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("/dev/hanging did not answer");
    release.countDown();
    assertThat(closed.await(30, TimeUnit.SECONDS)).as("closed in the end").isTrue();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // A driver that hangs does not listen either.
      }
    }
  }

  private Source<Picture> closing(CountDownLatch closed) throws DeviceException {
    Source<Picture> source = camera.openSource();
    return new Source<>() {
      @Override
      public String name() {
        return source.name();
      }

      @Override
      public java.util.Optional<Picture> next() throws DeviceException, InterruptedException {
        return source.next();
      }

      @Override
      public void close() {
        source.close();
        closed.countDown();
      }
    };
  }

  @Test
  void aCameraThatGivesNoPictureForASecondIsTold() throws Exception {
    CaptureTrack track = open(listener);
    camera.show(180);
    assertThat(nextBrightness()).isGreaterThan(170);
    DeviceException told = listener.nextLoss();
    assertThat(told.reason()).isEqualTo(Reason.LOST);
    assertThat(told).hasMessageContaining("fake camera has given no picture for 1 s");
    assertThat(nextBrightness()).as("rather black than standing still").isBetween(10, 24);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.LOST);
    camera.awaitClosed();
    track.setEnabled(true);
    assertThat(track.state()).isEqualTo(CaptureTrack.State.ON);
    listener.frames.clear();
    camera.show(180);
    assertThat(nextBrightness()).isGreaterThan(170);
  }

  @Test
  void aCameraMayTakeSomeSecondsForItsFirstPicture() throws Exception {
    CaptureTrack track = open(listener);
    DeviceException told = listener.nextLoss();
    assertThat(told).hasMessageContaining("fake camera has given no picture for 5 s");
    assertThat(track.state()).isEqualTo(CaptureTrack.State.LOST);
  }
}
