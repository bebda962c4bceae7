package org.heliograph.interop.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.heliograph.interop.lab.DeviceLab;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call with a real camera and a real sound card: one run in the device lab, judged here. */
class DeviceLabTest {
  @TempDir static Path folder;
  private static JsonNode results;

  @BeforeAll
  static void callInTheLab() throws Exception {
    DeviceLab.run(DeviceCall.class, folder, Duration.ofMinutes(5));
    results = new ObjectMapper().readTree(Files.readString(folder.resolve(DeviceCall.RESULTS)));
  }

  private static JsonNode at(String pointer) {
    JsonNode node = results.at(pointer);
    assertThat(node.isMissingNode()).as(pointer + " in " + results).isFalse();
    return node;
  }

  private static String text(String pointer) {
    return at(pointer).asText();
  }

  private static void assertHears(String pointer, int hertz) {
    JsonNode tone = at(pointer);
    assertThat(tone.get("hertz").asDouble()).as(pointer).isCloseTo(hertz, within(4.0));
    assertThat(tone.get("share").asDouble())
        .as(pointer + ": purity")
        .isGreaterThan(DeviceCall.PURITY);
  }

  @Test
  void aCameraThatIsInUseIsNamedWithTheProgramThatHasIt() {
    assertThat(at("/busy/status").asInt()).isEqualTo(503);
    assertThat(text("/busy/problem/code")).isEqualTo("device_busy");
    assertThat(text("/busy/problem/device")).isEqualTo("/dev/video0");
    assertThat(text("/busy/problem/detail"))
        .contains("/dev/video0", "v4l2-ctl (" + text("/busy/programs_pid") + ")");
    assertThat(text("/busy/problem/hint")).isNotBlank();
  }

  @Test
  void noDeviceIsOpenWhileACallRings() {
    assertThat(text("/devices_of_callee_while_ringing")).isEqualTo("[]");
  }

  @Test
  void whatTheCameraShowsIsSeenAtTheOtherEnd() {
    // The run waits for each colour in turn at the other end, and ends without it.
    for (String colour : new String[] {"RED", "GREEN", "WHITE"}) {
      assertThat(at("/seen_by_callee/" + colour + "/width").asInt()).isEqualTo(320);
    }
    assertThat(text("/devices_of_caller_in_call")).contains("/dev/video0");
  }

  @Test
  void whatTheSoundCardHearsIsHeardAtTheOtherEnd() {
    assertHears("/heard_by_callee", DeviceCall.TONE_HERTZ);
    assertHears("/heard_by_caller", DeviceCall.CALLEES_HERTZ);
    assertThat(text("/devices_of_caller_in_call")).contains("/dev/snd/pcmC0D1c");
  }

  @Test
  void anAgentThatIsToldNothingFindsTheCameraThatIsFree() {
    assertThat(text("/devices_of_callee_in_call")).isEqualTo("[/dev/video1]");
    assertThat(at("/seen_by_caller/width").asInt()).isEqualTo(320);
  }

  @Test
  void theUserIsToldThatTheCameraWasUnplugged() {
    assertThat(text("/unplugged/error/code")).isEqualTo("device_lost");
    assertThat(text("/unplugged/error/device")).isEqualTo("/dev/video0");
    assertThat(text("/unplugged/error/detail")).contains("/dev/video0", "is gone");
    assertThat(text("/unplugged/error/hint")).isNotBlank();
    assertThat(text("/unplugged/devices/local/video")).isEqualTo("failed");
    assertThat(text("/unplugged/devices/local/audio")).isEqualTo("on");
  }

  @Test
  void theCallGoesOnWithoutTheCamera() {
    assertHears("/unplugged/heard_by_callee", DeviceCall.TONE_HERTZ);
    assertThat(text("/unplugged/calls_of_caller/0/state")).isEqualTo("connected");
    assertThat(text("/unplugged/devices_of_caller")).doesNotContain("/dev/video");
    assertThat(at("/unplugged/told_to_callee/receiving/audio").asBoolean()).isTrue();
  }

  @Test
  void theCameraIsSwitchedOnAgainWhenItIsBack() {
    assertThat(at("/switched_on_again/answer/disabled").asBoolean()).isFalse();
    assertThat(at("/switched_on_again/seen_by_callee/width").asInt()).isEqualTo(320);
    assertHears("/switched_on_again/heard_by_callee", DeviceCall.TONE_HERTZ);
  }

  @Test
  void theDoctorFindsTheDevicesWithTheirFormats() {
    for (String camera : new String[] {"/dev/video0", "/dev/video1"}) {
      JsonNode finding = finding("camera", camera);
      assertThat(finding.get("verdict").asText()).isEqualTo("ok");
      assertThat(finding.get("more").toString()).contains("640x360 YUYV at 40 fps");
    }
    assertThat(finding("microphone", "plughw:0,1").get("verdict").asText()).isEqualTo("ok");
  }

  private static JsonNode finding(String area, String name) {
    for (JsonNode finding : at("/doctor/findings")) {
      if (finding.get("area").asText().equals(area)
          && finding.get("name").asText().startsWith(name)) {
        return finding;
      }
    }
    throw new AssertionError("no " + area + " " + name + " in " + at("/doctor"));
  }

  @Test
  void theCallEndsAsItShould() {
    assertThat(text("/over/ended_at_callee/reason")).isEqualTo("remote_hung_up");
    assertThat(at("/over/calls_of_caller")).isEmpty();
    assertThat(at("/over/exit_of_caller").asInt()).isIn(0, 143);
    assertThat(at("/over/exit_of_callee").asInt()).isIn(0, 143);
  }
}
