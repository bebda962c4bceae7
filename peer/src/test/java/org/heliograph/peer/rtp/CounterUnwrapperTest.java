package org.heliograph.peer.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CounterUnwrapperTest {
  @Test
  void sequenceNumbersGoOnOverTheWrap() {
    CounterUnwrapper unwrapper = CounterUnwrapper.ofSequenceNumbers();

    assertThat(unwrapper.unwrap(65534)).isEqualTo(65534);
    assertThat(unwrapper.unwrap(1)).isEqualTo(65537);
    assertThat(unwrapper.unwrap(65535)).isEqualTo(65535);
    assertThat(unwrapper.unwrap(2)).isEqualTo(65538);
  }

  @Test
  void aSequenceNumberBelowTheFirstOneIsLess() {
    CounterUnwrapper unwrapper = CounterUnwrapper.ofSequenceNumbers();

    assertThat(unwrapper.unwrap(1)).isEqualTo(1);
    assertThat(unwrapper.unwrap(65535)).isEqualTo(-1);
  }

  @Test
  void timestampsGoOnOverManyWraps() {
    CounterUnwrapper unwrapper = CounterUnwrapper.ofTimestamps();
    long step = 900_000_000L;
    for (long time = 0; time < 40_000_000_000L; time += step) {
      assertThat(unwrapper.unwrap(time & 0xffff_ffffL)).isEqualTo(time);
    }
  }

  @Test
  void peekingRemembersNothing() {
    CounterUnwrapper unwrapper = CounterUnwrapper.ofSequenceNumbers();
    unwrapper.unwrap(0);
    unwrapper.peek(30_000);

    assertThat(unwrapper.peek(60_000)).isEqualTo(60_000 - 65_536);
  }
}
