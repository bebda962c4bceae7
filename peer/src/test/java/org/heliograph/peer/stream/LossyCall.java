package org.heliograph.peer.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStatistics;
import org.heliograph.peer.stream.send.SendStream;

/**
 * A minute of a call over a bad network in virtual time, and what came of it: VP8 of 30 frames a
 * second and about 1.5 Mbit/s, and Opus packets of 20 ms. {@code main} prints a table of many
 * networks, for whoever changes how long is waited for what.
 */
final class LossyCall {
  /** Between two frames that are shown, so much is a freeze. */
  static final long FREEZE_NANOS = 200_000_000;

  private static final long FRAME_NANOS = 1_000_000_000L / 30;
  private static final int DELTA_BYTES = 5_500;
  private static final int KEY_BYTES = 30_000;

  /**
   * What came of a call.
   *
   * @param videoSent frames
   * @param videoDelivered frames
   * @param freezes gaps of more than {@link #FREEZE_NANOS} between frames handed on
   * @param longestFreezeNanos the longest gap
   * @param medianDelayNanos from sending a frame to handing it on
   * @param highDelayNanos the 95th percentile
   * @param audioSent packets
   * @param audioDelivered packets
   * @param pictureLossIndications PLI packets
   * @param nacks NACK packets
   * @param retransmitted packets sent again
   * @param useless retransmissions that came though the packet was there
   */
  record Outcome(
      int videoSent,
      int videoDelivered,
      int freezes,
      long longestFreezeNanos,
      long medianDelayNanos,
      long highDelayNanos,
      int audioSent,
      int audioDelivered,
      int pictureLossIndications,
      int nacks,
      long packets,
      long retransmitted,
      long useless) {}

  private LossyCall() {}

  static LinkConditions network(Duration roundTrip) {
    return LinkConditions.delay(roundTrip.dividedBy(2));
  }

  /** The encoder follows the estimate, with a tenth to spare for sound and headers. */
  private static int fit(int bytes, long bitsPerSecond) {
    long most = (long) DELTA_BYTES * 8 * 30;
    long rate = bitsPerSecond < 0 ? most : Math.min(most, bitsPerSecond * 9 / 10);
    return (int) Math.max(300, bytes * rate / most);
  }

  /** The sender's packets meet these conditions, and the receiver's feedback those. */
  static Outcome run(long seed, LinkConditions media, LinkConditions feedback, Duration length) {
    return run(seed, media, feedback, length, true);
  }

  /** The same, with or without forward error correction of the pictures. */
  static Outcome run(
      long seed, LinkConditions media, LinkConditions feedback, Duration length, boolean protects) {
    VirtualCall call = new VirtualCall(seed);
    call.toBob.setConditions(media);
    call.toAlice.setConditions(feedback);
    ReceiveStream videoIn =
        call.bob.session.addReceiver(
            protects ? VirtualCall.protectedVideoIn() : VirtualCall.videoIn());
    call.bob.session.addReceiver(VirtualCall.audioIn());
    SendStream video =
        call.alice.session.addSender(protects ? VirtualCall.protectedVideo() : VirtualCall.video());
    SendStream audio = call.alice.session.addSender(VirtualCall.audio());
    Random sizes = new Random(seed);
    long start = call.clock.nanoTime();
    int frames = (int) (length.toNanos() / FRAME_NANOS);
    int sounds = (int) (length.toMillis() / 20);
    List<Long> sentNanos = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      int number = i;
      call.clock.at(
          start + i * FRAME_NANOS,
          () -> {
            boolean key = number == 0 || !call.alice.keyFrameRequests.isEmpty();
            call.alice.keyFrameRequests.clear();
            int usual = key ? KEY_BYTES : DELTA_BYTES;
            int bytes = fit(usual, call.alice.estimate) * (70 + sizes.nextInt(60)) / 100;
            sentNanos.add(call.clock.nanoTime());
            call.alice.send(video, VirtualCall.frame(number, bytes, key), key);
          });
    }
    for (int i = 0; i < sounds; i++) {
      int number = i;
      call.clock.at(
          start + i * 20_000_000L, () -> call.alice.send(audio, VirtualCall.sound(number), true));
    }
    call.clock.run(length.plusSeconds(3));

