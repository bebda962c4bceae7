package org.heliograph.agent.call;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Locale;
import org.heliograph.peer.stats.ConnectionQuality;
import org.heliograph.record.RecordingStatus;

/** What happens to calls, as the API's event streams tell it. */
public sealed interface CallEvent {
  /** The event's name in the API. */
  @JsonIgnore
  String name();

  /** The call that it is about, or null where it is about the agent as a whole. */
  @JsonIgnore
  String channel();

  /**
   * Somebody calls.
   *
   * @param repeated whether the call has rung before: it is told to one who comes later
   */
  record Incoming(
      @JsonUnwrapped CallSnapshot call,
      @JsonProperty("repeated") @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean repeated)
      implements CallEvent {
    /** Of a call that begins to ring. */
    Incoming(CallSnapshot call) {
      this(call, false);
    }

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

  /** A recording of a call began, ended or failed, or lost frames. */
  record Recording(
      @JsonProperty("channel_id") String channelId, @JsonUnwrapped RecordingStatus status)
      implements CallEvent {
    @Override
    public String name() {
      return "recording";
    }

    @Override
    public String channel() {
      return channelId;
    }
  }

  /**
   * How good the connection is, every three seconds while there is one.
   *
   * @param grade {@code good}, {@code fair} or {@code poor}
   * @param roundTripMillis in milliseconds, or null before it is known
   * @param fractionLost the worst share of packets lost of any stream, 0 to 1, or null before it is
   *     known
   * @param bitsPerSecond what the received picture takes, or null while none is received
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Quality(
      @JsonProperty("channel_id") String channelId,
      @JsonProperty("grade") String grade,
      @JsonProperty("round_trip_ms") Long roundTripMillis,
      @JsonProperty("fraction_lost") Double fractionLost,
      @JsonProperty("bits_per_second") Long bitsPerSecond)
      implements CallEvent {
    static Quality of(String channelId, ConnectionQuality quality) {
      return new Quality(
          channelId,
          quality.grade().name().toLowerCase(Locale.ROOT),
          quality.roundTripTime().isPresent()
              ? Math.round(quality.roundTripTime().getAsDouble() * 1000)
              : null,
          quality.fractionLost().isPresent() ? quality.fractionLost().getAsDouble() : null,
          quality.bitsPerSecond().isPresent() ? quality.bitsPerSecond().getAsLong() : null);
    }

    @Override
    public String name() {
      return "quality";
    }

    @Override
    public String channel() {
      return channelId;
    }
  }
}
