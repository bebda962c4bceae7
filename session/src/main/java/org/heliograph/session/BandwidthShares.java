package org.heliograph.session;

/**
 * Shares out what the network takes between sound and picture. Sound comes first, and takes less
 * where there is little; the picture gets the rest, and is suspended when that is nothing to speak
 * of.
 */
public final class BandwidthShares {
  /** What headers add to packets of sound, 50 a second. */
  private static final long SOUND_HEADERS = 16_000;

  /** What headers add to pictures: little, since their packets are long. */
  private static final double PICTURE_SHARE = 0.96;

  private static final long LITTLE = 100_000;
  private static final int SOUND_OF_LITTLE = 24_000;
  private static final long VERY_LITTLE = 60_000;
  private static final int SOUND_OF_VERY_LITTLE = 16_000;

  /** The smallest picture still moves at such a rate: no picture at all is the very last resort. */
  private static final long SUSPEND_PICTURE = 8_000;

  private static final long RESUME_PICTURE = 15_000;

  /**
   * Who gets what.
   *
   * @param sound in bits per second
   * @param picture in bits per second; positive, also while it is suspended
   * @param pictureSuspended whether there is so little that no picture is sent
   */
  public record Shares(int sound, int picture, boolean pictureSuspended) {}

  private final int mostForSound;
  private final int mostForPicture;
  private boolean pictureSuspended;

  /**
   * @param mostForSound what the sound takes where there is enough, in bits per second
   * @param mostForPicture the most that the picture may take
   */
  public BandwidthShares(int mostForSound, int mostForPicture) {
    this.mostForSound = mostForSound;
    this.mostForPicture = mostForPicture;
  }

  /** Shares out so many bits per second between one sound and one picture. */
  public Shares share(long total) {
    return share(total, 1, 1);
  }

  /**
   * Shares out so many bits per second; remembers whether pictures are suspended.
   *
   * @param sounds how many tracks of sound there are
   * @param pictures how many of pictures, each of which gets as much
   * @return what each gets
   */
  public Shares share(long total, int sounds, int pictures) {
    int wanted =
        total < VERY_LITTLE
            ? SOUND_OF_VERY_LITTLE
            : total < LITTLE ? SOUND_OF_LITTLE : mostForSound;
    int sound = Math.min(mostForSound, wanted);
    long allSound = Math.max(1, sounds) * (sound + SOUND_HEADERS);
    long rest = (long) (PICTURE_SHARE * (double) (total - allSound) / Math.max(1, pictures));
    pictureSuspended = rest < (pictureSuspended ? RESUME_PICTURE : SUSPEND_PICTURE);
    int picture = (int) Math.clamp(rest, SUSPEND_PICTURE, (long) mostForPicture);
    return new Shares(sound, picture, pictureSuspended);
  }
}
