package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Checks that came before the remote credentials: answered, but not yet learned from. */
final class EarlyChecks {
  private static final int MAX_CHECKS = 16;

  /** Where a check came from, and what it said. */
  record EarlyCheck(LocalBase base, InetSocketAddress remote, long priority, boolean nominates) {}

  private final List<EarlyCheck> checks = new ArrayList<>();

  void remember(EarlyCheck check) {
    for (int i = 0; i < checks.size(); i++) {
      EarlyCheck known = checks.get(i);
      if (known.base.equals(check.base) && known.remote.equals(check.remote)) {
        if (check.nominates) {
          checks.set(i, check);
        }
        return;
      }
    }
    if (checks.size() < MAX_CHECKS) {
      checks.add(check);
    }
  }

  void forget(LocalBase base) {
    checks.removeIf(check -> check.base.equals(base));
  }

  /** Hands every check over, once. */
  void drainTo(Consumer<EarlyCheck> learner) {
    checks.forEach(learner);
    checks.clear();
  }
}
