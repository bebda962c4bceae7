package org.heliograph.peer.dtls;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;

/**
 * An alert that came in the clear, before there were keys, and that would end the handshake: a
 * fatal one, or close_notify.
 *
 * <p>Anyone can make it up who can write the other side's address. But it is also the only way in
 * which the other side can say that it does not like our certificate. What tells the two apart is
 * what follows: a side that gave up sends nothing more, and a side that did not goes on with the
 * handshake. So the alert is believed once nothing has followed it for a while. RFC 6347 4.1.2.7
 * has what is invalid dropped without a word, so that no such datagram ends an association.
 */
final class UnprovenAlert {
  /** More than a lost flight of the other side, and our own that asks for it again, take. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int LENGTH = DtlsRecord.HEADER_LENGTH + 2;

  private boolean noted;
  private short description;
  private long believedNanos;

  /** Whether a record is an alert that nothing protects. */
  static boolean is(byte[] record) {
    return DtlsRecord.type(record, 0) == DtlsRecord.ALERT && DtlsRecord.epoch(record, 0) == 0;
  }

  /** Takes such a record; the first one that would end the handshake counts. */
  void take(long nowNanos, byte[] record) {
    if (noted || record.length != LENGTH) {
      return;
    }
    short level = record[DtlsRecord.HEADER_LENGTH];
    short received = (short) (record[DtlsRecord.HEADER_LENGTH + 1] & 0xFF);
    if (level == AlertLevel.fatal || received == AlertDescription.close_notify) {
      noted = true;
      description = received;
      believedNanos = nowNanos + PATIENCE_NANOS;
    }
  }

  /** The handshake goes on: it was not the other side's, or a later one will say so again. */
  void contradict() {
    noted = false;
  }

  /** Whether there is one, and nothing has spoken against it for long enough. */
  boolean isBelieved(long nowNanos) {
    return noted && nowNanos - believedNanos >= 0;
  }

  /** When it will be believed, if nothing follows it. */
  OptionalLong due() {
    return noted ? OptionalLong.of(believedNanos) : OptionalLong.empty();
  }

  /** Whether it says that the other side ends in good order. */
  boolean isClosing() {
    return noted && description == AlertDescription.close_notify;
  }

  /** What it says, as in {@code bad_certificate(42)}; empty where there is none. */
  String text() {
    return noted ? AlertDescription.getText(description) : "";
  }
}
