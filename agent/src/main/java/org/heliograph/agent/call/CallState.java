package org.heliograph.agent.call;

import java.util.Locale;

/** Where a call is on its way. */
public enum CallState {
  /** The callee has not decided yet. */
  RINGING,
  /** Both sides want the call; the connection is being made. */
  CONNECTING,
  /** Media can go both ways. */
  CONNECTED,
  /** The connection was lost and may come back. */
  RECONNECTING,
  /** The call is over. */
  ENDED;

  /** The state's name in the API. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
