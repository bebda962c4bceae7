package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which VP8 frames may be handed on after a loss. */
class PictureReferencesTest {
  private final PictureReferences references = new PictureReferences();

  private static PictureHeader key(int pictureId) {
    return new PictureHeader(true, true, false, pictureId, 15, -1, -1, false);
  }

  private static PictureHeader delta(int pictureId) {
    return new PictureHeader(true, false, false, pictureId, 15, -1, -1, false);
  }

  private static PictureHeader layered(int pictureId, int tl0, int temporalId, boolean sync) {
    return new PictureHeader(true, false, false, pictureId, 15, tl0, temporalId, sync);
  }

  private static PictureHeader layeredKey(int pictureId, int tl0) {
    return new PictureHeader(true, true, false, pictureId, 15, tl0, 0, false);
  }

  @Test
  void nothingIsDecodableBeforeAKeyFrame() {
    assertThat(references.admit(delta(1))).isFalse();
    assertThat(references.admit(key(2))).isTrue();
    assertThat(references.admit(delta(3))).isTrue();
  }

  @Test
  void aLostPictureBreaksTheStreamUntilAKeyFrame() {
    references.admit(key(1));
    references.onPacketLost();

    assertThat(references.admit(delta(3))).isFalse();
    assertThat(references.admit(delta(4))).isFalse();
    assertThat(references.needsKeyFrame()).isTrue();
    assertThat(references.admit(key(5))).isTrue();
  }

  @Test
  void lostPacketsBetweenPicturesThatFollowEachOtherBreakNothing() {
    references.admit(key(0x7fff));
    references.onPacketLost();
    references.onPacketLost();

    assertThat(references.admit(delta(0))).isTrue();
  }

  @Test
  void withoutPictureIdsEveryLostPacketBreaksTheStream() {
    references.admit(new PictureHeader(true, true, false, -1, 0, -1, -1, false));
    references.onPacketLost();

    assertThat(references.admit(new PictureHeader(true, false, false, -1, 0, -1, -1, false)))
        .isFalse();
  }

  @Test
  void aPictureIdThatMayHaveComeRoundProvesNothing() {
    references.admit(new PictureHeader(true, true, false, 5, 7, -1, -1, false));
    for (int i = 0; i < 128; i++) {
      references.onPacketLost();
    }

    assertThat(references.admit(new PictureHeader(true, false, false, 6, 7, -1, -1, false)))
        .isFalse();
  }

  @Test
  void aLostFrameThatNoOtherNeedsBreaksNothing() {
    references.admit(key(1));
    references.onPacketLost();
    references.onPartialFrame(new PictureHeader(true, false, true, 2, 15, -1, -1, false));

    assertThat(references.admit(delta(3))).isTrue();
  }

  @Test
  void aPartOfALostFrameThatOthersNeedBreaksTheStream() {
    references.admit(key(1));
    references.onPacketLost();
    references.onPartialFrame(delta(2));

    assertThat(references.needsKeyFrame()).isTrue();
  }

  @Test
  void aLostFrameOfAHigherLayerLeavesTheBaseLayerWhole() {
    references.admit(layeredKey(1, 10));
    references.onPacketLost(); // picture 2, of layer 1

    assertThat(references.admit(layered(3, 11, 0, false))).isTrue();
  }

  @Test
  void aHigherLayerIsDroppedUntilItSynchronizes() {
    references.admit(layeredKey(1, 10));
    references.onPacketLost(); // picture 2, of layer 1
    references.admit(layered(3, 11, 0, false));

    assertThat(references.admit(layered(4, 11, 1, false))).isFalse();
    assertThat(references.needsKeyFrame()).isFalse();
    assertThat(references.admit(layered(5, 12, 0, false))).isTrue();
    assertThat(references.admit(layered(6, 12, 1, true))).isTrue();
    assertThat(references.admit(layered(7, 13, 0, false))).isTrue();
    assertThat(references.admit(layered(8, 13, 1, false))).isTrue();
  }

  @Test
  void aLostBaseLayerFrameBreaksTheStreamForEveryLayer() {
    references.admit(layeredKey(1, 10));
    references.admit(layered(2, 10, 1, true));
    references.onPacketLost(); // picture 3, the base layer's 11

    assertThat(references.admit(layered(4, 11, 1, true))).isFalse();
    assertThat(references.needsKeyFrame()).isTrue();
    assertThat(references.admit(layered(5, 12, 0, false))).isFalse();
  }

  @Test
  void theBaseLayersNumberWrapsAround() {
    references.admit(layeredKey(1, 255));
    references.onPacketLost();

    assertThat(references.admit(layered(3, 0, 0, false))).isTrue();
  }
}
