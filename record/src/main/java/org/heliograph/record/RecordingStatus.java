package org.heliograph.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * How a recording stands.
 *
 * @param state {@code recording}, {@code stopped} or {@code failed}; {@code none} where there was
 *     none
 * @param files their paths, in order: one, or another from each change of codec on
 * @param startedAt RFC 3339, or null
 * @param durationMillis of all files, as far as written
 * @param bytes of all files, as far as written
 * @param droppedFrames how many frames are missing because the disk could not keep up, or because
 *     they could not be written
 * @param code why it failed, as a stable word, or null
 * @param detail the same for a person, or null
 * @param hint what to do about it, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecordingStatus(
    @JsonProperty("state") String state,
    @JsonProperty("files") List<String> files,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("duration_ms") long durationMillis,
    @JsonProperty("bytes") long bytes,
    @JsonProperty("dropped_frames") long droppedFrames,
    @JsonProperty("code") String code,
    @JsonProperty("detail") String detail,
    @JsonProperty("hint") String hint) {

  /** Nothing has been recorded. */
  public static final RecordingStatus NONE =
      new RecordingStatus("none", List.of(), null, 0, 0, 0, null, null, null);

  static RecordingStatus recording(
      List<String> files, String startedAt, long durationMillis, long bytes, long droppedFrames) {
    return new RecordingStatus(
        "recording", files, startedAt, durationMillis, bytes, droppedFrames, null, null, null);
  }

  RecordingStatus stopped() {
    return new RecordingStatus(
        "stopped", files, startedAt, durationMillis, bytes, droppedFrames, null, null, null);
  }

  RecordingStatus failed(RecordingException why) {
    return new RecordingStatus(
        "failed",
        files,
        startedAt,
        durationMillis,
        bytes,
        droppedFrames,
        "recording_" + why.reason().name().toLowerCase(Locale.ROOT),
        why.getMessage(),
        why.hint());
  }
}
