package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.SenderReport;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.Hex;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.receive.SourceReception;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/**
 * What a gateway makes of our RTCP: alice is the gateway, which takes each compound for one medium.
 */
class GatewayFeedbackTest {
  private static final long SOUND = 0x0b0b0001L;
  private static final long PICTURE = 0x0b0b0002L;
  private static final long PICTURE_RTX = 0x0b0b0003L;
  private static final long SECOND_PICTURE = 0x44444444L;

  private final VirtualCall call = new VirtualCall(7);
  private final JanusSorter janus =
      new JanusSorter(
          Map.of(
              SOUND,
              "sound",
              PICTURE,
              "picture",
              VirtualCall.AUDIO_SSRC,
              "sound",
              VirtualCall.VIDEO_SSRC,
              "picture",
              SECOND_PICTURE,
              "second picture"));
  private final List<ByteBuffer> compounds = new ArrayList<>();
  private final SendStream theirPicture = call.alice.session.addSender(VirtualCall.video());
  private final SendStream theirSound = call.alice.session.addSender(VirtualCall.audio());
  private final ReceiveStream inPicture = call.bob.session.addReceiver(VirtualCall.videoIn());
  private final ReceiveStream inSound = call.bob.session.addReceiver(VirtualCall.audioIn());

  GatewayFeedbackTest() {
    call.alice.observer =
        (rtcp, packet) -> {
          if (rtcp) {
            compounds.add(ByteBuffer.wrap(VirtualCall.bytes(packet)));
          }
        };
  }

  private SendStream addSound() {
    return call.bob.session.addSender(
        new SendParameters(
            "a",
            MediaFormat.OPUS,
            111,
            SOUND,
            SendParameters.NONE,
            SendParameters.NONE,
            false,
            VirtualCall.EXTENSIONS));
  }

  private SendStream addPicture() {
    return call.bob.session.addSender(
        new SendParameters(
            "v", MediaFormat.VP8, 96, PICTURE, 97, PICTURE_RTX, true, VirtualCall.EXTENSIONS));
  }

  private void exchange(int seconds, SendStream... ours) {
    for (int i = 0; i < 30 * seconds; i++) {
      call.alice.send(theirSound, VirtualCall.sound(i), true);
      call.alice.send(theirPicture, VirtualCall.frame(i, 2000, i == 0), i == 0);
      for (SendStream stream : ours) {
        if (stream.format().format().isVideo()) {
          call.bob.send(stream, VirtualCall.frame(i, 2000, i == 0), i == 0);
        } else {
          call.bob.send(stream, VirtualCall.sound(i), true);
        }
      }
      call.clock.run(Duration.ofMillis(33));
    }
  }

  private static List<RtcpPacket> parse(ByteBuffer compound) {
    try {
      return RtcpCompound.parse(compound);
    } catch (MalformedPacketException e) {
      throw new AssertionError(e);
    }
  }

  /** The compounds that hold a packet of a type. */
  private List<ByteBuffer> with(Class<? extends RtcpPacket> type) {
    return compounds.stream()
        .filter(compound -> parse(compound).stream().anyMatch(type::isInstance))
        .toList();
  }

  private void askForKeyFrame(ReceiveStream stream) {
    compounds.clear();
    call.bob.session.requestKeyFrame(stream, call.clock.nanoTime());
    call.clock.run(Duration.ofMillis(100));
    assertThat(with(PictureLossIndication.class)).hasSize(1);
  }

  private void assertTakenFor(String medium, Class<? extends RtcpPacket> type) {
    assertThat(with(type))
        .isNotEmpty()
        .allSatisfy(c -> assertThat(janus.medium(c)).isEqualTo(medium));
  }

  /** Where it stands in a compound behind a report, that is on the stream that it is about. */
  private void assertReportedOn(long ssrc, Class<? extends RtcpPacket> type) {
    for (ByteBuffer compound : with(type)) {
      ReceiverReport report = (ReceiverReport) parse(compound).getFirst();
      assertThat(report.reports()).extracting(ReportBlock::ssrc).containsExactly(ssrc);
      assertThat(report.reports().getFirst().extendedHighestSequenceNumber()).isPositive();
    }
  }

  private static ByteBuffer fixture(String name) throws IOException {
    try (InputStream in = GatewayFeedbackTest.class.getResourceAsStream("janus/" + name)) {
      return Hex.buffer(
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .collect(Collectors.joining()));
    }
  }

  @Test
  void aRequestUnderTheSourceOfSoundIsTakenForOneOfSound() throws IOException {
    ByteBuffer before = fixture("pli-for-pictures-under-the-source-of-sound.hex");

    assertThat(parse(before)).contains(new PictureLossIndication(SOUND, VirtualCall.VIDEO_SSRC));
    assertThat(janus.medium(before)).isEqualTo("sound");
    assertThat(janus.medium(fixture("pli-for-pictures-under-the-source-of-pictures.hex")))
        .isEqualTo("picture");
    assertThat(janus.medium(fixture("pli-of-who-only-receives-behind-a-report-on-the-picture.hex")))
        .isEqualTo("picture");
  }

