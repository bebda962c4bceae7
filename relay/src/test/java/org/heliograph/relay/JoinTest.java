package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.VirtualRelay.AUDIO;
import static org.heliograph.relay.VirtualRelay.BOTH;
import static org.heliograph.relay.VirtualRelay.VIDEO;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.heliograph.peer.MediaKind;
import org.heliograph.relay.FakeSubscriber.Block;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page that joins, or comes back, in the middle of a call; in virtual time. */
class JoinTest {
  /** From a request to the key frame: a round trip, the encoder and the way of a large frame. */
  private static final int ANSWER_MILLIS = 240;

  private final VirtualRelay call = new VirtualRelay();

  @ParameterizedTest
  @EnumSource
  void whoJoinsSoonAfterAKeyFrameHasAWholePictureAtOnceAndNobodyIsAsked(MediaFormat format) {
    inTheMiddle();
    call.key();
    call.run(BOTH, 1_000);
    int requests = call.keyFrameRequests;
    FakeSubscriber page = call.subscribe(format);

    assertThat(pictures(page)).isEqualTo(1 + 1_000 / 40);
    assertThat(call.keyFrameRequests).isEqualTo(requests);

    call.run(BOTH, 200);
    assertThat(pictures(page)).isEqualTo(1 + 1_200 / 40);
    assertThat(call.keyFrameRequests).isEqualTo(requests);
  }

