package org.heliograph.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sound cards as {@code /proc/asound} lists them. */
final class SoundCards {
  /** What {@code snd-aloop} calls its devices. */
  private static final String LOOPBACK = "Loopback PCM";

  private static final Path PCM = Path.of("/proc/asound/pcm");
  private static final Pattern CAPTURE =
      Pattern.compile("(\\d+)-(\\d+): ([^:]*):([^:]*):.*capture \\d+.*");
  private static final Pattern HARDWARE = Pattern.compile("(?:plug)?hw:([^,]+)(?:,(\\d+))?.*");

  private SoundCards() {}

  /**
   * A card's device that records.
   *
   * @param card its number
   * @param device its number on the card
   * @param name what its driver calls it
   */
  record CaptureDevice(int card, int device, String name) {
    /** ALSA's name for it, with conversion of rate and channels. */
    String alsaName() {
      return "plughw:" + card + "," + device;
    }

    /**
     * Whether it hears what is played on this machine: the far end of an {@code snd-aloop} card.
     */
    boolean isLoopback() {
      return name.equals(LOOPBACK);
    }

    /** The device node. */
    Path node() {
      return Path.of("/dev/snd/pcmC" + card + "D" + device + "c");
    }
  }

  /** Every device that records; none where ALSA is not there. */
  static List<CaptureDevice> captureDevices() {
    try {
      return captureDevices(Files.readAllLines(PCM));
    } catch (IOException e) {
      return List.of(); // no ALSA
    }
  }

  static List<CaptureDevice> captureDevices(List<String> lines) {
    List<CaptureDevice> devices = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = CAPTURE.matcher(line);
      if (matcher.matches()) {
        devices.add(
            new CaptureDevice(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3).strip()));
      }
    }
    return devices;
  }

  /** Which program holds a device, as far as its name and the system tell. */
  static String holderOf(String alsaName) {
    return named(alsaName)
        .map(device -> DeviceHolders.of(device.node().toString(), 0))
        .orElse(DeviceHolders.SOME_PROGRAM);
  }

  /**
   * Whether this user may not use the device; ALSA itself then says that there is none. A name that
   * is not a card's, such as {@code default}, stands for every card.
   */
  static boolean isForbidden(String alsaName) {
    List<Path> nodes =
        named(alsaName).map(List::of).orElseGet(SoundCards::captureDevices).stream()
            .map(CaptureDevice::node)
            .filter(Files::exists)
            .toList();
    return !nodes.isEmpty() && nodes.stream().noneMatch(Files::isReadable);
  }

  /** Whether the name is a card's own, and not one that ALSA's configuration leads elsewhere. */
  static boolean isHardware(String alsaName) {
    return HARDWARE.matcher(alsaName).matches();
  }

  private static Optional<CaptureDevice> named(String alsaName) {
    Matcher matcher = HARDWARE.matcher(alsaName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int device = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    return cardNumber(matcher.group(1)).map(card -> new CaptureDevice(card, device, alsaName));
  }

  /** A card is named by its number or by its id, which is a link under {@code /proc/asound}. */
  private static Optional<Integer> cardNumber(String card) {
    String name = card.replace("CARD=", "");
    try {
      Path directory = Path.of("/proc/asound").resolve(name);
      String number =
          Files.isSymbolicLink(directory)
              ? Files.readSymbolicLink(directory).toString().replace("card", "")
              : name;
      return Optional.of(Integer.parseInt(number));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
