package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.media.Encoders;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SendEncoding;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.stats.OutboundRtpStreamStats;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.VideoEncoder;
import org.junit.jupiter.api.Test;

/** Pion receives simulcast by rid: each of three streams is decoded, and its codes are read. */
class SimulcastToPionTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;
  private static final int PICTURES_PER_SECOND = 10;
  private static final int CODES_READ = 10;
  private static final List<SendEncoding> ENCODINGS =
      List.of(new SendEncoding("h", 1), new SendEncoding("m", 2), new SendEncoding("l", 4));

  private final Queue<IceCandidateInit> candidates = new ConcurrentLinkedQueue<>();
  private final Set<String> keyFramesWanted = ConcurrentHashMap.newKeySet();
  private final Map<String, Set<Integer>> painted = new ConcurrentHashMap<>();

  @Test
  void threeStreamsAreReadEachByItself() throws Exception {
    try (PionPeer pion = new PionPeer();
        PeerDriver driver =
            PeerDriver.open(new PeerConfiguration(List.of(), true), new Listener())) {
      pion.begin();
      Transceiver video =
          driver
              .call(
                  peer ->
                      peer.addTransceiver(
                          MediaKind.VIDEO, TransceiverDirection.SENDONLY, ENCODINGS))
              .join();
      negotiate(driver, pion);
      assertThat(video.sendEncodings()).isEqualTo(ENCODINGS);
      List<Layer> layers = new ArrayList<>();
      ScheduledExecutorService camera = Executors.newSingleThreadScheduledExecutor();
      try {
        for (SendEncoding encoding : ENCODINGS) {
          layers.add(new Layer(driver, video, encoding));
        }
        Future<?> pictures =
            camera.scheduleAtFixedRate(
                () -> layers.forEach(Layer::sendPicture),
                0,
                1000 / PICTURES_PER_SECOND,
                TimeUnit.MILLISECONDS);
        awaitCodes(driver, pion, pictures);
      } finally {
        camera.shutdownNow();
        assertThat(camera.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        layers.forEach(Layer::close);
      }
      pion.receivedStreams()
          .forEach((rid, seen) -> assertThat(painted.get(rid)).as(rid).containsAll(seen.codes()));
      verifyStatistics(driver);
    }
  }

  private static void negotiate(PeerDriver driver, PionPeer pion) {
    String offer =
        driver
            .call(
                peer -> {
                  SessionDescription made = peer.createOffer();
                  peer.setLocalDescription(made);
                  return made.sdp();
                })
            .join();
    String answer = pion.answer(offer);
    driver
        .call(
            peer -> {
              peer.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer));
              return null;
            })
        .join();
  }

  private void awaitCodes(PeerDriver driver, PionPeer pion, Future<?> pictures) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!isReadOfAll(pion.receivedStreams())) {
      if (System.nanoTime() > deadline || pictures.isDone()) {
        throw new AssertionError(
            "read: " + pion.receivedStreams() + "\n" + pion.troubles().toPrettyString());
      }
      for (var next = candidates.poll(); next != null; next = candidates.poll()) {
        pion.addCandidate(next);
      }
      for (IceCandidateInit candidate : pion.takeCandidates()) {
        driver
            .call(
                peer -> {
                  peer.addIceCandidate(candidate);
                  return null;
                })
            .join();
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private static boolean isReadOfAll(Map<String, ReceivedContent> streams) {
    return streams.size() == ENCODINGS.size()
        && streams.values().stream().allMatch(seen -> seen.codes().size() >= CODES_READ);
  }

  private static void verifyStatistics(PeerDriver driver) {
    List<OutboundRtpStreamStats> streams =
        driver.call(peer -> peer.getStats()).join().stream()
            .filter(OutboundRtpStreamStats.class::isInstance)
            .map(OutboundRtpStreamStats.class::cast)
            .toList();
    assertThat(streams)
        .extracting(OutboundRtpStreamStats::rid)
        .containsExactlyInAnyOrder("h", "m", "l");
    assertThat(streams).extracting(OutboundRtpStreamStats::ssrc).doesNotHaveDuplicates();
    assertThat(streams)
        .extracting(OutboundRtpStreamStats::mediaSourceId)
        .containsOnly(streams.getFirst().mediaSourceId());
  }

  private final class Listener implements PeerListener {
    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      candidates.add(candidate);
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver, String rid) {
      keyFramesWanted.add(rid);
    }
  }

  /** One size of the picture. Each has codes of its own, so that none is taken for another. */
  private final class Layer implements AutoCloseable {
    private final PeerDriver driver;
    private final Transceiver video;
    private final String rid;
    private final I420Picture picture;
    private final VideoEncoder encoder;
    private int nextCode;

    Layer(PeerDriver driver, Transceiver video, SendEncoding encoding) throws CodecException {
      this.driver = driver;
      this.video = video;
      rid = encoding.rid();
      int width = (int) (WIDTH / encoding.scaleResolutionDownBy());
      int height = (int) (HEIGHT / encoding.scaleResolutionDownBy());
      picture = new I420Picture(width, height);
      encoder =
          Encoders.openVp8(
              new VideoEncoder.Settings(width, height, PICTURES_PER_SECOND, 200_000, false));
      nextCode = 100_000 * width / 160;
      painted.put(rid, ConcurrentHashMap.newKeySet());
    }

    void sendPicture() {
      int code = nextCode++;
      painted.get(rid).add(code);
      PictureCode.paint(
          picture.y().asByteBuffer(), picture.width(), picture.width(), picture.height(), code);
      boolean key = keyFramesWanted.remove(rid);
      try {
        Optional<MediaFrame> frame = encoder.encode(picture, PeerDriver.nanoTime(), key);
        frame.ifPresent(encoded -> driver.send(video, rid, encoded));
      } catch (CodecException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      encoder.close();
      picture.close();
    }
  }
}
