package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.heliograph.peer.netem.VirtualClock;

/** An association in virtual time, and what has come out of it. */
final class SctpEndpoint implements SctpListener, VirtualClock.Driven {
  static final int MAX_MESSAGE_LENGTH = 256 * 1024;
  static final int PORT = 5000;

  /** A message that came. */
  record Received(int stream, long payloadProtocol, ByteBuffer payload, long atNanos) {
    long number() {
      return payload.getLong(0);
    }
  }

  final SctpAssociation association;
  final List<Received> messages = new ArrayList<>();
  final List<Integer> incomingResets = new ArrayList<>();
  final List<Integer> outgoingResets = new ArrayList<>();
  final List<String> closings = new ArrayList<>();
  int connected;
  long dequeued;
  long packetsSent;
  long receivedOctets;
  boolean keepsMessages = true;

  private final VirtualClock clock;
  private java.util.function.Consumer<ByteBuffer> wire = packet -> {};

  SctpEndpoint(VirtualClock clock, long seed) {
    this.clock = clock;
    association = new SctpAssociation(PORT, PORT, MAX_MESSAGE_LENGTH, new Random(seed), this);
    clock.drive(this);
  }

  void sendsTo(java.util.function.Consumer<ByteBuffer> wire) {
    this.wire = wire;
  }

  void receive(ByteBuffer packet) {
    association.handlePacket(clock.nanoTime(), packet);
  }

  /** A message with a number in front, so that it can be told from others. */
  static ByteBuffer numbered(long number, int length) {
    ByteBuffer payload = ByteBuffer.allocate(Math.max(Long.BYTES, length));
    payload.putLong(number);
    while (payload.hasRemaining()) {
      payload.put((byte) (number + payload.position()));
    }
    return payload.flip();
  }

  void send(int stream, long number, int length) {
    association.send(SctpMessage.reliable(stream, 53, numbered(number, length)));
  }

  void sendUnordered(int stream, long number, int length) {
    association.send(
        new SctpMessage(
            stream,
            53,
            numbered(number, length),
            false,
            OptionalInt.empty(),
            OptionalLong.empty()));
  }

  void sendRetransmitting(int stream, long number, int length, boolean ordered, int times) {
    association.send(
        new SctpMessage(
            stream,
            53,
            numbered(number, length),
            ordered,
            OptionalInt.of(times),
            OptionalLong.empty()));
  }

  void sendWithin(int stream, long number, int length, boolean ordered, long nanos) {
    association.send(
        new SctpMessage(
            stream,
            53,
            numbered(number, length),
            ordered,
            OptionalInt.empty(),
            OptionalLong.of(nanos)));
  }

  @Override
  public void send(ByteBuffer packet) {
    packetsSent++;
    wire.accept(packet);
  }

  @Override
  public void onConnected() {
    connected++;
  }

  @Override
  public void onMessage(int stream, long payloadProtocol, byte[] payload) {
    receivedOctets += payload.length;
    if (keepsMessages) {
      messages.add(
          new Received(stream, payloadProtocol, ByteBuffer.wrap(payload), clock.nanoTime()));
    }
  }

  @Override
  public void onDequeued(SctpMessage message, int octets) {
    dequeued += octets;
  }

  @Override
  public void onIncomingStreamReset(int stream) {
    incomingResets.add(stream);
  }

  @Override
  public void onOutgoingStreamReset(int stream) {
    outgoingResets.add(stream);
  }

  @Override
  public void onClosed(String reason) {
    closings.add(reason);
  }

  @Override
  public long nextTimeoutNanos() {
    return association.nextTimeoutNanos();
  }

  @Override
  public void handleTimeout(long nowNanos) {
    association.handleTimeout(nowNanos);
  }
}
