package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.Goodbye;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtcp.SourceDescription;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.Hex;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.RawSender.PictureId;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.receive.SourceReception;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStatistics;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

class RtpSessionTest {
  private final VirtualCall call = new VirtualCall(5);

  private SendStream startVideo() {
    call.bob.session.addReceiver(VirtualCall.videoIn());
    return call.alice.session.addSender(VirtualCall.video());
  }

  private void sendVideo(SendStream stream, int frames) {
    for (int i = 0; i < frames; i++) {
      call.alice.send(stream, VirtualCall.frame(i, 2000, i == 0), i == 0);
      call.clock.run(Duration.ofMillis(33));
    }
  }

  private void toAlice(RtcpPacket packet) {
    ByteBuffer out = ByteBuffer.allocate(packet.length());
    packet.write(out);
    call.alice.session.receiveRtcp(out.flip(), call.clock.nanoTime());
  }

  @Test
  void nothingIsDueBeforeAnythingIsSentOrReceived() {
    startVideo();

    assertThat(call.alice.session.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(call.bob.session.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aSourceBeginsWithAKeyFrame() {
    SendStream stream = startVideo();
    for (int i = 0; i < 10; i++) {
      call.alice.send(stream, VirtualCall.frame(i, 2000, false), false);
      call.clock.run(Duration.ofMillis(20));
    }
    assertThat(call.alice.rtpSent).isEmpty();
    assertThat(call.alice.keyFrameRequests).containsExactly(stream);

    sendVideo(stream, 10);

    assertThat(call.bob.received).hasSize(10);
    assertThat(call.bob.received.getFirst().frame().key()).isTrue();
  }

  @Test
  void aSourceGoesOnWithAKeyFrameAfterAGap() {
    SendStream stream = startVideo();
    sendVideo(stream, 5);
    stream.interrupt();
    call.alice.send(stream, VirtualCall.frame(6, 2000, false), false);
    call.alice.send(stream, VirtualCall.frame(7, 2000, true), true);
    call.alice.send(stream, VirtualCall.frame(8, 2000, false), false);
    call.clock.run(Duration.ofMillis(500));

    assertThat(call.bob.received).hasSize(7);
    assertThat(call.bob.received.get(5).frame().key()).isTrue();
    assertThat(call.alice.keyFrameRequests).containsExactly(stream);
  }

  @Test
  void whatFailsForOneStreamKeepsNothingFromTheOthers() {
    List<ByteBuffer> attempted = new ArrayList<>();
    RtpSession session =
        new RtpSession(
            "carol",
            NtpClock.at(0, Instant.EPOCH),
            new Random(1),
            new RtpSessionListener() {
              @Override
              public void onRtpToSend(ByteBuffer packet) {}

              @Override
              public void onRtcpToSend(ByteBuffer compound) {
                attempted.add(compound.duplicate());
                throw new IllegalStateException("number " + attempted.size());
              }

              @Override
              public void onFrame(ReceiveStream stream, MediaFrame frame) {}

              @Override
              public void onKeyFrameRequested(SendStream stream) {}

              @Override
              public void onBandwidthEstimate(long bitsPerSecond) {}
            });
    session.setReducedSizeRtcp(true);
    RawSender sender = new RawSender();
    for (int ssrc = 1; ssrc <= 3; ssrc++) {
      session.addReceiver(
          new ReceiveParameters(
              "v" + ssrc, MediaFormat.VP8, 96, 97, ssrc, ReceiveParameters.NONE, true, true));
      session.receiveRtp(sender.picture(ssrc, 1, 0, new PictureId(1), true, 0), 0);
      session.receiveRtp(sender.picture(ssrc, 3, 6000, new PictureId(3), false, 0), 0);
    }

    long later = 2_000_000_000L;
    assertThatThrownBy(() -> session.handleTimeout(later))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("number 1")
        .satisfies(first -> assertThat(first.getSuppressed()).isNotEmpty());

    // Three streams ask for what is missing, and there is the report on all of them.
    assertThat(attempted).hasSizeGreaterThanOrEqualTo(4);
    assertThat(session.nextTimeoutNanos()).isGreaterThan(later);
  }

  @Test
  void senderReportsTieRtpTimeToTheWallClock() throws MalformedPacketException {
    SendStream stream = startVideo();
    sendVideo(stream, 60);
    List<SenderReport> reports = call.alice.rtcpSent(SenderReport.class);
    SenderReport first = reports.getFirst();
    SenderReport last = reports.getLast();

    assertThat(reports.size()).isBetween(2, 4);
    long wallNanos = NtpClock.nanosBetween(first.ntpTime(), last.ntpTime());
    long rtpNanos =
        MediaFormat.VP8.toNanos((last.rtpTimestamp() - first.rtpTimestamp()) & 0xffffffffL);
    assertThat(rtpNanos).isCloseTo(wallNanos, within(20_000L));
    assertThat(last.packetCount()).isLessThanOrEqualTo(stream.statistics().packetsSent());
    assertThat(call.alice.rtcpSent(SourceDescription.class).getFirst().chunks())
        .containsExactly(new SourceDescription.Chunk(VirtualCall.VIDEO_SSRC, "alice"));
  }

  @Test
  void theFirstSenderReportComesSoonAfterTheFirstPacket() {
    sendVideo(startVideo(), 4);

    assertThat(call.alice.rtcpSent(SenderReport.class)).hasSize(1);
  }

  @Test
  void receiverReportsTellLossAndTheRoundTrip() {
    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(30)));
    call.toAlice.setConditions(LinkConditions.delay(Duration.ofMillis(50)));
    int[] count = {0};
    call.alice.loses = packet -> packet.payloadType() == 96 && ++count[0] % 4 == 0;
    call.bob.session.addReceiver(
        new ReceiveParameters("v", MediaFormat.VP8, 96, -1, -1, -1, false, false)
            .with(VirtualCall.EXTENSIONS));
    SendStream stream = call.alice.session.addSender(VirtualCall.video());
    sendVideo(stream, 300);

    SendStatistics statistics = stream.statistics();
    assertThat(statistics.remoteFractionLost()).isCloseTo(0.25, within(0.05));
    assertThat(statistics.remotePacketsLost()).isCloseTo(statistics.packetsSent() / 4, within(20L));
    assertThat(statistics.roundTripNanos()).isCloseTo(80_000_000L, within(1_000_000L));
  }

  @Test
  void jitterIsMeasured() {
    call.toBob.setConditions(
        LinkConditions.delay(Duration.ofMillis(20)).withJitter(Duration.ofMillis(15)));
    sendVideo(startVideo(), 300);

    assertThat(call.bob.received.getFirst().stream().statistics().jitterSeconds())
        .isBetween(0.001, 0.015);
  }

  @Test
  void transportWideFeedbackComesAboutTwentyTimesASecond() {
    sendVideo(startVideo(), 60);

    assertThat(call.bob.rtcpSent(TransportFeedback.class).size()).isBetween(25, 42);
    assertThat(call.alice.estimate).isPositive();
  }

  @Test
  void theReceiversOwnEstimateIsNotExceeded() {
    startVideo();
    toAlice(new ReceiverEstimatedMaximumBitrate(1, 300_000, List.of(VirtualCall.VIDEO_SSRC)));

    assertThat(call.alice.estimate).isEqualTo(300_000);
  }

  @Test
  void aPictureLossIndicationAsksForAKeyFrameOnce() {
    startVideo();
    toAlice(new PictureLossIndication(1, VirtualCall.VIDEO_SSRC));
    toAlice(new PictureLossIndication(1, VirtualCall.VIDEO_SSRC));
    assertThat(call.alice.keyFrameRequests).hasSize(1);

    call.clock.run(Duration.ofMillis(400));
    toAlice(new PictureLossIndication(1, VirtualCall.VIDEO_SSRC));
    assertThat(call.alice.keyFrameRequests).hasSize(2);
  }

  /** A peer's SDES without a final zero, and a BYE of more sources than it names. */
  @Test
  void aRequestBesideAMalformedMemberIsHeard() {
    startVideo();
    call.alice.session.receiveRtcp(
        Hex.buffer(
            """
            80 c9 0001 00000001
            81 ca 0002 00000001 0102 6162
            81 ce 0002 00000001 11111111
            82 cb 0001 00000001
            """),
        call.clock.nanoTime());

    assertThat(call.alice.keyFrameRequests).hasSize(1);
    assertThat(call.alice.session.packetsDropped()).isEqualTo(2);
  }

  @Test
  void aRepeatedFullIntraRequestIsOneCommand() {
    startVideo();
    for (int number : new int[] {7, 7, 8}) {
      toAlice(
          new FullIntraRequest(
              1, List.of(new FullIntraRequest.Request(VirtualCall.VIDEO_SSRC, number))));
      call.clock.run(Duration.ofMillis(400));
    }

    assertThat(call.alice.keyFrameRequests).hasSize(2);
  }

  @Test
  void aStreamThatEndsSaysGoodbye() {
    SendStream stream = startVideo();
    sendVideo(stream, 3);
    call.alice.session.removeSender(stream, call.clock.nanoTime());

    assertThat(call.alice.rtcpSent(Goodbye.class))
        .containsExactly(new Goodbye(List.of(VirtualCall.VIDEO_SSRC)));
  }

  @Test
  void feedbackIsAloneOnlyWhereReducedSizeIsAgreed() {
    SendStream stream = startVideo();
    sendVideo(stream, 2);
    ReceiveStream in = call.bob.received.getFirst().stream();
    call.bob.rtcpSent.clear();
    call.bob.session.requestKeyFrame(in, call.clock.nanoTime());
    assertThat(call.bob.rtcpSent.getFirst()).isInstanceOf(ReceiverReport.class);
    assertThat(call.bob.rtcpSent.getLast()).isInstanceOf(PictureLossIndication.class);

    call.bob.rtcpSent.clear();
    call.bob.session.setReducedSizeRtcp(true);
    sendVideo(stream, 60);
    call.bob.rtcpSent.clear();
    call.bob.session.requestKeyFrame(in, call.clock.nanoTime());
    assertThat(call.bob.rtcpSent).hasSize(1).hasOnlyElementsOfType(PictureLossIndication.class);
  }

  @Test
  void soundAndPictureShareOneClock() {
    call.bob.session.addReceiver(VirtualCall.audioIn());
    SendStream video = startVideo();
    SendStream audio = call.alice.session.addSender(VirtualCall.audio());
    for (int i = 0; i < 1000; i++) {
      call.alice.send(audio, new byte[] {(byte) 0xf8, 1}, true);
      if (i % 2 == 0) {
        call.alice.send(video, VirtualCall.frame(i, 500, i == 0), i == 0);
      }
      call.clock.run(Duration.ofMillis(20));
      if (i == 10) {
        call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(90)));
      }
    }
    VirtualCall.Received lastAudio = last(MediaFormat.OPUS);
    VirtualCall.Received lastVideo = last(MediaFormat.VP8);
    long number = lastVideo.frame().payload().getInt(lastVideo.frame().payload().limit() - 4);
    long videoIndex = number;
    long audioIndex =
        call.bob.received.stream()
                .filter(r -> r.stream().parameters().preferred().format() == MediaFormat.OPUS)
                .count()
            - 1;

