package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.stats.RemoteInboundRtpStreamStats;
import org.junit.jupiter.api.Test;

/**
 * A room on one connection, in virtual time: a server sends the sound and picture of each guest.
 */
class ManyPeopleTest {
  private static final int PEOPLE = 100;
  private static final int PICTURE_LENGTH = 300;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host serverHost = network.host("192.0.2.1");
  private final Host viewerHost = network.host("192.0.2.2");
  private final VirtualPeer server = new VirtualPeer(network, serverHost, 1, "192.0.2.1");
  private final VirtualPeer viewer = new VirtualPeer(network, viewerHost, 2, "192.0.2.2");
  private final List<Transceiver> sending = new ArrayList<>();
  private final Map<Transceiver, Boolean> begun = new HashMap<>();
  private int turn;

  /** Whose it is and which, in every octet that a frame has room for. */
  private static MediaFrame frame(int person, int number, MediaKind kind, long nanos, boolean key) {
    boolean video = kind == VIDEO;
    ByteBuffer payload = ByteBuffer.allocate(video ? PICTURE_LENGTH : 48);
    while (payload.remaining() >= 2 * Integer.BYTES) {
      payload.putInt(person).putInt(number);
    }
    payload.clear();
    payload.put(0, video ? (byte) (key ? 0 : 1) : (byte) 0xF8);
    return new MediaFrame(
        video ? MediaFormat.VP8 : MediaFormat.OPUS, nanos, video ? 0 : 20_000_000, key, payload);
  }

  /** Sound five times a second and a picture once, of each person. */
  private void sendAll() {
    for (int i = 0; i < sending.size(); i++) {
      Transceiver transceiver = sending.get(i);
      boolean video = transceiver.kind() == VIDEO;
      if (video && (turn + i) % 5 != 0) {
        continue;
      }
      boolean key = video && begun.put(transceiver, true) == null;
      server.send(
          transceiver, frame(i, turn, transceiver.kind(), network.nanoTime(), !video || key));
    }
    turn++;
    network.clock().after(Duration.ofMillis(200), this::sendAll);
  }

  @Test
  void aHundredPeopleAreHeardAndSeenOnOneConnection() {
    for (int i = 0; i < PEOPLE; i++) {
      sending.add(server.connection.addTransceiver(AUDIO, SENDONLY));
      sending.add(server.connection.addTransceiver(VIDEO, SENDONLY));
      viewer.connection.addTransceiver(AUDIO, RECVONLY);
      viewer.connection.addTransceiver(VIDEO, RECVONLY);
    }
    LinkConditions conditions = LinkConditions.delay(Duration.ofMillis(10)).withLoss(0.005);
    serverHost.uplink().setConditions(conditions);
    viewerHost.uplink().setConditions(conditions);
    server.trickleTo(viewer, Duration.ofMillis(5));
    viewer.trickleTo(server, Duration.ofMillis(5));
    Map<Transceiver, List<ByteBuffer>> received = new HashMap<>();
    viewer.onFrame =
        (transceiver, frame) ->
            received.computeIfAbsent(transceiver, _ -> new ArrayList<>()).add(frame.payload());
    server.onKeyFrameRequested = begun::remove;
    server.negotiateWith(viewer);
    assertThat(network.runUntil(() -> server.isConnected() && viewer.isConnected(), LIMIT))
        .isTrue();

    sendAll();
    network.run(Duration.ofSeconds(10));

    assertThat(received).hasSize(2 * PEOPLE);
    Set<Integer> senders = new HashSet<>();
    received.forEach(
        (transceiver, frames) -> {
          int sender = frames.getFirst().getInt(Long.BYTES);
          senders.add(sender);
          assertThat(sending.get(sender).mid()).isEqualTo(transceiver.mid());
          assertThat(frames.size())
              .as("frames of %s", transceiver)
              .isGreaterThan(transceiver.kind() == VIDEO ? 5 : 40);
          for (ByteBuffer frame : frames) {
            assertThat(frame)
                .isEqualTo(
                    frame(
                            sender,
                            frame.getInt(Long.BYTES + Integer.BYTES),
                            transceiver.kind(),
                            0,
                            (frame.get(0) & 1) == 0)
                        .payload());
          }
        });
    assertThat(senders).hasSize(2 * PEOPLE);
    assertThat(server.connection.getStats())
        .filteredOn(RemoteInboundRtpStreamStats.class::isInstance)
        .as("streams that the viewer reports on")
        .hasSize(2 * PEOPLE);
  }
}
