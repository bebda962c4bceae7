package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.stream.NtpClock;
import org.junit.jupiter.api.Test;

class CommonClockTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final long VIDEO_STEP = 3000; // 33.3 ms
  private static final long AUDIO_STEP = 960; // 20 ms
  private static final long START = 5000 * SECOND;

  private final CommonClock clock = new CommonClock();
  private final CommonClock.Track audio = clock.add(MediaFormat.OPUS);
  private final CommonClock.Track video = clock.add(MediaFormat.VP8);

  private static long ntp(long nanos) {
    return (3_900_000_000L << 32) + NtpClock.ofNanos(nanos);
  }

  @Test
  void beforeReportsATracksTimeIsItsFirstFramesArrival() {
    assertThat(audio.toCommonNanos(7777, START)).isEqualTo(START);
    assertThat(video.toCommonNanos(123_456, START + 80 * MILLI)).isEqualTo(START + 80 * MILLI);
    assertThat(audio.toCommonNanos(7777 + AUDIO_STEP, START + 900 * MILLI))
        .isEqualTo(START + 20 * MILLI);
  }

  @Test
  void reportsBringTheVideoToWhereItBelongsBesideTheSound() {
    // Both captured at the same instant; the video's first frame was 150 ms longer on its way.
    audio.toCommonNanos(0, START);
    video.toCommonNanos(0, START + 150 * MILLI);
    audio.onSenderReport(ntp(0), 0);
    video.onSenderReport(ntp(0), 0);
    long error = Long.MAX_VALUE;
    for (long i = 1; i <= 300; i++) {
      long time = video.toCommonNanos(i * VIDEO_STEP, START + 150 * MILLI + i * SECOND / 30);
      error = time - (START + i * SECOND / 30);
    }

    assertThat(Math.abs(error)).isLessThan(MILLI);
  }

  @Test
  void theVideoFollowsGentlyAndNeverBackwardsOnceItIsInItsPlace() {
    audio.toCommonNanos(0, START);
    audio.onSenderReport(ntp(0), 0);
    long previous = 0;
    for (long i = 0; i <= 1000; i++) {
      if (i % 100 == 0) { // a sender whose reports are not quite right
        video.onSenderReport(ntp(i * SECOND / 30 + (i % 200 == 0 ? 90 * MILLI : 0)), i * 3000);
      }
      long time = video.toCommonNanos(i * VIDEO_STEP, START + 100 * MILLI + i * SECOND / 30);
      if (i > 0) {
        assertThat(time - previous).isBetween(28 * MILLI, 39 * MILLI);
      }
      previous = time;
    }
  }

  @Test
  void theSoundIsNeverMoved() {
    audio.toCommonNanos(0, START);
    video.toCommonNanos(0, START + 150 * MILLI);
    for (long i = 1; i <= 500; i++) {
      if (i % 50 == 0) {
        audio.onSenderReport(ntp(i * 20 * MILLI + i * 10_000L), i * AUDIO_STEP);
        video.onSenderReport(ntp(i * 20 * MILLI), i * 1800L);
      }
      assertThat(audio.toCommonNanos(i * AUDIO_STEP, START + i * 20 * MILLI))
          .isEqualTo(START + i * 20 * MILLI);
    }
  }

  @Test
  void aTrackThatStartsAfterTheReportsStartsWhereItBelongs() {
    audio.toCommonNanos(0, START);
    audio.onSenderReport(ntp(0), 0);
    video.onSenderReport(ntp(0), 0);

    assertThat(video.toCommonNanos(90_000, START + 1300 * MILLI)).isEqualTo(START + SECOND);
  }

  @Test
  void reportsWithoutACommonWallClockAreNotFollowed() {
    audio.toCommonNanos(0, START);
    video.toCommonNanos(0, START + 50 * MILLI);
    audio.onSenderReport(ntp(0), 0);
    video.onSenderReport(ntp(3600 * SECOND), 0);

    assertThat(video.toCommonNanos(VIDEO_STEP * 3, START + 150 * MILLI))
        .isEqualTo(START + 150 * MILLI);
  }

  @Test
  void aJumpOfRtpTimeIsNotAJumpOfCommonTime() {
    video.toCommonNanos(VIDEO_STEP, START);
    long forward = video.toCommonNanos(VIDEO_STEP + 90_000L * 3600, START + 40 * MILLI);
    long back = video.toCommonNanos(0, START + 80 * MILLI);

    assertThat(forward).isEqualTo(START + 40 * MILLI);
    assertThat(back).isEqualTo(START + 80 * MILLI);
  }

  @Test
  void packetsHeldUpByTheNetworkKeepTheirDistance() {
    video.toCommonNanos(0, START);
    long first = video.toCommonNanos(VIDEO_STEP, START + 5 * SECOND);
    long second = video.toCommonNanos(2 * VIDEO_STEP, START + 5 * SECOND);

    assertThat(first).isEqualTo(START + SECOND / 30);
    assertThat(second).isEqualTo(START + 2 * SECOND / 30);
  }

  @Test
  void framesThatAreLostAmongOnesHeldUpLeaveTheirOwnGap() {
    video.toCommonNanos(0, START);
    video.toCommonNanos(VIDEO_STEP, START + 5 * SECOND);

    assertThat(video.toCommonNanos(VIDEO_STEP + 5 * 90_000, START + 5 * SECOND + 40 * MILLI))
        .isEqualTo(START + SECOND / 30 + 5 * SECOND);
  }

  @Test
  void timeGoesOnAfterARestart() {
    video.toCommonNanos(90_000, START);
    video.restart();

    assertThat(video.toCommonNanos(5, START + 100 * MILLI)).isEqualTo(START + 100 * MILLI);
  }

  @Test
  void aSendersClockThatIsSetMovesNothing() {
    long worst = 0;
    for (long i = 0; i < 1500; i++) {
      long now = i * 20 * MILLI;
      long set = now >= 10 * SECOND ? 3 * SECOND : 0;
      if (i % 50 == 0) {
        audio.onSenderReport(ntp(now + set), i * AUDIO_STEP);
      }
      if (i % 50 == 40) { // the video's report comes nearly a second after the sound's
        video.onSenderReport(ntp(now + set), i * 1800);
      }
      long heard = audio.toCommonNanos(i * AUDIO_STEP, START + now);
      long seen = video.toCommonNanos(i * 1800, START + now);
      worst = Math.max(worst, Math.abs(heard - seen));
    }

    assertThat(worst).isLessThan(MILLI);
  }

  @Test
  void rtpTimeThatStoodStillWhileItsSenderWasMutedGoesOnWhereRealTimeIs() {
    for (long i = 0; i < 100; i++) {
      audio.toCommonNanos(i * AUDIO_STEP, START + i * 20 * MILLI);
    }
    long pause = 60 * SECOND;
    long last = 0;
    for (long i = 100; i < 200; i++) {
      last = audio.toCommonNanos(i * AUDIO_STEP, START + pause + i * 20 * MILLI);
    }

    assertThat(last).isEqualTo(START + pause + 199 * 20 * MILLI);
  }

  @Test
  void packetsThatANetworkHoldsUpForSecondsAreNotTakenForAClockThatStoodStill() {
    for (long i = 0; i < 1000; i++) {
      long sent = i * 20 * MILLI;
      boolean held = sent >= 5 * SECOND && sent < 8 * SECOND;
      long arrival = START + (held ? 8 * SECOND + i * 1000 : sent + 2 * MILLI);
      assertThat(audio.toCommonNanos(i * AUDIO_STEP, arrival)).isEqualTo(START + 2 * MILLI + sent);
    }
  }

  @Test
  void clocksThatRunApartForHoursCauseNoJump() {
    for (long i = 0; i < 3 * 3600 * 50; i++) {
      long slower = i * 20 * MILLI / 5000; // 200 parts in a million
      assertThat(audio.toCommonNanos(i * AUDIO_STEP, START + i * 20 * MILLI + slower))
          .isEqualTo(START + i * 20 * MILLI);
    }
  }

  @Test
  void aClockThatRunsFasterForHoursIsFollowed() {
    long time = 0;
    for (long i = 0; i < 3 * 3600 * 50; i++) {
      long before = time;
      long faster = i * 20 * MILLI / 5000; // 200 parts in a million
      time = audio.toCommonNanos(i * AUDIO_STEP, START + i * 20 * MILLI - faster);
      assertThat(time - before).isGreaterThan(19 * MILLI);
      assertThat(time).isLessThan(START + i * 20 * MILLI - faster + SECOND + MILLI);
    }
  }

  @Test
  void ntpTimeMayWrapAround() {
    long beforeWrap = -NtpClock.ofNanos(2 * SECOND); // in 2036
    audio.toCommonNanos(0, START);
    video.toCommonNanos(0, START + 150 * MILLI);
    long error = Long.MAX_VALUE;
    for (long i = 1; i <= 300; i++) {
      long now = i * SECOND / 30;
      if (i % 30 == 0) {
        audio.onSenderReport(beforeWrap + NtpClock.ofNanos(now), i * 1600);
        video.onSenderReport(beforeWrap + NtpClock.ofNanos(now), i * VIDEO_STEP);
      }
      audio.toCommonNanos(i * 1600, START + now);
      error = video.toCommonNanos(i * VIDEO_STEP, START + 150 * MILLI + now) - (START + now);
    }

    assertThat(Math.abs(error)).isLessThan(MILLI);
  }
}