    long expected = (audioIndex - videoIndex) * 20_000_000;
    assertThat(lastAudio.frame().timeNanos() - lastVideo.frame().timeNanos())
        .isCloseTo(expected, within(1_000_000L));
  }

  private VirtualCall.Received last(MediaFormat format) {
    return call.bob.received.stream()
        .filter(received -> received.stream().parameters().preferred().format() == format)
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  @Test
  void streamsWithoutMidAreFoundByTheirSourceOrPayloadType() {
    ReceiveStream named =
        call.bob.session.addReceiver(
            new ReceiveParameters(
                "v", MediaFormat.VP8, 96, -1, VirtualCall.VIDEO_SSRC, -1, false, false));
    call.bob.session.addReceiver(
        new ReceiveParameters("w", MediaFormat.VP8, 96, -1, 0x77L, -1, false, false));
    ReceiveStream byType =
        call.bob.session.addReceiver(VirtualCall.audioIn().with(RtpExtensionMap.empty()));
    SendStream video = call.alice.session.addSender(VirtualCall.video());
    SendStream audio = call.alice.session.addSender(VirtualCall.audio());
    call.alice.send(video, VirtualCall.frame(0, 100, true), true);
    call.alice.send(audio, new byte[] {(byte) 0xf8, 1}, true);
    call.clock.run(Duration.ofMillis(100));

    assertThat(call.bob.received)
        .extracting(VirtualCall.Received::stream)
        .containsExactly(named, byType);
  }

  @Test
  void aPacketThatBelongsToNoStreamIsCounted() {
    SendStream video = call.alice.session.addSender(VirtualCall.video());
    sendVideo(video, 1);

    call.clock.run(Duration.ofMillis(200));

    assertThat(call.bob.received).isEmpty();
    assertThat(call.bob.session.packetsDropped()).isEqualTo(call.alice.rtpSent.size());
  }

  @Test
  void aPacketOfAbsurdSizeIsDropped() {
    startVideo();
    ByteBuffer huge = ByteBuffer.allocate(60_000);
    huge.put(0, (byte) 0x80).put(1, (byte) 96);
    call.bob.session.receiveRtp(huge, call.clock.nanoTime());

    assertThat(call.bob.session.packetsDropped()).isOne();
  }

  @Test
  void everyPacketFitsIntoADatagramWithWhatSrtpAdds() throws MalformedPacketException {
    SendStream video = startVideo();
    sendVideo(video, 1);
    call.alice.rtpSent.clear();
    call.alice.send(video, VirtualCall.frame(1, 100_000, false), false);
    call.clock.run(Duration.ofSeconds(3));

    RtpPacket view = new RtpPacket();
    int largest = 0;
    int smallest = Integer.MAX_VALUE;
    for (byte[] packet : call.alice.rtpSent) {
      view.wrap(ByteBuffer.wrap(packet));
      if (view.payloadType() == VirtualCall.video().preferred().payloadType()) {
        largest = Math.max(largest, packet.length);
        smallest = Math.min(smallest, packet.length);
      }
    }
    assertThat(largest).isLessThanOrEqualTo(RtpSession.MAX_DATAGRAM - 16);
    assertThat(largest - smallest).isLessThanOrEqualTo(1);
  }

  @Test
  void soundTellsHowLoudItIs() throws MalformedPacketException {
    RtpExtensionMap extensions = new RtpExtensionMap(Map.of(RtpExtension.AUDIO_LEVEL, 1));
    SendStream sound =
        call.alice.session.addSender(
            new SendParameters(
                "a",
                MediaFormat.OPUS,
                111,
                VirtualCall.AUDIO_SSRC,
                SendParameters.NONE,
                SendParameters.NONE,
                false,
                extensions));
    for (int level : new int[] {0, 42, MediaFrame.SILENCE_LEVEL, MediaFrame.NO_LEVEL}) {
      long now = call.clock.nanoTime();
      ByteBuffer packet = ByteBuffer.wrap(new byte[] {8, 1, 2});
      call.alice.session.send(
          sound, new MediaFrame(MediaFormat.OPUS, now, 20_000_000, true, level, packet), now);
      call.clock.run(Duration.ofMillis(20));
    }

    RtpPacket view = new RtpPacket();
    List<Integer> told = new ArrayList<>();
    for (byte[] packet : call.alice.rtpSent) {
      view.wrap(ByteBuffer.wrap(packet));
      told.add(view.audioLevel(extensions));
    }
    assertThat(told).containsExactly(0x80, 0x80 | 42, 127, -1);
  }

  @Test
  void fractionLostIsOverTheTimeSinceTheLastReport() {
    SourceReception reception = new SourceReception(MediaFormat.VP8);
    for (int i = 0; i < 100; i += 2) {
      reception.accept(i);
    }
    ReportBlock lossy = reception.report(1, 0);
    for (int i = 99; i < 199; i++) {
      reception.accept(i);
    }
    ReportBlock calm = reception.report(1, 0);

    assertThat(lossy.fractionLost()).isCloseTo(127, within(2));
    assertThat(lossy.cumulativeLost()).isEqualTo(49);
    assertThat(calm.fractionLost()).isZero();
    assertThat(calm.cumulativeLost()).isEqualTo(49);
    assertThat(calm.extendedHighestSequenceNumber()).isEqualTo(198);
  }

  @Test
  void onePacketFarFromAllOthersIsRejectedAndTwoAreARestart() {
    SourceReception reception = new SourceReception(MediaFormat.VP8);
    reception.accept(10);

    assertThat(reception.accept(30_000)).isEqualTo(SourceReception.REJECTED);
    assertThat(reception.isRestart(11)).isFalse();
    assertThat(reception.isRestart(30_001)).isTrue();
  }

  /** A server may give the same header extension another number in each section. */
  @Test
  void headerExtensionsAreReadByTheNumbersOfThePacketsOwnSection() {
    RtpExtensionMap ofVideo =
        new RtpExtensionMap(
            Map.of(
                RtpExtension.MID, VirtualCall.EXTENSIONS.id(RtpExtension.TRANSPORT_SEQUENCE_NUMBER),
                RtpExtension.TRANSPORT_SEQUENCE_NUMBER,
                    VirtualCall.EXTENSIONS.id(RtpExtension.MID)));
    ReceiveStream pictures = call.bob.session.addReceiver(VirtualCall.videoIn().with(ofVideo));
    ReceiveStream sound = call.bob.session.addReceiver(VirtualCall.audioIn());
    SendStream video = call.alice.session.addSender(VirtualCall.video(ofVideo));
    SendStream audio = call.alice.session.addSender(VirtualCall.audio());
    for (int i = 0; i < 50; i++) {
      call.alice.send(video, VirtualCall.frame(i, 100, true), true);
      call.alice.send(audio, VirtualCall.sound(i), true);
      call.clock.run(Duration.ofMillis(20));
    }
    call.clock.run(Duration.ofSeconds(1));

    assertThat(call.bob.received.stream().filter(one -> one.stream() == pictures).count())
        .isEqualTo(50);
    assertThat(call.bob.received.stream().filter(one -> one.stream() == sound).count())
        .isEqualTo(50);
    assertThat(
            call.bob.rtcpSent(TransportFeedback.class).stream()
                .flatMapToLong(
                    feedback ->
                        IntStream.range(0, feedback.packetCount())
                            .mapToLong(feedback::arrivalTicks))
                .filter(ticks -> ticks != TransportFeedback.NOT_RECEIVED)
                .count())
        .as("the packets that the transport-wide feedback tells to have come")
        .isEqualTo(call.alice.rtpSent.size());
  }
}
