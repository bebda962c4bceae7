package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.stream.NtpClock;
import org.junit.jupiter.api.Test;

/**
 * Several people behind one transport, in virtual time. Each has a wall clock of his own; the
 * second one's is wrong by three seconds, and by 50 ms more with each second that passes.
 */
class CommonClockGroupsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final long START = 5000 * SECOND;
  private static final long VIDEO_DELAY = 150 * MILLI;
  private static final int STEPS = 60 * 50;

  private final CommonClock clock = new CommonClock();
  private final List<Person> people = new ArrayList<>();
  private int said;

  /** Sends a sound and a picture every 20 ms; the picture is longer on its way. */
  private final class Person {
    private final CommonClock.Track audio = clock.add(MediaFormat.OPUS);
    private final CommonClock.Track video = clock.add(MediaFormat.VP8);
    private final double driftPerSecond;
    private final long wrongBy;

    /** The time of a sound, less that of the capture. */
    private long soundPlace;

    private long soundMovedBy;
    private long lipsApart;

    Person(long wrongBy, double driftPerSecond) {
      this.wrongBy = wrongBy;
      this.driftPerSecond = driftPerSecond;
      people.add(this);
    }

    private long ntp(long nanos) {
      return (3_900_000_000L << 32)
          + NtpClock.ofNanos(nanos + wrongBy + (long) (nanos * driftPerSecond));
    }

    void step(int i, boolean beginning) {
      long captured = 20L * i * MILLI;
      if (i % 50 == 20) {
        audio.onSenderReport(ntp(captured), i * 960L);
        video.onSenderReport(ntp(captured), i * 1800L);
      }
      long heard = audio.toCommonNanos(i * 960L, START + captured) - captured;
      soundPlace = i == 0 ? heard : soundPlace;
      soundMovedBy = Math.max(soundMovedBy, Math.abs(heard - soundPlace));
      long seen = video.toCommonNanos(i * 1800L, START + captured + VIDEO_DELAY) - captured;
      lipsApart = beginning ? 0 : Math.max(lipsApart, Math.abs(seen - heard));
    }
  }

  private static Synchronization named(String cname, String... streams) {
    return new Synchronization(Optional.empty(), Optional.of(cname), List.of(streams));
  }

  /** A minute passes; how far lips are apart counts from its third second on. */
  private void talk() {
    int start = said;
    for (; said < start + STEPS; said++) {
      for (Person person : people) {
        person.step(said, said < start + 100);
      }
    }
  }

  private void assertThatEachIsInTimeWithHimself() {
    for (Person person : people) {
      assertThat(person.soundMovedBy).isZero();
      assertThat(person.lipsApart).isLessThan(MILLI);
    }
  }

  @Test
  void whoSharesACnameIsOnOneClock() {
    Person anna = new Person(0, 0);
    Person ben = new Person(3 * SECOND, 0.05);
    anna.audio.setSynchronization(named("anna"));
    anna.video.setSynchronization(named("anna"));
    ben.audio.setSynchronization(named("ben"));
    ben.video.setSynchronization(named("ben"));

    talk();

    assertThatEachIsInTimeWithHimself();
  }

  @Test
  void theCnameOfRtcpCountsWhereTheDescriptionHasNone() {
    Person anna = new Person(0, 0);
    Person ben = new Person(3 * SECOND, 0.05);
    anna.audio.onCname("anna");
    anna.video.onCname("anna");
    ben.audio.onCname("ben");
    ben.video.onCname("ben");

    talk();

    assertThatEachIsInTimeWithHimself();
  }

  @Test
  void whatSharesAMediaStreamIsOnOneClockWhateverItsCname() {
    Person anna = new Person(0, 0);
    Person ben = new Person(3 * SECOND, 0.05);
    anna.audio.setSynchronization(named("1", "anna", "all sounds of the house"));
    anna.video.setSynchronization(named("2", "anna"));
    ben.audio.setSynchronization(named("3", "ben"));
    ben.video.setSynchronization(named("4", "ben"));

    talk();

    assertThatEachIsInTimeWithHimself();
  }

  @Test
  void theApplicationsGroupsGoBeforeTheSendersNames() {
    Person anna = new Person(0, 0);
    Person ben = new Person(3 * SECOND, 0.05);
    for (Person person : people) {
      Optional<String> group = Optional.of(person == anna ? "anna" : "ben");
      person.audio.setSynchronization(
          new Synchronization(group, Optional.of("server"), List.of("stream")));
      person.video.setSynchronization(
          new Synchronization(group, Optional.of("server"), List.of("stream")));
    }

    talk();

    assertThat(ben.lipsApart).isLessThan(MILLI);
    assertThatEachIsInTimeWithHimself();
  }

  @Test
  void tracksThatShareNothingAreNotPutInTime() {
    Person anna = new Person(0, 0);
    anna.audio.setSynchronization(named("1", "a"));
    anna.video.setSynchronization(named("2", "b"));

    talk();

    assertThat(anna.lipsApart).isEqualTo(VIDEO_DELAY);
  }

  @Test
  void aTrackThatComesBetweenTwoOthersMakesThemOneGroup() {
    Person anna = new Person(0, 0);
    anna.audio.setSynchronization(named("1", "a"));
    anna.video.setSynchronization(named("2", "b"));
    CommonClock.Track between = clock.add(MediaFormat.VP8);
    between.setSynchronization(named("3", "a", "b"));

    talk();

    assertThat(anna.lipsApart).isLessThan(MILLI);
  }

  @Test
  void aTrackThatIsRegroupedGoesToItsNewPlaceAtOnce() {
    Person anna = new Person(0, 0);
    Person ben = new Person(SECOND, 0);
    for (Person person : people) {
      person.audio.setSynchronization(named(person == anna ? "anna" : "ben"));
      person.video.setSynchronization(named("anna"));
    }
    talk();
    assertThat(ben.lipsApart).isGreaterThan(SECOND / 2);

    ben.video.setSynchronization(named("ben"));
    talk();
    assertThat(ben.lipsApart).isLessThan(MILLI);
  }

  @Test
  void aClockThatIsSetIsThatOfOneGroup() {
    Person anna = new Person(0, 0);
    new Person(3 * SECOND, 2).audio.setSynchronization(named("ben")); // set with each report

    talk();

    assertThat(anna.lipsApart).isLessThan(MILLI);
  }

  @Test
  void ofTwoSoundsInAGroupThePicturesFollowTheOneThatWasHeardFirst() {
    CommonClock.Track silent = clock.add(MediaFormat.OPUS);
    new Person(0, 0);

    talk();

    assertThatEachIsInTimeWithHimself();
    assertThat(silent.toCommonNanos(0, START)).isEqualTo(START);
  }
}
