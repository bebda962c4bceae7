package org.heliograph.agent.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.heliograph.signaling.PinnedCertificate;

/** A client that does what it likes with its bytes: nothing in it answers by itself. */
final class RawClient implements AutoCloseable {
  /** A frame's last fragment or only one (RFC 6455 5.2). */
  static final int FIN = 0x80;

  /** The bit that belongs to compression (RFC 7692). */
  static final int RSV1 = 0x40;

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;

  final Socket socket;

  RawClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** With a server's certificate, whatever that is. */
  static RawClient overTls(int port, String fingerprint) throws IOException {
    return new RawClient(
        PinnedCertificate.context(fingerprint)
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), port));
  }

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Asks for the rendezvous' WebSocket, and gives the answer's header. */
  String upgrade(String name, String token, String... headers) throws IOException {
    String peer = URLEncoder.encode(name, StandardCharsets.UTF_8);
    return upgradeAt("/signal?peer=" + peer + "&access_token=" + token, headers);
  }

  /** Asks for a WebSocket, and gives the answer's header. */
  String upgradeAt(String target, String... headers) throws IOException {
    send(
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n".formatted(target, socket.getPort())
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: "
            + Base64.getEncoder().encodeToString(new byte[16])
            + "\r\n"
            + String.join("", headers)
            + "\r\n");
    return header();
  }

  /** An answer's status line and header. */
  String header() throws IOException {
    StringBuilder header = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (header.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return header.toString();
      }
      header.append((char) next);
    }
    return header.toString();
  }

  /** Sends a WebSocket frame, masked as a client must. */
  void frame(int firstByte, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(firstByte);
    if (payload.length < 126) {
      frame.write(0x80 | payload.length);
    } else if (payload.length < 65536) {
      frame.write(0x80 | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    } else {
      frame.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        frame.write((int) ((long) payload.length >> shift));
      }
    }
    byte[] mask = new byte[4];
    ThreadLocalRandom.current().nextBytes(mask);
    frame.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.write(payload[i] ^ mask[i % 4]);
    }
    frame.writeTo(socket.getOutputStream());
  }

  void text(String text) throws IOException {
    frame(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Skips frames until the server closes; gives its code, 1006 if it has none. */
  int closeCode() throws IOException {
    InputStream in = socket.getInputStream();
    try {
      while (true) {
        int first = in.read();
        int length = in.read();
        if (length < 0) {
          return 1006;
        }
        if (length == 126) {
          length = (in.read() << 8) | in.read();
        } else if (length == 127) {
          throw new AssertionError("a frame of such a length was not asked for");
        }
        byte[] payload = in.readNBytes(length);
        if ((first & 0xF) == CLOSE) {
          return ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        }
      }
    } catch (SocketException reset) {
      return 1006;
    }
  }

  /** So many bytes, as text. */
  String body(int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  /** What comes until the other side ends the connection, in whichever way. */
  String rest() throws IOException {
    StringBuilder rest = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        rest.append((char) next);
      }
    } catch (SocketException reset) {
      // An end too.
    }
    return rest.toString();
  }

  /** Reads until the other side has ended the connection. */
  void awaitEnd() throws IOException {
    byte[] buffer = new byte[8192];
    try {
      while (socket.getInputStream().read(buffer) >= 0) {
        // What comes before the end is of no interest.
      }
    } catch (SocketException reset) {
      // An end too.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
