package org.heliograph.agent.call;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

/** What happens to calls, as the API's event streams tell it. */
public sealed interface CallEvent {
  /** The event's name in the API. */
  @JsonIgnore
  String name();

  /** The call that it is about, or null where it is about the agent as a whole. */
  @JsonIgnore
  String channel();

  /** Somebody calls. */
  record Incoming(@JsonUnwrapped CallSnapshot call) implements CallEvent {
    @Override
    public String name() {
      return "incoming";
    }

    @Override
    public String channel() {
      return call.channelId();
    }
  }

  /** A call's state has changed, or what it receives has. */
  record State(@JsonUnwrapped CallSnapshot call) implements CallEvent {
    @Override
    public String name() {
      return "state";
    }

    @Override
    public String channel() {
      return call.channelId();
    }
  }

  /** The own devices of a call have changed. */
  record Devices(@JsonUnwrapped CallSnapshot call) implements CallEvent {
    @Override
    public String name() {
      return "devices";
    }

    @Override
    public String channel() {
      return call.channelId();
    }
  }

  /**
   * A call is over.
   *
   * @param reason a stable word
   * @param message the reason for a person
   * @param replacedBy the call that goes on instead, or null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Ended(
      @JsonProperty("channel_id") String channelId,
      @JsonProperty("remote_peer") String remotePeer,
      @JsonProperty("reason") String reason,
      @JsonProperty("message") String message,
      @JsonProperty("replaced_by") String replacedBy)
      implements CallEvent {
    @Override
    public String name() {
      return "ended";
    }

    @Override
    public String channel() {
      return channelId;
    }
  }

  /**
   * Something went wrong and the user should know; the call goes on.
   *
   * @param channelId the call, or null where it concerns them all
   * @param code a stable word
   * @param detail what is wrong, for a person
   * @param hint what to do about it; empty where there is nothing
   * @param device the device's name, or null where it is about none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Failure(
      @JsonProperty("channel_id") String channelId,
      @JsonProperty("code") String code,
      @JsonProperty("detail") String detail,
      @JsonProperty("hint") String hint,
      @JsonProperty("device") String device)
      implements CallEvent {
    @Override
    public String name() {
      return "error";
    }

    @Override
    public String channel() {
      return channelId;
    }
  }
}
