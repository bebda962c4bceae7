package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is under way to the other side: sends what the windows allow, takes SACKs, sends again what
 * was lost, and gives up what is not worth it (RFC 9260 6 and 7, RFC 3758 3.5).
 */
final class SentData {
  private static final int MAX_CHUNK_VALUE =
      PacketWriter.MAX_PACKET_LENGTH
          - PacketWriter.PACKET_HEADER_LENGTH
          - PacketWriter.CHUNK_HEADER_LENGTH;

  private static final int PACKET_SIZE = MAX_CHUNK_VALUE + PacketWriter.CHUNK_HEADER_LENGTH;
  private static final int DATA_FIELDS_LENGTH =
      SentChunk.HEADER_LENGTH - PacketWriter.CHUNK_HEADER_LENGTH;

  private static final int LAST_FLAG = 1;
  private static final int FIRST_FLAG = 2;
  private static final int UNORDERED_FLAG = 4;

  /** A packet that has less room gets no part of a message that needs more. */
  private static final int MIN_PART = 256;

  /** After how many chunks that overtook it a chunk is lost (RFC 9260 7.2.4). */
  private static final int MISSES_OF_A_LOSS = 3;

  /** How many packets may go out at once when more is acknowledged than the window grew by. */
  private static final int MAX_BURST_PACKETS = 10;

  /** The streams that one FORWARD TSN can name. */
  private static final int MAX_SKIPPED_STREAMS = 256;

  private final SendQueue queue;
  private final CongestionWindow window = new CongestionWindow(PACKET_SIZE);
  private final RetransmissionTimeout timeout;
  private final QueueingDelay queueingDelay = new QueueingDelay();
  private final Timer timer = new Timer();

  private SentChunk[] chunks = new SentChunk[256];
  private long acknowledgedTsn;
  private long nextTsn;
  private long abandonedTsn;
  private long remoteWindow;
  private long underWay;
  private int lost;
  private boolean recovering;
  private long recoveredTsn;
  private boolean fastRetransmitDue;
  private boolean forwardDue;
  private long forwardedTsn;
  private long forwardedNanos;
  private boolean forwardTsnKnown;

  /**
   * @param initialTsn the TSN of the first chunk
   * @param remoteWindow the other side's receiver window, in octets
   * @param forwardTsnKnown whether the other side can be told to wait no more
   */
  SentData(
      SendQueue queue,
      RetransmissionTimeout timeout,
      int initialTsn,
      long remoteWindow,
      boolean forwardTsnKnown) {
    this.queue = queue;
    this.timeout = timeout;
    this.remoteWindow = remoteWindow;
    this.forwardTsnKnown = forwardTsnKnown;
    nextTsn = Integer.toUnsignedLong(initialTsn);
    acknowledgedTsn = nextTsn - 1;
    abandonedTsn = acknowledgedTsn;
    forwardedTsn = acknowledgedTsn;
  }

  // ---- Chunks by TSN ----

  private SentChunk chunk(long tsn) {
    return chunks[(int) tsn & (chunks.length - 1)];
  }

  private void add(SentChunk chunk) {
    if (nextTsn - acknowledgedTsn > chunks.length) {
      SentChunk[] more = new SentChunk[2 * chunks.length];
      for (long tsn = acknowledgedTsn + 1; tsn < nextTsn; tsn++) {
        more[(int) tsn & (more.length - 1)] = chunk(tsn);
      }
      chunks = more;
    }
    chunks[(int) nextTsn & (chunks.length - 1)] = chunk;
    nextTsn++;
  }

  private SentChunk removeFirst() {
    acknowledgedTsn++;
    int index = (int) acknowledgedTsn & (chunks.length - 1);
    SentChunk first = chunks[index];
    chunks[index] = null;
    return first;
  }

  private void setState(SentChunk chunk, SentChunk.State state) {
    switch (chunk.state()) {
      case UNDER_WAY -> underWay -= chunk.size();
      case LOST -> lost--;
      case RECEIVED, ABANDONED -> {}
    }
    chunk.setState(state);
    if (state == SentChunk.State.LOST) {
      lost++;
    }
  }

  // ---- Acknowledgements ----

