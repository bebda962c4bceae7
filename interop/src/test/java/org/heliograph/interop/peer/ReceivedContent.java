package org.heliograph.interop.peer;

import java.util.Set;
import org.heliograph.peer.MediaKind;

/**
 * What one side of a call saw and heard.
 *
 * @param frames how many pictures came
 * @param codes the different codes that were read in them
 * @param hertz the strongest tone heard last; 0 in silence
 */
record ReceivedContent(int frames, Set<Integer> codes, double hertz) {
  static final ReceivedContent NOTHING = new ReceivedContent(0, Set.of(), 0);

  private static final int ENOUGH_CODES = 10;
  private static final double HERTZ_TOLERANCE = 10;

  ReceivedContent {
    codes = Set.copyOf(codes);
  }

  /** Whether all of that was received, the sound with a certain tone. */
  boolean hasAll(Set<MediaKind> kinds, int toneHertz) {
    return (!kinds.contains(MediaKind.VIDEO) || codes.size() >= ENOUGH_CODES)
        && (!kinds.contains(MediaKind.AUDIO) || hasTone(toneHertz));
  }

  boolean hasTone(int toneHertz) {
    return Math.abs(hertz - toneHertz) < HERTZ_TOLERANCE;
  }
}
