package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.heliograph.media.CaptureListener;
import org.heliograph.media.CaptureTrack;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A device under wishes, openings that fail, losses and late words of them in any order. The loop
 * and the threads for steps are queues, of which the test takes what it likes.
 */
class OwnDeviceTest {
  private static final int RUNS = 3_000;
  private static final int MOVES = 60;

  @ParameterizedTest
  @EnumSource(MediaKind.class)
  void isWhatIsToldOfItWhateverTheOrder(MediaKind kind) {
    for (int seed = 0; seed < RUNS; seed++) {
      Run run = new Run(kind, seed);
      try {
        run.play();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + run.moves, failure);
      }
    }
  }

  private static final class Run implements OwnDevice.Host {
    final MediaKind kind;
    final Random random;
    final List<String> moves = new ArrayList<>();
    final Deque<Runnable> loop = new ArrayDeque<>();
    final Deque<Runnable> threads = new ArrayDeque<>();
    final List<Runnable> lateWords = new ArrayList<>();
    final List<CompletableFuture<Void>> answers = new ArrayList<>();
    final List<Track> tracks = new ArrayList<>();
    final OwnDevice device;
    OwnDevice.Status told = OwnDevice.Status.OFF;
    boolean failureTold;
    boolean opening;

    /** The device is told to be on, and was wanted to be when that was found out. */
    boolean let;

    int handedOn;

    Run(MediaKind kind, int seed) {
      this.kind = kind;
      this.random = new Random(seed);
      this.device = new OwnDevice(kind, this::open, this, threads::add, loop::add);
    }

    void play() {
      if (random.nextInt(4) == 0) {
        device.choose(false);
      }
      wish("use", device.use(random.nextBoolean()));
      for (int i = 0; i < MOVES; i++) {
        move();
        check();
      }
      settle();
      checkAtRest();
      var closed = device.close(new IllegalStateException("over"));
      settle();
      assertThat(closed).isCompleted();
      assertThat(tracks).allMatch(track -> track.closed);
      assertThat(answers).allMatch(CompletableFuture::isDone);
    }

    private void move() {
      switch (random.nextInt(9)) {
        case 0 -> wish("on", device.setOn(true));
        case 1 -> wish("off", device.setOn(false));
        case 2 -> {
          if (random.nextInt(5) == 0) {
            moves.add("release");
            device.release();
          } else if (random.nextInt(4) == 0) {
            wish("use", device.use(random.nextBoolean()));
          }
        }
        case 3, 4 -> runOne("loop", loop);
        case 5, 6 -> {
          if (!opening) {
            runOne("step", threads);
          }
        }
        case 7 -> lose();
        case 8 -> {
          if (!lateWords.isEmpty()) {
            moves.add("word");
            lateWords.remove(random.nextInt(lateWords.size())).run();
          }
        }
        default -> throw new IllegalStateException();
      }
    }

    private void wish(String name, CompletableFuture<Void> answer) {
      moves.add(name);
      answers.add(answer);
      var _ = answer.exceptionally(this::refused);
    }

    private Void refused(Throwable cause) {
      if (cause instanceof DeviceException) {
        failureTold = true;
      }
      return null;
    }

    private void runOne(String name, Deque<Runnable> queue) {
      if (!queue.isEmpty()) {
        moves.add(name);
        queue.poll().run();
        boolean on = device.status() == OwnDevice.Status.ON;
        let = on && (let || device.isWantedOn());
      }
    }

    private void lose() {
      for (Track track : tracks) {
        if (track.isOpen() && random.nextInt(3) == 0) {
          moves.add("lose");
          track.lost = true;
          lateWords.add(() -> track.listener.onDeviceLost(failure()));
        }
      }
    }

    private void settle() {
      while (!loop.isEmpty() || !threads.isEmpty() || !lateWords.isEmpty()) {
        lateWords.forEach(Runnable::run);
        lateWords.clear();
        runOne("step", threads);
        runOne("loop", loop);
      }
    }

    /** What must hold at any time. */
    private void check() {
      assertThat(tracks.stream().filter(track -> !track.closed).count()).isLessThanOrEqualTo(1);
      tracks.stream().filter(Track::isLive).forEach(Track::give);
      if (loop.isEmpty() && threads.isEmpty() && lateWords.isEmpty() && !opening) {
        checkAtRest();
      }
    }

    private void checkAtRest() {
      boolean live = tracks.stream().anyMatch(Track::isLive);
      assertThat(told).as("told").isEqualTo(device.status());
      assertThat(told == OwnDevice.Status.ON).as("told to be on").isEqualTo(live);
      if (told == OwnDevice.Status.FAILED) {
        assertThat(failureTold).as("failure told").isTrue();
      } else {
        assertThat(live).as("live").isEqualTo(device.isWantedOn());
      }
      assertThat(answers).as("answers").allMatch(CompletableFuture::isDone);
      if (live) {
        int before = handedOn;
        tracks.stream().filter(Track::isLive).forEach(Track::give);
        assertThat(handedOn).as("frames handed on").isEqualTo(before + 1);
      }
    }

    private CaptureTrack open(CaptureListener listener) throws DeviceException {
      Track track = new Track(listener);
      if (takesTimeAndFails()) {
        throw failure();
      }
      tracks.add(track);
      track.give();
      return track;
    }

    /** Much may happen while a device opens. */
    private boolean takesTimeAndFails() {
      opening = true;
      for (int i = random.nextInt(6); i > 0; i--) {
        move();
      }
      opening = false;
      return random.nextInt(3) == 0;
    }

    private DeviceException failure() {
      return new DeviceException("device", DeviceException.Reason.BUSY, "It is busy.", null);
    }

    @Override
    public void opened(MediaKind kind) {}

    @Override
    public void onFrame(MediaKind kind, MediaFrame frame) {
      handedOn++;
      assertThat(let).as("told to be on and wanted to be while a frame is handed on").isTrue();
    }

    @Override
    public void changed(MediaKind kind) {
      told = device.status();
      if (told == OwnDevice.Status.ON) {
        failureTold = false;
      }
    }

    @Override
    public void lost(MediaKind kind, DeviceException cause) {
      told = device.status();
      failureTold = true;
    }

    /** As the real ones are: a camera that is off is closed, a microphone stays open. */
    private final class Track implements CaptureTrack {
      final CaptureListener listener;
      boolean enabled = true;
      boolean lost;
      boolean closed;

      Track(CaptureListener listener) {
        this.listener = listener;
      }

      boolean isOpen() {
        return !closed && !lost && (enabled || kind == MediaKind.AUDIO);
      }

      boolean isLive() {
        return !closed && !lost && enabled;
      }

      void give() {
        listener.onFrame(
            new MediaFrame(MediaFormat.VP8, 0, 0, true, ByteBuffer.wrap(new byte[] {1})));
      }

      @Override
      public State state() {
        return closed ? State.ENDED : lost ? State.LOST : enabled ? State.ON : State.OFF;
      }

      @Override
      public void setEnabled(boolean wanted) throws DeviceException {
        assertThat(closed).isFalse();
        if (wanted && !isOpen()) {
          if (takesTimeAndFails()) {
            throw failure();
          }
          lost = false;
        }
        enabled = wanted;
        if (isLive()) {
          give();
        }
      }

      @Override
      public void requestKeyFrame() {}

      @Override
      public void setBitsPerSecond(int bitsPerSecond) {}

      @Override
      public void setExpectedLossPercent(int percent) {}

      @Override
      public void close() {
        closed = true;
      }
    }
  }
}
