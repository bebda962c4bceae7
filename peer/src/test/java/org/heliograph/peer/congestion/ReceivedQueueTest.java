package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceivedQueueTest {
  private static final long MILLI = 1_000_000;

  private final ReceivedQueue queue = new ReceivedQueue();

  /** A packet every 10 ms over a second, each so long on its way. */
  private void send(long fromMillis, long travelMillis) {
    for (long millis = fromMillis; millis < fromMillis + 1000; millis += 10) {
      int sendTime = (int) ((millis * 262_144L / 1000) & 0xffffff);
      queue.onPacket(sendTime, (millis + travelMillis) * MILLI);
    }
  }

  @Test
  void tellsHowMuchLongerPacketsTakeThanTheQuickest() {
    send(63_500, 40); // the send time wraps at 64 s
    assertThat(queue.nanos()).isLessThan(MILLI);
    send(64_500, 340);
    assertThat(queue.nanos()).isBetween(299 * MILLI, 301 * MILLI);
    send(65_500, 40);
    assertThat(queue.nanos()).isLessThan(MILLI);
  }

  @Test
  void aLongerPathIsNoQueue() {
    send(1000, 40);
    queue.onPathChange();
    send(2000, 340);
    assertThat(queue.nanos()).isLessThan(MILLI);
  }

  @Test
  void tellsSoAfterADayToo() {
    long end = 24 * 3_600_000;
    for (long millis = 0; millis < end; millis += 20_000) { // so often, no wrap is missed
      queue.onPacket((int) ((millis * 262_144L / 1000) & 0xffffff), (millis + 40) * MILLI);
    }
    send(end, 40);
    assertThat(queue.nanos()).isLessThan(MILLI);
    send(end + 1000, 340);
    assertThat(queue.nanos()).isBetween(299 * MILLI, 301 * MILLI);
  }
}
