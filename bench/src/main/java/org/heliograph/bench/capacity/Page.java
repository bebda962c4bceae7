package org.heliograph.bench.capacity;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * A page that takes everything at once: a WebSocket client (RFC 6455) that looks at no more of a
 * message than it takes to know which picture it is. For the harness's thread alone.
 */
final class Page implements Harness.Reader {
  private static final int READ_BYTES = 1 << 18;
  private static final String END_OF_HEADERS = "\r\n\r\n";

  /** Used by all: it is empty between two reads. */
  private static final ByteBuffer BUFFER = ByteBuffer.allocateDirect(READ_BYTES);

  private final SocketChannel channel;
  private final Sender sender;
  private final Lateness lateness;

  private final byte[] header = new byte[10];
  private int headerLength;
  private long payloadLeft;
  private final byte[] head = new byte[Stamp.SEARCHED_BYTES];
  private int headLength;
  private long bytes;

  /**
   * Connects, which blocks.
   *
   * @param format of {@code docs/media-protocol.md}
   */
  Page(
      Harness harness,
      MeasuredAgent agent,
      String channelId,
      String format,
      Sender sender,
      Lateness lateness)
      throws IOException {
    this.sender = sender;
    this.lateness = lateness;
    channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), agent.port()));
    String request =
        """
        GET /api/call/media/%s?format=%s&access_token=%s HTTP/1.1\r
        Host: 127.0.0.1:%d\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
        \r
        """
            .formatted(channelId, format, agent.token(), agent.port());
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    readAnswer();
    channel.configureBlocking(false);
    harness.run(() -> register(harness)).join();
  }

  private void register(Harness harness) {
    try {
      channel.register(harness.selector(), SelectionKey.OP_READ, this);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Byte by byte: what follows the headers belongs to the first message. */
  private void readAnswer() throws IOException {
    StringBuilder answer = new StringBuilder();
    ByteBuffer octet = ByteBuffer.allocate(1);
    while (answer.indexOf(END_OF_HEADERS) < 0) {
      if (channel.read(octet.clear()) < 0) {
        throw new EOFException("the agent has closed the socket: " + answer);
      }
      answer.append((char) octet.get(0));
    }
    if (!answer.toString().startsWith("HTTP/1.1 101 ")) {
      throw new IOException("the agent has not upgraded: " + answer);
    }
  }

  @Override
  public void ready() throws IOException {
    int count = channel.read(BUFFER.clear());
    if (count < 0) {
      channel.close();
      return;
    }
    bytes += count;
    BUFFER.flip();
    while (BUFFER.hasRemaining()) {
      if (payloadLeft > 0) {
        takePayload();
      } else {
        takeHeader();
      }
    }
  }

  private void takeHeader() {
    header[headerLength++] = BUFFER.get();
    int form = headerLength > 1 ? header[1] & 0x7f : 0;
    int extended = form == 127 ? 8 : form == 126 ? 2 : 0;
    if (headerLength < 2 + extended) {
      return;
    }
    payloadLeft = form;
    if (extended > 0) {
      payloadLeft = 0;
      for (int i = 0; i < extended; i++) {
        payloadLeft = payloadLeft << 8 | (header[2 + i] & 0xff);
      }
    }
    headerLength = 0;
    headLength = 0;
  }

  private void takePayload() {
    int taken = (int) Math.min(payloadLeft, BUFFER.remaining());
    int kept = Math.min(taken, head.length - headLength);
    BUFFER.get(BUFFER.position(), head, headLength, kept);
    headLength += kept;
    BUFFER.position(BUFFER.position() + taken);
    payloadLeft -= taken;
    if (payloadLeft == 0) {
      OptionalLong picture = Stamp.find(head, headLength);
      if (picture.isPresent() && sender.isCounted(picture.getAsLong())) {
        lateness.add(System.nanoTime() - sender.leftNanos(picture.getAsLong()));
      }
    }
  }

  /** All that has come, in bytes. */
  long bytes() {
    return bytes;
  }
}
