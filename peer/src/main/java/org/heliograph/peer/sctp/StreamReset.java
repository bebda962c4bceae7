package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Lets streams begin anew (RE-CONFIG, RFC 6525), which is how a data channel is closed (RFC 8831
 * 6.7): each side resets its own outgoing stream.
 */
final class StreamReset {
  private static final int OUTGOING_RESET = 13;
  private static final int INCOMING_RESET = 14;
  private static final int SSN_TSN_RESET = 15;
  private static final int RESPONSE = 16;
  private static final int ADD_OUTGOING = 17;
  private static final int ADD_INCOMING = 18;

  private static final int PARAMETER_HEADER_LENGTH = 4;
  private static final int OUTGOING_FIELDS_LENGTH = 12;
  private static final int RESPONSE_LENGTH = 8;

  /** The streams that one request names, so that it fits a packet. */
  private static final int MAX_STREAMS_OF_A_REQUEST = 512;

  /** The parameters that one chunk can have (RFC 6525 3.1). */
  private static final int MAX_PARAMETERS = 2;

  /** The results of a request (RFC 6525 4.4). */
  private static final int NOTHING_TO_DO = 0;

  private static final int PERFORMED = 1;
  private static final int DENIED = 2;
  private static final int BAD_SEQUENCE_NUMBER = 5;
  private static final int IN_PROGRESS = 6;

  private final SendQueue queue;
  private final SentData sentData;
  private final ReceivedTsns receivedTsns;
  private final Reassembly reassembly;
  private final RetransmissionTimeout timeout;
  private final SctpListener listener;
  private final Timer timer = new Timer();
  private final Set<Integer> wanted = new LinkedHashSet<>();
  private Request request;
  private boolean requestDue;
  private int nextSequence;
  private int lastRemoteSequence;
  private int lastResult = NOTHING_TO_DO;

  private record Request(int sequence, int lastTsn, List<Integer> streams) {}

  StreamReset(
      SendQueue queue,
      SentData sentData,
      ReceivedTsns receivedTsns,
      Reassembly reassembly,
      RetransmissionTimeout timeout,
      SctpListener listener,
      int initialTsn,
      int remoteInitialTsn) {
    this.queue = queue;
    this.sentData = sentData;
    this.receivedTsns = receivedTsns;
    this.reassembly = reassembly;
    this.timeout = timeout;
    this.listener = listener;
    this.nextSequence = initialTsn;
    this.lastRemoteSequence = remoteInitialTsn - 1;
  }

  /** Resets an outgoing stream, once what waits on it was sent. */
  void reset(int stream) {
    wanted.add(stream);
  }

  /** Sends the request that is due, if one is. */
  void transmit(long nowNanos, PacketWriter writer) {
    if (request == null && !wanted.isEmpty()) {
      List<Integer> streams =
          wanted.stream().filter(queue::isEmpty).limit(MAX_STREAMS_OF_A_REQUEST).toList();
      if (!streams.isEmpty()) {
        wanted.removeAll(new HashSet<>(streams));
        streams.forEach(queue::pause);
        request = new Request(nextSequence++, (int) sentData.lastTsn(), streams);
        requestDue = true;
      }
    }
    if (requestDue) {
      requestDue = false;
      write(request, writer);
      timer.start(nowNanos, timeout.nanos());
    }
  }

  private void write(Request wanted, PacketWriter writer) {
    int length =
        PARAMETER_HEADER_LENGTH + OUTGOING_FIELDS_LENGTH + Short.BYTES * wanted.streams().size();
    ByteBuffer value = writer.beginChunk(ChunkType.RE_CONFIG, 0, length);
    value
        .putShort((short) OUTGOING_RESET)
        .putShort((short) length)
        .putInt(wanted.sequence())
        .putInt(lastRemoteSequence)
        .putInt(wanted.lastTsn());
    for (int stream : wanted.streams()) {
      value.putShort((short) stream);
    }
    writer.endChunk();
  }