  /**
   * Takes a SACK. One that is older than another, or that acknowledges what was not sent, changes
   * nothing.
   *
   * @param cumulativeTsn as it stands in the chunk
   * @param blocks the gap ack blocks, each two 16-bit offsets from the cumulative TSN
   */
  void handleSack(long nowNanos, int cumulativeTsn, long receiverWindow, ByteBuffer blocks) {
    long cumulative = Serial.unwrap32(cumulativeTsn, acknowledgedTsn);
    if (cumulative < acknowledgedTsn
        || cumulative >= nextTsn
        || !areOfWhatWasSent(blocks, cumulative)) {
      return;
    }
    long underWayBefore = underWay;
    boolean advanced = cumulative > acknowledgedTsn;
    Acknowledged newly = new Acknowledged();
    while (acknowledgedTsn < cumulative) {
      SentChunk chunk = removeFirst();
      newly.add(acknowledgedTsn, chunk);
      setState(chunk, SentChunk.State.RECEIVED);
    }
    for (int at = blocks.position(); at < blocks.limit(); at += 4) {
      long end = cumulative + Short.toUnsignedInt(blocks.getShort(at + 2));
      for (long tsn = cumulative + Short.toUnsignedInt(blocks.getShort(at)); tsn <= end; tsn++) {
        SentChunk chunk = chunk(tsn);
        if (isOutstanding(chunk)) {
          newly.add(tsn, chunk);
          setState(chunk, SentChunk.State.RECEIVED);
        }
      }
    }
    remoteWindow = receiverWindow;
    newly.measure(nowNanos);
    if (recovering && acknowledgedTsn >= recoveredTsn) {
      recovering = false;
    }
    if (advanced && !recovering) {
      window.acknowledged(newly.octets, underWayBefore, queueingDelay.nanos());
    }
    countMisses(nowNanos, newly.highestTsn);
    advanceAbandoned();
    if (abandonedTsn > acknowledgedTsn
        && nowNanos - forwardedNanos >= timeout.smoothedRoundTripNanos()) {
      forwardDue = true;
    }
    if (isEmpty()) {
      timer.stop();
    } else if (advanced) {
      timer.start(nowNanos, timeout.nanos());
    }
  }

  private boolean areOfWhatWasSent(ByteBuffer blocks, long cumulative) {
    int before = 1;
    for (int at = blocks.position(); at < blocks.limit(); at += 4) {
      int start = Short.toUnsignedInt(blocks.getShort(at));
      int end = Short.toUnsignedInt(blocks.getShort(at + 2));
      if (start <= before || end < start || cumulative + end >= nextTsn) {
        return false;
      }
      before = end;
    }
    return true;
  }

  private static boolean isOutstanding(SentChunk chunk) {
    return chunk.state() == SentChunk.State.UNDER_WAY || chunk.state() == SentChunk.State.LOST;
  }

  /** What one SACK acknowledges that no SACK before it did. */
  private final class Acknowledged {
    private long octets;
    private long highestTsn = -1;
    private SentChunk measurable;

    void add(long tsn, SentChunk chunk) {
      if (isOutstanding(chunk)) {
        octets += chunk.size();
        highestTsn = tsn;
        if (chunk.transmissions() == 1) {
          measurable = chunk;
        }
      }
    }

    void measure(long nowNanos) {
      if (measurable != null) {
        long roundTripNanos = nowNanos - measurable.sentNanos();
        timeout.measured(roundTripNanos);
        queueingDelay.measured(nowNanos, roundTripNanos);
      }
    }
  }

  /** What came shows what did not (RFC 9260 7.2.4, "highest TSN newly acknowledged"). */
  private void countMisses(long nowNanos, long receivedTsn) {
    boolean loss = false;
    for (long tsn = acknowledgedTsn + 1; tsn < receivedTsn; tsn++) {
      SentChunk chunk = chunk(tsn);
      if (chunk.state() == SentChunk.State.UNDER_WAY
          && chunk.missed(receivedTsn) >= MISSES_OF_A_LOSS) {
        loss = true;
        lose(nowNanos, chunk);
      }
    }
    if (loss && !recovering) {
      recovering = true;
      recoveredTsn = nextTsn - 1;
      fastRetransmitDue = true;
      window.lost();
    }
  }

