package org.heliograph.signaling;

import java.util.regex.Pattern;

/**
 * A signalling message on its way.
 *
 * @param channelId the call, as its caller named it
 * @param from the sender's name
 * @param to the receiver's name
 */
public record Envelope(String channelId, String from, String to, SignalPayload payload) {
  /** The longest envelope, in bytes of UTF-8. */
  public static final int SIZE_LIMIT = 64 * 1024;

  private static final Pattern CHANNEL_ID = Pattern.compile("[A-Za-z0-9._~:@+-]{1,128}");

  /** What {@link #isChannelId} accepts, in words. */
  public static final String CHANNEL_ID_FORM =
      "1 to 128 of the characters A-Z a-z 0-9 . _ ~ : @ + -";

  /** Whether a text can name a call. */
  public static boolean isChannelId(String text) {
    return CHANNEL_ID.matcher(text).matches();
  }
}
