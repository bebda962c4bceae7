package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.VirtualRelay.AUDIO;
import static org.heliograph.relay.VirtualRelay.BOTH;
import static org.heliograph.relay.VirtualRelay.VIDEO;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What a subscriber of single frames is sent, in virtual time. */
class FramesRelayTest {
  private static final String VIDEO_TRACK =
      "{\"id\":1,\"kind\":\"video\",\"codec\":\"vp8\",\"width\":640,\"height\":480}";
  private static final String AUDIO_TRACK =
      "{\"id\":2,\"kind\":\"audio\",\"codec\":\"opus\",\"sampleRate\":48000,"
          + "\"numberOfChannels\":2}";

  private final VirtualRelay call = new VirtualRelay();

  @Test
  void eachMessageIsOneFrameWithItsHeader() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.video(Frames.key(5_000));
    call.audio(Frames.audio(5_007));
    call.video(Frames.delta(5_040));

    assertMessage(page.binaries.get(0), 1, 1, 0, Frames.key(0).payload());
    assertMessage(page.binaries.get(1), 2, 1, 7_000, Frames.audio(0).payload());
    assertMessage(page.binaries.get(2), 1, 0, 40_000, Frames.delta(0).payload());
    assertThat(page.binaries).hasSize(3);
  }

  @Test
  void theTracksAreToldBeforeTheirFirstFrameAndAtEachChange() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.audio(Frames.audio(0));
    assertThat(page.texts).containsExactly(tracks(AUDIO_TRACK));
    call.video(Frames.key(10));
    call.video(Frames.key(50));
    call.video(Frames.key(90, 320, 240));
    call.relay.expect(AUDIO);

    assertThat(page.texts)
        .containsExactly(
            tracks(AUDIO_TRACK),
            tracks(VIDEO_TRACK + "," + AUDIO_TRACK),
            tracks(VIDEO_TRACK.replace("640", "320").replace("480", "240") + "," + AUDIO_TRACK),
            tracks(AUDIO_TRACK));
  }

  @Test
  void aSenderThatChangesTheCodecIsToldBeforeItsFirstFrame() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.video(Frames.key(0));
    call.video(Frames.vp9Key(40));
    call.video(Frames.vp9Delta(80));

    assertThat(page.texts)
        .containsExactly(
            tracks(VIDEO_TRACK), tracks(VIDEO_TRACK.replace("vp8", "vp9").replace("480", "360")));
    assertThat(page.binaries).hasSize(3);
  }

  @Test
  void soundNeverWaitsForThePicture() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.audio(Frames.audio(0));

    assertThat(page.binaries).hasSize(1);
  }

  @Test
  void thePictureBeginsWithAKeyFrameWhichIsAskedFor() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.run(VIDEO, 1_900);
    assertThat(page.binaries).isEmpty();
    assertThat(call.keyFrameRequests).as("at once, and once more").isEqualTo(2);
    call.key();

    assertThat(page.binaries).hasSize(1);
  }

  @Test
  void aPauseOfTheSenderNeedsNothingMadeUp() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.video(Frames.key(0));
    call.pass(60_000);
    call.video(Frames.delta(60_000));

    assertThat(page.binaries).hasSize(2);
    assertThat(page.binaries.getLast().getLong(4)).isEqualTo(60_000_000);
  }

  @Test
  void aFrameOutOfOrderIsDropped() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.video(Frames.key(100));
    call.video(Frames.delta(99));
    call.audio(Frames.audio(99));

    assertThat(page.binaries).as("time does not go below 0 either").hasSize(1);
  }

  @Test
  void aKeyFrameThatCannotBeReadIsDroppedWithAllThatDependsOnIt() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.video(Frames.key(0));
    int requests = call.keyFrameRequests;
    call.pass(2_000);
    call.video(Frames.brokenKey(40));
    call.video(Frames.delta(80));

    assertThat(page.binaries).hasSize(1);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
  }

  private static String tracks(String tracks) {
    return "{\"type\":\"tracks\",\"tracks\":[" + tracks + "]}";
  }

  private static void assertMessage(
      ByteBuffer message, int track, int flags, long micros, ByteBuffer payload) {
    assertThat(message.get(0)).isEqualTo((byte) track);
    assertThat(message.get(1)).isEqualTo((byte) flags);
    assertThat(message.getShort(2)).isZero();
    assertThat(message.getLong(4)).isEqualTo(micros);
    assertThat(message.slice(12, message.limit() - 12)).isEqualTo(payload);
  }
}