  private void lose(long nowNanos, SentChunk chunk) {
    if (forwardTsnKnown && !chunk.message().mayBeSentAgain(chunk.transmissions(), nowNanos)) {
      abandon(chunk.message());
    } else {
      setState(chunk, SentChunk.State.LOST);
    }
  }

  // ---- Giving up ----

  private void abandon(OutgoingMessage message) {
    if (message.remaining() > 0) {
      queue.giveUp(message);
      // A TSN that is never sent: if the other side has all the others, only this one's being
      // skipped tells it that the message will not be completed.
      SentChunk end = new SentChunk(message, message.sent(), 0);
      message.advance(nextTsn, 0);
      end.setState(SentChunk.State.ABANDONED);
      add(end);
    }
    message.abandon();
    long first = Math.max(message.firstTsn(), acknowledgedTsn + 1);
    for (long tsn = first; tsn <= message.lastTsn(); tsn++) {
      setState(chunk(tsn), SentChunk.State.ABANDONED);
    }
  }

  /**
   * Moves "Advanced.Peer.Ack.Point" (RFC 3758 3.5 C2) to the last chunk that was given up with
   * nothing before it that is still to come. What the other side has in between does not stop it:
   * those are whole messages, and no peer of WebRTC drops again what it has acknowledged.
   */
  private void advanceAbandoned() {
    abandonedTsn = Math.max(abandonedTsn, acknowledgedTsn);
    for (long tsn = abandonedTsn + 1; tsn < nextTsn && !isOutstanding(chunk(tsn)); tsn++) {
      if (chunk(tsn).state() == SentChunk.State.ABANDONED) {
        abandonedTsn = tsn;
      }
    }
    if (abandonedTsn > Math.max(forwardedTsn, acknowledgedTsn)) {
      forwardDue = true;
    }
  }

  private void writeForwardTsn(long nowNanos, PacketWriter writer) {
    forwardDue = false;
    if (abandonedTsn <= acknowledgedTsn) {
      return;
    }
    Map<Integer, Integer> skipped = new LinkedHashMap<>();
    long tsn = acknowledgedTsn;
    while (tsn < abandonedTsn) {
      OutgoingMessage message = chunk(tsn + 1).message();
      if (message.message().ordered() && message.isAbandoned()) {
        if (skipped.size() == MAX_SKIPPED_STREAMS
            && !skipped.containsKey(message.message().stream())) {
          break;
        }
        skipped.put(message.message().stream(), message.streamSequence());
      }
      tsn++;
    }
    ByteBuffer value =
        writer.beginChunk(ChunkType.FORWARD_TSN, 0, Integer.BYTES * (1 + skipped.size()));
    value.putInt((int) tsn);
    skipped.forEach(
        (stream, sequence) -> value.putShort(stream.shortValue()).putShort(sequence.shortValue()));
    writer.endChunk();
    forwardedTsn = tsn;
    forwardedNanos = nowNanos;
  }

  // ---- Sending ----

  /** Sends what is to be told, what was lost and what waits, as far as the windows allow. */
  void transmit(long nowNanos, PacketWriter writer) {
    advanceAbandoned();
    if (forwardDue) {
      writeForwardTsn(nowNanos, writer);
    }
    long limit = Math.min(window.size(), underWay + (long) MAX_BURST_PACKETS * PACKET_SIZE);
    sendAgain(nowNanos, writer, limit);
    if (lost == 0) {
      sendNew(nowNanos, writer, limit);
    }
    if (!isEmpty() && !timer.isRunning()) {
      timer.start(nowNanos, timeout.nanos());
    }
  }

  private void sendAgain(long nowNanos, PacketWriter writer, long limit) {
    // The first packet after a loss goes out whatever the window says (RFC 9260 7.2.4).
    long free = fastRetransmitDue ? PACKET_SIZE : 0;
    fastRetransmitDue = false;
    for (long tsn = acknowledgedTsn + 1; lost > 0 && tsn < nextTsn; tsn++) {
      SentChunk chunk = chunk(tsn);
      if (chunk.state() != SentChunk.State.LOST) {
        continue;
      }
      if (forwardTsnKnown && chunk.message().isExpired(nowNanos)) {
        abandon(chunk.message());
        advanceAbandoned();
        continue;
      }
      free -= chunk.size();
      if (free < 0 && underWay >= limit) {
        return;
      }
      if (tsn == acknowledgedTsn + 1) {
        timer.start(nowNanos, timeout.nanos());
      }
      send(nowNanos, tsn, chunk, writer);
    }
  }

