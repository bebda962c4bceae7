package org.heliograph.interop.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Stats;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.IceCandidateStats;
import org.heliograph.peer.stats.TransportStats;

/**
 * A peer that sends 50 packets of sound a second, each with the instant at which it was sent, and
 * says of each that it receives when that was. It obeys lines of JSON: {@code {"offer":restart}},
 * {@code {"description":…}}, {@code {"candidate":…}}, {@code {"path":true}}; and writes such lines:
 * {@code description}, {@code candidate}, {@code state}, {@code failed}, {@code path}, {@code
 * frame}. Its arguments are a file of certificates, or "-", and the ICE servers' URLs.
 */
final class LabPeerProgram implements PeerListener {
  static final String USER = "ann";
  static final String PASSWORD = "correct horse";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The table of contents of an Opus packet of 20 ms, CELT, mono (RFC 6716 3.1). */
  private static final byte OPUS_20_MS = (byte) 0xF8;

  private static final long MAGIC = 0x68656c696f677261L;

  private final PeerDriver driver;
  private final Transceiver sound;

  private LabPeerProgram(PeerConfiguration configuration) throws IOException {
    driver = PeerDriver.open(configuration, this);
    sound = call(peer -> peer.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV));
  }

  /** Runs until its input ends. */
  public static void main(String[] arguments) throws Exception {
    List<String> urls = List.of(arguments).subList(1, arguments.length);
    PeerConfiguration configuration =
        new PeerConfiguration(
            urls.isEmpty() ? List.of() : List.of(new IceServer(urls, USER, PASSWORD)), false);
    if (!arguments[0].equals("-")) {
      configuration = configuration.withIceCertificateAuthorities(Path.of(arguments[0]));
    }
    new LabPeerProgram(configuration).run();
    System.exit(0);
  }

  private void run() throws IOException {
    var clock = Executors.newSingleThreadScheduledExecutor();
    var _ = clock.scheduleAtFixedRate(this::sendSound, 0, 20, TimeUnit.MILLISECONDS);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    write("ready", true);
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      obey((ObjectNode) JSON.readTree(line));
    }
  }

  private void obey(ObjectNode command) throws IOException {
    if (command.has("offer")) {
      boolean restart = command.get("offer").asBoolean();
      write("description", call(peer -> offer(peer, restart)));
    } else if (command.has("description")) {
      SessionDescription remote =
          JSON.treeToValue(command.get("description"), SessionDescription.class);
      call(peer -> accept(peer, remote)).ifPresent(answer -> write("description", answer));
    } else if (command.has("candidate")) {
      IceCandidateInit candidate =
          JSON.treeToValue(command.get("candidate"), IceCandidateInit.class);
      call(
          peer -> {
            peer.addIceCandidate(candidate);
            return null;
          });
    } else {
      write("path", path(call(PeerConnection::getStats)));
    }
  }

  private static SessionDescription offer(PeerConnection peer, boolean restart) {
    if (restart) {
      peer.restartIce();
    }
    SessionDescription offer = peer.createOffer();
    peer.setLocalDescription(offer);
    return offer;
  }

  private static Optional<SessionDescription> accept(
      PeerConnection peer, SessionDescription remote) {
    peer.setRemoteDescription(remote);
    if (remote.type() != SdpType.OFFER) {
      return Optional.empty();
    }
    SessionDescription answer = peer.createAnswer();
    peer.setLocalDescription(answer);
    return Optional.of(answer);
  }

  /** The types of the two candidates in use. */
  private static String path(List<Stats> stats) {
    String selected =
        stats.stream()
            .filter(TransportStats.class::isInstance)
            .map(one -> ((TransportStats) one).selectedCandidatePairId())
            .findFirst()
            .orElseThrow();
    return stats.stream()
        .filter(one -> one instanceof IceCandidatePairStats && one.id().equals(selected))
        .map(IceCandidatePairStats.class::cast)
        .map(
            pair ->
                type(stats, pair.localCandidateId()) + " " + type(stats, pair.remoteCandidateId()))
        .findFirst()
        .orElse("none");
  }

  private static String type(List<Stats> stats, String candidate) {
    return stats.stream()
        .filter(one -> one.id().equals(candidate))
        .map(one -> ((IceCandidateStats) one).candidateType())
        .findFirst()
        .orElse("unknown");
  }

  private <T> T call(Function<PeerConnection, T> step) {
    return driver.call(step).join();
  }

  private void sendSound() {
    long now = PeerDriver.nanoTime();
    ByteBuffer packet =
        ByteBuffer.allocate(40).put(0, OPUS_20_MS).putLong(1, MAGIC).putLong(9, now);
    driver.send(
        sound,
        new MediaFrame(MediaFormat.OPUS, now, Duration.ofMillis(20).toNanos(), true, packet));
  }

  @Override
  public void onIceCandidate(IceCandidateInit candidate) {
    write("candidate", candidate);
  }

  @Override
  public void onConnectionStateChange(PeerConnectionState state) {
    write("state", state.name());
  }

  @Override
  public void onFailed(String reason) {
    write("failed", reason);
  }

  @Override
  public void onFrame(Transceiver transceiver, MediaFrame frame) {
    ByteBuffer payload = frame.payload();
    // Silence that was filled in where packets are missing is none of the other side's.
    if (payload.remaining() == 40 && payload.getLong(payload.position() + 1) == MAGIC) {
      write("frame", payload.getLong(payload.position() + 9));
    }
  }

  private static void write(String name, Object value) {
    String line = JSON.createObjectNode().set(name, JSON.valueToTree(value)).toString();
    synchronized (System.out) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
