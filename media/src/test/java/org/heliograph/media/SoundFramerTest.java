package org.heliograph.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.heliograph.session.Sound;
import org.junit.jupiter.api.Test;

class SoundFramerTest {
  private static final long MILLI = 1_000_000;
  private static final int SAMPLES_IN_MILLI = 48;

  private final SoundFramer framer = new SoundFramer(1);

  private static short[] piece(int millis, int value) {
    short[] samples = new short[millis * SAMPLES_IN_MILLI];
    Arrays.fill(samples, (short) value);
    return samples;
  }

  private List<Sound> taken() {
    List<Sound> sounds = new ArrayList<>();
    while (framer.peek() != null) {
      sounds.add(framer.peek());
      framer.remove();
    }
    return sounds;
  }

  @Test
  void piecesOfAnyLengthBecomePiecesOfTwentyMilliseconds() {
    framer.add(1000 * MILLI, piece(13, 1));
    assertThat(taken()).isEmpty();
    framer.add(1013 * MILLI, piece(30, 1));
    List<Sound> sounds = taken();
    assertThat(sounds).extracting(Sound::timeNanos).containsExactly(1000 * MILLI, 1020 * MILLI);
    assertThat(sounds).allSatisfy(sound -> assertThat(sound.samples()).hasSize(960));
    assertThat(framer.endNanos()).isEqualTo(1043 * MILLI);
  }

  @Test
  void jitterOfTheTimeStampsDoesNotTouchTheSound() {
    framer.add(1000 * MILLI, piece(20, 1));
    framer.add(1026 * MILLI, piece(20, 2));
    framer.add(1035 * MILLI, piece(20, 3));
    assertThat(taken())
        .extracting(Sound::timeNanos)
        .containsExactly(1000 * MILLI, 1020 * MILLI, 1040 * MILLI);
  }

  @Test
  void aGapEndsThePieceBeforeItWithSilence() {
    framer.add(1000 * MILLI, piece(5, 7));
    framer.add(3000 * MILLI, piece(20, 8));
    List<Sound> sounds = taken();
    assertThat(sounds).extracting(Sound::timeNanos).containsExactly(1000 * MILLI, 3000 * MILLI);
    short[] first = sounds.getFirst().samples();
    assertThat(first[5 * SAMPLES_IN_MILLI - 1]).isEqualTo((short) 7);
    assertThat(first[5 * SAMPLES_IN_MILLI]).isZero();
    assertThat(sounds.getLast().samples()).containsOnly(8);
  }

  @Test
  void anOverlapLosesItsBeginning() {
    framer.add(1000 * MILLI, piece(40, 1));
    framer.add(1020 * MILLI, piece(40, 2));
    List<Sound> sounds = taken();
    assertThat(sounds)
        .extracting(Sound::timeNanos)
        .containsExactly(1000 * MILLI, 1020 * MILLI, 1040 * MILLI);
    assertThat(sounds.get(1).samples()).containsOnly(1);
    assertThat(sounds.get(2).samples()).containsOnly(2);
  }
}
