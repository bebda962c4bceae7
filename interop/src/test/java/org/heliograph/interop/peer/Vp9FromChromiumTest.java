package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.FfmpegDecoder;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.peer.MediaCodec;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chromium sends VP9, with and without layers; FFmpeg decodes what came, and codes are read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Vp9FromChromiumTest {
  private static final int PICTURES = 60;

  private PageServer pages;
  private Page browser;

  @BeforeAll
  void startBrowser() throws IOException {
    String page = resource("remote.html");
    String codes = "<script>" + resource("/picture-code.js") + "</script><script>";
    pages = new PageServer(Map.of("/", page.replaceFirst("<script>", codes.replace("$", "\\$"))));
    browser = new Chromium(Map.of(), List.of());
  }

  private static String resource(String name) throws IOException {
    try (var file = Vp9FromChromiumTest.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @AfterAll
  void stopBrowser() {
    browser.close();
    pages.close();
  }

  @BeforeEach
  void openPage() {
    browser.open(pages.url("/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"L1T1", "L1T2", "L1T3", "L2T2", "L3T3", "L3T3_KEY"})
  void isReceivedInEveryMode(String mode) throws Exception {
    try (BrowserCall call = new BrowserCall(browser)) {
      Transceiver video = call.add(MediaKind.VIDEO, TransceiverDirection.RECVONLY);
      browser.evaluate(
          "beginCoded(['VP9'], [{ scalabilityMode: '%s', maxBitrate: 1500000 }])".formatted(mode));
      call.pageOffers();
      call.connect();
      call.peer.awaitFrames(MediaKind.VIDEO, PICTURES);

      assertThat(video.negotiatedCodecs()).startsWith(MediaCodec.VP9, MediaCodec.VP8);
      assertThat(
              browser
                  .evaluate("return pc.getSenders()[0].getParameters().encodings[0]")
                  .path("scalabilityMode")
                  .asText())
          .isEqualTo(mode);
      verifyPictures(call.peer.video(), MediaFormat.VP9);
      awaitWholeSize(call.peer);
    }
  }

  /** Chromium begins small while it does not know the network yet. */
  private static void awaitWholeSize(RecordingPeer peer) throws InterruptedException {
    for (int count = PICTURES; largestWidth(peer.video()) < 640; count += PICTURES) {
      assertThat(count).as("pictures before the whole size").isLessThan(10 * PICTURES);
      peer.awaitFrames(MediaKind.VIDEO, count + PICTURES);
    }
  }

  private static int largestWidth(List<MediaFrame> frames) {
    int width = 0;
    try (FfmpegDecoder decoder = FfmpegDecoder.video("vp9")) {
      for (MediaFrame frame : frames) {
        width = Math.max(width, decoder.decode(frame.payload().duplicate()).orElseThrow().width());
      }
    }
    return width;
  }

  @Test
  void aSenderThatChangesTheCodecIsFollowed() throws Exception {
    try (BrowserCall call = new BrowserCall(browser)) {
      call.add(MediaKind.VIDEO, TransceiverDirection.RECVONLY);
      browser.evaluate("beginCoded(['VP8', 'VP9'], [{}])");
      call.pageOffers();
      call.connect();
      call.peer.awaitFrames(MediaKind.VIDEO, PICTURES);
      int before = call.peer.video().size();

      browser.evaluate(
          """
          const sender = pc.getSenders()[0];
          const parameters = sender.getParameters();
          parameters.encodings[0].codec =
              parameters.codecs.find(codec => codec.mimeType === 'video/VP9');
          await sender.setParameters(parameters);
          """);
      call.peer.awaitFrames(MediaKind.VIDEO, before + 2 * PICTURES);

      List<MediaFrame> frames = call.peer.video();
      int change = 0;
      while (change < frames.size() && frames.get(change).format() == MediaFormat.VP8) {
        change++;
      }
      assertThat(change).isBetween(before, frames.size() - PICTURES);
      verifyPictures(frames.subList(0, change), MediaFormat.VP8);
      verifyPictures(frames.subList(change, frames.size()), MediaFormat.VP9);
      assertThat(frames).extracting(MediaFrame::timeNanos).isSorted();
    }
  }

  private static void verifyPictures(List<MediaFrame> frames, MediaFormat format) {
    assertThat(frames).extracting(MediaFrame::format).containsOnly(format);
    assertThat(frames.getFirst().key()).isTrue();
    List<Integer> codes = new ArrayList<>();
    try (FfmpegDecoder decoder = FfmpegDecoder.video(format == MediaFormat.VP9 ? "vp9" : "vp8")) {
      for (MediaFrame frame : frames) {
        AVFrame picture = decoder.decode(frame.payload().duplicate()).orElseThrow();
        codes.add(
            PictureCode.read(
                picture
                    .data(0)
                    .capacity((long) picture.linesize(0) * picture.height())
                    .asByteBuffer(),
                picture.linesize(0),
                picture.width(),
                picture.height()));
      }
    }
    assertThat(codes).as("codes in the pictures").doesNotContain(-1).isSorted();
    assertThat(codes.getLast() - codes.getFirst()).isGreaterThan(PICTURES / 2);
  }
}
