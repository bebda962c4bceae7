package org.heliograph.session;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A track's name, by which a session, a relay, a recording and the API know it. It says nothing of
 * what the track carries; a session may have any number of each kind.
 *
 * @param value 1 to 64 letters, digits, hyphens and low lines, so that it can stand in a path
 */
public record TrackId(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /**
   * @throws IllegalArgumentException if the value is of another form
   */
  public TrackId {
    Objects.requireNonNull(value, "value");
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a track is named by 1 to 64 letters, digits, \"-\" and \"_\"");
    }
  }

  /** Whether a track can have that name. */
  public static boolean isValid(String value) {
    return FORM.matcher(value).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
