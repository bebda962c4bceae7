package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.stats.ConnectionQuality;
import org.heliograph.peer.stats.ConnectionQuality.Grade;
import org.heliograph.peer.stats.QualityMeter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityMeterTest {
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  private final NetworkEmulator network = new NetworkEmulator(21);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");

  private Transceiver sound;
  private Transceiver picture;

  private void call(LinkConditions conditions) {
    aliceHost.uplink().setConditions(conditions);
    bobHost.uplink().setConditions(LinkConditions.delay(conditions.delay()));
    sound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    alice.negotiateWith(bob);
    assertThat(
            network.runUntil(
                () -> alice.isConnected() && bob.isConnected(), Duration.ofSeconds(30)))
        .isTrue();
  }

  private ConnectionQuality after(QualityMeter meter, VirtualPeer peer) {
    network.run(INTERVAL);
    return meter.update(peer.connection.getStats());
  }

  @Test
  void roundTripLossAndRateAreThoseOfTheNetwork() {
    call(LinkConditions.delay(Duration.ofMillis(40)).withLoss(0.1));
    VirtualMedia media = new VirtualMedia(network, alice);
    media.sendPictures(picture);
    media.sendSound(sound);
    network.run(INTERVAL);
    QualityMeter meter = new QualityMeter();
    QualityMeter alices = new QualityMeter();
    meter.update(bob.connection.getStats());
    alices.update(alice.connection.getStats());
    int frames = bob.video.size();
    ConnectionQuality quality = after(meter, bob);
    long bytes =
        bob.video.subList(frames, bob.video.size()).stream()
            .mapToLong(frame -> frame.payload().remaining())
            .sum();

    assertThat(quality.roundTripTime().orElseThrow()).isCloseTo(0.08, within(0.01));
    assertThat(quality.fractionLost().orElseThrow()).isBetween(0.04, 0.2);
    assertThat((double) quality.bitsPerSecond().orElseThrow())
        .isCloseTo(bytes * 8 / 3.0, within(bytes * 8 / 3.0 * 0.2));
    assertThat(quality.grade()).isEqualTo(Grade.POOR);

    ConnectionQuality ofTheSender = alices.update(alice.connection.getStats());
    assertThat(ofTheSender.roundTripTime().orElseThrow()).isCloseTo(0.08, within(0.01));
    assertThat(ofTheSender.fractionLost().orElseThrow()).isBetween(0.02, 0.3);
    assertThat(ofTheSender.bitsPerSecond()).isEmpty();
  }

  @Test
  void aCallWithoutAPictureIsNotGradedByItsRate() {
    call(LinkConditions.delay(Duration.ofMillis(10)));
    VirtualMedia media = new VirtualMedia(network, alice);
    media.sendSound(sound);
    QualityMeter meter = new QualityMeter();
    meter.update(bob.connection.getStats());
    ConnectionQuality quality = after(meter, bob);
    assertThat(quality.bitsPerSecond()).isEmpty();
    assertThat(quality.grade()).isEqualTo(Grade.GOOD);
  }

  @Test
  void aCameraThatIsSwitchedOffIsNoBadConnection() {
    call(LinkConditions.delay(Duration.ofMillis(10)));
    VirtualMedia media = new VirtualMedia(network, alice);
    media.sendPictures(picture);
    network.run(INTERVAL);
    media.stop();
    network.run(INTERVAL);
    QualityMeter meter = new QualityMeter();
    meter.update(bob.connection.getStats());
    assertThat(after(meter, bob).grade()).isEqualTo(Grade.GOOD);
  }

  @Test
  void nothingIsKnownOfNoConnection() {
    QualityMeter meter = new QualityMeter();
    meter.update(List.of());
    assertThat(meter.update(List.of()))
        .isEqualTo(
            new ConnectionQuality(
                OptionalDouble.empty(), OptionalDouble.empty(), OptionalLong.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "0.100, 0.02, 500000, GOOD",
    "0.101, 0.00, 900000, FAIR",
    "0.050, 0.03, 900000, FAIR",
    "0.050, 0.00, 499999, FAIR",
    "0.300, 0.05, 200000, FAIR",
    "0.301, 0.00, 900000, POOR",
    "0.050, 0.06, 900000, POOR",
    "0.050, 0.00, 199999, POOR",
  })
  void theWorstFigureGivesTheGrade(double seconds, double lost, long bits, Grade grade) {
    assertThat(
            new ConnectionQuality(
                    OptionalDouble.of(seconds), OptionalDouble.of(lost), OptionalLong.of(bits))
                .grade())
        .isEqualTo(grade);
  }
}
