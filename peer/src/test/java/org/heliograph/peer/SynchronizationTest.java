package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.sdp.SdpFixture;
import org.junit.jupiter.api.Test;

/** Which tracks are put in time with each other, by what the other side and the application say. */
class SynchronizationTest {
  private static final long MILLI = 1_000_000L;
  private static final long PICTURE_DELAY_MILLIS = 300;

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final VirtualPeer alice =
      new VirtualPeer(network, network.host("192.0.2.1"), 1, "192.0.2.1");
  private final VirtualPeer bob =
      new VirtualPeer(network, network.host("192.0.2.2"), 2, "192.0.2.2");
  private final Transceiver sound = alice.connection.addTransceiver(AUDIO, SENDRECV);
  private final Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);

  /** Connects them; each of her tracks has a CNAME and a stream of its own, as a server says it. */
  private void connectWithoutCommonNames() {
    String offer = alice.offer().sdp();
    int video = offer.indexOf("m=video");
    String renamed =
        offer.substring(0, video)
            + offer
                .substring(video)
                .replaceAll("cname:\\S+", "cname:PA_1|TR_2")
                .replaceAll("a=msid:\\S+ \\S+", "a=msid:PA_1|TR_2 TR_2");
    connect(renamed);
  }

  private void connect(String offer) {
    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    alice.connection.setRemoteDescription(bob.answer(new SessionDescription(SdpType.OFFER, offer)));
    assertThat(
            network.runUntil(
                () -> alice.isConnected() && bob.isConnected(), Duration.ofSeconds(20)))
        .isTrue();
  }

  /**
   * Sends both for three seconds; her camera is slow.
   *
   * @return how much earlier the last picture's time is than that of the sound which came with it
   */
  private long talk() {
    for (int i = 0; i < 75; i++) {
      long now = network.nanoTime();
      alice.send(picture, frame(MediaFormat.VP8, now - PICTURE_DELAY_MILLIS * MILLI, 0));
      alice.send(sound, frame(MediaFormat.OPUS, now, 40 * MILLI));
      network.run(Duration.ofMillis(40));
    }
    return (bob.audio.getLast().timeNanos() - bob.video.getLast().timeNanos()) / MILLI;
  }

  private static MediaFrame frame(MediaFormat format, long timeNanos, long durationNanos) {
    return new MediaFrame(format, timeNanos, durationNanos, true, ByteBuffer.allocate(40));
  }

  @Test
  void whatHasOneCnameIsInTime() {
    connect(alice.offer().sdp());

    assertThat(talk()).isCloseTo(PICTURE_DELAY_MILLIS, within(2L));
  }

  @Test
  void tracksWithoutACommonNameAreEachOnAClockOfTheirOwn() {
    connectWithoutCommonNames();

    assertThat(talk()).isCloseTo(0, within(10L));
  }

  @Test
  void theApplicationMaySayWhatBelongsTogether() {
    connectWithoutCommonNames();
    bob.connection
        .transceivers()
        .forEach(transceiver -> transceiver.setSynchronizationGroup(Optional.of("PA_1")));
    assertThat(talk()).isCloseTo(PICTURE_DELAY_MILLIS, within(2L));
  }

  @Test
  void whatTheApplicationSaysTakesEffectAtOnce() {
    connectWithoutCommonNames();
    talk();

    bob.connection
        .transceivers()
        .forEach(transceiver -> transceiver.setSynchronizationGroup(Optional.of("PA_1")));

    assertThat(talk()).isCloseTo(PICTURE_DELAY_MILLIS, within(2L));
  }

  @Test
  void aLiveKitServersParticipantIsThePartOfTheStreamBeforeTheBar() {
    NegotiatingSide side = new NegotiatingSide(3);
    side.answer(SdpFixture.read("livekit-subscriber"));
    List<Transceiver> received = side.negotiator.transceivers();

    assertThat(received)
        .extracting(Transceiver::remoteTrackId)
        .containsExactly(Optional.of("TR_AMu7eFGCzuSwws"), Optional.of("TR_VCwzbtH8v8WqXU"));
    assertThat(received)
        .allSatisfy(
            transceiver ->
                assertThat(transceiver.remoteStreamIds())
                    .singleElement()
                    .satisfies(stream -> assertThat(stream).startsWith("PA_DJsmV9WDeWKr|TR_")));
  }

  @Test
  void aTrackOfNoStreamHasNoneInCommonWithAnother() {
    NegotiatingSide side = new NegotiatingSide(3);
    String offer =
        SdpFixture.read("chromium-offer-audio-video")
            .replaceAll("a=msid:\\S+ ", "a=msid:- ")
            .replaceAll("a=ssrc:.*\r\n", "")
            .replaceAll("a=ssrc-group:.*\r\n", "");
    side.answer(offer);

    assertThat(side.negotiator.transceivers())
        .allSatisfy(transceiver -> assertThat(transceiver.remoteStreamIds()).isEmpty());
  }
}
