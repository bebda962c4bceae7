package org.heliograph.agent.http;

import java.io.Serial;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Codes each of which is good once and for a minute, for what can be read by others in passing. */
final class OneTimeCodes {
  static final Duration VALID = Duration.ofMinutes(1);

  /** The most that wait to be used; the oldest gives way. */
  static final int LIMIT = 16;

  private static final int BYTES = 16;

  private final LongSupplier nanoTime;
  private final SecureRandom random = new SecureRandom();

  /** Until when each is good. */
  private final Map<String, Long> waiting =
      new LinkedHashMap<>() {
        @Serial private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > LIMIT;
        }
      };

  OneTimeCodes() {
    this(System::nanoTime);
  }

  OneTimeCodes(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A new code. */
  synchronized String issue() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String code = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    waiting.put(code, nanoTime.getAsLong() + VALID.toNanos());
    return code;
  }

  /** Whether a code is good, for the only time. */
  synchronized boolean redeem(String code) {
    Long until = waiting.remove(code);
    return until != null && nanoTime.getAsLong() - until < 0;
  }
}
