package org.heliograph.peer.ice;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** The connectivity checks that this side sends, and those that may still be answered. */
final class ConnectivityChecks {
  /** A check that may still be answered. */
  record OpenCheck(
      CheckedPair pair, StunTransaction transaction, IceRole role, boolean nominates) {}

  private static final int MAX_OPEN_CHECKS = 256;

  private final Roles roles;
  private final RandomGenerator random;
  private final StunWriter writer;
  private final IceAgent.Output output;
  private final Map<TransactionId, OpenCheck> open =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TransactionId, OpenCheck> eldest) {
          return size() > MAX_OPEN_CHECKS;
        }
      };

  ConnectivityChecks(
      Roles roles, RandomGenerator random, StunWriter writer, IceAgent.Output output) {
    this.roles = roles;
    this.random = random;
    this.writer = writer;
    this.output = output;
  }

  /**
   * Sends a check (RFC 8445 7.2.2 to 7.2.4).
   *
   * @param transmissions how often it is sent at most
   * @param rto the first interval between two transmissions
   */
  StunTransaction send(long nowNanos, CheckedPair pair, int transmissions, Duration rto) {
    TransactionId id = TransactionId.generate(random);
    boolean nominates = roles.isControlling() && (pair.isNominating() || pair.isNominated());
    writer
        .begin(StunClass.REQUEST, StunMessage.BINDING, id)
        .add(new StunAttribute.Username(pair.generation().checkUsername()))
        .add(new StunAttribute.Priority(pair.base().peerReflexivePriority()))
        .add(roles.attribute());
    if (nominates) {
      writer.add(new StunAttribute.UseCandidate());
    }
    ByteBuffer request = writer.finish(pair.generation().remoteKey());
    StunTransaction transaction =
        new StunTransaction(
            nowNanos, id, pair.base().address(), pair.remoteAddress(), request, transmissions, rto);
    open.put(id, new OpenCheck(pair, transaction, roles.role(), nominates));
    pair.countRequestSent();
    output.send(pair.base().address(), pair.remoteAddress(), request);
    return transaction;
  }

  /** The check that a response answers. */
  Optional<OpenCheck> find(TransactionId id) {
    return Optional.ofNullable(open.get(id));
  }

  /** An answer to this one changes nothing any more. */
  void close(TransactionId id) {
    open.remove(id);
  }

  void closeAll(Predicate<CheckedPair> which) {
    open.values().removeIf(check -> which.test(check.pair));
  }

  /** How many checks may still be answered; bounded, whatever happens. */
  int count() {
    return open.size();
  }
}