    List<Long> delays = new ArrayList<>();
    int freezes = 0;
    int delivered = 0;
    int heard = 0;
    long longest = 0;
    long last = start;
    for (VirtualCall.Received received : call.bob.received) {
      MediaFrame frame = received.frame();
      if (received.stream() != videoIn) {
        heard++;
        continue;
      }
      delivered++;
      int number = frame.payload().getInt(frame.payload().limit() - 4);
      delays.add(received.atNanos() - sentNanos.get(number));
      long gap = received.atNanos() - last;
      last = received.atNanos();
      freezes += gap > FREEZE_NANOS ? 1 : 0;
      longest = Math.max(longest, gap);
    }
    longest = Math.max(longest, start + frames * FRAME_NANOS - last);
    Collections.sort(delays);
    SendStatistics sent = video.statistics();
    return new Outcome(
        frames,
        delivered,
        freezes,
        longest,
        delays.isEmpty() ? 0 : delays.get(delays.size() / 2),
        delays.isEmpty() ? 0 : delays.get(delays.size() * 95 / 100),
        sounds,
        heard,
        call.bob.rtcpSent(PictureLossIndication.class).size(),
        call.bob.rtcpSent(GenericNack.class).size(),
        sent.packetsSent(),
        sent.retransmittedPacketsSent(),
        videoIn.statistics().packetsDiscarded());
  }

  public static void main(String[] arguments) {
    for (boolean protects : new boolean[] {false, true}) {
      System.out.println(protects ? "with forward error correction" : "without");
      printTable(protects);
    }
  }

  private static void printTable(boolean protects) {
    System.out.println(
        "network                          delivered  freezes longest  median   95 %  audio %"
            + "   PLI  NACK   RTX useless");
    for (int roundTrip : new int[] {20, 50, 100, 300}) {
      LinkConditions calm = network(Duration.ofMillis(roundTrip));
      for (int percent : new int[] {0, 2, 5, 10, 20}) {
        LinkConditions lossy = calm.withLoss(percent / 100.0);
        print(roundTrip + " ms, loss " + percent + " %", lossy, calm, protects);
        if (percent > 0) {
          print(roundTrip + " ms, loss " + percent + " % both ways", lossy, lossy, protects);
        }
      }
      LinkConditions bursts = calm.withBurstLoss(0.05, 6);
      print(roundTrip + " ms, bursts of 6, 5 %", bursts, calm, protects);
      print(
          roundTrip + " ms, jitter 60 ms",
          calm.withJitter(Duration.ofMillis(120)),
          calm.withJitter(Duration.ofMillis(120)),
          protects);
      print(
          roundTrip + " ms, 3 % reordered by 20 ms",
          calm.withReordering(0.03, Duration.ofMillis(20)),
          calm,
          protects);
      print(
          roundTrip + " ms, jitter, 5 % loss",
          calm.withJitter(Duration.ofMillis(60)).withLoss(0.05),
          calm.withJitter(Duration.ofMillis(60)),
          protects);
    }
  }

  private static void print(
      String name, LinkConditions media, LinkConditions feedback, boolean protects) {
    int videoSent = 0;
    int videoDelivered = 0;
    int freezes = 0;
    long longest = 0;
    long median = 0;
    long high = 0;
    int audioSent = 0;
    int audioDelivered = 0;
    int requests = 0;
    int nacks = 0;
    long packets = 0;
    long retransmitted = 0;
    long useless = 0;
    int runs = 3;
    for (int seed = 1; seed <= runs; seed++) {
      Outcome outcome = run(seed, media, feedback, Duration.ofMinutes(1), protects);
      videoSent += outcome.videoSent;
      videoDelivered += outcome.videoDelivered;
      freezes += outcome.freezes;
      longest = Math.max(longest, outcome.longestFreezeNanos);
      median += outcome.medianDelayNanos / runs;
      high += outcome.highDelayNanos / runs;
      audioSent += outcome.audioSent;
      audioDelivered += outcome.audioDelivered;
      requests += outcome.pictureLossIndications;
      nacks += outcome.nacks;
      packets += outcome.packets;
      retransmitted += outcome.retransmitted;
      useless += outcome.useless;
    }
    System.out.printf(
        Locale.ROOT,
        "%-32s %8.2f %% %8d %7d %7d %6d %8.2f %5d %5d %4.1f%% %6d%n",
        name,
        100.0 * videoDelivered / videoSent,
        freezes / runs,
        longest / 1_000_000,
        median / 1_000_000,
        high / 1_000_000,
        100.0 * audioDelivered / audioSent,
        requests / runs,
        nacks / runs,
        100.0 * retransmitted / packets,
        useless / runs);
  }
}
