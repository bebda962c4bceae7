package org.heliograph.interop.devices;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.heliograph.interop.lab.DeviceLab;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Video grabbers that list neither their sizes nor their rates, as vivid does with inputs for HDMI
 * and S-Video and no scaler; and a machine whose only sound card is a loopback.
 */
class GrabberLabTest {
  /** The second can crop, without which vivid tells no aspect of its pixels. */
  private static final String GRABBERS =
      "vivid.input_types=3,2 vivid.ccs_cap_mode=0,1 vivid.ccs_out_mode=0,0";

  @TempDir static Path folder;
  private static JsonNode results;

  @BeforeAll
  static void lookInTheLab() throws Exception {
    DeviceLab.run(GrabberProgram.class, folder, Duration.ofMinutes(5), GRABBERS);
    results = new ObjectMapper().readTree(Files.readString(folder.resolve(GrabberProgram.RESULTS)));
  }

  @Test
  void aGrabberThatListsNoSizesGivesThePictureThatItIsSetTo() {
    assertThat(results.at("/error").isMissingNode()).as(results.toPrettyString()).isTrue();
    assertGives(0, "1280x720", 640, 360);
    // PAL: its 576 lines of 720 pixels are seen as 787x576.
    assertGives(1, "720x576", 640, 468);
  }

  private static void assertGives(int index, String size, int width, int height) {
    JsonNode grabber = results.at("/grabbers/" + index);
    assertThat(grabber.get("formats").asText()).contains(size);
    assertThat(grabber.get("width").asInt()).isEqualTo(width);
    assertThat(grabber.get("height").asInt()).isEqualTo(height);
    // Colour bars: neither black nor of one colour.
    assertThat(grabber.get("y").asInt()).isBetween(60, 200);
  }

  @Test
  void theLoopbackCardIsNoMicrophone() {
    assertThat(results.at("/loopback").asBoolean()).isTrue();
    assertThat(results.at("/open_with_auto").asText()).isEqualTo("[]");
  }
}