  private void sendNew(long nowNanos, PacketWriter writer, long limit) {
    while (underWay < limit) {
      OutgoingMessage message = queue.next(nowNanos);
      if (message == null) {
        return;
      }
      if (message.isExpired(nowNanos) && forwardTsnKnown) {
        abandon(message);
        advanceAbandoned();
        continue;
      }
      int rest = message.remaining();
      if (rest > writer.room() - DATA_FIELDS_LENGTH
          && writer.room() - DATA_FIELDS_LENGTH < MIN_PART) {
        writer.flush();
      }
      int length = Math.min(rest, writer.room() - DATA_FIELDS_LENGTH);
      boolean fits = underWay + SentChunk.HEADER_LENGTH + length <= remoteWindow;
      if (!fits && underWay > 0) {
        return;
      }
      SentChunk chunk = new SentChunk(message, message.sent(), length);
      long tsn = nextTsn;
      add(chunk);
      queue.sent(message, tsn, length);
      underWay += chunk.size();
      write(nowNanos, tsn, chunk, writer);
    }
  }

  private void send(long nowNanos, long tsn, SentChunk chunk, PacketWriter writer) {
    setState(chunk, SentChunk.State.UNDER_WAY);
    underWay += chunk.size();
    write(nowNanos, tsn, chunk, writer);
  }

  private void write(long nowNanos, long tsn, SentChunk chunk, PacketWriter writer) {
    chunk.transmitted(nowNanos, nextTsn);
    SctpMessage message = chunk.message().message();
    int flags =
        (chunk.isFirst() ? FIRST_FLAG : 0)
            | (chunk.isLast() ? LAST_FLAG : 0)
            | (message.ordered() ? 0 : UNORDERED_FLAG);
    ByteBuffer value =
        writer.beginChunk(ChunkType.DATA, flags, DATA_FIELDS_LENGTH + chunk.length());
    value
        .putInt((int) tsn)
        .putShort((short) message.stream())
        .putShort((short) chunk.message().streamSequence())
        .putInt((int) message.payloadProtocol());
    ByteBuffer payload = message.payload();
    value.put(value.position(), payload, payload.position() + chunk.offset(), chunk.length());
    value.position(value.position() + chunk.length());
    writer.endChunk();
  }

  // ---- Time ----

  /** Does what is due: everything that nothing came back for is lost (RFC 9260 6.3.3). */
  void handleTimeout(long nowNanos) {
    if (!timer.expire(nowNanos)) {
      return;
    }
    timeout.backOff();
    window.timedOut();
    recovering = false;
    SentChunk first = chunk(acknowledgedTsn + 1);
    if (first.state() == SentChunk.State.RECEIVED) {
      // With it, all before it would be acknowledged: the other side has dropped it again.
      setState(first, SentChunk.State.LOST);
    }
    for (long tsn = acknowledgedTsn + 1; tsn < nextTsn; tsn++) {
      if (chunk(tsn).state() == SentChunk.State.UNDER_WAY) {
        lose(nowNanos, chunk(tsn));
      }
    }
    forwardDue = true;
  }

  /** When {@link #handleTimeout} is to be called next. */
  long nextTimeoutNanos() {
    return timer.dueNanos();
  }

  /** Whether media goes the same way, and first. */
  void setYielding(boolean yielding) {
    window.setYielding(yielding);
  }

  // ---- What is told ----

  /** Whether everything that was sent is acknowledged. */
  boolean isEmpty() {
    return acknowledgedTsn + 1 == nextTsn;
  }

  /** The TSN that was given last. */
  long lastTsn() {
    return nextTsn - 1;
  }

  long congestionWindow() {
    return window.size();
  }

  long remoteWindow() {
    return remoteWindow;
  }

  /** How many chunks are sent and not acknowledged. */
  long unacknowledged() {
    return nextTsn - acknowledgedTsn - 1;
  }
}
