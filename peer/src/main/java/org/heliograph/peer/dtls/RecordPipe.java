package org.heliograph.peer.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.TlsFatalAlert;

/**
 * What Bouncy Castle takes for its socket: one record at a time goes in, and records come out into
 * the {@link Outbox}.
 *
 * <p>During the handshake Bouncy Castle blocks in {@link #receive}, which suspends the {@link
 * Coroutine} that the handshake runs in. Afterwards {@code receive} gives the one record and then
 * ends the call with an exception that Bouncy Castle passes on untouched, so that no thread is
 * needed.
 *
 * <p>Bouncy Castle sends a flight again by the system's clock. To have that done by the driver's
 * instants, its time-out is set to nothing ({@link #BOUNCY_CASTLE_RESEND_MILLIS}), so that it sends
 * the flight again whenever a receive brought it nothing for a millisecond; and what it sends again
 * without having been asked to by {@link #requestResend} is dropped here. It shows in the sequence
 * number of the handshake message: that is one which was sent before.
 */
final class RecordPipe implements DatagramTransport {
  /** What the TLS peers must return as their time before a flight is sent again. */
  static final int BOUNCY_CASTLE_RESEND_MILLIS = 0;

  static final int MAX_RECORD_LENGTH = DtlsRecord.HEADER_LENGTH + (1 << 14) + 2048;
  private static final long RESEND_POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

  private final Outbox outbox;
  private final int maxRecordSent;

  private Coroutine handshake;
  private byte[] input;
  private boolean established;
  private boolean abandoned;
  private boolean closed;

  private int nextMessageSequence;
  private int firstNewMessageSequence;
  private boolean sendingAgain;
  private boolean resendRequested;
  private boolean newFlightSent;

  RecordPipe(Outbox outbox, int maxRecordSent) {
    this.outbox = outbox;
    this.maxRecordSent = maxRecordSent;
  }

  /** Names the coroutine that calls {@link #receive} until {@link #establish}. */
  void suspendIn(Coroutine coroutine) {
    handshake = coroutine;
  }

  /** The next receive gives this record. */
  void offer(byte[] record) {
    input = record;
  }

  /** The next receives bring nothing until the last flight was sent again. */
  void requestResend() {
    resendRequested = true;
  }

  /** The next receive ends the handshake. */
  void abandon() {
    abandoned = true;
  }

  /** The handshake is over. */
  void establish() {
    established = true;
    handshake = null;
  }

  /** Whether Bouncy Castle has closed the association. */
  boolean isClosed() {
    return closed;
  }

  /** Whether a flight was sent, not again, since the last call. */
  boolean takeNewFlightSent() {
    boolean sent = newFlightSent;
    newFlightSent = false;
    return sent;
  }

  @Override
  public int getReceiveLimit() {
    return MAX_RECORD_LENGTH;
  }

  @Override
  public int getSendLimit() {
    return maxRecordSent;
  }

  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
    firstNewMessageSequence = nextMessageSequence;
    if (resendRequested && sendingAgain) {
      resendRequested = false;
    }
    sendingAgain = false;
    if (established) {
      return receiveOnce(buffer, offset, length);
    }
    if (resendRequested) {
      LockSupport.parkNanos(RESEND_POLL_NANOS);
      return -1;
    }
    if (!abandoned && !closed) {
      handshake.suspend();
    }
    if (abandoned || closed) {
      throw new TlsFatalAlert(AlertDescription.user_canceled);
    }
    return takeInput(buffer, offset, length);
  }

  private int receiveOnce(byte[] buffer, int offset, int length) throws NothingFurther {
    if (input == null) {
      throw new NothingFurther();
    }
    return takeInput(buffer, offset, length);
  }

  private int takeInput(byte[] buffer, int offset, int length) {
    byte[] record = input;
    input = null;
    if (record == null || record.length > length) {
      return -1;
    }
    System.arraycopy(record, 0, buffer, offset, record.length);
    return record.length;
  }

  @Override
  public void send(byte[] buffer, int offset, int length) {
    int type = DtlsRecord.type(buffer, offset);
    if (!established && type == DtlsRecord.HANDSHAKE && DtlsRecord.epoch(buffer, offset) == 0) {
      int sequence = DtlsRecord.messageSequence(buffer, offset);
      sendingAgain |= sequence < firstNewMessageSequence;
      nextMessageSequence = Math.max(nextMessageSequence, sequence + 1);
    }
    boolean partOfFlight = type == DtlsRecord.HANDSHAKE || type == DtlsRecord.CHANGE_CIPHER_SPEC;
    if (partOfFlight && sendingAgain && !resendRequested) {
      return;
    }
    newFlightSent |= partOfFlight && !sendingAgain;
    byte[] record = new byte[length];
    System.arraycopy(buffer, offset, record, 0, length);
    outbox.add(record);
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Ends a receive after the handshake. It costs no stack trace. */
  static final class NothingFurther extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