  @Test
  void aRequestForAPictureGoesUnderOurSourceOfPicturesBehindAReportOnIt() {
    exchange(3, addSound(), addPicture());
    askForKeyFrame(inPicture);

    assertTakenFor("picture", PictureLossIndication.class);
    assertReportedOn(VirtualCall.VIDEO_SSRC, PictureLossIndication.class);
    assertThat(call.bob.rtcpSent(PictureLossIndication.class).getLast())
        .isEqualTo(new PictureLossIndication(PICTURE, VirtualCall.VIDEO_SSRC));
  }

  @Test
  void soItDoesBeforeOurPictureHasBegun() {
    SendStream sound = addSound();
    addPicture();
    exchange(1, sound);
    askForKeyFrame(inPicture);

    assertTakenFor("picture", PictureLossIndication.class);
  }

  @Test
  void whoSendsSoundOnlyAsksForPicturesUnderNoSourceOfSound() {
    exchange(3, addSound());
    askForKeyFrame(inPicture);

    assertTakenFor("picture", PictureLossIndication.class);
    assertReportedOn(VirtualCall.VIDEO_SSRC, PictureLossIndication.class);
  }

  @Test
  void whoOnlyReceivesIsUnderstoodByItsReports() {
    SendStream second =
        call.alice.session.addSender(
            new SendParameters(
                "w",
                MediaFormat.VP8,
                96,
                SECOND_PICTURE,
                SendParameters.NONE,
                SendParameters.NONE,
                false,
                VirtualCall.EXTENSIONS));
    ReceiveStream inSecond =
        call.bob.session.addReceiver(
            new ReceiveParameters("w", MediaFormat.VP8, 96, -1, -1, -1, false, true));
    for (int i = 0; i < 10; i++) {
      call.alice.send(second, VirtualCall.frame(i, 1000, i == 0), i == 0);
      exchange(1);
    }
    assertThat(compounds.stream().map(janus::medium).distinct())
        .containsExactlyInAnyOrder("sound", "picture", "second picture");

    askForKeyFrame(inSecond);
    assertTakenFor("second picture", PictureLossIndication.class);
    askForKeyFrame(inPicture);
    assertTakenFor("picture", PictureLossIndication.class);
  }

  @Test
  void lostPicturesAreAskedForAgainUnderTheSourceOfPictures() {
    int[] count = {0};
    call.alice.loses = packet -> packet.payloadType() == 96 && ++count[0] % 10 == 0;
    exchange(3, addSound(), addPicture());

    assertTakenFor("picture", GenericNack.class);
    assertReportedOn(VirtualCall.VIDEO_SSRC, GenericNack.class);
  }

  @Test
  void eachSourcesReportIsOnWhatItsSectionReceives() {
    exchange(10, addSound(), addPicture());
    List<SenderReport> reports =
        compounds.stream()
            .map(compound -> parse(compound).getFirst())
            .filter(SenderReport.class::isInstance)
            .map(SenderReport.class::cast)
            .toList();

    assertThat(reports).extracting(SenderReport::ssrc).contains(SOUND, PICTURE);
    assertThat(reports)
        .allSatisfy(
            report ->
                assertThat(report.reports())
                    .extracting(ReportBlock::ssrc)
                    .containsExactly(
                        report.ssrc() == SOUND ? VirtualCall.AUDIO_SSRC : VirtualCall.VIDEO_SSRC));
  }

  /** Between two reports on a second, feedback does not take the losses of its part away. */
  @Test
  void theReportBesideFeedbackLeavesTheNextReportItsTime() {
    SourceReception reception = new SourceReception(MediaFormat.VP8);
    for (int i = 0; i <= 100; i++) {
      if (i % 2 == 0) {
        reception.accept(i);
      }
      if (i == 50) {
        assertThat(reception.interimReport(1, 0).fractionLost()).isBetween(120, 128);
      }
    }

    assertThat(reception.report(1, 0).fractionLost()).isBetween(120, 128);
    assertThat(reception.interimReport(1, 0).fractionLost()).isZero();
  }

  @Test
  void transportWideFeedbackGoesUnderTheSourceOfWhatCameLast() {
    exchange(3, addSound(), addPicture());

    for (ByteBuffer compound : with(TransportFeedback.class)) {
      TransportFeedback arrivals = (TransportFeedback) parse(compound).getLast();
      assertThat(arrivals.senderSsrc())
          .isEqualTo(arrivals.mediaSsrc() == VirtualCall.AUDIO_SSRC ? SOUND : PICTURE);
    }
    assertThat(with(TransportFeedback.class)).hasSizeGreaterThan(30);
  }

  @Test
  void requestsAreTakenByWhatTheyAreAboutUnderWhateverSourceTheyCome() {
    SendStream picture = addPicture();
    exchange(1, addSound(), picture);
    for (RtcpPacket request :
        List.of(
            new PictureLossIndication(VirtualCall.AUDIO_SSRC, PICTURE),
            new PictureLossIndication(SOUND, PICTURE),
            new PictureLossIndication(1, PICTURE_RTX),
            new FullIntraRequest(1, List.of(new FullIntraRequest.Request(PICTURE_RTX, 9))))) {
      call.bob.keyFrameRequests.clear();
      call.clock.run(Duration.ofMillis(400));
      ByteBuffer out = ByteBuffer.allocate(request.length());
      request.write(out);
      call.bob.session.receiveRtcp(out.flip(), call.clock.nanoTime());

      assertThat(call.bob.keyFrameRequests).as(request.toString()).containsExactly(picture);
    }
    assertThat(inSound.format().format()).isEqualTo(MediaFormat.OPUS);
  }
}
