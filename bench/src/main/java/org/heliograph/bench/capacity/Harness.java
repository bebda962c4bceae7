package org.heliograph.bench.capacity;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread for all senders and all pages of the benchmark. It looks at all of them four thousand
 * times a second, so that neither a wake-up nor a lock of its own is in what is measured, and what
 * it costs hardly depends on how many they are.
 */
final class Harness {
  /** Something that the thread looks after. */
  interface Member {
    /** Does what is due. */
    void proceed(long nowNanos);
  }

  /** What a channel's key is attached to. */
  interface Reader {
    /** There is something to read. */
    void ready() throws IOException;
  }

  private static final long TURN_NANOS = 250_000;

  /** A turn that came later than this is counted: what arrived meanwhile was found late. */
  private static final long LATE_TURN_NANOS = 5_000_000;

  private final Selector selector;
  private final List<Member> members = new ArrayList<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean closing;
  private final AtomicLong lateTurns = new AtomicLong();

  Harness() throws IOException {
    selector = Selector.open();
    thread = Thread.ofPlatform().daemon().name("harness").start(this::run);
  }

  Selector selector() {
    return selector;
  }

  /** For the harness's thread. */
  void add(Member member) {
    members.add(member);
  }

  /** Runs a task on the harness's thread. */
  CompletableFuture<Void> run(Runnable task) {
    var done = new CompletableFuture<Void>();
    tasks.add(
        () -> {
          try {
            task.run();
            done.complete(null);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  /** How often the harness itself was not there for more than 5 ms. */
  long lateTurns() {
    return lateTurns.get();
  }

  private void run() {
    long before = System.nanoTime();
    while (!closing) {
      long now = System.nanoTime();
      if (now - before > LATE_TURN_NANOS) {
        lateTurns.incrementAndGet();
      }
      before = now;
      try {
        turn(now);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      LockSupport.parkNanos(TURN_NANOS - (System.nanoTime() - now));
    }
  }

  private void turn(long now) throws IOException {
    selector.selectNow(Harness::read);
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    for (Member member : members) {
      member.proceed(now);
    }
  }

  private static void read(SelectionKey key) {
    try {
      ((Reader) key.attachment()).ready();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void close() throws IOException, InterruptedException {
    closing = true;
    thread.join();
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