  @Test
  void thePastOfAWebmStreamIsSqueezedSoThatThePlayerIsNotBehind() {
    inTheMiddle();
    call.key();
    call.run(BOTH, 400);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(BOTH, 120);

    List<Block> video = page.stream().video();
    assertThat(video.getFirst().key()).isTrue();
    assertThat(video)
        .extracting(Block::millis)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 50L, 90L, 130L);
    assertThat(page.stream().mime()).contains("vp8,opus");
    assertThat(page.stream().audio().stream().filter(Block::isMadeUp).count())
        .as("until the first sound comes")
        .isLessThanOrEqualTo(2);
  }

  @Test
  void thePastOfSingleFramesIsMarkedAllButItsLatest() {
    inTheMiddle();
    call.key();
    call.run(VIDEO, 120);
    FakeSubscriber page = call.subscribe(MediaFormat.FRAMES);
    call.run(VIDEO, 40);

    assertThat(page.binaries)
        .extracting(message -> message.get(1))
        .containsExactly((byte) 3, (byte) 2, (byte) 2, (byte) 0, (byte) 0);
    long first = page.binaries.getFirst().getLong(4);
    assertThat(page.binaries)
        .extracting(message -> message.getLong(4) - first)
        .containsExactly(0L, 40_000L, 80_000L, 120_000L, 160_000L);
  }

  @Test
  void allWhoAreSentSingleFramesShareTheirBytesAndTheirClock() {
    call.relay.expect(BOTH);
    FakeSubscriber one = call.subscribe(MediaFormat.FRAMES);
    call.key();
    call.run(BOTH, 3_000);
    FakeSubscriber other = call.subscribe(MediaFormat.FRAMES);
    call.key();
    call.run(BOTH, 1_000);

    List<ByteBuffer> late = one.binaries.subList(one.binaries.size() - 50, one.binaries.size());
    List<ByteBuffer> same =
        other.binaries.subList(other.binaries.size() - 50, other.binaries.size());
    for (int i = 0; i < 50; i++) {
      assertThat(same.get(i).array()).isSameAs(late.get(i).array());
    }
  }

  @Test
  void aSenderThatIsMutedDoesNotHoldThePictureUp() {
    inTheMiddle();
    call.key();
    call.run(VIDEO, 1_500);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);

    assertThat(page.stream().mime()).contains("vp8,opus");
    assertThat(page.stream().video()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aKeyFrameThatIsTooLongAgoIsNotBegunWith(MediaFormat format) {
    inTheMiddle();
    call.key();
    call.run(BOTH, RecentPictures.MAX_AGE.toMillis() + 40);
    int requests = call.keyFrameRequests;
    FakeSubscriber page = call.subscribe(format);

    assertThat(pictures(page)).isZero();
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
  }

  @ParameterizedTest
  @EnumSource
  void aCameraThatHasGoneIsNotShownFromMemory(MediaFormat format) {
    inTheMiddle();
    call.key();
    call.run(AUDIO, RecentPictures.MAX_AGE.toMillis() + 40);

    assertThat(pictures(call.subscribe(format))).isZero();
  }

  @Test
  void moreThanCanBeDecodedInTimeIsNotKept() {
    call.relay.expect(VIDEO);
    call.key();
    for (int i = 1; i < RecentPictures.MAX_PICTURES; i++) {
      call.video(Frames.delta(call.senderMillis() + i));
    }
    assertThat(pictures(call.subscribe(MediaFormat.FRAMES))).isEqualTo(RecentPictures.MAX_PICTURES);
    call.video(Frames.delta(call.senderMillis() + RecentPictures.MAX_PICTURES));

    assertThat(pictures(call.subscribe(MediaFormat.FRAMES))).isZero();
  }

  @Test
  void moreBytesThanTheLimitAreNotKept() {
    call.relay.expect(VIDEO);
    call.key();
    call.video(Frames.delta(call.senderMillis() + 1, RecentPictures.MAX_BYTES - 1_000));
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    assertThat(pictures(page)).isEqualTo(2);
    call.video(Frames.delta(call.senderMillis() + 2, 1_000));

    assertThat(pictures(page)).isEqualTo(3);
    assertThat(pictures(call.subscribe(MediaFormat.WEBM))).isZero();
  }

  @Test
  void aPictureThatWasNegotiatedAwayIsForgotten() {
    inTheMiddle();
    call.key();
    call.relay.expect(AUDIO);
    call.relay.expect(BOTH);

    assertThat(pictures(call.subscribe(MediaFormat.FRAMES))).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void fiftyPagesThatJoinAtOnceShareOneRequest(MediaFormat format) {
    inTheMiddle();
    int requests = call.keyFrameRequests;
    List<FakeSubscriber> pages = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pages.add(call.subscribe(format));
    }
    call.run(BOTH, 200);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    call.key();
    call.run(BOTH, 200);

    assertThat(pages).allSatisfy(page -> assertThat(pictures(page)).isEqualTo(1 + 200 / 40));
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whoeverJoinsWheneverHasAPictureWithin300MsAndTheSenderIsAskedOnceASecondAtMost(long seed) {
    Random random = new Random(seed);
    inTheMiddle();
    call.answerAfter(ANSWER_MILLIS);
    int requests = call.keyFrameRequests;
    Map<FakeSubscriber, Long> joined = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      for (int n = random.nextInt(5); n > 0; n--) {
        MediaFormat format = random.nextBoolean() ? MediaFormat.WEBM : MediaFormat.FRAMES;
        joined.put(call.subscribe(format), call.senderMillis());
      }
      call.run(BOTH, 20L * random.nextInt(1, 10));
      joined.forEach(
          (page, since) -> {
            if (call.senderMillis() - since > 300) {
              assertThat(pictures(page)).isPositive();
            }
          });
      joined.values().removeIf(since -> call.senderMillis() - since > 300);
    }

    assertThat(call.keyFrameRequests - requests)
        .isBetween(1, 1 + (int) (call.askedForMillis() / 1_000));
    assertThat(call.smallestRequestIntervalMillis()).isGreaterThanOrEqualTo(1_000);
  }

  @ParameterizedTest
  @EnumSource
  void aPageThatIsReloadedFindsAKeyFrameThatWasAskedForMeanwhile(MediaFormat format) {
    call.relay.expect(BOTH);
    Subscription before = call.relay.subscribe(format, new FakeSubscriber()).orElseThrow();
    call.key();
    call.run(BOTH, 5_000);
    int requests = call.keyFrameRequests;
    before.cancel();
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    call.run(BOTH, 200);
    call.key();
    call.run(BOTH, 200);
    FakeSubscriber after = call.subscribe(format);

    assertThat(pictures(after)).isEqualTo(1 + 200 / 40);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
  }

  @Test
  void aPageThatLeavesWhileAnotherWatchesCostsThatOneNoKeyFrame() {
    inTheMiddle();
    Subscription leaving =
        call.relay.subscribe(MediaFormat.WEBM, new FakeSubscriber()).orElseThrow();
    call.run(BOTH, 5_000);
    int requests = call.keyFrameRequests;
    leaving.cancel();

    assertThat(call.keyFrameRequests).isEqualTo(requests);
  }

  @ParameterizedTest
  @EnumSource
  void aPageThatCouldNotGoOnFromAKeyFrameIsNotSentItAThirdTime(MediaFormat format) {
    call.relay.expect(VIDEO);
    FakeSubscriber page = new FakeSubscriber();
    Subscription subscription = call.relay.subscribe(format, page).orElseThrow();
    call.run(VIDEO, 1_000);
    call.key();
    call.run(VIDEO, 200);
    int requests = call.keyFrameRequests;
    subscription.page("{\"type\":\"keyframe\"}");
    assertThat(call.keyFrameRequests).isEqualTo(requests);
    assertThat(keys(page)).isEqualTo(2);
    call.run(VIDEO, 1_000);
    subscription.page("{\"type\":\"keyframe\"}");

    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    assertThat(keys(page)).isEqualTo(2);
  }

  @Test
  void framesThatComeWhilePagesJoinAreSentOnceAndWithoutAGap() throws InterruptedException {
    var relay = new MediaRelay(() -> {}, System::nanoTime, _ -> () -> {});
    relay.expect(VIDEO);
    var over = new AtomicBoolean();
    var published = new AtomicLong();
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long i = 0; !over.get(); i++) {
                    boolean key = i % 40 == 0;
                    relay.publish(MediaKind.VIDEO, key ? Frames.key(i) : Frames.delta(i));
                    published.incrementAndGet();
                  }
                });
    List<FakeSubscriber> pages = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      var page = new FakeSubscriber();
      pages.add(page);
      relay.subscribe(MediaFormat.FRAMES, page);
      for (long meanwhile = published.get() + 20; published.get() < meanwhile; ) {
        Thread.onSpinWait();
      }
    }
    over.set(true);
    sender.join();

    for (FakeSubscriber page : pages) {
      long first = page.binaries.getFirst().getLong(4);
      long[] times = page.binaries.stream().mapToLong(message -> message.getLong(4)).toArray();
      assertThat(times)
          .isEqualTo(LongStream.range(0, times.length).map(i -> first + 1_000 * i).toArray());
    }
    assertThat(pages.getFirst().binaries).hasSizeGreaterThan(60);
  }

  /** A call that goes on and is watched; its last key frame is long ago. */
  private void inTheMiddle() {
    call.relay.expect(BOTH);
    call.subscribe(MediaFormat.WEBM);
    call.run(BOTH, 80);
    call.key();
    call.run(BOTH, 10_000);
  }

  private static int pictures(FakeSubscriber page) {
    if (!page.streams.isEmpty()) {
      return page.stream().video().size();
    }
    return (int)
        page.binaries.stream().filter(message -> message.get(0) == RelayMessage.VIDEO_ID).count();
  }

  private static int keys(FakeSubscriber page) {
    if (!page.streams.isEmpty()) {
      return (int)
          page.streams.stream()
              .flatMap(stream -> stream.video().stream())
              .filter(Block::key)
              .count();
    }
    return (int) page.binaries.stream().filter(message -> (message.get(1) & 1) != 0).count();
  }
}
