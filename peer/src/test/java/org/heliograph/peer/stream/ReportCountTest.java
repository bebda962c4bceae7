package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** How many compounds and report blocks a session with many streams sends in a round. */
class ReportCountTest {
  private static final long THEIRS = 1_000;
  private static final long THEIR_PICTURES = 2_000;
  private static final long OURS = 5_000;

  private final VirtualCall call = new VirtualCall(3);
  private final List<SendStream> theirs = new ArrayList<>();
  private final List<SendStream> ours = new ArrayList<>();

  /** What arrives at alice at one time, which is one round of bob's. */
  private final TreeMap<Long, List<List<RtcpPacket>>> rounds = new TreeMap<>();

  private static SendParameters sends(String mid, MediaFormat format, long ssrc) {
    int none = SendParameters.NONE;
    int payloadType = format.isVideo() ? 96 : 111;
    return new SendParameters(
        mid, format, payloadType, ssrc, none, none, false, VirtualCall.MID_ONLY);
  }

  private void receive(int count, MediaFormat format, long firstSsrc) {
    for (int i = 0; i < count; i++) {
      String mid = format.isVideo() ? "v" + i : "a" + i;
      theirs.add(call.alice.session.addSender(sends(mid, format, firstSsrc + i)));
      int none = ReceiveParameters.NONE;
      int payloadType = format.isVideo() ? 96 : 111;
      call.bob.session.addReceiver(
          new ReceiveParameters(mid, format, payloadType, none, firstSsrc + i, none, false, false)
              .with(VirtualCall.MID_ONLY));
    }
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      ours.add(call.bob.session.addSender(sends("a" + i, MediaFormat.OPUS, OURS + i)));
    }
  }

  /** One frame of each stream, time for it to arrive, and the reports of ten seconds. */
  private Collection<List<List<RtcpPacket>>> reports() {
    theirs.forEach(
        stream ->
            call.alice.send(
                stream,
                stream.format().format().isVideo()
                    ? VirtualCall.frame(0, 100, true)
                    : VirtualCall.sound(0),
                true));
    ours.forEach(stream -> call.bob.send(stream, VirtualCall.sound(0), true));
    call.clock.run(Duration.ofSeconds(3));
    call.alice.observer =
        (rtcp, packet) -> {
          if (rtcp) {
            rounds
                .computeIfAbsent(call.clock.nanoTime(), at -> new ArrayList<>())
                .add(parse(packet));
          }
        };
    call.clock.run(Duration.ofSeconds(10));
    assertThat(rounds).hasSizeBetween(6, 21);
    return rounds.values();
  }

  private static List<RtcpPacket> parse(ByteBuffer compound) {
    try {
      return RtcpCompound.parse(compound);
    } catch (MalformedPacketException e) {
      throw new AssertionError(e);
    }
  }

  private static List<ReportBlock> blocks(List<RtcpPacket> compound) {
    return switch (compound.getFirst()) {
      case SenderReport report -> report.reports();
      case ReceiverReport report -> report.reports();
      default -> List.of();
    };
  }

  private static List<Long> reported(List<List<RtcpPacket>> round) {
    return round.stream()
        .flatMap(compound -> blocks(compound).stream())
        .map(ReportBlock::ssrc)
        .toList();
  }

  @Test
  void manyThatAreOnlyReceivedShareReports() {
    receive(200, MediaFormat.OPUS, THEIRS);

    assertThat(reports())
        .allSatisfy(
            round -> {
              assertThat(round).hasSize(7); // 31 blocks each
              assertThat(reported(round)).hasSize(200).doesNotHaveDuplicates();
            });
  }

  @Test
  void noReportIsOnBothSoundAndPictures() {
    receive(40, MediaFormat.OPUS, THEIRS);
    receive(40, MediaFormat.VP8, THEIR_PICTURES);

    assertThat(reports())
        .allSatisfy(
            round -> {
              assertThat(round).hasSize(4);
              assertThat(reported(round)).hasSize(80).doesNotHaveDuplicates();
              for (List<RtcpPacket> compound : round) {
                assertThat(
                        blocks(compound).stream()
                            .map(block -> block.ssrc() >= THEIR_PICTURES)
                            .distinct())
                    .hasSize(1);
              }
            });
  }

  @Test
  void whatASectionReceivesStandsBesideWhatItSends() {
    receive(20, MediaFormat.OPUS, THEIRS);
    send(20);

    assertThat(reports())
        .allSatisfy(
            round -> {
              assertThat(round).hasSize(20);
              for (List<RtcpPacket> compound : round) {
                SenderReport report = (SenderReport) compound.getFirst();
                assertThat(report.reports())
                    .extracting(ReportBlock::ssrc)
                    .containsExactly(report.ssrc() - OURS + THEIRS);
              }
            });
  }
}
