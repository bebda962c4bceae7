package org.heliograph.peer.ice;

import java.util.random.RandomGenerator;

/**
 * The 96 bits that tie a STUN response to its request (RFC 8489 5).
 *
 * @param high the first 32 bits
 * @param low the other 64 bits
 */
public record TransactionId(int high, long low) {
  static TransactionId generate(RandomGenerator random) {
    return new TransactionId(random.nextInt(), random.nextLong());
  }
}
