package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.VirtualRelay.AUDIO;
import static org.heliograph.relay.VirtualRelay.BOTH;
import static org.heliograph.relay.VirtualRelay.VIDEO;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.heliograph.peer.MediaKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A subscriber that cannot keep up, in virtual time. */
class BackPressureTest {
  private final VirtualRelay call = new VirtualRelay();

  @ParameterizedTest
  @EnumSource
  void noMoreMessagesAreInFlightThanTheConnectionMayHave(MediaFormat format) {
    FakeSubscriber page = watch(format);
    page.beSlow();
    call.run(BOTH, 3_000);

    assertThat(page.mostInFlight).isEqualTo(Outbox.MAX_IN_FLIGHT);
  }

  @Test
  void aShortHiccupLosesNothing() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    call.run(BOTH, 500);
    page.beSlow();
    call.run(BOTH, 800);
    page.beFast();
    call.run(BOTH, 500);

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().blocks()).noneMatch(FakeSubscriber.Block::isMadeUp);
    assertThat(page.stream().video()).hasSize(1 + 1_800 / 40);
  }

  @Test
  void whoFallsBehindLosesEverythingUpToTheNextKeyFrameWhichIsAskedForWhenItTakesSomethingAgain() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    call.run(BOTH, 500);
    int requests = call.keyFrameRequests;
    page.beSlow();
    call.run(BOTH, 5_000);
    assertThat(call.keyFrameRequests).as("others would pay for it").isEqualTo(requests);
    page.beFast();
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    int streams = page.streams.size();
    call.run(BOTH, 100);
    assertThat(page.streams).as("nothing before a key frame").hasSize(streams);
    call.key();
    call.run(BOTH, 100);

    assertThat(page.streams).hasSize(streams + 1);
    assertThat(page.stream().video().getFirst().key()).isTrue();
    assertThat(page.stream().video().getFirst().millis()).isZero();
    assertThat(call.relay.stats().getFirst().framesDropped()).isGreaterThan(50);
  }

  @Test
  void anInitSegmentIsNeverLostWithoutTheWholeStreamBeginningAnew() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    page.beSlow();
    call.key();
    call.run(VIDEO, 4_000);
    call.key();
    page.beFast();
    call.run(VIDEO, 100);
    call.key();
    call.run(VIDEO, 100);

    assertThat(page.streams).isNotEmpty();
    assertThat(page.streams)
        .allSatisfy(stream -> assertThat(stream.blocks().getFirst().key()).isTrue());
  }

  @Test
  void aFramesSubscriberThatFellBehindIsToldItsTracksAgainAndBeginsWithAKeyFrame() {
    FakeSubscriber page = watch(MediaFormat.FRAMES);
    call.run(BOTH, 500);
    page.beSlow();
    call.run(BOTH, 3_000);
    page.binaries.clear();
    page.texts.clear();
    page.beFast();
    call.run(BOTH, 100);
    assertThat(page.binaries).as("sound only").allMatch(message -> message.get(0) == 2);
    call.key();

    assertThat(page.texts.getFirst()).contains("\"tracks\"");
    assertThat(page.binaries.getLast().get(0)).isEqualTo((byte) 1);
    assertThat(page.binaries.getLast().get(1)).isEqualTo((byte) 1);
  }

  @Test
  void aSlowSubscriberSlowsNoOther() {
    FakeSubscriber slow = watch(MediaFormat.WEBM);
    slow.beSlow();
    call.run(BOTH, 3_000);
    FakeSubscriber fast = watch(MediaFormat.WEBM);
    call.run(BOTH, 5_000);

    assertThat(fast.streams).hasSize(1);
    assertThat(fast.stream().video()).hasSize(1 + 5_000 / 40);
    assertThat(fast.stream().blocks()).noneMatch(FakeSubscriber.Block::isMadeUp);
  }

  @Test
  void whatASubscriberThatTakesNothingHoldsIsBoundedInBytes() {
    int frame = 100_000;
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.key();
    page.beSlow();
    long most = 0;
    for (int i = 0; i < 200; i++) {
      call.video(Frames.delta(call.senderMillis() + i, frame));
      most = Math.max(most, call.relay.stats().getFirst().queuedBytes());
    }

    assertThat(most)
        .isBetween(
            Outbox.MAX_BYTES - 2L * frame,
            (long) Outbox.MAX_BYTES + Outbox.MAX_BYTES_IN_FLIGHT + frame);
    assertThat(call.relay.stats().getFirst().queuedBytes())
        .as("when it has fallen behind, what its connection has")
        .isLessThan(Outbox.MAX_BYTES_IN_FLIGHT + 2L * frame);
    assertThat(call.keyFrameRequests).isEqualTo(1);
  }

  @Test
  void nothingIsPackedForASubscriberThatHasFallenBehind() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    page.beSlow();
    call.run(BOTH, 2_000);
    SubscriberStats stuck = call.relay.stats().getFirst();
    call.run(BOTH, 5_000);

    assertThat(call.relay.stats().getFirst()).isEqualTo(stuck);
  }

  @Test
  void aConnectionThatSendsNothingForLongIsClosed() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    page.beSlow();
    call.run(BOTH, Subscription.MAX_STUCK.toMillis() - 100);
    assertThat(page.closed).isEmpty();
    call.run(BOTH, 300);

    assertThat(page.closed).contains(CloseReason.TOO_SLOW);
    assertThat(CloseReason.TOO_SLOW.code()).isEqualTo(1013);
    assertThat(call.relay.stats()).isEmpty();
  }

  @Test
  void aSubscriberThatFallsBehindAgainAndAgainIsClosed() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    page.beSlow();
    for (int second = 0; second < 30 && page.closed.isEmpty(); second++) {
      for (int i = 0; i < 10; i++) {
        call.run(BOTH, 100);
        if (page.closed.isEmpty()) {
          page.send(2); // a third of what there is
        }
      }
      call.key();
    }

    assertThat(page.closed).contains(CloseReason.TOO_SLOW);
  }

  @Test
  void aSubscriberThatFallsBehindNowAndThenIsKept() {
    FakeSubscriber page = watch(MediaFormat.WEBM);
    for (int i = 0; i < 10; i++) {
      page.beSlow();
      call.run(BOTH, 2_000);
      page.beFast();
      call.key();
      call.run(BOTH, 6_000);
    }

    assertThat(page.closed).isEmpty();
  }

  @Test
  void aConnectionThatThrowsClosesOnlyItself() {
    call.relay.expect(AUDIO);
    var closed = new AtomicReference<CloseReason>();
    call.relay.subscribe(
        MediaFormat.WEBM,
        new SubscriberSink() {
          @Override
          public void text(String message, Runnable sent) {
            throw new IllegalStateException("the connection is broken");
          }

          @Override
          public void binary(ByteBuffer message, Runnable sent) {
            throw new IllegalStateException("the connection is broken");
          }

          @Override
          public void close(CloseReason reason) {
            closed.set(reason);
          }
        });
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.relay.publish(MediaKind.AUDIO, Frames.audio(0));

    assertThat(closed.get()).isEqualTo(CloseReason.FAILED);
    assertThat(page.stream().blocks()).hasSize(1);
    assertThat(call.relay.stats()).hasSize(1);
  }

  private FakeSubscriber watch(MediaFormat format) {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(format);
    call.run(BOTH, 40);
    call.key();
    return page;
  }
}
