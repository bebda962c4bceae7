package org.heliograph.peer.dtls;

import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.heliograph.peer.srtp.SrtpKeys;

/** One handshake of Bouncy Castle's, driven record by record, and what comes of it. */
final class Handshake {
  private final AssociationTerms terms;
  private final RecordPipe pipe;
  private final Coroutine coroutine;
  private DTLSTransport association;
  private Throwable thrown;

  /** A handshake that {@link #begin} starts. */
  Handshake(DtlsConfiguration configuration, RecordPipe pipe) {
    this.terms = new AssociationTerms(configuration);
    this.pipe = pipe;
    this.coroutine = new Coroutine("dtls-handshake", this::run);
    pipe.suspendIn(coroutine);
  }

  private void run() {
    try {
      association =
          switch (terms.role()) {
            case CLIENT -> new DTLSClientProtocol().connect(new SrtpTlsClient(terms), pipe);
            case SERVER -> new DTLSServerProtocol().accept(new SrtpTlsServer(terms), pipe);
          };
    } catch (IOException | RuntimeException | Error e) {
      thrown = e;
    }
  }

  /** Runs up to where the first record is needed. */
  void begin() {
    step();
  }

  /** Takes a record, and runs up to where the next is needed. */
  void take(byte[] record) {
    pipe.offer(record);
    step();
  }

  /** Sends the last flight again. */
  void sendLastFlightAgain() {
    pipe.requestResend();
    step();
  }

  /** Ends the handshake, with an alert to the other side if there is one. */
  void abandon() {
    if (!coroutine.isDone()) {
      pipe.abandon();
      step();
    }
  }

  private void step() {
    coroutine.resume();
    if (thrown instanceof Error error) {
      throw error;
    }
  }

  boolean isDone() {
    return coroutine.isDone();
  }

  /** The association, or null when the handshake failed. */
  DTLSTransport association() {
    return association;
  }

  /** Whether the other side closed the association before it was up. */
  boolean wasClosedByRemote() {
    return terms.remoteHasClosed();
  }

  /** The certificate that the other side has shown and that was checked, in DER. */
  Optional<byte[]> remoteCertificate() {
    return terms.remoteCertificate();
  }

  /** The keys that the handshake agreed on; only after it succeeded. */
  SrtpKeys keys() {
    return terms.keys();
  }

  /** Why the handshake failed; only after it did. */
  DtlsFailure failure() {
    return terms
        .breach()
        .orElseGet(
            () ->
                thrown instanceof TlsFatalAlertReceived
                    ? DtlsFailure.refusedWith(thrown.getMessage())
                    : new DtlsFailure(
                        Reason.PROTOCOL_ERROR, "the handshake failed: " + messages()));
  }

  /** Bouncy Castle often says no more than "internal error", and the reason in the cause. */
  private String messages() {
    String message = thrown.getMessage();
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      message += "; " + cause;
    }
    return message;
  }
}
