package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.stream.NtpClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How a call begins, in virtual time: what waited somewhere comes in a burst, or something slow.
 */
class CommonClockBeginningTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final long START = 5000 * SECOND;
  private static final long NEVER = Long.MAX_VALUE;

  /** What is seen as right by ITU-R BT.1359: up to where people begin to notice. */
  private static final long IN_TIME = 100 * MILLI;

  /** The same where reports tell what belongs together. */
  private static final long EXACT = 5 * MILLI;

  private final CommonClock clock = new CommonClock();
  private final CommonClock.Track audio = clock.add(MediaFormat.OPUS);
  private final CommonClock.Track video = clock.add(MediaFormat.VP8);

  /** When what was captured at a time comes, both in nanoseconds since the start. */
  private interface Way {
    long arrival(long captured);
  }

  /** So much had waited before the first packet came; all of it comes with that at once. */
  private static Way afterBacklogOf(long backlog) {
    return captured -> Math.max(captured, backlog + captured / 10_000);
  }

  /** The same at twice the speed of what is captured. */
  private static Way afterSlowBacklogOf(long backlog) {
    return captured -> Math.max(captured, backlog + captured / 2);
  }

  /** The first packet is late, the others are not. */
  private static Way withALateFirst(long late) {
    return captured -> captured == 0 ? late : Math.max(captured, late + captured / 10_000);
  }

  private static final Way PROMPT = captured -> captured;

  private long worstFrom(Way sounds, Way pictures, long audioReport, long videoReport) {
    return worstFrom(0, sounds, pictures, audioReport, videoReport);
  }

  /**
   * A call of twenty seconds.
   *
   * @param nextSound when the first sound is captured
   * @param audioReport when sound is reported first; then every 5 s, as browsers do
   * @param videoReport the same of pictures; then every second
   * @return how far apart lips were at most from two seconds after the first picture on
   */
  private long worstFrom(
      long nextSound, Way sounds, Way pictures, long audioReport, long videoReport) {
    long nextAudioReport = audioReport;
    long nextVideoReport = videoReport;
    long nextPicture = 0;
    long worst = 0;
    long soundPlace = Long.MIN_VALUE; // the sound's time less that of its capture
    long rightFrom = pictures.arrival(0) + 2 * SECOND;
    for (long now = 0; now < 20 * SECOND; now += MILLI) {
      if (now >= nextAudioReport) {
        audio.onSenderReport(ntp(now), now * 48 / MILLI);
        nextAudioReport += 5 * SECOND;
      }
      if (now >= nextVideoReport) {
        video.onSenderReport(ntp(now), now * 90 / MILLI);
        nextVideoReport += SECOND;
      }
      for (; sounds.arrival(nextSound) <= now; nextSound += 20 * MILLI) {
        long time = audio.toCommonNanos(nextSound * 48 / MILLI, START + now);
        soundPlace = time - nextSound;
        assertThat(time - START - now).as("ahead of its coming").isLessThan(150 * MILLI);
      }
      for (; pictures.arrival(nextPicture) <= now; nextPicture += 33 * MILLI) {
        long time = video.toCommonNanos(nextPicture * 90 / MILLI, START + now);
        if (now >= rightFrom && soundPlace != Long.MIN_VALUE) {
          worst = Math.max(worst, Math.abs(time - nextPicture - soundPlace));
        }
      }
    }
    return worst;
  }

  private static long ntp(long nanos) {
    return (3_900_000_000L << 32) + NtpClock.ofNanos(nanos);
  }

  /** Who joins is sent what the server had kept of the picture, and the sound as it is now. */
  @ParameterizedTest
  @ValueSource(longs = {50, 500, 1_900})
  void aPictureThatBeginsWithABurstIsInTime(long reportMillis) {
    long joined = 7_900 * MILLI;
    long reported = joined + reportMillis * MILLI;

    assertThat(worstFrom(joined, PROMPT, afterBacklogOf(joined), reported, reported))
        .isLessThan(EXACT);
  }

  @Test
  void whatReportsSaidBeforeThePictureBeganCounts() {
    assertThat(worstFrom(PROMPT, afterBacklogOf(7_900 * MILLI), 50 * MILLI, 50 * MILLI))
        .isLessThan(EXACT);
  }

  @Test
  void aPictureThatBeginsWithABurstIsInTimeWithoutAnyReport() {
    long joined = 7_900 * MILLI;

    assertThat(worstFrom(joined, PROMPT, afterBacklogOf(joined), NEVER, NEVER)).isLessThan(IN_TIME);
  }

  @Test
  void aSoundThatBeginsWithABurstIsInTime() {
    assertThat(worstFrom(afterBacklogOf(7_900 * MILLI), PROMPT, 50 * MILLI, 50 * MILLI))
        .isLessThan(IN_TIME);
  }

  @Test
  void bothMayBeginWithABurst() {
    Way sounds = afterBacklogOf(3 * SECOND);
    Way pictures = afterBacklogOf(3_100 * MILLI);

    assertThat(worstFrom(sounds, pictures, NEVER, NEVER)).isLessThan(IN_TIME);
  }

  @Test
  void aBacklogThatComesAtTwiceTheSpeedIsInItsPlaceAllTheWhile() {
    long worst = worstFrom(PROMPT, afterSlowBacklogOf(4 * SECOND), 50 * MILLI, 50 * MILLI);

    assertThat(worst).isLessThan(EXACT);
  }

  @Test
  void aFirstPictureThatIsLateIsInTime() {
    assertThat(worstFrom(PROMPT, withALateFirst(2_900 * MILLI), NEVER, NEVER)).isLessThan(IN_TIME);
  }

  @Test
  void aPictureThatIsAlwaysLaterThanItsSoundGoesToItsPlaceWhenReportsTellIt() {
    Way late = captured -> captured + 3 * SECOND;

    assertThat(worstFrom(PROMPT, late, 50 * MILLI, 50 * MILLI)).isLessThan(EXACT);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void anyBeginningEndsInTime(long seed) {
    Random random = new Random(seed);
    Way sounds = beginning(random);
    Way pictures = beginning(random);
    boolean reports = random.nextBoolean();
    long reported = reports ? (long) (random.nextDouble() * 2 * SECOND) : NEVER;

    assertThat(worstFrom(sounds, pictures, reported, reported)).isLessThan(IN_TIME + 30 * MILLI);
  }

  /** With up to 30 ms of jitter that takes no packet past another. */
  private static Way beginning(Random random) {
    long backlog = (long) (random.nextDouble() * 1_500 * MILLI);
    Way way = random.nextBoolean() ? afterBacklogOf(backlog) : withALateFirst(backlog);
    long seed = random.nextLong();
    return captured -> {
      Random burst = new Random(seed ^ captured / (200 * MILLI));
      return way.arrival(captured) + burst.nextLong(30 * MILLI);
    };
  }
}
