package org.heliograph.peer.dtls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;

/**
 * One DTLS 1.2 association (W3C {@code RTCDtlsTransport}; RFC 6347, RFC 5764, RFC 8827 6.5),
 * without socket and clock: it takes datagrams and instants, and gives datagrams, events and the
 * next instant at which it wants to be called.
 *
 * <p>It negotiates keys for SRTP and carries application data, datagram by datagram, which WebRTC
 * uses for SCTP (RFC 8261). Both sides show a certificate, and the handshake fails unless the other
 * side's is the one whose fingerprint was signalled. No renegotiation, no resumption.
 *
 * <p>One thread at a time drives it. Instants are nanoseconds of any one monotonic clock. A
 * transport that was started must be {@linkplain #close closed}, however it ends: its handshake
 * waits in a virtual thread, which only ends with the handshake, with its time limit, or with that
 * call.
 */
public final class DtlsTransport {
  /** The longest datagram sent: what fits every path that ICE works on. */
  public static final int MAX_DATAGRAM_LENGTH = 1200;

  /**
   * The longest application data that fits such a datagram: without the record's header, explicit
   * nonce and tag.
   */
  public static final int MAX_DATA_LENGTH =
      MAX_DATAGRAM_LENGTH - DtlsRecord.HEADER_LENGTH - DtlsRecord.AES_GCM_OVERHEAD;

  /** How long a handshake may take, from {@link #start}. */
  public static final long HANDSHAKE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final DtlsConfiguration configuration;
  private final DtlsListener listener;
  private final RetransmissionTimer retransmission = new RetransmissionTimer();
  private final Outbox outbox = new Outbox(MAX_DATAGRAM_LENGTH);
  private final RecordPipe pipe = new RecordPipe(outbox, MAX_DATAGRAM_LENGTH);
  private final UnprovenAlert unprovenAlert = new UnprovenAlert();
  private final byte[] received = new byte[RecordPipe.MAX_RECORD_LENGTH];

  private DtlsState state = DtlsState.NEW;
  private long handshakeDeadlineNanos;
  private Handshake handshake;
  private DTLSTransport association;

  /** A transport that is to be {@linkplain #start started} when there is a path for datagrams. */
  public DtlsTransport(DtlsConfiguration configuration, DtlsListener listener) {
    this.configuration = Objects.requireNonNull(configuration, "configuration");
    this.listener = Objects.requireNonNull(listener, "listener");
  }

  /** Where the association stands. */
  public DtlsState state() {
    return state;
  }

  /**
   * Starts the handshake: a client sends its first flight, a server waits for it.
   *
   * @throws IllegalStateException if it was started or closed before
   */
  public void start(long nowNanos) {
    if (state != DtlsState.NEW) {
      throw new IllegalStateException("cannot start a transport that is " + state);
    }
    state = DtlsState.CONNECTING;
    handshakeDeadlineNanos = nowNanos + HANDSHAKE_LIMIT_NANOS;
    handshake = new Handshake(configuration, pipe);
    handshake.begin();
    afterHandshakeStep(nowNanos);
    sendAll();
  }

  /**
   * Takes a datagram whose first octet says that it is DTLS (RFC 7983: 20 to 63). What is
   * malformed, not authentic or comes at the wrong time is dropped, as RFC 6347 4.1.2.7 wants it.
   * An alert in the clear is believed only when nothing follows it; see docs/dtls-srtp.md.
   *
   * @param datagram position to limit; read, not kept, its position not moved
   */
  public void handleDatagram(long nowNanos, ByteBuffer datagram) {
    if (state != DtlsState.CONNECTING && state != DtlsState.CONNECTED) {
      return;
    }
    for (byte[] record : DtlsRecord.split(datagram)) {
      switch (state) {
        case CONNECTING -> takeWhenConnecting(nowNanos, record);
        case CONNECTED -> takeWhenConnected(record);
        case NEW, CLOSED, FAILED -> {}
      }
    }
    sendAll();
  }

  /**
   * Sends application data in a record and a datagram of its own; dropped unless connected.
   *
   * @param data position to limit, at most {@link #MAX_DATA_LENGTH} octets in an accessible array;
   *     read, not kept
   */
  public void send(ByteBuffer data) {
    if (state != DtlsState.CONNECTED) {
      return;
    }
    if (data.remaining() > MAX_DATA_LENGTH) {
      throw new IllegalArgumentException(
          data.remaining() + " octets do not fit a datagram: " + MAX_DATA_LENGTH + " would");
    }
    try {
      association.send(data.array(), data.arrayOffset() + data.position(), data.remaining());
    } catch (IOException e) {
      fail(
          new DtlsFailure(
              DtlsFailure.Reason.PROTOCOL_ERROR, "the association broke: " + e.getMessage()));
    }
    sendAll();
  }

