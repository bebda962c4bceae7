package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RoundTripTimeTest {
  private static final long MILLI = 1_000_000;

  private final RoundTripTime roundTrip = new RoundTripTime();

  @Test
  void aQueueThatHasJustGrownHoldsUpWhatIsAskedForNow() {
    roundTrip.onSample(50 * MILLI);
    roundTrip.onQueue(300 * MILLI);

    assertThat(roundTrip.expectedNanos()).isEqualTo(350 * MILLI);
    assertThat(roundTrip.smoothedNanos()).isEqualTo(50 * MILLI);
  }

  @Test
  void aQueueThatTheRoundTripsHaveSeenIsNotCountedTwice() {
    roundTrip.onSample(50 * MILLI);
    roundTrip.onQueue(300 * MILLI);
    for (int i = 0; i < 100; i++) {
      roundTrip.onSample(350 * MILLI);
    }

    assertThat(roundTrip.expectedNanos()).isBetween(349 * MILLI, 351 * MILLI);
  }

  @Test
  void theFirstPathsCheckIsAMeasurement() {
    roundTrip.onPathChange(50 * MILLI);
    roundTrip.onQueue(300 * MILLI);

    assertThat(roundTrip.expectedNanos()).isEqualTo(350 * MILLI);
  }

  @Test
  void anotherPathHasItsOwnTime() {
    roundTrip.onSample(50 * MILLI);
    roundTrip.onQueue(300 * MILLI);

    roundTrip.onPathChange(200 * MILLI);
    assertThat(roundTrip.expectedNanos()).isEqualTo(200 * MILLI);
    roundTrip.onPathChange(-1);
    assertThat(roundTrip.expectedNanos()).isEqualTo(200 * MILLI);
  }

  @Test
  void aQueueSaysNothingBeforeTheRoundTripIsKnown() {
    roundTrip.onQueue(300 * MILLI);

    assertThat(roundTrip.expectedNanos()).isEqualTo(RoundTripTime.ASSUMED_NANOS);
  }
}
