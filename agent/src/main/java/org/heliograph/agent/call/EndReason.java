package org.heliograph.agent.call;

import java.util.Locale;

/** Why a call is over. */
public enum EndReason {
  HUNG_UP("You have hung up."),
  REMOTE_HUNG_UP("The other side has hung up."),
  CANCELLED("The caller has given up."),
  REJECTED("You have rejected the call."),
  REMOTE_REJECTED("The other side has rejected the call."),
  BUSY("The other side is busy."),
  NO_ANSWER("Nobody has answered."),
  MISSED("You have not answered."),
  GLARE("The other side was calling at the same moment; that call goes on instead."),
  UNREACHABLE("The other side is not connected to the rendezvous."),
  DEVICE("A device cannot be used."),
  CONNECTION_FAILED("No connection to the other side could be made."),
  CONNECTION_LOST("The connection to the other side is lost."),
  SIGNALING_FAILED("The other side cannot be reached."),
  ABANDONED("The app that held the call has gone."),
  SHUTDOWN("The agent stops.");

  private final String sentence;

  EndReason(String sentence) {
    this.sentence = sentence;
  }

  /** The reason's name in the API. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The reason for a person. */
  public String sentence() {
    return sentence;
  }
}
