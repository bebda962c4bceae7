package org.heliograph.peer.dtls;

/**
 * Why an association failed.
 *
 * @param reason the kind of failure
 * @param message what happened, for people
 */
public record DtlsFailure(Reason reason, String message) {
  /** The kinds of failure. */
  public enum Reason {
    /**
     * The other side's certificate is not the one that its session description names, or it sent
     * none.
     */
    WRONG_CERTIFICATE,
    /** The two sides have no SRTP profile in common, or the other side wants no SRTP. */
    NO_SRTP_PROFILE,
    /** The other side does not have the extended master secret (RFC 7627). */
    NO_EXTENDED_MASTER_SECRET,
    /** The other side refused or gave up with a fatal alert. */
    ALERT_RECEIVED,
    /** The other side broke the protocol or offers nothing that this side supports. */
    PROTOCOL_ERROR,
    /** The handshake took too long. */
    TIMED_OUT
  }

  /** The other side has ended the handshake with a fatal alert. */
  static DtlsFailure refusedWith(String alert) {
    return new DtlsFailure(Reason.ALERT_RECEIVED, "the other side refused the handshake: " + alert);
  }
}
