package org.heliograph.agent.call;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
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
 * @param tracks every track of the call: the own ones, then the received ones, each kind's first
 *     before the others of it
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
    @JsonProperty("tracks") List<Track> tracks,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("connected_at") String connectedAt,
    @JsonProperty("recording") RecordingStatus recording) {

  /** The own devices: each {@code on}, {@code off} or {@code failed}. */
  public record Local(String audio, String video) {}

  /**
   * One track.
   *
   * @param id its name in this call, for {@code DELETE} and for the media sockets
   * @param kind {@code audio} or {@code video}
   * @param source of an own track where it comes from, such as {@code camera}; else null
   * @param direction {@code send} or {@code receive}
   * @param state of an own track what has become of its device, {@code on}, {@code off} or {@code
   *     failed}; a received one is {@code on}
   * @param name what its sender calls it, or null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Track(
      String id, String kind, String source, String direction, String state, String name) {}
}