  /** Does what is due; earlier than {@link #nextTimeoutNanos} nothing is. */
  public void handleTimeout(long nowNanos) {
    if (state != DtlsState.CONNECTING) {
      return;
    }
    if (unprovenAlert.isBelieved(nowNanos)) {
      handshake.abandon();
      if (unprovenAlert.isClosing()) {
        closedByRemote();
      } else {
        fail(DtlsFailure.refusedWith(unprovenAlert.text()));
      }
    } else if (nowNanos - handshakeDeadlineNanos >= 0) {
      handshake.abandon();
      fail(
          new DtlsFailure(
              DtlsFailure.Reason.TIMED_OUT,
              "the handshake was not done after %d seconds"
                  .formatted(TimeUnit.NANOSECONDS.toSeconds(HANDSHAKE_LIMIT_NANOS))));
    } else if (retransmission.isDue(nowNanos)) {
      handshake.sendLastFlightAgain();
      retransmission.backOff(nowNanos);
      afterHandshakeStep(nowNanos);
    }
    sendAll();
  }

  /** When {@link #handleTimeout} is to be called next; empty when it need not be. */
  public OptionalLong nextTimeoutNanos() {
    if (state != DtlsState.CONNECTING) {
      return OptionalLong.empty();
    }
    OptionalLong end = sooner(unprovenAlert.due(), OptionalLong.of(handshakeDeadlineNanos));
    return sooner(retransmission.due(), end);
  }

  private static OptionalLong sooner(OptionalLong one, OptionalLong other) {
    return one.isPresent() && one.getAsLong() - other.orElseThrow() < 0 ? one : other;
  }

  /**
   * Ends the association and tells the other side: with close_notify, or during the handshake with
   * the alert user_canceled. The listener gets that last datagram and nothing more. Does nothing
   * the second time.
   */
  public void close() {
    switch (state) {
      case NEW -> state = DtlsState.CLOSED;
      case CONNECTING -> {
        state = DtlsState.CLOSED;
        handshake.abandon();
      }
      case CONNECTED -> {
        state = DtlsState.CLOSED;
        closeAssociation();
      }
      case CLOSED, FAILED -> {}
    }
    sendAll();
  }

  /**
   * Whether fingerprints are those of the certificate that the other side has shown (RFC 8122 5.1);
   * empty while it has shown none.
   */
  public Optional<Boolean> remoteCertificateMatches(List<Fingerprint> fingerprints) {
    return handshake == null
        ? Optional.empty()
        : handshake
            .remoteCertificate()
            .map(certificate -> Fingerprint.match(fingerprints, certificate));
  }

  private void takeWhenConnecting(long nowNanos, byte[] record) {
    if (UnprovenAlert.is(record)) {
      unprovenAlert.take(nowNanos, record);
      return;
    }
    unprovenAlert.contradict();
    handshake.take(record);
    afterHandshakeStep(nowNanos);
  }

  private void afterHandshakeStep(long nowNanos) {
    if (!handshake.isDone()) {
      if (pipe.takeNewFlightSent()) {
        retransmission.start(nowNanos);
      }
      return;
    }
    association = handshake.association();
    if (association != null) {
      pipe.establish();
      state = DtlsState.CONNECTED;
      sendAll();
      listener.connected(handshake.keys());
    } else if (pipe.isClosed() && handshake.wasClosedByRemote()) {
      closedByRemote();
    } else {
      fail(handshake.failure());
    }
  }

  /**
   * Takes a record of an established association: data, an alert, or the other side's last flight
   * again.
   */
  private void takeWhenConnected(byte[] record) {
    pipe.offer(record);
    try {
      while (state == DtlsState.CONNECTED) {
        int length = association.receive(received, 0, received.length, 1);
        if (length > 0) {
          listener.data(ByteBuffer.wrap(received, 0, length));
        }
      }
    } catch (RecordPipe.NothingFurther e) {
      if (pipe.isClosed()) {
        closedByRemote();
      }
    } catch (TlsFatalAlertReceived e) {
      if (e.getAlertDescription() == AlertDescription.user_canceled) {
        // It was ended while it still waited for this side's last flight (RFC 5246 7.2.2).
        closedByRemote();
        return;
      }
      fail(
          new DtlsFailure(
              DtlsFailure.Reason.ALERT_RECEIVED, "the other side gave up: " + e.getMessage()));
    } catch (IOException e) {
      fail(
          new DtlsFailure(
              DtlsFailure.Reason.PROTOCOL_ERROR, "the association broke: " + e.getMessage()));
    }
  }

  private void closeAssociation() {
    try {
      association.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing wrote to memory only and failed", e);
    }
  }

  private void closedByRemote() {
    state = DtlsState.CLOSED;
    sendAll();
    listener.closed();
  }

  private void fail(DtlsFailure failure) {
    state = DtlsState.FAILED;
    sendAll();
    listener.failed(failure);
  }

  private void sendAll() {
    for (ByteBuffer datagram = outbox.poll(); datagram != null; datagram = outbox.poll()) {
      listener.send(datagram);
    }
  }
}
