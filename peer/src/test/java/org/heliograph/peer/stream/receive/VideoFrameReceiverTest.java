package org.heliograph.peer.stream.receive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.RtpPacketWriter;
import org.heliograph.peer.stream.RoundTripTime;
import org.heliograph.peer.stream.VirtualCall;
import org.junit.jupiter.api.Test;

/** Packets of VP8, one by one, and the frames that come of them. */
class VideoFrameReceiverTest {
  private static final long MILLI = 1_000_000;
  private static final long WAIT = 2500 * MILLI;

  private final List<String> frames = new ArrayList<>();
  private final VideoFrameReceiver receiver =
      new VideoFrameReceiver(
          new VideoPayload.Vp8(),
          new Patience(new RoundTripTime(), true),
          (timestamp, arrival, key, payload) -> {
            byte[] bytes = VirtualCall.bytes(payload);
            frames.add((key ? "key " : "delta ") + HexFormat.of().formatHex(bytes));
          });
  private long now;

  /** Hands a packet over whose payload is given in hexadecimal digits; empty is padding alone. */
  private boolean receive(long number, long timestamp, boolean marker, String hex) {
    return receive(number, timestamp, marker, true, hex);
  }

  private boolean receive(long number, long timestamp, boolean marker, boolean ours, String hex) {
    ByteBuffer out = ByteBuffer.allocate(2000);
    new RtpPacketWriter(RtpExtensionMap.empty(), "")
        .start(out, marker, 96, (int) number, timestamp, 1);
    out.put(HexFormat.of().parseHex(hex.replace(" ", "")));
    try {
      RtpPacket packet = new RtpPacket();
      packet.wrap(out.flip());
      return receiver.receive(packet, number, timestamp, ours, now);
    } catch (MalformedPacketException e) {
      throw new AssertionError(e);
    }
  }

  /** A key frame of one packet, picture id 1. */
  private void receiveKey(long number, long timestamp) {
    receive(number, timestamp, true, "9080 01 00aa");
  }

  private void giveUp() {
    now += WAIT;
    receiver.handleTimeout(now);
  }

  private boolean wantsKeyFrame() {
    return receiver.keyFrameWantedNanos() <= now;
  }

  @Test
  void aFrameOfSeveralPacketsIsPutTogether() {
    receive(10, 0, false, "9080 01 00aa");
    receive(11, 0, false, "8080 01 bb");
    assertThat(frames).isEmpty();
    receive(12, 0, true, "8080 01 cc");

    assertThat(frames).containsExactly("key 00aabbcc");
  }

  @Test
  void packetsMayComeInAnyOrder() {
    receive(12, 0, true, "8080 01 cc");
    receive(10, 0, false, "9080 01 00aa");
    receive(13, 3000, true, "9080 02 01dd");
    receive(11, 0, false, "8080 01 bb");

    assertThat(frames).containsExactly("key 00aabbcc", "delta 01dd");
  }

  @Test
  void aPacketThatComesTwiceCountsOnce() {
    receive(10, 0, false, "9080 01 00aa");
    assertThat(receive(10, 0, false, "9080 01 00aa")).isFalse();
    receive(11, 0, true, "8080 01 bb");
    assertThat(receive(11, 0, true, "8080 01 bb")).isFalse();

    assertThat(frames).containsExactly("key 00aabb");
  }

  @Test
  void aFrameWithoutMarkerEndsWhereTheNextOneStarts() {
    receive(10, 0, false, "9080 01 00aa");
    receive(11, 3000, true, "9080 02 01bb");

    assertThat(frames).containsExactly("key 00aa", "delta 01bb");
  }

  @Test
  void paddingBetweenFramesBreaksNothing() {
    receiveKey(10, 0);
    receive(11, 0, false, "");
    receive(13, 3000, true, "9080 02 01bb");
    receive(12, 0, false, "");

    assertThat(frames).containsExactly("key 00aa", "delta 01bb");
  }

  @Test
  void forwardErrorCorrectionThatComesLateTakesNoFrameAway() {
    receiveKey(10, 0);
    receive(12, 0, false, false, "ff"); // of the key frame, sent behind the frame after it
    receive(13, 6000, true, "9080 03 01cc");
    assertThat(frames).containsExactly("key 00aa");
    receive(11, 3000, true, "9080 02 01bb");

    assertThat(frames).containsExactly("key 00aa", "delta 01bb", "delta 01cc");
  }

  @Test
  void lostPaddingBetweenFramesBreaksNothing() {
    receiveKey(10, 0);
    receive(13, 3000, true, "9080 02 01bb");
    giveUp();

    assertThat(frames).containsExactly("key 00aa", "delta 01bb");
    assertThat(wantsKeyFrame()).isFalse();
  }

