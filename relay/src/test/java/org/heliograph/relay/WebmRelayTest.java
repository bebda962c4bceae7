package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.VirtualRelay.AUDIO;
import static org.heliograph.relay.VirtualRelay.BOTH;
import static org.heliograph.relay.VirtualRelay.VIDEO;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.heliograph.relay.FakeSubscriber.Block;
import org.heliograph.relay.FakeSubscriber.Stream;
import org.junit.jupiter.api.Test;

/** What a WebM subscriber is sent, in virtual time. */
class WebmRelayTest {
  private static final String VIDEO_MIME = "video/webm; codecs=\"vp8\"";
  private static final String AUDIO_MIME = "audio/webm; codecs=\"opus\"";
  private static final String BOTH_MIME = "video/webm; codecs=\"vp8,opus\"";

  private final VirtualRelay call = new VirtualRelay();

  @Test
  void aNewSubscriberAsksForAKeyFrameAndGetsNoFrameBeforeIt() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(VIDEO, 200);

    assertThat(call.keyFrameRequests).isEqualTo(1);
    assertThat(page.streams).isEmpty();

    call.key();
    call.run(VIDEO, 200);
    assertThat(page.stream().mime()).isEqualTo(VIDEO_MIME);
    assertThat(page.stream().blocks().getFirst().key()).isTrue();
    assertThat(page.stream().blocks()).hasSize(6);
  }

  @Test
  void aSenderThatChangesTheCodecBeginsAnotherStream() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.video(Frames.key(0));
    call.video(Frames.delta(40));
    call.video(Frames.vp9Key(80));
    call.video(Frames.vp9Delta(120));
    call.video(Frames.key(160));

    assertThat(page.streams)
        .extracting(Stream::mime)
        .containsExactly(VIDEO_MIME, VIDEO_MIME.replace("vp8", "vp9"), VIDEO_MIME);
    assertThat(page.streams.get(1).blocks()).extracting(Block::millis).containsExactly(0L, 40L);
    assertThat(page.streams.get(1).blocks().getFirst().key()).isTrue();
  }

  @Test
  void aPauseOfVp9IsFilledByTheFrameThatWasShownLast() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.video(Frames.vp9Key(0));
    call.pass(20);
    call.video(Frames.vp9Delta(40));
    call.pass(400);

    List<Block> blocks = page.stream().blocks();
    assertThat(blocks.size()).isGreaterThan(4);
    assertThat(blocks.subList(2, blocks.size()))
        .allSatisfy(
            block -> {
              assertThat(block.key()).isFalse();
              assertThat(block.frame()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0x8a}));
            });
  }

  @Test
  void aSecondSubscriberNeverGetsAnOldKeyFrameWithUnrelatedFrames() {
    call.relay.expect(VIDEO);
    call.subscribe(MediaFormat.WEBM);
    call.key();
    call.run(VIDEO, 3_000);
    FakeSubscriber late = call.subscribe(MediaFormat.WEBM);
    call.run(VIDEO, 200);

    assertThat(late.streams).isEmpty();
    assertThat(call.keyFrameRequests).isEqualTo(2);
  }

  @Test
  void theRequestForAKeyFrameIsRepeatedWhileNoneComes() {
    call.relay.expect(VIDEO);
    call.subscribe(MediaFormat.WEBM);
    call.run(VIDEO, 3_500);

    assertThat(call.keyFrameRequests).isEqualTo(4);
  }

  @Test
  void anAudioOnlyCallNeverWaitsForAPicture() {
    call.relay.expect(AUDIO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.audio(Frames.audio(5_000));

    assertThat(page.stream().mime()).isEqualTo(AUDIO_MIME);
    assertThat(page.stream().blocks()).extracting(Block::millis).containsExactly(0L);
    assertThat(call.keyFrameRequests).isZero();
  }

  @Test
  void soundAndPictureBeginTogetherAtTimeZero() {
    FakeSubscriber page = both();
    call.run(BOTH, 400);

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().mime()).isEqualTo(BOTH_MIME);
    assertThat(page.stream().video().getFirst().millis()).isZero();
    assertThat(page.stream().audio().getFirst().millis()).isLessThanOrEqualTo(20);
    assertNoGaps(page.stream());
  }

  @Test
  void aPictureThatGivesNothingHoldsTheSoundUpOnlyForAShortTime() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 380);
    assertThat(page.streams).isEmpty();

    call.run(AUDIO, 60);
    assertThat(page.stream().mime()).isEqualTo(AUDIO_MIME);
    assertThat(page.stream().blocks().getLast().millis())
        .as("sound from before the wait's end is left out, so that it is not behind")
        .isLessThanOrEqualTo(40);
  }

  @Test
  void soundThatGivesNothingHoldsThePictureUpOnlyForAShortTime() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.key();
    call.run(VIDEO, 380);
    assertThat(page.streams).isEmpty();

    call.run(VIDEO, 60);
    assertThat(page.stream().mime()).isEqualTo(VIDEO_MIME);
    List<Long> times = page.stream().blocks().stream().map(Block::millis).toList();
    assertThat(times.subList(0, 10))
        .as("held pictures follow each other at once, so that the player is not behind")
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void soundWaitsLongerForTheKeyFrameOfAPictureThatFlows() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(BOTH, 900);
    assertThat(page.streams).isEmpty();
    call.key();

    assertThat(page.stream().mime()).isEqualTo(BOTH_MIME);
  }

  @Test
  void aKeyFrameThatNeverComesDoesNotHoldTheSoundUpForEver() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(BOTH, 1_100);

    assertThat(page.stream().mime()).isEqualTo(AUDIO_MIME);
  }

  @Test
  void aLatePictureBeginsANewStreamWithBothTracksAtItsKeyFrame() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 1_000);
    call.run(BOTH, 200);
    assertThat(page.streams).as("no picture without a key frame").hasSize(1);
    call.key();
    call.run(BOTH, 200);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(AUDIO_MIME, BOTH_MIME);
    assertThat(page.stream().video().getFirst().millis()).isZero();
    assertNoGaps(page.stream());
  }

  @Test
  void lateSoundAsksForAKeyFrameAndBeginsANewStreamWithIt() {
    call.relay.expect(BOTH);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.key();
    call.run(VIDEO, 1_000);
    int requests = call.keyFrameRequests;
    call.run(BOTH, 100);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    assertThat(page.streams).hasSize(1);
    call.key();
    call.run(BOTH, 200);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(VIDEO_MIME, BOTH_MIME);
    assertNoGaps(page.stream());
  }

  @Test
  void aPictureThatFallsSilentLeavesTheStream() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.run(AUDIO, 2_500);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(BOTH_MIME, AUDIO_MIME);
  }

  @Test
  void soundThatFallsSilentGoesOnAsSilenceForAsLongAsItLasts() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    int requests = call.keyFrameRequests;
    call.run(VIDEO, 600_000);

    assertThat(page.streams).hasSize(1);
    assertThat(call.keyFrameRequests).isEqualTo(requests);
    long lastVideo = page.stream().video().getLast().millis();
    assertThat(page.stream().audio().getLast().millis()).isBetween(lastVideo - 140, lastVideo);
    assertNoGaps(page.stream());

    call.run(BOTH, 500);
    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().audio().getLast().isMadeUp()).isFalse();
    assertNoGaps(page.stream());
  }

  @Test
  void soundAloneThatFallsSilentGoesOnAsSilenceToo() {
    call.relay.expect(AUDIO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 500);
    call.pass(300_000);
    assertThat(page.stream().audio().getLast().millis()).isGreaterThan(300_000);
    call.run(AUDIO, 500);

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().audio().getLast().isMadeUp()).isFalse();
    assertNoGaps(page.stream());
  }

  @Test
  void aDecoderMakesUpAShortPauseAndALongOneIsSilent() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.run(VIDEO, 5_000);

    List<Block> madeUp = page.stream().audio().stream().filter(Block::isMadeUp).toList();
    assertThat(madeUp.subList(0, 50)).noneMatch(Block::isSilence);
    assertThat(madeUp.subList(50, madeUp.size())).isNotEmpty().allMatch(Block::isSilence);
  }

  @Test
  void comfortNoiseThatIsRenewedNowAndThenIsNotCutShort() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    long sounds = page.stream().audio().stream().filter(block -> !block.isMadeUp()).count();
    for (int i = 0; i < 100; i++) {
      call.run(VIDEO, 380);
      call.run(BOTH, 20);
    }

    List<Block> audio = page.stream().audio();
    assertThat(audio.stream().filter(block -> !block.isMadeUp()).count()).isEqualTo(sounds + 100);
    assertThat(audio).noneMatch(Block::isSilence);
    assertThat(page.streams).hasSize(1);
    assertNoGaps(page.stream());
  }

  @Test
  void aPageThatComesWhileTheSenderIsMutedGetsSilenceAndThenTheSound() {
    both();
    call.run(BOTH, 500);
    call.run(VIDEO, 10_000);
    FakeSubscriber late = call.subscribe(MediaFormat.WEBM);
    call.key();
    call.run(VIDEO, 60_000);
    assertThat(late.stream().mime()).isEqualTo(BOTH_MIME);
    assertNoGaps(late.stream());

    call.run(BOTH, 500);
    assertThat(late.streams).hasSize(1);
    assertThat(late.stream().audio().getLast().isMadeUp()).isFalse();
    assertNoGaps(late.stream());
  }

  @Test
  void soundThatWasNegotiatedAwayIsNotMadeUp() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.relay.expect(VIDEO);
    call.key();
    call.run(VIDEO, 2_000);
    FakeSubscriber late = call.subscribe(MediaFormat.WEBM);
    call.key();
    call.run(VIDEO, 2_000);

    assertThat(page.stream().mime()).isEqualTo(VIDEO_MIME);
    assertThat(late.stream().mime()).isEqualTo(VIDEO_MIME);
  }

  @Test
  void aNetworkThatHoldsSoundUpIsGivenMoreTime() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    for (int i = 0; i < 20; i++) {
      call.run(VIDEO, 180); // nine packets are held up,
      for (int late = 160; late >= 0; late -= 20) {
        call.audio(Frames.audio(call.senderMillis() - late)); // and come at once
      }
    }

    List<Block> audio = page.stream().audio();
    assertThat(audio.stream().filter(Block::isMadeUp).count()).isLessThan(10);
    assertNoGaps(page.stream());
  }

  @Test
  void aPictureThatIsNegotiatedAwayLeavesTheStreamAtOnce() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.relay.expect(AUDIO);
    call.run(AUDIO, 20);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(BOTH_MIME, AUDIO_MIME);
  }

  @Test
  void aPictureThatIsNegotiatedLaterIsAskedForAndJoins() {
    call.relay.expect(AUDIO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 500);
    call.relay.expect(BOTH);
    assertThat(call.keyFrameRequests).isEqualTo(1);
    call.run(AUDIO, 100);
    call.key();
    call.run(BOTH, 100);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(AUDIO_MIME, BOTH_MIME);
  }

  @Test
  void aFrameOfAKindThatIsNotNegotiatedIsNotHandedOn() {
    call.relay.expect(AUDIO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 100);
    call.key();
    call.run(BOTH, 100);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(AUDIO_MIME);
  }

  @Test
  void anotherPictureSizeBeginsANewStream() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.video(Frames.key(call.senderMillis() + 1, 320, 240));
    call.run(BOTH, 200);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(BOTH_MIME, BOTH_MIME);
    assertThat(page.stream().video().getFirst().millis()).isZero();
    assertNoGaps(page.stream());
  }

  @Test
  void aKeyFrameOfTheSameSizeDoesNotDisturbTheStream() {
    FakeSubscriber page = both();
    call.run(BOTH, 500);
    call.video(Frames.key(call.senderMillis() + 1));
    call.run(BOTH, 200);

    assertThat(page.streams).hasSize(1);
  }

  @Test
  void aFrameOutOfOrderIsDropped() {
    FakeSubscriber page = both();
    call.run(BOTH, 200);
    int blocks = page.stream().blocks().size();
    long dropped = call.relay.stats().getFirst().framesDropped();
    call.video(Frames.delta(call.senderMillis() - 100));
    call.audio(Frames.audio(call.senderMillis() - 100));

    assertThat(page.stream().blocks()).hasSize(blocks);
    assertThat(call.relay.stats().getFirst().framesDropped()).isEqualTo(dropped + 2);
  }

  @Test
  void aKeyFrameThatCannotBeReadIsDroppedAndAnotherOneAskedFor() {
    FakeSubscriber page = both();
    call.run(BOTH, 1_000);
    int requests = call.keyFrameRequests;
    call.video(Frames.brokenKey(call.senderMillis() + 1));
    call.run(BOTH, 100);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    assertThat(page.streams).hasSize(1);
    call.key();

    assertThat(page.streams).hasSize(2);
  }

  @Test
  void aPictureThatPausesIsRepeatedWhileTheSoundGoesOn() {
    FakeSubscriber page = both();
    call.run(BOTH, 400);
    call.run(AUDIO, 1_000);
    call.run(BOTH, 400);

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().video()).anyMatch(Block::isMadeUp);
    assertNoGaps(page.stream());
  }

  @Test
  void aSlowPictureIsRepeatedInATimelyWayWithoutAnySound() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.key();
    for (int i = 0; i < 5; i++) {
      call.pass(1_000);
      call.video(Frames.delta(call.senderMillis()));
    }

    assertThat(page.streams).hasSize(1);
    assertThat(page.stream().video().stream().filter(Block::isMadeUp).count()).isBetween(50L, 65L);
    assertThat(page.stream().video().getLast().millis()).isEqualTo(5_000);
    assertNoGaps(page.stream());
  }

  @Test
  void aPictureOfTwentyFiveFramesASecondIsNeverRepeated() {
    FakeSubscriber page = both();
    call.run(BOTH, 2_000);

    assertThat(page.stream().blocks()).noneMatch(Block::isMadeUp);
  }

  @Test
  void lostSoundIsMadeUpSoThatItsTimeHasNoGap() {
    FakeSubscriber page = both();
    call.run(BOTH, 400);
    call.run(VIDEO, 60);
    call.run(BOTH, 400);

    List<Block> madeUp = page.stream().audio().stream().filter(Block::isMadeUp).toList();
    assertThat(madeUp).hasSize(3);
    assertThat(madeUp).allSatisfy(b -> assertThat(b.frame().get(0)).isEqualTo((byte) 0xfc));
    assertNoGaps(page.stream());
  }

  @Test
  void soundThatPausesIsMadeUpWhileThePictureGoesOn() {
    FakeSubscriber page = both();
    call.run(BOTH, 400);
    call.run(VIDEO, 1_000);

    assertThat(page.streams).hasSize(1);
    long lastVideo = page.stream().video().getLast().millis();
    assertThat(page.stream().audio().getLast().millis()).isBetween(lastVideo - 140, lastVideo);
    assertNoGaps(page.stream());
  }

  @Test
  void afterAPauseOfEverythingThatIsTooLongToBeMadeUpANewStreamBegins() {
    FakeSubscriber page = both();
    call.run(BOTH, 400);
    call.pass(5_000);
    assertThat(page.stream().video().getLast().millis()).isLessThan(2_500);
    int requests = call.keyFrameRequests;
    call.run(BOTH, 100);
    assertThat(call.keyFrameRequests).isEqualTo(requests + 1);
    call.key();
    call.run(BOTH, 200);

    assertThat(page.streams).extracting(Stream::mime).containsExactly(BOTH_MIME, BOTH_MIME);
    assertThat(page.stream().video().getFirst().millis()).isZero();
  }

  @Test
  void aLeapOfTheSendersClockBeginsANewStream() {
    call.relay.expect(AUDIO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.audio(Frames.audio(1_000));
    call.audio(Frames.audio(9_000_000_000L));

    assertThat(page.streams).hasSize(2);
    assertThat(page.stream().blocks()).extracting(Block::millis).containsExactly(0L);
  }

  @Test
  void framesOfOneInstantGetTimesOfTheirOwn() {
    call.relay.expect(VIDEO);
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.video(Frames.key(7_000));
    call.video(Frames.delta(7_000));
    call.video(Frames.delta(7_000));

    assertThat(page.stream().blocks()).extracting(Block::millis).containsExactly(0L, 1L, 2L);
  }

  /** A stream with both tracks. */
  private FakeSubscriber both() {
    call.relay.expect(Set.copyOf(BOTH));
    FakeSubscriber page = call.subscribe(MediaFormat.WEBM);
    call.run(AUDIO, 40);
    call.key();
    return page;
  }

  /** A gap larger than these stops Chromium, or makes it drop what follows. */
  private static void assertNoGaps(Stream stream) {
    assertNoGap(stream.video(), 126);
    assertNoGap(stream.audio(), 40);
  }

  private static void assertNoGap(List<Block> blocks, long largest) {
    for (int i = 1; i < blocks.size(); i++) {
      assertThat(blocks.get(i).millis() - blocks.get(i - 1).millis()).isBetween(1L, largest);
    }
  }
}
