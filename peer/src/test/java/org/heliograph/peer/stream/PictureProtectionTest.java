package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtp.RedPayload;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.receive.PictureRepair;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.PictureProtection;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** Lost packets of pictures are made good without being asked for. */
class PictureProtectionTest {
  private static final int RED = 100;
  private static final int FEC = 102;

  /** How many of a picture's packets are made good, if these packets and sums are lost. */
  private static int recovered(
      int packets, double share, IntPredicate packetLost, IntPredicate sumLost) throws Exception {
    Random random = new Random(packets);
    PictureProtection protection = new PictureProtection();
    PictureRepair repair = new PictureRepair();
    List<byte[]> sent = new ArrayList<>();
    protection.begin(packets, share);
    int first = 65_530; // the numbers wrap
    for (int i = 0; i < packets; i++) {
      byte[] bytes = new byte[40 + random.nextInt(1000)];
      random.nextBytes(bytes);
      ByteBuffer packet = ByteBuffer.wrap(bytes);
      packet.put(0, (byte) 0x80).put(1, (byte) (i == packets - 1 ? 0xe0 : 0x60));
      packet.putShort(2, (short) (first + i)).putInt(4, 77).putInt(8, 0x1234);
      sent.add(bytes);
      protection.add(packet);
    }
    for (int i = 0; i < packets; i++) {
      if (!packetLost.test(i)) {
        RtpPacket view = new RtpPacket();
        view.wrap(ByteBuffer.wrap(sent.get(i)));
        repair.onPacket(first + i, view, VirtualCall.EXTENSIONS);
      }
    }
    for (int i = 0; i < protection.sums(); i++) {
      if (!sumLost.test(i)) {
        ByteBuffer payload = ByteBuffer.allocate(1500);
        protection.write(i, first, payload);
        repair.onSum(first + packets + i, payload, 0, payload.position());
      }
    }
    int count = 0;
    for (RtpPacket packet = repair.recover(0x1234);
        packet != null;
        packet = repair.recover(0x1234)) {
      byte[] expected = sent.get((int) repair.recoveredNumber() - first);
      byte[] bytes = new byte[packet.length()];
      packet.buffer().get(0, bytes);
      assertThat(bytes).isEqualTo(expected);
      count++;
    }
    return count;
  }

  @Test
  void oneSumMakesAnyOneLossGood() throws Exception {
    for (int packets = 1; packets <= 48; packets++) {
      for (int lost = 0; lost < packets; lost++) {
        int only = lost;
        assertThat(recovered(packets, 1.0 / packets, i -> i == only, i -> false)).isOne();
      }
    }
  }

