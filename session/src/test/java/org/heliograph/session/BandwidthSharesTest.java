package org.heliograph.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.heliograph.session.BandwidthShares.Shares;
import org.junit.jupiter.api.Test;

class BandwidthSharesTest {
  private final BandwidthShares shares = new BandwidthShares(32_000, 1_000_000);

  @Test
  void soundComesFirst() {
    Shares all = shares.share(300_000);

    assertThat(all.sound()).isEqualTo(32_000);
    assertThat(all.picture()).isBetween(230_000, 252_000);
  }

  @Test
  void soundTakesLessWhereThereIsLittle() {
    assertThat(shares.share(90_000).sound()).isEqualTo(24_000);
    assertThat(shares.share(50_000).sound()).isEqualTo(16_000);
  }

  @Test
  void soundNeverTakesMoreThanWasSet() {
    BandwidthShares modest = new BandwidthShares(12_000, 1_000_000);
    for (long total = 10_000; total < 2_000_000; total *= 2) {
      assertThat(modest.share(total).sound()).isEqualTo(12_000);
    }
  }

  @Test
  void thePictureTakesNoMoreThanItMay() {
    assertThat(shares.share(50_000_000).picture()).isEqualTo(1_000_000);
  }

  @Test
  void thePictureIsSuspendedWhenNothingIsLeftAndComesBackWithSomeMore() {
    assertThat(shares.share(45_000).pictureSuspended()).isFalse();
    assertThat(shares.share(38_000).pictureSuspended()).isTrue();
    assertThat(shares.share(45_000).pictureSuspended()).isTrue();
    assertThat(shares.share(50_000).pictureSuspended()).isFalse();
  }

  @Test
  void togetherTheyFit() {
    for (long total = 40_000; total < 1_000_000; total += 7_000) {
      Shares all = shares.share(total);
      long pictures = all.pictureSuspended() ? 0 : all.picture();
      assertThat(all.sound() + pictures + 16_000L).isLessThanOrEqualTo(total);
    }
  }
}
