package org.heliograph.relay;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.heliograph.media.Encoders;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;

/**
 * Two seconds of a real sender, in the order of their times: 25 pictures a second of which ten are
 * missing before a key frame, and sound of which five packets are missing.
 */
public record SampleCall(List<Packet> packets) {
  static final int WIDTH = 320;
  static final int HEIGHT = 240;

  private static final long PICTURE_NANOS = 40_000_000;
  private static final long PACKET_NANOS = 20_000_000;

  /** One frame of the sender. */
  public record Packet(MediaKind kind, MediaFrame frame) {}

  public static SampleCall encode() throws CodecException {
    List<Packet> packets = new ArrayList<>();
    encodePictures(packets);
    encodeSound(packets);
    packets.sort(Comparator.comparingLong(packet -> packet.frame().timeNanos()));
    return new SampleCall(packets);
  }

  long count(MediaKind kind) {
    return packets.stream().filter(packet -> packet.kind() == kind).count();
  }

  private static void encodePictures(List<Packet> packets) throws CodecException {
    var settings = new VideoEncoder.Settings(WIDTH, HEIGHT, 25, 300_000, false);
    try (VideoEncoder encoder = Encoders.openVp8(settings);
        I420Picture picture = new I420Picture(WIDTH, HEIGHT)) {
      for (int i = 0; i < 50; i++) {
        picture.fillBlack();
        picture.y().asSlice((long) WIDTH * i, 40L * WIDTH).fill((byte) 200);
        picture.y().set(JAVA_BYTE, i, (byte) i);
        if (i < 20 || i >= 30) {
          encoder
              .encode(picture, i * PICTURE_NANOS, i == 30)
              .ifPresent(frame -> packets.add(new Packet(MediaKind.VIDEO, frame)));
        }
      }
    }
  }

  private static void encodeSound(List<Packet> packets) throws CodecException {
    try (OpusEncoder encoder =
        Encoders.openOpus(new OpusEncoder.Settings(2, 32_000, true, 10, false))) {
      for (int i = 0; i < 100; i++) {
        short[] samples = new short[2 * OpusEncoder.FRAME_SAMPLES];
        for (int sample = 0; sample < samples.length; sample++) {
          long index = (long) i * OpusEncoder.FRAME_SAMPLES + sample / 2;
          samples[sample] = (short) (8_000 * Math.sin(2 * Math.PI * 440 * index / 48_000));
        }
        MediaFrame frame = encoder.encode(samples, i * PACKET_NANOS);
        if (i < 40 || i >= 45) {
          packets.add(new Packet(MediaKind.AUDIO, frame));
        }
      }
    }
  }
}
