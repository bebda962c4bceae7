package org.heliograph.peer.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The layouts of RFC 7741 4.2. */
class Vp8PayloadDescriptorTest {
  private final Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();

  private Vp8PayloadDescriptor parse(String hex) throws MalformedPacketException {
    ByteBuffer buffer = Hex.buffer(hex);
    descriptor.parse(buffer, 0, buffer.limit());
    return descriptor;
  }

  @Test
  void readsTheShortestDescriptor() throws MalformedPacketException {
    parse("10 00");

    assertThat(descriptor.length()).isEqualTo(1);
    assertThat(descriptor.startsFrame()).isTrue();
    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.pictureId()).isEqualTo(Vp8PayloadDescriptor.ABSENT);
    assertThat(descriptor.temporalId()).isEqualTo(Vp8PayloadDescriptor.ABSENT);
  }

  @Test
  void readsAPictureIdOf7Bits() throws MalformedPacketException {
    parse("90 80 7f 01");

    assertThat(descriptor.pictureId()).isEqualTo(127);
    assertThat(descriptor.pictureIdBits()).isEqualTo(7);
    assertThat(descriptor.length()).isEqualTo(3);
    assertThat(descriptor.startsKeyFrame()).isFalse();
  }

  @Test
  void readsAPictureIdOf15Bits() throws MalformedPacketException {
    parse("90 80 ff fe 01");

    assertThat(descriptor.pictureId()).isEqualTo(0x7ffe);
    assertThat(descriptor.pictureIdBits()).isEqualTo(15);
    assertThat(descriptor.length()).isEqualTo(4);
  }

  @Test
  void readsTheTemporalLayersAndTheKeyIndex() throws MalformedPacketException {
    parse("b0 f0 81 02 aa b5 01");

    assertThat(descriptor.nonReference()).isTrue();
    assertThat(descriptor.pictureId()).isEqualTo(0x102);
    assertThat(descriptor.tl0PictureIndex()).isEqualTo(0xaa);
    assertThat(descriptor.temporalId()).isEqualTo(2);
    assertThat(descriptor.layerSync()).isTrue();
    assertThat(descriptor.keyIndex()).isEqualTo(0x15);
    assertThat(descriptor.length()).isEqualTo(6);
  }

  @Test
  void aKeyIndexAloneTellsNoTemporalLayer() throws MalformedPacketException {
    parse("90 10 f5 01");

    assertThat(descriptor.temporalId()).isEqualTo(Vp8PayloadDescriptor.ABSENT);
    assertThat(descriptor.keyIndex()).isEqualTo(0x15);
  }

  @Test
  void onlyTheFirstPartitionsStartIsTheFramesStart() throws MalformedPacketException {
    assertThat(parse("11 00").startsFrame()).isFalse();
    assertThat(parse("00 00").startsFrame()).isFalse();
    assertThat(parse("00 00").startsKeyFrame()).isFalse();
  }

  @Test
  void refusesWhatIsCutOff() {
    for (String hex :
        new String[] {
          "",
          "10",
          "90",
          "90 80",
          "90 80 80",
          "90 80 80 01",
          "80 40 01",
          "80 20 01",
          "90 f0 81 02 aa b5"
        }) {
      assertThatThrownBy(() -> parse(hex)).isInstanceOf(MalformedPacketException.class);
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws MalformedPacketException {
    ByteBuffer out = ByteBuffer.allocate(10);
    Vp8PayloadDescriptor.write(out, true, 0x1abcd);
    assertThat(out.position()).isEqualTo(Vp8PayloadDescriptor.WRITTEN_LENGTH);
    out.put((byte) 0).flip();
    descriptor.parse(out, 0, out.limit());

    assertThat(descriptor.startsKeyFrame()).isTrue();
    assertThat(descriptor.pictureId()).isEqualTo(0x2bcd);
    assertThat(descriptor.length()).isEqualTo(Vp8PayloadDescriptor.WRITTEN_LENGTH);
  }
}