  @Test
  void fourSumsMakeAnyTwoLossesOfTenPacketsGood() throws Exception {
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b < a; b++) {
        int one = a;
        int other = b;
        assertThat(recovered(10, 0.4, i -> i == one || i == other, i -> false)).isEqualTo(2);
      }
      for (int sum = 0; sum < 4; sum++) {
        int one = a;
        int lostSum = sum;
        assertThat(recovered(10, 0.4, i -> i == one, i -> i == lostSum)).isOne();
      }
    }
  }

  @Test
  void pictureOfMorePacketsThanASumCanSpeakOfIsProtectedInParts() throws Exception {
    assertThat(recovered(120, 0.1, i -> i % 40 == 7, i -> false)).isEqualTo(3);
  }

  @Test
  void asManySumsAsPacketsMakeAFifthGoodNearlyAlways() throws Exception {
    Random random = new Random(5);
    int whole = 0;
    for (int i = 0; i < 2000; i++) {
      boolean[] lost = new boolean[16];
      int missing = 0;
      for (int p = 0; p < lost.length; p++) {
        lost[p] = random.nextDouble() < 0.2;
        missing += lost[p] && p < 8 ? 1 : 0;
      }
      whole += recovered(8, 1, p -> lost[p], s -> lost[8 + s]) == missing ? 1 : 0;
    }
    assertThat(whole).isGreaterThan(1900);
  }

  /** RFC 5109 10.1, packets A to D and their FEC, with the lengths of this test's own payloads. */
  @Test
  void payloadIsThatOfRfc5109() {
    PictureProtection protection = new PictureProtection();
    protection.begin(2, 0.5);
    protection.add(ByteBuffer.wrap(HexFormat.of().parseHex("8060000800000003000000020102")));
    protection.add(ByteBuffer.wrap(HexFormat.of().parseHex("80e00009000000030000000204080f")));
    ByteBuffer payload = ByteBuffer.allocate(100);

    protection.write(0, 8, payload);

    // Flags, M and PT, SN base, TS, length; protected length, mask; the sum itself.
    assertThat(HexFormat.of().formatHex(payload.array(), 0, payload.position()))
        .isEqualTo("00800008000000000001" + "0003c000" + "050a0f");
  }

  private final VirtualCall call = new VirtualCall(3);

  private void begin() {
    call.bob.session.addReceiver(VirtualCall.protectedVideoIn());
  }

  private void sendPictures(SendStream video, int from, int to) {
    for (int i = from; i < to; i++) {
      call.alice.send(video, VirtualCall.frame(i, 6000, i == 0), i == 0);
      call.clock.run(Duration.ofMillis(33));
    }
  }

  private long wrapped() {
    return call.alice.rtpSent.stream().filter(packet -> (packet[1] & 0x7f) == RED).count();
  }

  @Test
  void nothingIsAddedWhileNothingIsLost() {
    begin();
    SendStream video = call.alice.session.addSender(VirtualCall.protectedVideo());

    sendPictures(video, 0, 90);

    assertThat(call.bob.received).hasSize(90);
    assertThat(wrapped()).isZero();
  }

  @Test
  void lossIsMadeGoodWithoutAWait() {
    begin();
    call.toBob.setConditions(LossyCall.network(Duration.ofMillis(100)));
    SendStream video = call.alice.session.addSender(VirtualCall.protectedVideo());
    Random losses = new Random(2);
    call.alice.loses = packet -> losses.nextDouble() < 0.05;
    sendPictures(video, 0, 150);
    assertThat(wrapped()).isPositive();
    call.alice.loses = packet -> packet.sequenceNumber() % 9 == 0; // none for good
    ReceiveStream in = call.bob.received.getFirst().stream();
    int received = call.bob.received.size();
    long start = call.clock.nanoTime();

    sendPictures(video, 150, 240);

    assertThat(call.bob.received.size() - received).isGreaterThanOrEqualTo(88);
    long longest = 0;
    long last = start;
    for (VirtualCall.Received each :
        call.bob.received.subList(received, call.bob.received.size())) {
      longest = Math.max(longest, each.atNanos() - last);
      last = each.atNanos();
    }
    assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofMillis(100));
    assertThat(in.statistics().fecPacketsReceived()).isPositive();
    assertThat(in.statistics().fecPacketsDiscarded())
        .isLessThan(in.statistics().fecPacketsReceived());
  }

  @Test
  void aLostSumBehindTheLastPictureIsNotWaitedFor() {
    begin();
    call.toBob.setConditions(LossyCall.network(Duration.ofMillis(100)));
    SendStream video = call.alice.session.addSender(VirtualCall.protectedVideo());
    Random losses = new Random(4);
    call.alice.loses = packet -> losses.nextDouble() < 0.1;
    sendPictures(video, 0, 150);
    int[] sent = {0};
    call.alice.loses =
        packet -> {
          int type = packet.buffer().get(packet.payloadOffset()) & 0x7f;
          return packet.payloadType() == RED && type == FEC && sent[0]++ == 0;
        };
    int asked = call.bob.rtcpSent(PictureLossIndication.class).size();

    sendPictures(video, 150, 151);
    call.clock.run(Duration.ofSeconds(3));

    assertThat(sent[0]).isGreaterThan(1);
    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).hasSize(asked);
  }

  @Test
  void sumsAreNotSentAgainThoughTheReceiverCannotKnow() throws Exception {
    begin();
    call.toBob.setConditions(LossyCall.network(Duration.ofMillis(100)).withLoss(0.1));
    SendStream video = call.alice.session.addSender(VirtualCall.protectedVideo());

    sendPictures(video, 0, 300);

    RtpPacket view = new RtpPacket();
    RedPayload red = new RedPayload();
    List<Integer> sums = new ArrayList<>();
    List<Integer> again = new ArrayList<>();
    for (byte[] packet : call.alice.rtpSent) {
      view.wrap(ByteBuffer.wrap(packet));
      if (view.payloadType() == RED) {
        red.parse(view.buffer(), view.payloadOffset(), view.payloadLength());
        if (red.payloadType(0) == FEC) {
          sums.add(view.sequenceNumber());
        }
      } else if (view.ssrc() == VirtualCall.VIDEO_RTX_SSRC && view.payloadLength() > 1) {
        again.add(view.buffer().getShort(view.payloadOffset()) & 0xffff);
      }
    }
    assertThat(sums).hasSizeGreaterThan(100);
    assertThat(again).isNotEmpty().doesNotContainAnyElementsOf(sums);
  }
}
