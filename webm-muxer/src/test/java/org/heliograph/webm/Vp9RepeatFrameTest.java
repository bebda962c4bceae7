package org.heliograph.webm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Vp9RepeatFrameTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"libvpx-vp9", "vp9"})
  void showsTheFrameBeforeItAndChangesNothingForTheNextOnes(String decoder) throws IOException {
    List<EncodedFrame> frames = Samples.encode(directory).vp9();
    List<EncodedFrame> withRepeats = new ArrayList<>();
    List<Boolean> repeated = new ArrayList<>();
    for (EncodedFrame frame : frames) {
      Vp9FrameHeader header = Vp9FrameHeader.parseLast(frame.payload());
      assertThat(header.shown()).isTrue();
      assertThat(header.keyFrame()).isEqualTo(frame.key());
      withRepeats.add(frame);
      repeated.add(header.filledSlots() != 0);
      if (header.filledSlots() != 0) {
        ByteBuffer repeat = Vp9RepeatFrame.of(header);
        withRepeats.add(new EncodedFrame(frame.timeNanos() + 1_000_000, false, repeat));
      }
    }

    List<String> plain = decode(frames, decoder);
    List<String> decoded = decode(withRepeats, decoder);

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      expected.add(plain.get(i));
      if (repeated.get(i)) {
        expected.add(plain.get(i));
      }
    }
    assertThat(decoded).isEqualTo(expected);
    assertThat(decoded.size()).isGreaterThan(plain.size() * 3 / 2);
    assertThat(plain.stream().distinct().count()).isGreaterThan(plain.size() / 2);
  }

  @Test
  void isAByteThatNamesTheLowestFilledSlot() {
    assertThat(Vp9RepeatFrame.of(new Vp9FrameHeader(0, false, true, 0b0110_0100, 0, 0)))
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0b1000_1010}));
    assertThat(Vp9RepeatFrame.of(new Vp9FrameHeader(3, false, true, 0b1000_0000, 0, 0)))
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0b1011_0111, (byte) 0b1000_0000}));
  }

  @Test
  void cannotShowAFrameThatTheDecoderDoesNotKeep() {
    var unkept = new Vp9FrameHeader(0, false, true, 0, 0, 0);

    assertThatThrownBy(() -> Vp9RepeatFrame.of(unkept))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLastFrameOfASuperframeIsFoundByItsIndex() {
    ByteBuffer hidden = bytes(0x84, 0x01, 0, 0);
    // shown, fills slots 0 and 5, refers to frames of another size than its own 640x360
    ByteBuffer shown = bytes(0x86, 0x08, 0x40, 0, 0x01, 0x3f, 0x80, 0xb3, 0x80);
    ByteBuffer index = bytes(0xc1, 4, 9, 0xc1);
    ByteBuffer superframe =
        ByteBuffer.allocate(17).put(hidden).put(shown.duplicate()).put(index).flip();

    assertThat(Vp9FrameHeader.parseLast(superframe))
        .isEqualTo(Vp9FrameHeader.parse(shown))
        .isEqualTo(new Vp9FrameHeader(0, false, true, 0b10_0001, 640, 360));
    assertThatThrownBy(() -> Vp9FrameHeader.parseLast(superframe.put(14, (byte) 200)))
        .isInstanceOf(MalformedFrameException.class);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  private List<String> decode(List<EncodedFrame> frames, String decoder) throws IOException {
    CollectingSink sink = new CollectingSink();
    WebmMuxer muxer = new WebmMuxer(WebmOptions.live(), sink);
    muxer.begin(List.of(VideoTrack.of(1, VideoCodec.VP9, frames.getFirst().payload())));
    for (EncodedFrame frame : frames) {
      muxer.write(1, frame.timeNanos(), frame.key(), frame.payload());
    }
    Path file = Files.write(directory.resolve("stream.webm"), sink.only().file());
    Tool.Result result =
        Tool.FFMPEG.run(
            directory,
            ("-v warning -c:v " + decoder + " -i " + file)
                .concat(" -fps_mode passthrough -enc_time_base 1:1000 -f framemd5 -")
                .split(" ", -1));
    assertThat(result.errors()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return result
        .text()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }
}
