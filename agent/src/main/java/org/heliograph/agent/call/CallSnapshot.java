package org.heliograph.agent.call;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.heliograph.record.RecordingStatus;
import org.heliograph.signaling.CallMedia;

/**
 * What a call looks like at one moment, as the API shows it.
 *
 * @param incoming whether the other side called
 * @param media the kinds that the call carries
 * @param muted whether the own sound is off by the user's choice
 * @param disabled whether the own picture is off by the user's choice
 * @param local what has become of the own devices
 * @param receiving the kinds that the other side is negotiated to send now
 * @param startedAt when the call began to ring (RFC 3339)
 * @param connectedAt when it was first connected (RFC 3339), or null
 * @param recording how its recording stands while one runs, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CallSnapshot(
    @JsonProperty("channel_id") String channelId,
    @JsonProperty("remote_peer") String remotePeer,
    @JsonProperty("state") String state,
    @JsonProperty("incoming") boolean incoming,
    @JsonProperty("media") CallMedia media,
    @JsonProperty("muted") boolean muted,
    @JsonProperty("disabled") boolean disabled,
    @JsonProperty("local") Local local,
    @JsonProperty("receiving") CallMedia receiving,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("connected_at") String connectedAt,
    @JsonProperty("recording") RecordingStatus recording) {

  /** The own devices: each {@code on}, {@code off} or {@code failed}. */
  public record Local(String audio, String video) {}
}
