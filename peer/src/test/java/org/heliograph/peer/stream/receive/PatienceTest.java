package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import org.heliograph.peer.stream.RoundTripTime;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final long MS = 1_000_000;

  private final RoundTripTime roundTrip = new RoundTripTime();
  private final Patience patience = new Patience(roundTrip, true);

  @Test
  void whatComesLaterThanAnAnswerWasRepairedOverALongerPath() {
    roundTrip.onPathChange(MS);
    assertThat(patience.keyFrameNanos()).isEqualTo(250 * MS);

    for (int i = 0; i < 20; i++) {
      patience.onOvertaken(180 * MS);
    }
    assertThat(patience.keyFrameNanos()).isGreaterThan(6 * 170 * MS);
    assertThat(patience.dispensableNanos()).isEqualTo(250 * MS);
    assertThat(patience.answerNanos()).as("own requests are repeated").isEqualTo(20 * MS);

    for (int i = 0; i < 100; i++) {
      patience.onLost(); // the own requests are answered now
    }
    assertThat(patience.keyFrameNanos()).isEqualTo(250 * MS);
  }

  @Test
  void whatIsOnlyOvertakenIsNoRepair() {
    roundTrip.onPathChange(100 * MS);
    long before = patience.keyFrameNanos() - patience.reorderingNanos();
    for (int i = 0; i < 20; i++) {
      patience.onOvertaken(80 * MS);
    }
    assertThat(patience.keyFrameNanos() - patience.reorderingNanos()).isEqualTo(before);
  }

  @Test
  void oneVeryLateRepairIsForgottenAsSoonAsOthersAreQuicker() {
    roundTrip.onPathChange(MS);
    patience.onOvertaken(1_000 * MS);
    for (int i = 0; i < 100; i++) {
      patience.onOvertaken(60 * MS);
    }
    assertThat(patience.keyFrameNanos() - patience.reorderingNanos()).isLessThan(6 * 70 * MS);
  }
}
