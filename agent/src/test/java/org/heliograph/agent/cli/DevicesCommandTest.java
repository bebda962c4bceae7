package org.heliograph.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.heliograph.media.CameraFormat;
import org.heliograph.media.DeviceCatalog.Availability;
import org.heliograph.media.DeviceCatalog.Camera;
import org.heliograph.media.DeviceCatalog.Microphone;
import org.heliograph.media.DeviceCatalog.SoundServer;
import org.junit.jupiter.api.Test;

class DevicesCommandTest {
  private static final DevicesCommand.Configured AS_FOUND =
      new DevicesCommand.Configured("auto", Optional.empty(), "auto", Optional.empty());

  private static final DevicesCommand.Listing LISTING =
      new DevicesCommand.Listing(
          List.of(
              new Camera(
                  "/dev/video0",
                  "Integrated Camera",
                  Availability.USABLE,
                  "",
                  List.of(
                      new CameraFormat("YUYV", 640, 480, 30),
                      new CameraFormat("YUYV", 1280, 720, 10),
                      new CameraFormat("MJPG", 1280, 720, 30))),
              new Camera(
                  "/dev/video2", "Other", Availability.BUSY, "It is used by zoom.", List.of())),
          List.of(new Microphone("plughw:1,0", "USB Audio", Availability.USABLE, "", false)),
          new SoundServer(true, "Built-in (alsa_input.pci)", List.of("alsa_input.pci"), ""),
          AS_FOUND);

  @Test
  void aPersonReadsATable() {
    assertThat(LISTING.toText())
        .isEqualTo(
            """
            Cameras   (media.camera = "auto")
              /dev/video0  Integrated Camera
                  YUYV  640x480 @ 30 fps, 1280x720 @ 10 fps
                  MJPG  1280x720 @ 30 fps
              /dev/video2  Other
                  ! It is used by zoom.

            Microphones   (media.microphone = "auto")
              plughw:1,0   USB Audio
              pulse        the sound server's Built-in (alsa_input.pci)\
            """);
  }

  @Test
  void manySizesAreBrokenIntoLinesOfAReadableLength() {
    List<CameraFormat> many =
        java.util.stream.IntStream.range(1, 30)
            .mapToObj(i -> new CameraFormat("YUYV", 64 * i, 48 * i, 30))
            .toList();
    DevicesCommand.Listing listing =
        new DevicesCommand.Listing(
            List.of(new Camera("/dev/video0", "Camera", Availability.USABLE, "", many)),
            List.of(),
            SoundServer.ABSENT,
            AS_FOUND);
    assertThat(listing.toText().lines()).allMatch(line -> line.length() <= 101);
    assertThat(listing.toText()).contains("64x48 @ 30 fps", "1856x1392 @ 30 fps");
  }

  @Test
  void aProgramReadsEverything() {
    ObjectNode json = LISTING.toJson();
    assertThat(json.at("/cameras/0/formats/1/frames_per_second").asDouble()).isEqualTo(10);
    assertThat(json.at("/cameras/0/formats/2/format").asText()).isEqualTo("MJPG");
    assertThat(json.at("/cameras/1/availability").asText()).isEqualTo("busy");
    assertThat(json.at("/cameras/1/problem").asText()).isEqualTo("It is used by zoom.");
    assertThat(json.at("/microphones/0/device").asText()).isEqualTo("plughw:1,0");
    assertThat(json.at("/sound_server").asBoolean()).isTrue();
    assertThat(json.at("/configured/camera").asText()).isEqualTo("auto");
  }

  @Test
  void aConfiguredDeviceThatIsMissingIsTold() {
    DevicesCommand.Listing listing =
        new DevicesCommand.Listing(
            List.of(),
            List.of(new Microphone("plughw:0,1", "Loopback PCM", Availability.USABLE, "", true)),
            new SoundServer(true, "", List.of("speaker.monitor"), "It has no microphone."),
            new DevicesCommand.Configured(
                "/dev/video7",
                Optional.of("There is no camera /dev/video7."),
                "pulse",
                Optional.of("It has no microphone.")));
    assertThat(listing.toText())
        .isEqualTo(
            """
            Cameras   (media.camera = "/dev/video7")
              ! configured, but not to be had: There is no camera /dev/video7.
              none was found; with "auto" a test picture takes its place

            Microphones   (media.microphone = "pulse")
              ! configured, but not to be had: It has no microphone.
              plughw:0,1  Loopback PCM, which hears what is played here; "auto" never takes it
              pulse       the sound server
                  ! It has no microphone.\
            """);
    ObjectNode json = listing.toJson();
    assertThat(json.at("/configured/camera_problem").asText())
        .isEqualTo("There is no camera /dev/video7.");
    assertThat(json.at("/configured/microphone_problem").asText())
        .isEqualTo("It has no microphone.");
    assertThat(LISTING.toJson().at("/configured/camera_problem").isNull()).isTrue();
  }
}
