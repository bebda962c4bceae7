package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.VirtualRelay.BOTH;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.peer.MediaKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page and the call say to each other, besides media. */
class SubscriberControlTest {
  private final VirtualRelay call = new VirtualRelay();
  private FakeSubscriber page = new FakeSubscriber();

  @Test
  void theStateIsToldToAllAndIsTheGreetingOfWhoComesLater() {
    FakeSubscriber early = call.subscribe(MediaFormat.WEBM);
    call.relay.state("connecting");
    call.relay.state("connected");
    FakeSubscriber late = call.subscribe(MediaFormat.FRAMES);

    assertThat(early.texts)
        .containsExactly(
            "{\"type\":\"state\",\"state\":\"connecting\"}",
            "{\"type\":\"state\",\"state\":\"connected\"}");
    assertThat(late.texts).containsExactly("{\"type\":\"state\",\"state\":\"connected\"}");
  }

  @ParameterizedTest
  @EnumSource
  void theEndIsToldAndClosesEverySubscriber(MediaFormat format) {
    subscribe(format);
    call.relay.end("hung up");
    call.relay.end("twice");
    call.run(BOTH, 100);

    assertThat(page.texts.getLast()).isEqualTo("{\"type\":\"ended\",\"reason\":\"hung up\"}");
    assertThat(page.closed).contains(CloseReason.ENDED);
    assertThat(CloseReason.ENDED.code()).isEqualTo(1000);
    assertThat(call.relay.stats()).isEmpty();
  }

  @Test
  void whoComesAfterTheEndIsToldSoAndClosed() {
    call.relay.end("rejected");
    FakeSubscriber late = call.subscribe(MediaFormat.WEBM);

    assertThat(late.texts).containsExactly("{\"type\":\"ended\",\"reason\":\"rejected\"}");
    assertThat(late.closed).contains(CloseReason.ENDED);
  }

  @Test
  void theEndReachesASubscriberThatIsBehind() {
    subscribe(MediaFormat.WEBM);
    page.beSlow();
    call.run(BOTH, 500);
    page.send(1);
    call.relay.state("reconnecting");
    page.sendAll();
    call.relay.end("gone");

    assertThat(page.texts)
        .endsWith(
            "{\"type\":\"state\",\"state\":\"reconnecting\"}",
            "{\"type\":\"ended\",\"reason\":\"gone\"}");
  }

  @ParameterizedTest
  @EnumSource
  void aPausedSubscriberIsSentNothingAndBeginsAgainWithAKeyFrame(MediaFormat format) {
    Subscription subscription = subscribe(format);
    subscription.page("{\"type\":\"pause\"}");
    int binaries = page.binaries.size();
    call.run(BOTH, 3_000);
    assertThat(page.binaries).hasSize(binaries);

    int requests = call.keyFrameRequests;
    subscription.page("{\"type\":\"resume\"}");
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    call.key();
    call.run(BOTH, 100);
    assertThat(page.binaries).hasSizeGreaterThan(binaries + 3);
    if (format == MediaFormat.WEBM) {
      assertThat(page.streams).hasSize(2);
      assertThat(page.stream().video().getFirst().key()).isTrue();
    }
  }

  @Test
  void anotherInitSegmentComesWhenThePageAsksForAKeyFrame() {
    Subscription subscription = subscribe(MediaFormat.WEBM);
    call.run(BOTH, 3_000);
    int requests = call.keyFrameRequests;
    subscription.page("{\"type\":\"keyframe\"}");
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    call.run(BOTH, 100);
    assertThat(page.streams).hasSize(1);
    call.key();

    assertThat(page.streams).hasSize(2);
  }

  @Test
  void aPageThatAsksForKeyFramesAllTheTimeIsHeardOnceASecond() {
    Subscription subscription = subscribe(MediaFormat.FRAMES);
    call.run(BOTH, 3_000);
    int requests = call.keyFrameRequests;
    for (int i = 0; i < 100; i++) {
      subscription.page("{\"type\":\"keyframe\"}");
      call.run(BOTH, 20);
    }

    assertThat(call.keyFrameRequests - requests).isBetween(2, 3);
  }