  /** Takes a RE-CONFIG chunk's value. */
  void handle(long nowNanos, ByteBuffer value, PacketWriter writer) {
    for (int i = 0;
        i < MAX_PARAMETERS && value.remaining() >= PARAMETER_HEADER_LENGTH + Integer.BYTES;
        i++) {
      int start = value.position();
      int type = Short.toUnsignedInt(value.getShort());
      int length = Short.toUnsignedInt(value.getShort());
      if (length < PARAMETER_HEADER_LENGTH + Integer.BYTES || length > value.limit() - start) {
        return;
      }
      int sequence = value.getInt();
      ByteBuffer rest = value.slice(value.position(), start + length - value.position());
      switch (type) {
        case OUTGOING_RESET -> {
          if (rest.remaining() < OUTGOING_FIELDS_LENGTH - Integer.BYTES) {
            return;
          }
          respond(sequence, () -> resetIncoming(rest), writer);
        }
        // Not used by WebRTC: the stream is reset when the data channel is closed here.
        case INCOMING_RESET -> respond(sequence, () -> NOTHING_TO_DO, writer);
        case SSN_TSN_RESET, ADD_INCOMING -> respond(sequence, () -> DENIED, writer);
        // Every stream that there can be is there already.
        case ADD_OUTGOING -> respond(sequence, () -> PERFORMED, writer);
        case RESPONSE -> handleResponse(nowNanos, sequence, rest);
        default -> {
          return;
        }
      }
      value.position(Math.min(value.limit(), start + ((length + 3) & ~3)));
    }
  }

  private interface Action {
    int result();
  }

  /** Answers a request; one that was answered before is answered again (RFC 6525 5.2.1). */
  private void respond(int sequence, Action action, PacketWriter writer) {
    boolean again = sequence == lastRemoteSequence;
    int result;
    if (again && lastResult != IN_PROGRESS) {
      result = lastResult;
    } else if (again || sequence == lastRemoteSequence + 1) {
      result = action.result();
      lastRemoteSequence = sequence;
      lastResult = result;
    } else {
      result = BAD_SEQUENCE_NUMBER;
    }
    writer
        .beginChunk(ChunkType.RE_CONFIG, 0, PARAMETER_HEADER_LENGTH + RESPONSE_LENGTH)
        .putShort((short) RESPONSE)
        .putShort((short) (PARAMETER_HEADER_LENGTH + RESPONSE_LENGTH))
        .putInt(sequence)
        .putInt(result);
    writer.endChunk();
  }

  private int resetIncoming(ByteBuffer fields) {
    fields.getInt(); // the number of its answer to a request of ours
    if (receivedTsns.unwrap(fields.getInt()) > receivedTsns.cumulativeTsn()) {
      return IN_PROGRESS;
    }
    IntConsumer reset =
        stream -> {
          reassembly.reset(stream);
          listener.onIncomingStreamReset(stream);
        };
    if (fields.remaining() < Short.BYTES) {
      IntStream.range(0, SctpAssociation.MAX_STREAMS).forEach(reset);
    }
    while (fields.remaining() >= Short.BYTES) {
      int stream = Short.toUnsignedInt(fields.getShort());
      if (stream < SctpAssociation.MAX_STREAMS) {
        reset.accept(stream);
      }
    }
    return PERFORMED;
  }

  private void handleResponse(long nowNanos, int sequence, ByteBuffer fields) {
    if (request == null || request.sequence() != sequence || fields.remaining() < Integer.BYTES) {
      return;
    }
    if (fields.getInt() == IN_PROGRESS) {
      // Asked again later, under a new number: under this one usrsctp would only repeat itself.
      request = new Request(nextSequence++, request.lastTsn(), request.streams());
      timer.start(nowNanos, timeout.nanos());
      return;
    }
    // Whoever refuses has no such stream any more, so it begins anew all the same.
    timer.stop();
    List<Integer> streams = request.streams();
    request = null;
    for (int stream : streams) {
      queue.restart(stream);
      listener.onOutgoingStreamReset(stream);
    }
  }

  /** Asks again when no answer came. */
  void handleTimeout(long nowNanos) {
    if (timer.expire(nowNanos)) {
      timeout.backOff();
      requestDue = true;
    }
  }

  long nextTimeoutNanos() {
    return timer.dueNanos();
  }
}
