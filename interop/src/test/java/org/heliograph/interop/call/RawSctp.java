package org.heliograph.interop.call;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.heliograph.peer.RawTransport;

/**
 * An SCTP association (RFC 9260) as far as somebody needs it who obeys none of its limits: it is
 * set up as it should be, and then sends the chunks that it is told to.
 */
final class RawSctp {
  static final int DCEP = 50;
  static final int TEXT = 51;
  static final int DATA = 0;
  static final int INIT = 1;
  static final int FORWARD_TSN = 192;
  static final int BEGIN = 2;
  static final int END = 1;

  private static final int INIT_ACK = 2;
  private static final int SACK = 3;
  private static final int COOKIE_ECHO = 10;
  private static final int COOKIE_ACK = 11;
  private static final int STATE_COOKIE = 7;
  private static final int INIT_FIXED = 16;
  private static final int PORT = 5000;
  private static final int OWN_TAG = 0x1234_5678;
  private static final int STREAMS = 1024;
  private static final int FRAGMENT = 1_000;

  /** So many fragments go at once before an acknowledgement is awaited. */
  private static final int FLIGHT = 16;

  private static final int LIMIT_SECONDS = 20;

  private record Chunk(int type, ByteBuffer value) {}

  private final RendezvousGuest.Call call;
  private final BlockingQueue<Chunk> received = new LinkedBlockingQueue<>();
  private int theirTag;
  private int tsn = 1;

  /** Negotiates data channels and opens the association in the place of the connection's own. */
  RawSctp(RendezvousGuest.Call call) throws InterruptedException {
    this.call = call;
    call.run(connection -> RawTransport.takeData(connection, this::read));
    call.run(connection -> connection.createDataChannel("first"));
    call.negotiate();
    ByteBuffer init = ByteBuffer.allocate(INIT_FIXED);
    init.putInt(OWN_TAG).putInt(1 << 20).putShort((short) STREAMS).putShort((short) STREAMS);
    send(chunk(INIT, 0, init.putInt(tsn).array()));
    byte[] answer = await(INIT_ACK);
    theirTag = ByteBuffer.wrap(answer).getInt();
    send(chunk(COOKIE_ECHO, 0, parameter(answer, STATE_COOKIE)));
    await(COOKIE_ACK);
  }

  private static byte[] parameter(byte[] initAck, int wanted) {
    ByteBuffer parameters =
        ByteBuffer.wrap(initAck, INIT_FIXED, initAck.length - INIT_FIXED).slice();
    while (parameters.remaining() >= 4) {
      int type = Short.toUnsignedInt(parameters.getShort());
      byte[] value = new byte[Short.toUnsignedInt(parameters.getShort()) - 4];
      parameters.get(value);
      if (type == wanted) {
        return value;
      }
      parameters.position(
          Math.min(parameters.limit(), parameters.position() + (-value.length & 3)));
    }
    throw new AssertionError("no parameter " + wanted);
  }

  private void read(byte[] packet) {
    if (ByteBuffer.wrap(packet).getInt(4) != OWN_TAG) {
      return; // an INIT of theirs, or an answer to the connection's own SCTP
    }
    ByteBuffer chunks = ByteBuffer.wrap(packet).position(12);
    while (chunks.remaining() >= 4) {
      int type = Byte.toUnsignedInt(chunks.get());
      chunks.get();
      byte[] value = new byte[Short.toUnsignedInt(chunks.getShort()) - 4];
      chunks.get(value);
      received.add(new Chunk(type, ByteBuffer.wrap(value)));
      chunks.position(Math.min(chunks.limit(), chunks.position() + (-value.length & 3)));
    }
  }

  private byte[] await(int type) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      Chunk next = received.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        throw new AssertionError("no chunk of type " + type);
      }
      if (next.type() == type) {
        return next.value().array();
      }
    }
  }

  static byte[] chunk(int type, int flags, byte[] value) {
    ByteBuffer chunk = ByteBuffer.allocate(4 + value.length + (-value.length & 3));
    chunk.put((byte) type).put((byte) flags).putShort((short) (4 + value.length)).put(value);
    return chunk.array();
  }

  /** Sends chunks as one packet. */
  void send(byte[]... chunks) {
    int length = 12;
    for (byte[] chunk : chunks) {
      length += chunk.length;
    }
    ByteBuffer packet = ByteBuffer.allocate(length);
    packet.putShort((short) PORT).putShort((short) PORT).putInt(theirTag).putInt(0);
    for (byte[] chunk : chunks) {
      packet.put(chunk);
    }
    CRC32C checksum = new CRC32C();
    checksum.update(packet.array());
    packet.order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) checksum.getValue());
    call.run(connection -> RawTransport.sendData(connection, packet.array()));
  }

  /** One DATA chunk; gives its number. */
  int data(int flags, int stream, int protocol, byte[] part) {
    ByteBuffer data = ByteBuffer.allocate(12 + part.length);
    data.putInt(tsn).putShort((short) stream).putShort((short) 0).putInt(protocol).put(part);
    send(chunk(DATA, flags, data.array()));
    return tsn++;
  }

  /** A whole message, in as many pieces as it takes; returns when it is acknowledged. */
  void message(int stream, int protocol, byte[] message) throws InterruptedException {
    int first = tsn;
    for (int at = 0; at < message.length; at += FRAGMENT) {
      byte[] part =
          java.util.Arrays.copyOfRange(message, at, Math.min(message.length, at + FRAGMENT));
      int last = data(flags(at, part.length, message.length), stream, protocol, part);
      if ((last - first) % FLIGHT == FLIGHT - 1 || at + part.length == message.length) {
        awaitAcknowledged(last);
      }
    }
  }

  private static int flags(int at, int part, int whole) {
    return (at == 0 ? BEGIN : 0) | (at + part == whole ? END : 0);
  }

  /** Asks to open a channel (RFC 8832 5.1). */
  void open(int stream, String label) throws InterruptedException {
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    ByteBuffer open = ByteBuffer.allocate(12 + name.length);
    open.put((byte) 3).put((byte) 0).putShort((short) 0).putInt(0);
    message(stream, DCEP, open.putShort((short) name.length).putShort((short) 0).put(name).array());
  }

  private void awaitAcknowledged(int number) throws InterruptedException {
    while (ByteBuffer.wrap(await(SACK)).getInt() - number < 0) {
      // an older one
    }
  }

  /** The number that the next DATA chunk will have. */
  int nextTsn() {
    return tsn;
  }
}