  @Test
  void feedbackIsKeptForEachSubscriber() {
    Subscription subscription = subscribe(MediaFormat.WEBM);
    call.subscribe(MediaFormat.FRAMES);
    subscription.page(
        "{\"type\":\"feedback\",\"buffered\":0.25,\"shown\":300,\"dropped\":2,\"clock\":12.5}");

    List<SubscriberStats> stats = call.relay.stats();
    assertThat(stats.get(0).format()).isEqualTo(MediaFormat.WEBM);
    assertThat(stats.get(0).feedback()).contains(new SubscriberStats.Feedback(0.25, 300, 2, 12.5));
    assertThat(stats.get(0).framesSent()).isPositive();
    assertThat(stats.get(0).bytesSent()).isPositive();
    assertThat(stats.get(0).restarts()).isEqualTo(1);
    assertThat(stats.get(1).format()).isEqualTo(MediaFormat.FRAMES);
    assertThat(stats.get(1).feedback()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "[]",
        "null",
        "{\"type\":7}",
        "{\"type\":\"no such type\"}",
        "{\"type\":\"feedback\"}",
        "{\"type\":\"feedback\",\"buffered\":\"1\",\"shown\":1,\"dropped\":1,\"clock\":1}",
        "{\"type\":\"feedback\",\"buffered\":1,\"shown\":1.5,\"dropped\":1,\"clock\":1}",
        "{\"type\":\"feedback\",\"buffered\":1,\"shown\":-1,\"dropped\":1,\"clock\":1}",
        "{\"type\":\"feedback\",\"buffered\":1e999,\"shown\":1,\"dropped\":1,\"clock\":1}",
        "{\"type\":\"feedback\",\"buffered\":1,\"shown\":1e99,\"dropped\":1,\"clock\":1}"
      })
  void aMalformedOrUnknownMessageIsIgnored(String message) {
    Subscription subscription = subscribe(MediaFormat.WEBM);
    int requests = call.keyFrameRequests;
    subscription.page(message);
    call.run(BOTH, 100);

    assertThat(page.closed).isEmpty();
    assertThat(page.streams).hasSize(1);
    assertThat(call.keyFrameRequests).isEqualTo(requests);
    assertThat(call.relay.stats().getFirst().feedback()).isEmpty();
  }

  @Test
  void aConnectionThatIsGoneFreesItsPlace() {
    Subscription subscription = subscribe(MediaFormat.WEBM);
    assertThat(call.isTicking()).isTrue();
    subscription.cancel();
    subscription.cancel();
    int binaries = page.binaries.size();
    call.run(BOTH, 100);

    assertThat(page.binaries).hasSize(binaries);
    assertThat(call.relay.stats()).isEmpty();
    assertThat(call.isTicking()).as("nobody is there to be told the time").isFalse();
  }

  @Test
  void aCallHasOnlySoManySubscribers() {
    List<FakeSubscriber> pages = new ArrayList<>();
    for (int i = 0; i <= MediaRelay.MAX_SUBSCRIBERS; i++) {
      pages.add(call.subscribe(MediaFormat.WEBM));
    }

    assertThat(pages.getLast().closed).contains(CloseReason.TOO_MANY);
    assertThat(pages.getFirst().closed).isEmpty();
    assertThat(call.relay.stats()).hasSize(MediaRelay.MAX_SUBSCRIBERS);
  }

  @Test
  void aRequestedKeyFrameMayBePublishedAtOnce() {
    var relays = new ArrayList<MediaRelay>();
    var relay =
        new MediaRelay(
            () -> relays.getFirst().publish(MediaKind.VIDEO, Frames.key(0)),
            () -> 0,
            task -> () -> {});
    relays.add(relay);
    relay.expect(VirtualRelay.VIDEO);
    relay.subscribe(MediaFormat.WEBM, page);

    assertThat(page.stream().blocks()).hasSize(1);
  }

  private Subscription subscribe(MediaFormat format) {
    call.relay.expect(BOTH);
    page = new FakeSubscriber();
    Optional<Subscription> subscription = call.relay.subscribe(format, page);
    call.run(BOTH, 40);
    call.key();
    call.run(BOTH, 200);
    return subscription.orElseThrow();
  }
}
