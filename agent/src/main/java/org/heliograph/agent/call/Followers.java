package org.heliograph.agent.call;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Who follows calls: pages, apps and commands that have a stream or a socket open. A call that
 * somebody has followed and nobody follows any more has lost the app that held it, and with that
 * everybody who would hang it up; it ends when nobody has come back for some time. A call that
 * nobody ever followed, made by single requests, stays.
 *
 * <p>Belongs to the calls' loop.
 */
final class Followers {
  private final Collection<Call> calls;
  private final Supplier<Duration> patience;
  private final Timers timers;
  private final Executor loop;
  private final Consumer<Call> abandoned;

  /** The calls that somebody follows, or has followed. */
  private final Set<Call> followed = new HashSet<>();

  private int present;
  private Timers.Timer timer = () -> {};

  /** Counts what makes a timer that has run out already be of no account. */
  private int changes;

  /**
   * @param calls every call there is
   * @param patience how long a call goes on without anybody; zero for ever
   * @param abandoned takes a call that has had nobody for so long
   */
  Followers(
      Collection<Call> calls,
      Supplier<Duration> patience,
      Timers timers,
      Executor loop,
      Consumer<Call> abandoned) {
    this.calls = calls;
    this.patience = patience;
    this.timers = timers;
    this.loop = loop;
    this.abandoned = abandoned;
  }

  /** Somebody has come. */
  void came() {
    present++;
    followed.addAll(calls);
    watch();
  }

  /** Somebody who had come has gone. */
  void went() {
    present--;
    watch();
  }

  /** A call begins. */
  void began(Call call) {
    if (present > 0) {
      followed.add(call);
    }
  }

  /** A call goes on as another one, for the same app. */
  void replaced(Call call, Call by) {
    if (followed.contains(call)) {
      followed.add(by);
    }
  }

  /** A call is over. */
  void ended(Call call) {
    followed.remove(call);
    if (followed.isEmpty()) {
      watch();
    }
  }

  /** Begins to wait anew where nobody is there, also because the patience has changed. */
  void watch() {
    timer.cancel();
    int change = ++changes;
    Duration wait = patience.get();
    if (present == 0 && !followed.isEmpty() && !wait.isZero()) {
      timer =
          timers.after(
              wait,
              () ->
                  loop.execute(
                      () -> {
                        if (change == changes) {
                          List.copyOf(followed).forEach(abandoned);
                        }
                      }));
    }
  }
}
