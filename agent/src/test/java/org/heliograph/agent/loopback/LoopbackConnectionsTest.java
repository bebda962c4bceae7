package org.heliograph.agent.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A call's pages, over real sockets on loopback. */
class LoopbackConnectionsTest {
  private static final Object SOURCE = new Object();
  private static final RemoteTrack PICTURE =
      new RemoteTrack(new TrackId("in-1"), MediaKind.VIDEO, Optional.empty(), List.of());

  private static final byte[] KEY_FRAME = {
    0x10, 0, 0, (byte) 0x9d, 1, 0x2a, 64, 0, 48, 0, 1, 2, 3, 4
  };

  private final BlockingQueue<Boolean> wanted = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> keyFrameRequests = new LinkedBlockingQueue<>();
  private final LoopbackConnections connections =
      new LoopbackConnections(
          new LoopbackConnections.Source() {
            @Override
            public void setPacketsWanted(boolean packetsWanted) {
              wanted.add(packetsWanted);
            }

            @Override
            public void requestKeyFrame() {
              keyFrameRequests.add("key");
            }
          });
  private final List<PageConnection> pages = new ArrayList<>();
  private long number = 100;

  @AfterEach
  void end() {
    connections.end();
    pages.forEach(PageConnection::close);
  }

  private PageConnection page() throws Exception {
    connections.receive(List.of(PICTURE));
    PageConnection page = new PageConnection();
    pages.add(page);
    return page;
  }

  private LoopbackConnections.Answer offer(Optional<String> connection, String sdp)
      throws Exception {
    return connections.offer(connection, sdp).get(20, TimeUnit.SECONDS);
  }

  private PageConnection connected() throws Exception {
    PageConnection page = page();
    page.accept(offer(Optional.empty(), page.offer(TransceiverDirection.RECVONLY)).sdp());
    page.awaitState(PeerConnectionState.CONNECTED);
    assertThat(keyFrameRequests.poll(20, TimeUnit.SECONDS)).isEqualTo("key");
    return page;
  }

  /** A packet that is a whole key frame. */
  private MediaPacket picture() {
    return picture(KEY_FRAME);
  }

  private MediaPacket picture(byte[] keyFrame) {
    byte[] payload = new byte[1 + keyFrame.length];
    payload[0] = 0x10;
    System.arraycopy(keyFrame, 0, payload, 1, keyFrame.length);
    number++;
    return new MediaPacket(
        SOURCE,
        MediaFormat.VP8,
        number,
        3000 * number,
        true,
        MediaFrame.NO_LEVEL,
        System.nanoTime(),
        MediaPacket.UNKNOWN,
        1,
        ByteBuffer.wrap(payload));
  }

