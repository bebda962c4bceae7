package org.heliograph.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device for several calls: it is opened for the first subscriber and closed after the last,
 * and every item goes to each of them.
 *
 * <p>A device is opened, read and closed on a thread of its own. Whoever subscribes or unsubscribes
 * waits for it only so long; a device that hangs in the kernel keeps its thread until it comes
 * back, and is closed then. Who opens a device that is still being closed waits for that, as long
 * as closing may take: it would be found busy otherwise, and by nobody else than this agent.
 */
public final class SharedSource<T> {
  private static final Logger log = LoggerFactory.getLogger(SharedSource.class);
  private static final Limits USUAL_LIMITS =
      new Limits(Duration.ofSeconds(8), Duration.ofSeconds(2));

  /** How long a caller waits for the device to open and to close. */
  public record Limits(Duration open, Duration close) {}

  /** Takes what the device gives; called on the device's thread, which it must not block. */
  public interface Subscriber<T> {
    void take(T item);

    /** The device is gone, and the subscription with it; called with the source locked. */
    void lost(DeviceException cause);
  }

  private final String name;
  private final Source.Opener<T> opener;
  private final Limits limits;
  private final Supplier<String> remedy;
  private final Object lock = new Object();
  private volatile String openName;
  private Capture current;

  /** That of the newest capture, whether it still runs or not; null before the first. */
  private Thread newest;

  /**
   * @param name the device's name as a user knows it
   */
  public SharedSource(String name, Source.Opener<T> opener) {
    this(name, opener, USUAL_LIMITS);
  }

  public SharedSource(String name, Source.Opener<T> opener, Limits limits) {
    this(name, opener, limits, () -> "Unplug it and plug it in again.");
  }

  /**
   * @param remedy what a user can do about a device that does not answer when it is opened: not
   *     every one has a plug
   */
  public SharedSource(String name, Source.Opener<T> opener, Supplier<String> remedy) {
    this(name, opener, USUAL_LIMITS, remedy);
  }

  private SharedSource(
      String name, Source.Opener<T> opener, Limits limits, Supplier<String> remedy) {
    this.name = name;
    this.openName = name;
    this.opener = opener;
    this.limits = limits;
    this.remedy = remedy;
  }

  /**
   * Opens the device if it is not open and starts to hand its items to the subscriber.
   *
   * @throws DeviceException if the device cannot be opened, or does not answer in time
   */
  public void subscribe(Subscriber<T> subscriber) throws DeviceException {
    Capture capture;
    synchronized (lock) {
      if (current == null) {
        current = new Capture(newest);
        newest = current.thread;
      }
      capture = current;
      capture.subscribers.add(subscriber);
    }
    try {
      capture.awaitOpen();
    } catch (DeviceException e) {
      unsubscribe(subscriber);
      throw e;
    }
  }

  /** Takes the subscriber off; the device is closed when it was the last. */
  public void unsubscribe(Subscriber<T> subscriber) {
    Capture ended = null;
    synchronized (lock) {
      if (current != null
          && current.subscribers.remove(subscriber)
          && current.subscribers.isEmpty()) {
        ended = current;
        current = null;
      }
    }
    if (ended != null) {
      ended.stop();
    }
  }

  /** Whether the device is closed, and no thread has it any more. */
  public boolean isIdle() {
    synchronized (lock) {
      return current == null && (newest == null || !newest.isAlive());
    }
  }

  /**
   * What to tell of a device that is open and gives nothing.
   *
   * @param what it does not give
   */
  public DeviceException silent(String what, Duration time) {
    String device = openName;
    return new DeviceException(
        device,
        DeviceException.Reason.LOST,
        "%s has given no %s for %d s. %s".formatted(device, what, time.toSeconds(), remedy.get()),
        null);
  }

  /** One time of the device being open. */
  private final class Capture implements Runnable {
    /** Guarded by the lock. */
    private final List<Subscriber<T>> subscribers = new ArrayList<>();

    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Thread thread;

    /** Forgotten once it was waited for, or each capture would keep all before it. */
    private Thread before;

    private volatile boolean stopping;

    /**
     * @param before the thread that had the device before, or null
     */
    Capture(Thread before) {
      this.before = before;
      thread = Thread.ofPlatform().daemon().name("capture " + name).start(this);
    }

    /** Waits until the device has been let go of, or takes too long for that. */
    private Source<T> open() throws DeviceException, InterruptedException {
      if (before != null && !before.join(limits.close())) {
        log.warn("{} has not been closed yet, and is opened nevertheless", name);
      }
      before = null;
      return opener.open();
    }

    @Override
    public void run() {
      try (Source<T> source = open()) {
        log.debug("opened {}", source.name());
        openName = source.name();
        opened.complete(null);
        while (!stopping) {
          Optional<T> item = source.next();
          if (item.isPresent()) {
            for (Subscriber<T> subscriber : subscribers()) {
              subscriber.take(item.get());
            }
          }
        }
        log.debug("closing {}", source.name());
      } catch (DeviceException e) {
        fail(e);
      } catch (InterruptedException e) {
        // Only stop() interrupts.
      } catch (RuntimeException | Error e) {
        log.error("capturing from {} failed", name, e);
        fail(
            new DeviceException(
                name,
                DeviceException.Reason.UNSUPPORTED,
                "%s cannot be used: %s".formatted(name, e),
                e));
      }
    }

    /**
     * Tells the subscribers under the lock: told later, the loss would be taken for one of the
     * device that a subscriber has opened again since.
     */
    private void fail(DeviceException cause) {
      synchronized (lock) {
        if (current == this) {
          current = null;
        }
        if (!opened.completeExceptionally(cause)) {
          log.info("{}: {}", name, cause.getMessage());
          subscribers.forEach(subscriber -> subscriber.lost(cause));
        }
      }
    }

    private List<Subscriber<T>> subscribers() {
      synchronized (lock) {
        return List.copyOf(subscribers);
      }
    }

    void awaitOpen() throws DeviceException {
      try {
        opened.get(limits.open().toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw DeviceException.again((DeviceException) e.getCause());
      } catch (TimeoutException e) {
        throw new DeviceException(
            name,
            DeviceException.Reason.LOST,
            "%s did not answer within %d seconds. %s"
                .formatted(name, limits.open().toSeconds(), remedy.get()),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DeviceException(
            name, DeviceException.Reason.LOST, "opening " + name + " was interrupted", e);
      }
    }

    void stop() {
      stopping = true;
      thread.interrupt();
      if (Thread.currentThread().equals(thread)) {
        return;
      }
      try {
        if (!thread.join(limits.close())) {
          log.warn(
              "{} has not closed within {} ms; it is left to do so",
              name,
              limits.close().toMillis());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
