package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.relay.Frames.MILLISECOND;
import static org.heliograph.relay.VirtualRelay.AUDIO;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.heliograph.codec.LibopusEncoder;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.OpusEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a subscriber is sent who wants samples, in virtual time, by libopus at both ends. */
class DecodedSoundTest {
  private static final int CONTENT = 1;
  private static final int MADE_UP = 4;

  private final VirtualRelay call = new VirtualRelay();
  private FakeSubscriber page;

  @BeforeEach
  void join() {
    call.relay.expect(AUDIO);
    page = call.subscribe(MediaFormat.FRAMES_PCM);
  }

  @Test
  void eachPacketIsAMessageOfItsSamples() throws Exception {
    voice(0, 10).forEach(call::audio);

    assertThat(page.texts)
        .containsExactly(
            "{\"type\":\"tracks\",\"tracks\":[{\"id\":2,\"kind\":\"audio\",\"codec\":\"pcm-s16\","
                + "\"sampleRate\":48000,\"numberOfChannels\":2}]}");
    assertThat(page.binaries).hasSize(10);
    for (int i = 0; i < 10; i++) {
      ByteBuffer message = page.binaries.get(i);
      assertThat(message.get(0)).isEqualTo((byte) 2);
      assertThat(message.get(1)).isEqualTo((byte) CONTENT);
      assertThat(message.getShort(2)).isZero();
      assertThat(message.getLong(4)).isEqualTo(i * 20_000L);
      assertThat(message.remaining()).isEqualTo(12 + 960 * 2 * 2);
    }
    assertThat(level(page.binaries.get(9))).isBetween(500.0, 10_000.0);
  }

  @Test
  void theSamplesOfBothChannelsLieSideBySideInLittleEndian() throws Exception {
    short[] left = new short[960 * 2];
    for (int i = 0; i < 960; i++) {
      left[2 * i] = (short) (8_000 * Math.sin(2 * Math.PI * 440 * i / 48_000));
    }
    try (var encoder = new LibopusEncoder(new OpusEncoder.Settings(2, 128_000, false, 0, false))) {
      for (int i = 0; i < 10; i++) {
        call.audio(encoder.encode(left, i * 20L * MILLISECOND));
      }
    }

    ShortBuffer samples = samples(page.binaries.get(9));
    int loudest = 0;
    double[] squares = new double[2];
    for (int i = 0; i < samples.limit(); i++) {
      loudest = Math.max(loudest, Math.abs(samples.get(i)));
      squares[i % 2] += (double) samples.get(i) * samples.get(i);
    }
    assertThat(loudest)
        .as("read in the other byte order it would be noise")
        .isBetween(6_000, 10_000);
    assertThat(squares[1]).isLessThan(squares[0] / 100);
  }

  @Test
  void whatWasLostIsMadeUpOutOfThePacketAfterIt() throws Exception {
    List<MediaFrame> packets = voice(5, 12); // silence, and a voice from packet 5 on
    for (int i = 0; i < packets.size(); i++) {
      if (i != 5 && i != 9 && i != 10) {
        call.audio(packets.get(i));
      }
    }

    ByteBuffer first = page.binaries.get(5);
    assertThat(first.get(1)).isEqualTo((byte) MADE_UP);
    assertThat(first.getLong(4)).isEqualTo(100_000);
    assertThat(first.remaining()).isEqualTo(12 + 960 * 2 * 2);
    assertThat(level(page.binaries.get(4))).isLessThan(10);
    assertThat(level(first)).as("which nothing before it could tell").isGreaterThan(300);
    ByteBuffer two = page.binaries.get(9);
    assertThat(two.get(1)).isEqualTo((byte) MADE_UP);
    assertThat(two.getLong(4)).isEqualTo(180_000);
    assertThat(two.remaining()).isEqualTo(12 + 2 * 960 * 2 * 2);
    assertThat(page.binaries).hasSize(11);
  }

  @Test
  void aPauseOfTheSenderIsNotMadeUp() throws Exception {
    List<MediaFrame> packets = voice(0, 20);
    call.audio(packets.get(0));
    call.audio(packets.get(8));
    call.audio(packets.get(9));

    assertThat(page.binaries)
        .extracting(message -> message.getLong(4) / 1_000)
        .containsExactly(0L, 160L, 180L);
    assertThat(page.binaries).allMatch(message -> message.get(1) == CONTENT);
  }

  @Test
  void aClockThatIsCorrectedByAFewMillisecondsLosesNothing() {
    for (int millis : new int[] {0, 24, 41}) {
      call.audio(Frames.audio(millis));
    }

    assertThat(page.binaries).allMatch(message -> message.get(1) == CONTENT);
    assertThat(page.binaries).hasSize(3);
  }

  @Test
  void aDamagedPacketIsTreatedAsALostOne() throws Exception {
    List<MediaFrame> packets = voice(0, 3);
    call.audio(packets.get(0));
    call.audio(damaged(20, 0xff, 0x00)); // a packet of no frames
    call.audio(packets.get(2));

    assertThat(page.binaries)
        .extracting(message -> message.get(1))
        .containsExactly((byte) CONTENT, (byte) MADE_UP, (byte) CONTENT);
  }

  @Test
  void allWhoWantSamplesShareThem() throws Exception {
    FakeSubscriber other = call.subscribe(MediaFormat.FRAMES_PCM);
    FakeSubscriber opus = call.subscribe(MediaFormat.FRAMES);
    voice(0, 2).forEach(call::audio);

    assertThat(other.binaries.get(1).array()).isSameAs(page.binaries.get(1).array());
    assertThat(opus.binaries.get(1).remaining()).isLessThan(500);
  }

  @Test
  void theEndOfTheCallFreesTheDecoder() throws Exception {
    List<MediaFrame> packets = voice(0, 2);
    call.audio(packets.get(0));
    call.relay.end("hung_up");
    call.audio(packets.get(1));

    assertThat(page.binaries).hasSize(1);
  }

  private static MediaFrame damaged(long millis, int... bytes) {
    ByteBuffer payload = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      payload.put((byte) value);
    }
    MediaFrame frame = Frames.audio(millis);
    return new MediaFrame(
        frame.format(), frame.timeNanos(), frame.durationNanos(), true, payload.flip());
  }

  /** Packets of something like a voice, with in-band copies; silent before one of them. */
  private static List<MediaFrame> voice(int from, int count) throws Exception {
    Random random = new Random(1);
    List<MediaFrame> packets = new ArrayList<>();
    try (var encoder = new LibopusEncoder(new OpusEncoder.Settings(1, 24_000, true, 30, false))) {
      double previous = 0;
      for (int packet = 0; packet < count; packet++) {
        short[] samples = new short[960];
        for (int i = 0; i < samples.length && packet >= from; i++) {
          previous = 0.9 * previous + (i % 400 == 0 ? 20_000 : random.nextInt(-300, 300));
          samples[i] = (short) Math.clamp(previous, -30_000, 30_000);
        }
        packets.add(encoder.encode(samples, packet * 20L * MILLISECOND));
      }
    }
    return packets;
  }

  private static ShortBuffer samples(ByteBuffer message) {
    return message.slice(12, message.limit() - 12).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
  }

  /** The root mean square. */
  private static double level(ByteBuffer message) {
    ShortBuffer samples = samples(message);
    double squares = 0;
    for (int i = 0; i < samples.limit(); i++) {
      squares += (double) samples.get(i) * samples.get(i);
    }
    return Math.sqrt(squares / samples.limit());
  }
}
