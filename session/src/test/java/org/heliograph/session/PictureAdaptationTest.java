package org.heliograph.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.heliograph.session.PictureAdaptation.Step;
import org.junit.jupiter.api.Test;

class PictureAdaptationTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Step FULL = new Step(640, 480, 30);

  private final PictureAdaptation adaptation = new PictureAdaptation(640, 480, 30);
  private final List<Step> changes = new ArrayList<>();
  private long nowNanos;

  /** Thirty pictures a second with a bit rate. */
  private Step run(int bitsPerSecond, double seconds) {
    for (int i = 0; i < 30 * seconds; i++) {
      Step before = adaptation.step();
      Step after = adaptation.update(bitsPerSecond, nowNanos);
      if (!after.equals(before)) {
        changes.add(after);
      }
      nowNanos += SECOND / 30;
    }
    return adaptation.step();
  }

  @Test
  void everythingIsEncodedWhereThereIsEnough() {
    assertThat(run(480_000, 10)).isEqualTo(FULL);
    assertThat(changes).isEmpty();
  }

  @Test
  void theFrameRateFallsBeforeTheSizeDoes() {
    assertThat(run(108_000, 5)).isEqualTo(new Step(640, 480, 20));
    assertThat(run(78_000, 5)).isEqualTo(new Step(640, 480, 15));
    assertThat(run(54_000, 5)).isEqualTo(new Step(480, 360, 20));
    assertThat(run(34_800, 5)).isEqualTo(new Step(320, 240, 30));
    assertThat(run(18_000, 5)).isEqualTo(new Step(320, 240, 15));
    assertThat(run(6_000, 5).width()).isEqualTo(160);
  }

  @Test
  void theFrameRateFallsAtOnceAndTheSizeOnlyAfterASecond() {
    run(480_000, 1);
    assertThat(run(90_000, 0.04).framesPerSecond()).isLessThan(30);
    run(72_000, 1);
    assertThat(run(57_000, 0.5).width()).isEqualTo(640);
    assertThat(run(57_000, 1).width()).isEqualTo(480);
  }

  @Test
  void direNeedMakesItSmallerAtOnce() {
    run(480_000, 1);

    assertThat(run(24_000, 0.04).width()).isLessThan(640);
  }

  @Test
  void itComesBackUpWhenThereWasEnoughForSeconds() {
    run(36_000, 5);
    run(480_000, 2.5);
    assertThat(adaptation.step().width()).isEqualTo(320);

    assertThat(run(480_000, 1)).isEqualTo(FULL);
  }

  @Test
  void aRateAtTheBorderOfTwoStepsIsNoReasonToChangeTwice() {
    for (int i = 0; i < 60; i++) {
      run(66_000, 0.5);
      run(72_000, 0.5);
    }

    assertThat(changes).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aRateThatSwingsMakesItMoreAndMorePatient() {
    for (int i = 0; i < 20; i++) {
      run(240_000, 5);
      run(36_000, 5);
    }

    long sizes = changes.stream().filter(step -> step.width() == 640).count();
    assertThat(sizes).isLessThanOrEqualTo(4);
  }

  @Test
  void everyStepIsCheaperThanTheOneBefore() {
    double before = Double.MAX_VALUE;
    for (int rate = 400_000; rate > 1000; rate = rate * 9 / 10) {
      double needed = run(rate, 3).bitsPerSecond();
      assertThat(needed).isLessThanOrEqualTo(before);
      before = needed;
    }
  }

  @Test
  void everySizeIsEvenAndKeepsItsShape() {
    PictureAdaptation odd = new PictureAdaptation(1278, 718, 25);
    for (int rate = 2_000_000; rate > 1000; rate = rate * 9 / 10) {
      Step step = odd.step();
      assertThat(step.width() % 2).isZero();
      assertThat(step.height() % 2).isZero();
      assertThat((double) step.width() / step.height()).isBetween(1.75, 1.82);
      odd.update(rate, nowNanos += 2 * SECOND);
    }
    assertThat(odd.step().width()).isBetween(160, 320);
  }

  @Test
  void aSmallCameraIsNotMadeSmaller() {
    PictureAdaptation small = new PictureAdaptation(176, 144, 30);
    for (int i = 0; i < 100; i++) {
      small.update(1000, nowNanos += SECOND);
    }

    assertThat(small.step()).isEqualTo(new Step(176, 144, 15));
  }
}
