package org.heliograph.peer.dtls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Datagrams kept as files, in hexadecimal. */
public final class DtlsFixtures {
  /** A fatal handshake_failure with nothing that would protect it: 15 octets. */
  public static final String FATAL_ALERT = "fatal-alert-in-the-clear";

  /** The same with close_notify. */
  public static final String CLOSE_NOTIFY = "close-notify-in-the-clear";

  /** The first message of an OpenSSL client that nobody has called. */
  public static final String CLIENT_HELLO = "client-hello-of-a-stranger";

  private DtlsFixtures() {}

  /** The datagram of a name. */
  public static byte[] datagram(String name) {
    try (InputStream in = DtlsFixtures.class.getResourceAsStream(name + ".hex")) {
      String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
