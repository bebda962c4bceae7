package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.FakeSubscriber.Block;
import org.heliograph.relay.FakeSubscriber.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a sender, a network and a page do, what a page is sent can be played. */
class RelayFuzzTest {
  private static final List<String> PAGE_SAYS =
      List.of("{\"type\":\"keyframe\"}", "{\"type\":\"pause\"}", "{\"type\":\"resume\"}", "{");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void whateverHappensEachStreamCanBePlayed(long seed) {
    Random random = new Random(seed);
    var call = new VirtualRelay();
    var page = new FakeSubscriber();
    Subscription subscription = call.relay.subscribe(MediaFormat.WEBM, page).orElseThrow();
    long clockMillis = 0;
    for (int i = 0; i < 20_000 && page.closed.isEmpty(); i++) {
      switch (random.nextInt(200)) {
        case 0 -> page.beSlow();
        case 1, 2, 3, 4 -> page.beFast();
        case 5 -> subscription.page(PAGE_SAYS.get(random.nextInt(PAGE_SAYS.size())));
        case 6 -> call.relay.expect(randomKinds(random));
        case 7 -> call.pass(random.nextInt(4_000));
        case 8 -> clockMillis += random.nextInt(-500, 5_000);
        case 9 -> call.video(Frames.brokenKey(call.senderMillis() + clockMillis));
        case 10, 11, 12, 13 -> call.video(randomKey(random, call.senderMillis() + clockMillis));
        default -> {
          call.pass(random.nextInt(30));
          long skew = random.nextInt(-60, 60);
          if (random.nextInt(3) > 0) {
            call.audio(Frames.audio(call.senderMillis() + clockMillis + skew));
          } else {
            call.video(Frames.delta(call.senderMillis() + clockMillis + skew));
          }
        }
      }
    }

    assertThat(page.mostInFlight).isLessThanOrEqualTo(Outbox.MAX_IN_FLIGHT);
    assertThat(page.streams).hasSizeGreaterThan(2);
    page.streams.forEach(RelayFuzzTest::assertPlayable);
  }

  private static void assertPlayable(Stream stream) {
    Set<Integer> tracks = new HashSet<>();
    for (Block block : stream.blocks()) {
      assertThat(block.millis()).isNotNegative();
      if (tracks.add(block.track())) {
        assertThat(block.key()).isTrue();
      }
    }
    assertThat(stream.mime().contains("vp8") || !tracks.contains(RelayMessage.VIDEO_ID)).isTrue();
    assertThat(stream.mime().contains("opus") || !tracks.contains(RelayMessage.AUDIO_ID)).isTrue();
    assertSteady(stream.video(), 126);
    assertSteady(stream.audio(), 40);
  }

  private static void assertSteady(List<Block> blocks, long largestGap) {
    for (int i = 1; i < blocks.size(); i++) {
      assertThat(blocks.get(i).millis() - blocks.get(i - 1).millis()).isBetween(1L, largestGap);
    }
  }

  private static Set<MediaKind> randomKinds(Random random) {
    List<MediaKind> kinds = new ArrayList<>(List.of(MediaKind.values()));
    kinds.removeIf(_ -> random.nextInt(4) == 0);
    return Set.copyOf(kinds);
  }

  private static MediaFrame randomKey(Random random, long millis) {
    return random.nextInt(8) == 0 ? Frames.key(millis, 320, 240) : Frames.key(millis);
  }
}
