package org.heliograph.interop.peer;

import org.heliograph.session.BandwidthShares;

/** How a call of the agent shares out what the network takes, for peers of tests. */
public final class SharedBandwidth {
  private final BandwidthShares bandwidth;
  private volatile BandwidthShares.Shares shares;

  /** Shares out no more than that, in bits per second. */
  public SharedBandwidth(int mostForSound, int mostForPicture) {
    bandwidth = new BandwidthShares(mostForSound, mostForPicture);
    shares = new BandwidthShares.Shares(mostForSound, mostForPicture, false);
  }

  /** Shares out so many bits per second; by one thread. */
  public void share(long total) {
    shares = bandwidth.share(total);
  }

  /** What the sound gets, in bits per second. */
  public int sound() {
    return shares.sound();
  }

  /** What the picture gets, in bits per second. */
  public int picture() {
    return shares.picture();
  }

  /** Whether there is so little that no picture is sent. */
  public boolean isPictureSuspended() {
    return shares.pictureSuspended();
  }
}
