package org.heliograph.interop.lab;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Files that Chromium plays as its camera and its microphone. */
public final class MadeUpDevices {
  private static final int PICTURES = 100;

  private MadeUpDevices() {}

  /** A picture of 320 by 240 whose code counts from 0 to 99, 25 times a second, again and again. */
  public static Path camera(Path folder) throws IOException {
    int width = 320;
    int height = 240;
    Path file = folder.resolve("camera.y4m");
    byte[] planes = new byte[width * height * 3 / 2];
    Arrays.fill(planes, (byte) 128);
    ByteBuffer luma = ByteBuffer.wrap(planes);
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(file))) {
      output.write(
          "YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n".getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < PICTURES; i++) {
        PictureCode.paint(luma, width, width, height, i);
        output.write("FRAME\n".getBytes(StandardCharsets.US_ASCII));
        output.write(planes);
      }
    }
    return file;
  }

  /** A tone of one second, which joins to itself where its frequency is a whole number. */
  public static Path microphone(Path folder, int hertz) throws IOException {
    int rate = 48_000;
    Path file = folder.resolve("microphone.wav");
    ByteBuffer wave = ByteBuffer.allocate(44 + 2 * rate).order(ByteOrder.LITTLE_ENDIAN);
    wave.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * rate);
    wave.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wave.putShort((short) 1).putShort((short) 1).putInt(rate).putInt(2 * rate);
    wave.putShort((short) 2).putShort((short) 16);
    wave.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * rate);
    for (int i = 0; i < rate; i++) {
      wave.putShort((short) (9000 * Math.sin(2 * Math.PI * hertz * i / rate)));
    }
    Files.write(file, wave.array());
    return file;
  }
}
