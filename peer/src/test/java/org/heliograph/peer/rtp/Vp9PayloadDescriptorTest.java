package org.heliograph.peer.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor.GroupPicture;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor.LayerSize;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor.ScalabilityStructure;
import org.junit.jupiter.api.Test;

/** The layouts of RFC 9628 4.2. */
class Vp9PayloadDescriptorTest {
  private static final String KEY_FRAME = "82";
  private static final String INTER_FRAME = "86";

  private final Vp9PayloadDescriptor descriptor = new Vp9PayloadDescriptor();

  private Vp9PayloadDescriptor parse(String hex) throws MalformedPacketException {
    ByteBuffer buffer = Hex.buffer(hex);
    descriptor.parse(buffer, 0, buffer.limit());
    return descriptor;
  }

  @Test
  void readsTheShortestDescriptor() throws MalformedPacketException {
    parse("08" + KEY_FRAME);

    assertThat(descriptor.length()).isEqualTo(1);
    assertThat(descriptor.startsLayerFrame()).isTrue();
    assertThat(descriptor.endsLayerFrame()).isFalse();
    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.pictureId()).isEqualTo(Vp9PayloadDescriptor.ABSENT);
    assertThat(descriptor.temporalId()).isEqualTo(Vp9PayloadDescriptor.ABSENT);
    assertThat(descriptor.spatialId()).isZero();
    assertThat(descriptor.scalabilityStructure()).isEmpty();
  }

  @Test
  void readsPictureIdsOf7And15Bits() throws MalformedPacketException {
    parse("88 7f" + KEY_FRAME);
    assertThat(descriptor.pictureId()).isEqualTo(127);
    assertThat(descriptor.pictureIdBits()).isEqualTo(7);
    assertThat(descriptor.length()).isEqualTo(2);

    parse("8c ff fe" + KEY_FRAME);
    assertThat(descriptor.pictureId()).isEqualTo(0x7ffe);
    assertThat(descriptor.pictureIdBits()).isEqualTo(15);
    assertThat(descriptor.endsLayerFrame()).isTrue();
    assertThat(descriptor.length()).isEqualTo(3);
  }

  @Test
  void readsTheLayersOfANonFlexibleStream() throws MalformedPacketException {
    // TID 2, U, SID 1, D; TL0PICIDX
    parse("e9 05 53 aa" + INTER_FRAME);

    assertThat(descriptor.interPicturePredicted()).isTrue();
    assertThat(descriptor.flexible()).isFalse();
    assertThat(descriptor.unusedByHigherLayers()).isTrue();
    assertThat(descriptor.temporalId()).isEqualTo(2);
    assertThat(descriptor.switchingUpPoint()).isTrue();
    assertThat(descriptor.spatialId()).isEqualTo(1);
    assertThat(descriptor.interLayerPredicted()).isTrue();
    assertThat(descriptor.tl0PictureIndex()).isEqualTo(0xaa);
    assertThat(descriptor.length()).isEqualTo(4);
  }

  @Test
  void readsTheReferencesOfAFlexibleStream() throws MalformedPacketException {
    parse("f8 05 00 03 05 08" + INTER_FRAME);

    assertThat(descriptor.flexible()).isTrue();
    assertThat(descriptor.tl0PictureIndex()).isEqualTo(Vp9PayloadDescriptor.ABSENT);
    assertThat(descriptor.referenceCount()).isEqualTo(3);
    assertThat(descriptor.reference(0)).isEqualTo(1);
    assertThat(descriptor.reference(1)).isEqualTo(2);
    assertThat(descriptor.reference(2)).isEqualTo(4);
    assertThat(descriptor.length()).isEqualTo(6);
    assertThatThrownBy(() -> parse("f8 05 00 03 05 09 02" + INTER_FRAME))
        .isInstanceOf(MalformedPacketException.class)
        .hasMessageContaining("three");
  }

  @Test
  void aFlexiblePictureWithoutPredictionHasNoReferences() throws MalformedPacketException {
    parse("b8 05 00" + KEY_FRAME);

    assertThat(descriptor.referenceCount()).isZero();
    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.length()).isEqualTo(3);
  }

  @Test
  void readsTheScalabilityStructure() throws MalformedPacketException {
    // two spatial layers with sizes; a group of two pictures
    parse("8a 05 38 0140 00b4 0280 0168 02 04 01 34 02" + KEY_FRAME);

    assertThat(descriptor.scalabilityStructure())
        .contains(
            new ScalabilityStructure(
                2,
                List.of(new LayerSize(320, 180), new LayerSize(640, 360)),
                List.of(
                    new GroupPicture(0, false, List.of(1)),
                    new GroupPicture(1, true, List.of(2)))));
    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.length()).isEqualTo(16);
  }

  @Test
  void aKeyFrameStartsWithItsBaseLayerAndIsOneInTheBitstreamToo() throws MalformedPacketException {
    assertThat(parse("28 02 00" + KEY_FRAME).startsKeyFrame()).as("upper layer").isFalse();
    assertThat(parse("48" + INTER_FRAME).startsKeyFrame()).as("predicted").isFalse();
    assertThat(parse("08" + INTER_FRAME).startsKeyFrame()).as("intra-only").isFalse();
    assertThat(parse("00" + KEY_FRAME).startsKeyFrame()).as("in the middle").isFalse();
    assertThat(parse("08 b1").startsKeyFrame()).as("profile 3").isTrue();
    assertThat(parse("08 88").startsKeyFrame()).as("shows an earlier one").isFalse();
  }

  @Test
  void refusesWhatIsCutOff() {
    ByteBuffer whole = Hex.buffer("8a 8005 38 0140 00b4 0280 0168 02 04 01 34 02");
    for (int length = 0; length <= whole.limit(); length++) {
      int cut = length;
      assertThatThrownBy(() -> descriptor.parse(whole, 0, cut))
          .as("%d bytes", cut)
          .isInstanceOf(MalformedPacketException.class);
    }
  }

  @Test
  void readsWhatItWrites() throws MalformedPacketException {
    ByteBuffer payload = ByteBuffer.allocate(Vp9PayloadDescriptor.WRITTEN_LENGTH + 1);
    Vp9PayloadDescriptor.write(payload, true, true, false, 0x8123);
    payload.put((byte) 0x82).flip();

    descriptor.parse(payload, 0, payload.limit());

    assertThat(descriptor.length()).isEqualTo(Vp9PayloadDescriptor.WRITTEN_LENGTH);
    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.endsLayerFrame()).isFalse();
    assertThat(descriptor.pictureId()).isEqualTo(0x123);
  }
}
