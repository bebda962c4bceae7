package org.heliograph.interop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.DataChannelState.CLOSED;
import static org.heliograph.peer.DataChannelState.CLOSING;
import static org.heliograph.peer.DataChannelState.OPEN;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.peer.DataChannel;
import org.heliograph.peer.DataChannelOptions;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.stats.SctpTransportStats;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What data channels with any browser must do; a subclass for each browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserDataChannelTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final DataChannelOptions ECHO = DataChannelOptions.RELIABLE.withProtocol("echo");
  private static final String TEXT = "Gr\u00fc\u00dfe \ud83d\ude00";

  private PageServer pages;
  private Page browser;

  /** Starts the browser. */
  abstract Page start() throws IOException;

  @BeforeAll
  void startBrowser() throws IOException {
    try (var page = BrowserDataChannelTest.class.getResourceAsStream("channels.html")) {
      pages = new PageServer(Map.of("/", new String(page.readAllBytes(), StandardCharsets.UTF_8)));
    }
    browser = start();
  }

  @AfterAll
  void stopBrowser() {
    browser.close();
    pages.close();
  }

  @BeforeEach
  void openPage() {
    browser.open(pages.url("/"));
  }

  /** The same octets as the page's function of that name gives. */
  private static ByteBuffer octets(int length, int seed) {
    ByteBuffer octets = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      octets.put(i, (byte) (i * 31 + (i >> 8) * 7 + seed));
    }
    return octets;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesOfEveryKindGoBothWaysWhoeverOffers(boolean weOffer) throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      DataChannel ours = call.create("ours", ECHO);
      browser.evaluate("create('theirs', { protocol: 'echo' })");
      if (weOffer) {
        call.weOffer();
      } else {
        call.pageOffers();
      }
      call.ours.awaitState(ours, OPEN);
      DataChannel theirs = call.ours.awaitChannel("theirs");

      call.send(ours, TEXT);
      call.send(ours, "");
      call.send(ours, octets(1000, 1));
      call.send(ours, ByteBuffer.allocate(0));
      assertThat(call.ours.awaitMessages(ours, 4))
          .containsExactly(TEXT, "", octets(1000, 1), ByteBuffer.allocate(0));

      browser.await("channels.get('theirs').readyState === 'open'", LIMIT);
      browser.evaluate(
          """
          const channel = channels.get('theirs');
          channel.send(%s); channel.send(''); channel.send(octets(1000, 2)); channel.send(new ArrayBuffer(0));
          """
              .formatted(Page.quote(TEXT)));
      browser.await("received.get('theirs').length === 4", LIMIT);
      assertThat(browser.evaluate("return received.get('theirs')[0]").asText()).isEqualTo(TEXT);
      assertThat(browser.evaluate("return received.get('theirs')[1] === ''").asBoolean()).isTrue();
      assertThat(browser.evaluate("return came('theirs', 2, 1000, 2)").asBoolean()).isTrue();
      assertThat(browser.evaluate("return came('theirs', 3, 0, 0)").asBoolean()).isTrue();
      assertThat(call.ours.awaitMessages(theirs, 4)).contains(TEXT, "", ByteBuffer.allocate(0));
      assertThat(browser.evaluate("return describe('theirs').id").asInt())
          .isEqualTo(theirs.id().orElseThrow());
      assertThat(browser.evaluate("return describe('ours').id").asInt())
          .isEqualTo(ours.id().orElseThrow());
      assertThat(call.call(PeerConnection::getStats))
          .filteredOn(SctpTransportStats.class::isInstance)
          .hasSize(1);
    }
  }

  @Test
  void aMebibyteInPiecesAndTheLongestMessageGoThereAndBack() throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      DataChannel channel = call.create("pieces", ECHO);
      call.weOffer();
      call.ours.awaitState(channel, OPEN);
      assertThat(call.call(PeerConnection::maxMessageSize)).isEqualTo(DataChannel.MAX_MESSAGE_SIZE);

      List<Object> sent = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        sent.add(octets(16 * 1024, i));
        call.send(channel, octets(16 * 1024, i));
      }
      sent.add(octets(DataChannel.MAX_MESSAGE_SIZE, 64));
      call.send(channel, octets(DataChannel.MAX_MESSAGE_SIZE, 64));

      assertThat(call.ours.awaitMessages(channel, 65).equals(sent))
          .as("the messages that came back are those that were sent")
          .isTrue();
      browser.await("came('pieces', 64, %d, 64)".formatted(DataChannel.MAX_MESSAGE_SIZE), LIMIT);
    }
  }

  @Test
  void whatAChannelIsItIsOnBothSides() throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      DataChannel unordered =
          call.create("unordered", DataChannelOptions.RELIABLE.unordered().withMaxRetransmits(2));
      DataChannel negotiated =
          call.create("negotiated", DataChannelOptions.RELIABLE.negotiatedAs(200));
      browser.evaluate(
          "create('timed', { maxPacketLifeTime: 500 });"
              + "create('agreed', { negotiated: true, id: 200 })");
      call.weOffer();

      JsonNode theirs = browser.await("channels.has('unordered') && describe('unordered')", LIMIT);
      assertThat(theirs.path("ordered").asBoolean()).isFalse();
      assertThat(theirs.path("maxRetransmits").asInt()).isEqualTo(2);
      DataChannel timed = call.ours.awaitChannel("timed");
      assertThat(timed.maxPacketLifeTime()).hasValue(500);
      assertThat(timed.ordered()).isTrue();

      for (int i = 0; i < 100; i++) {
        call.send(unordered, Integer.toString(i));
      }
      // Loopback loses nothing.
      browser.await("new Set(received.get('unordered')).size === 100", LIMIT);
      browser.evaluate("for (let i = 0; i < 100; i++) channels.get('timed').send(String(i))");
      assertThat(call.ours.awaitMessages(timed, 100)).first().isEqualTo("0");

      call.ours.awaitState(negotiated, OPEN);
      browser.await("channels.get('agreed').readyState === 'open'", LIMIT);
      call.send(negotiated, "as agreed");
      browser.await("received.get('agreed')[0] === 'as agreed'", LIMIT);
    }
  }

  @Test
  void channelsAreClosedByEitherSideAndTheirNumbersUsedAgain() throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      DataChannel first = call.create("first", ECHO);
      DataChannel second = call.create("second", ECHO);
      call.weOffer();
      browser.await(
          "['first', 'second'].every(label => channels.get(label)?.readyState === 'open')", LIMIT);

      call.send(first, "the last words");
      call.close(first);
      browser.await("channels.get('first').readyState === 'closed'", LIMIT);
      assertThat(browser.evaluate("return received.get('first')[0]").asText())
          .isEqualTo("the last words");
      call.ours.awaitState(first, CLOSED);

      browser.evaluate("channels.get('second').close()");
      call.ours.awaitState(second, CLOSED);
      assertThat(call.ours.states(second)).containsExactly(OPEN, CLOSING, CLOSED);
      browser.await("channels.get('second').readyState === 'closed'", LIMIT);

      DataChannel third = call.create("third", ECHO);
      assertThat(third.id()).isEqualTo(first.id());
      call.send(third, "on the same number");
      assertThat(call.ours.awaitMessages(third, 1)).containsExactly("on the same number");
    }
  }

  @Test
  void channelsAreAddedToACallThatHadNone() throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      call.call(
          connection -> connection.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV));
      call.weOffer();
      browser.evaluate("create('later', { protocol: 'echo' })");
      call.pageOffers();
      DataChannel later = call.ours.awaitChannel("later");
      call.ours.awaitState(later, OPEN);
      call.send(later, "found");
      browser.await("received.get('later')[0] === 'found'", LIMIT);
      browser.evaluate("channels.get('later').send('and answered')");
      assertThat(call.ours.awaitMessages(later, 1)).containsExactly("and answered");
    }
  }

  @Test
  void aBrowserThatGoesAwayClosesTheChannels() throws Exception {
    try (PageConnection call = new PageConnection(browser)) {
      DataChannel channel = call.create("left behind", ECHO);
      call.weOffer();
      call.ours.awaitState(channel, OPEN);
      browser.evaluate("pc.close()");
      call.ours.awaitState(channel, CLOSED);
    }
  }
}