  @Test
  void aFrameWithAMissingPacketIsDroppedAndSoIsWhatNeedsIt() {
    receiveKey(10, 0);
    receive(11, 3000, false, "9080 02 01bb");
    receive(13, 3000, true, "8080 02 dd");
    receive(14, 6000, true, "9080 03 01ee");
    giveUp();

    assertThat(frames).containsExactly("key 00aa");
    assertThat(receiver.framesDropped()).isPositive();
    assertThat(wantsKeyFrame()).isTrue();

    receive(15, 9000, true, "9080 04 01ff");
    receive(16, 12000, true, "9080 05 0011");
    assertThat(frames).containsExactly("key 00aa", "key 0011");
  }

  @Test
  void aFrameWhoseLastPacketIsMissingIsDropped() {
    receiveKey(10, 0);
    receive(11, 3000, false, "9080 02 01bb");
    receive(13, 6000, true, "9080 03 01cc");
    giveUp();

    assertThat(frames).containsExactly("key 00aa");
  }

  @Test
  void aMissingPacketThatComesWithinTheWaitCostsNothing() {
    receiveKey(10, 0);
    receive(12, 6000, true, "9080 03 01cc");
    now += 500 * MILLI;
    receiver.handleTimeout(now);
    receive(11, 3000, true, "9080 02 01bb");

    assertThat(frames).containsExactly("key 00aa", "delta 01bb", "delta 01cc");
  }

  @Test
  void aPacketThatWasGivenUpIsOfNoUseWhenItComes() {
    receiveKey(10, 0);
    receive(12, 6000, true, "9080 03 01cc");
    giveUp();

    assertThat(receive(11, 3000, true, "9080 02 01bb")).isFalse();
    assertThat(frames).containsExactly("key 00aa");
  }

  @Test
  void aLostFrameThatNoOtherNeedsCostsOnlyItself() {
    receiveKey(10, 0);
    receive(11, 3000, false, "b080 02 01bb"); // N is set; its second packet is lost
    receive(13, 6000, true, "9080 03 01cc");
    giveUp();

    assertThat(frames).containsExactly("key 00aa", "delta 01cc");
  }

  @Test
  void aLostFrameOfAHigherTemporalLayerCostsOnlyThatLayer() {
    receive(10, 0, true, "90e0 01 0a 00 00aa"); // key, TL0PICIDX 10
    receive(12, 6000, true, "90e0 03 0b 00 01cc"); // base layer 11; layer 1 is lost before it
    receive(13, 9000, true, "90e0 04 0b 40 01dd"); // layer 1, needs the lost one
    receive(14, 12000, true, "90e0 05 0c 00 01ee"); // base layer 12
    receive(15, 15000, true, "90e0 06 0c 60 01ff"); // layer 1, synchronizes
    giveUp();

    assertThat(frames).containsExactly("key 00aa", "delta 01cc", "delta 01ee", "delta 01ff");
    assertThat(wantsKeyFrame()).isFalse();
  }

  @Test
  void whileAKeyFrameIsComingNoneIsAskedFor() {
    receive(10, 0, false, "9080 01 00aa");

    assertThat(wantsKeyFrame()).isFalse();
  }

  @Test
  void aKeyFrameThatCannotBeCompletedGivesWayToTheNext() {
    receive(10, 0, false, "9080 01 00aa");
    receive(12, 0, true, "8080 01 cc");
    receive(13, 3000, true, "9080 02 01bb");
    receive(14, 6000, true, "9080 03 00ff");
    giveUp();

    assertThat(frames).containsExactly("key 00ff");
  }

  @Test
  void anythingMayBeMissingAndTheWindowStaysBounded() {
    receiveKey(0, 0);
    for (int i = 1; i < 100_000; i++) {
      receive(2L * i, 3000L * i, true, "9080 05 01bb");
    }
    assertThat(frames).containsExactly("key 00aa");

    receiveKey(300_000, 1_000_000_000L);
    assertThat(frames).containsExactly("key 00aa", "key 00aa");
  }

  @Test
  void aFrameLargerThanTheWindowIsDropped() {
    receive(0, 0, false, "9080 01 00aa");
    for (int i = 1; i < 3000; i++) {
      receive(i, 0, false, "8080 01 bb");
    }
    receive(3000, 0, true, "8080 01 bb");
    assertThat(frames).isEmpty();

    receiveKey(3001, 3000);
    assertThat(frames).containsExactly("key 00aa");
  }

  @Test
  void aResetStartsWithTheNextKeyFrame() {
    receiveKey(10, 0);
    receiver.reset();
    receive(5000, 0, true, "9080 02 01bb");
    receiveKey(5001, 3000);

    assertThat(frames).containsExactly("key 00aa", "key 00aa");
  }
}