  private static LoopbackException.Code codeOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    assertThat(cause).isInstanceOf(LoopbackException.class);
    return ((LoopbackException) cause).code();
  }

  @Test
  void everyPageGetsEveryPacket() throws Exception {
    PageConnection first = connected();
    PageConnection second = connected();
    connections.publish(PICTURE, picture());
    connections.publish(PICTURE, picture());

    for (PageConnection page : List.of(first, second)) {
      assertThat(page.nextFrame().payload()).isEqualTo(ByteBuffer.wrap(KEY_FRAME));
      assertThat(page.nextFrame().key()).isTrue();
    }
    assertThat(connections.count()).isEqualTo(2);
  }

  @Test
  void aPictureThatIsTooLargeReachesNoPage() throws Exception {
    PageConnection page = connected();
    byte[] large = KEY_FRAME.clone();
    large[7] = 0x3f; // 16192 wide
    large[9] = 0x3f;
    connections.publish(PICTURE, picture(large));
    connections.publish(PICTURE, picture());

    assertThat(page.nextFrame().payload()).isEqualTo(ByteBuffer.wrap(KEY_FRAME));
  }

  @Test
  void theAnswerSendsOnlyAndHasOnlyALoopbackCandidate() throws Exception {
    PageConnection page = page();
    String answer = offer(Optional.empty(), page.offer(TransceiverDirection.SENDRECV)).sdp();

    assertThat(answer.lines().filter(line -> line.startsWith("a=candidate:")))
        .isNotEmpty()
        .allMatch(line -> line.matches("a=candidate:\\S+ 1 udp \\d+ 127\\.0\\.0\\.1 .*"));
    assertThat(answer).contains("a=sendonly").doesNotContain("a=sendrecv");
    page.accept(answer);
    assertThat(page.directions()).containsOnly(TransceiverDirection.RECVONLY).hasSize(2);
  }

  @Test
  void packetsAreWantedWhileThereIsAPage() throws Exception {
    PageConnection page = connected();
    assertThat(wanted.poll(20, TimeUnit.SECONDS)).isTrue();
    page.close();
    assertThat(wanted.poll(20, TimeUnit.SECONDS)).isFalse();
    assertThat(connections.count()).isZero();
  }

  @Test
  void aPageMayOfferAgain() throws Exception {
    PageConnection page = page();
    LoopbackConnections.Answer first =
        offer(Optional.empty(), page.offer(TransceiverDirection.RECVONLY));
    page.accept(first.sdp());
    page.awaitState(PeerConnectionState.CONNECTED);
    LoopbackConnections.Answer second = offer(Optional.of(first.connection()), page.offerAgain());
    page.accept(second.sdp());
    connections.publish(PICTURE, picture());

    assertThat(second.connection()).isEqualTo(first.connection());
    assertThat(connections.count()).isEqualTo(1);
    assertThat(page.nextFrame().key()).isTrue();
  }

  @Test
  void candidatesAreToldToWhoComesLate() throws Exception {
    PageConnection page = page();
    String id = offer(Optional.empty(), page.offer(TransceiverDirection.RECVONLY)).connection();
    BlockingQueue<IceCandidateInit> told = new LinkedBlockingQueue<>();
    Runnable end = connections.follow(Optional.of(id), told::add);

    assertThat(told.poll(20, TimeUnit.SECONDS).candidate()).contains("127.0.0.1");
    assertThat(told.poll(20, TimeUnit.SECONDS).candidate()).isEmpty();
    end.run();
  }

  @Test
  void theEndOfTheCallEndsThem() throws Exception {
    PageConnection page = connected();
    connections.end();
    page.awaitState(PeerConnectionState.CLOSED);
    assertThat(connections.count()).isZero();
    assertThatThrownBy(() -> offer(Optional.empty(), page.offerAgain()))
        .satisfies(
            failure ->
                assertThat(codeOf(failure)).isEqualTo(LoopbackException.Code.UNKNOWN_CONNECTION));
  }

  @Test
  void anOfferThatWantsNothingIsRefusedAndLeavesNothing() throws Exception {
    String offer = page().offer(TransceiverDirection.SENDONLY);
    assertThatThrownBy(() -> connections.offer(Optional.empty(), offer).join())
        .satisfies(
            failure ->
                assertThat(codeOf(failure)).isEqualTo(LoopbackException.Code.NOTHING_WANTED));
    assertThat(connections.count()).isZero();
  }

  @Test
  void aBrokenOfferIsRefusedAndLeavesNothing() {
    assertThatThrownBy(() -> connections.offer(Optional.empty(), "v=0").join())
        .satisfies(
            failure ->
                assertThat(codeOf(failure)).isEqualTo(LoopbackException.Code.BAD_DESCRIPTION));
    assertThat(connections.count()).isZero();
  }

  @Test
  void thereIsABoundOfPages() throws Exception {
    for (int i = 0; i < LoopbackConnections.MAX_CONNECTIONS; i++) {
      offer(Optional.empty(), page().offer(TransceiverDirection.RECVONLY));
    }
    String oneMore = page().offer(TransceiverDirection.RECVONLY);
    assertThatThrownBy(() -> offer(Optional.empty(), oneMore))
        .satisfies(
            failure ->
                assertThat(codeOf(failure)).isEqualTo(LoopbackException.Code.TOO_MANY_CONNECTIONS));
    assertThat(connections.count()).isEqualTo(LoopbackConnections.MAX_CONNECTIONS);
  }
}
