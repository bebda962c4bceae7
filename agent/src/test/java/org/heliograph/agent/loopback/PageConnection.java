package org.heliograph.agent.loopback;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;

/** A page's side of a loopback connection, with sockets and in real time. */
public final class PageConnection implements PeerListener, AutoCloseable {
  private final BlockingQueue<MediaFrame> frames = new LinkedBlockingQueue<>();
  private final BlockingQueue<PeerConnectionState> states = new LinkedBlockingQueue<>();
  private final PeerDriver driver;

  public PageConnection() throws IOException {
    driver = PeerDriver.openOnLoopback(this);
  }

  /** An offer that wants sound and picture in a direction of its own. */
  public String offer(TransceiverDirection direction) {
    return driver
        .call(
            connection -> {
              connection.addTransceiver(MediaKind.AUDIO, direction);
              connection.addTransceiver(MediaKind.VIDEO, direction);
              return reoffer(connection);
            })
        .join();
  }

  /** A later offer of the same. */
  public String offerAgain() {
    return driver.call(PageConnection::reoffer).join();
  }

  private static String reoffer(PeerConnection connection) {
    SessionDescription offer = connection.createOffer();
    connection.setLocalDescription(offer);
    return connection.localDescription().orElse(offer).sdp();
  }

  /** Takes the agent's answer, and connects. */
  public void accept(String answer) {
    driver
        .call(
            connection -> {
              connection.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer));
              return null;
            })
        .join();
  }

  /** What each kind's section has been agreed to do. */
  public List<TransceiverDirection> directions() {
    return driver
        .call(
            connection ->
                connection.transceivers().stream()
                    .flatMap(transceiver -> transceiver.currentDirection().stream())
                    .toList())
        .join();
  }

  public void awaitState(PeerConnectionState awaited) throws InterruptedException {
    PeerConnectionState state;
    do {
      state = states.poll(20, TimeUnit.SECONDS);
      if (state == null) {
        throw new AssertionError("the connection never became " + awaited);
      }
    } while (state != awaited);
  }

  public MediaFrame nextFrame() throws InterruptedException {
    MediaFrame frame = frames.poll(20, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame came");
    }
    return frame;
  }

  @Override
  public void onConnectionStateChange(PeerConnectionState state) {
    states.add(state);
  }

  @Override
  public void onFrame(Transceiver transceiver, MediaFrame frame) {
    frames.add(frame);
  }

  @Override
  public void close() {
    driver.close();
  }
}
