package org.heliograph.interop.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * An emulated network between two programs on this machine: a forwarder of UDP datagrams that
 * delays, drops, reorders and queues them. Each side is given the address of one of its two sockets
 * as the other side's. One thread reads both sockets and sends what is due; it sleeps in a selector
 * while nothing is due soon, and looks at its sockets every fifth of a millisecond when something
 * is. All that is random comes from a seed.
 */
public final class EmulatedPath implements AutoCloseable {
  /** The two directions. */
  public enum Direction {
    FORWARD,
    BACK
  }

  /**
   * What has become of one direction's datagrams so far.
   *
   * @param delivered how many went through
   * @param deliveredBytes their bytes, IP and UDP headers included
   * @param lost how many were lost by chance
   * @param queueFull how many found the bottleneck's queue full
   */
  public record Counts(long delivered, long deliveredBytes, long lost, long queueFull) {
    Counts minus(Counts before) {
      return new Counts(
          delivered - before.delivered,
          deliveredBytes - before.deliveredBytes,
          lost - before.lost,
          queueFull - before.queueFull);
    }
  }

  private static final int IP_AND_UDP_HEADERS = 28;
  private static final int MAX_DATAGRAM = 65_536;
  private static final int SOCKET_BUFFER = 4 << 20;
  private static final int MAX_BURST = 64;
  private static final long SELECTOR_STEP_NANOS = 1_000_000;
  private static final long LOOK_NANOS = 200_000;
  private static final int LATENESS_STEP_MICROS = 50;
  private static final long SHORTEST_DRIFT_NANOS = 50_000_000;
  private static final long LONGEST_DRIFT_NANOS = 200_000_000;

  private record Due(long nanos, long order, ByteBuffer datagram, Lane lane) {}

  private final Selector selector = Selector.open();
  private final Lane forward;
  private final Lane back;
  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::nanos).thenComparingLong(Due::order));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_DATAGRAM);

  /** How many datagrams left so late, in steps of 50 µs: the emulator's own error. */
  private final long[] lateness = new long[2000];

  private final Thread thread;
  private final InetAddress address;
  private long order;
  private volatile boolean rebinding;
  private volatile boolean closed;

  /** Binds two sockets to an address. */
  EmulatedPath(InetAddress address, long seed) throws IOException {
    this.address = address;
    DatagramChannel facingSender = open(address);
    DatagramChannel facingReceiver = open(address);
    SplittableRandom random = new SplittableRandom(seed);
    forward = new Lane(facingSender, facingReceiver, random.split());
    back = new Lane(facingReceiver, facingSender, random.split());
    facingSender.register(selector, SelectionKey.OP_READ, forward);
    facingReceiver.register(selector, SelectionKey.OP_READ, back);
    thread = Thread.ofPlatform().daemon().name("emulated path").start(this::run);
  }

  private static DatagramChannel open(InetAddress address) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
    channel.bind(new InetSocketAddress(address, 0));
    channel.configureBlocking(false);
    return channel;
  }

  /** Where the sender sends to, as if it were the receiver. */
  InetSocketAddress facingSender() throws IOException {
    return (InetSocketAddress) forward.in.getLocalAddress();
  }

  /** Where the receiver sends to, as if it were the sender. */
  InetSocketAddress facingReceiver() throws IOException {
    return (InetSocketAddress) back.in.getLocalAddress();
  }

  /** Names the sender's own address; what comes from anywhere else is dropped. */
  void setSender(InetSocketAddress address) {
    forward.from = address;
    back.to = address;
  }

  /** Names the receiver's own address. */
  void setReceiver(InetSocketAddress address) {
    back.from = address;
    forward.to = address;
  }

  /** Changes what happens, in both directions, to the datagrams that come from now on. */
  public void setConditions(PathConditions conditions) {
    forward.conditions = conditions;
    back.conditions = conditions;
  }

  /**
   * Gives the sender another address in the receiver's eyes, as a NAT does that has forgotten its
   * binding; what is sent to the one before gets nowhere.
   */
  void rebindSender() {
    rebinding = true;
    selector.wakeup();
  }

  /** The counts of a direction so far. */
  Counts counts(Direction direction) {
    return (direction == Direction.FORWARD ? forward : back).counts;
  }

  /** How late datagrams left, in microseconds: the given share of them left no later than that. */
  long latenessMicros(double share) {
    long[] counts = lateness.clone();
    long left = (long) Math.ceil(Arrays.stream(counts).sum() * share);
    for (int i = 0; i < counts.length; i++) {
      left -= counts[i];
      if (left <= 0) {
        return (long) i * LATENESS_STEP_MICROS;
      }
    }
    return (long) counts.length * LATENESS_STEP_MICROS;
  }

  private void run() {
    try {
      while (!closed) {
        if (rebinding) {
          rebind();
        }
        forward.read();
        back.read();
        sendDue();
        sleep();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the emulated path broke", e);
    }
  }

  private void rebind() throws IOException {
    rebinding = false;
    DatagramChannel fresh = open(address);
    back.in.close();
    back.in = fresh;
    forward.out = fresh;
    fresh.register(selector, SelectionKey.OP_READ, back);
  }

  private void sendDue() {
    for (Due next = queue.peek();
        next != null && next.nanos() - System.nanoTime() <= 0;
        next = queue.peek()) {
      queue.poll();
      long late = (System.nanoTime() - next.nanos()) / 1000 / LATENESS_STEP_MICROS;
      lateness[(int) Math.min(late, lateness.length - 1)]++;
      next.lane().deliver(next.datagram());
    }
  }

  private void sleep() throws IOException {
    Due next = queue.peek();
    if (next == null) {
      int _ = selector.select(20);
      selector.selectedKeys().clear();
      return;
    }
    long wait = next.nanos() - System.nanoTime();
    if (wait > 2 * SELECTOR_STEP_NANOS) {
      int _ = selector.select(wait / SELECTOR_STEP_NANOS - 1);
      selector.selectedKeys().clear();
    } else if (wait > 0) {
      LockSupport.parkNanos(Math.min(wait, LOOK_NANOS));
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    forward.in.close();
    back.in.close();
    selector.close();
  }

  /** One direction. All but the volatile fields is the thread's own. */
  private final class Lane {
    private volatile DatagramChannel in;
    private volatile DatagramChannel out;
    private final SplittableRandom random;
    private volatile InetSocketAddress from;
    private volatile InetSocketAddress to;
    private volatile PathConditions conditions = PathConditions.good();
    private volatile Counts counts = new Counts(0, 0, 0, 0);
    private boolean inLossBurst;
    private long bottleneckFreeNanos = System.nanoTime();
    private long lastDueNanos = System.nanoTime();
    private long driftFromNanos = System.nanoTime();
    private long driftToNanos = driftFromNanos;
    private double driftStart = 0.5;
    private double driftEnd = 0.5;

    Lane(DatagramChannel in, DatagramChannel out, SplittableRandom random) {
      this.in = in;
      this.out = out;
      this.random = random;
    }

    void read() throws IOException {
      for (int i = 0; i < MAX_BURST; i++) {
        buffer.clear();
        InetSocketAddress source = (InetSocketAddress) in.receive(buffer);
        if (source == null) {
          return;
        }
        if (source.equals(from) && to != null) {
          ByteBuffer datagram = ByteBuffer.allocate(buffer.flip().remaining());
          carry(datagram.put(buffer).flip(), System.nanoTime());
        }
      }
    }

    /** The whole way of a datagram: chance, the bottleneck, the distance. */
    private void carry(ByteBuffer datagram, long nowNanos) {
      PathConditions now = conditions;
      Counts before = counts;
      if (isLost(now)) {
        counts =
            new Counts(
                before.delivered(), before.deliveredBytes(), before.lost() + 1, before.queueFull());
        return;
      }
      long leaves = nowNanos;
      if (now.bitsPerSecond() > 0) {
        long waits = Math.max(0, bottleneckFreeNanos - nowNanos);
        if (waits > now.queue().toNanos()) {
          counts =
              new Counts(
                  before.delivered(),
                  before.deliveredBytes(),
                  before.lost(),
                  before.queueFull() + 1);
          return;
        }
        long bits = 8L * (datagram.remaining() + IP_AND_UDP_HEADERS);
        bottleneckFreeNanos = nowNanos + waits + bits * 1_000_000_000L / now.bitsPerSecond();
        leaves = bottleneckFreeNanos;
      }
      long due = leaves + delayNanos(now, leaves);
      boolean overtakes =
          now.jitter() == PathConditions.Jitter.INDEPENDENT
              && now.mostDelay().compareTo(now.leastDelay()) > 0;
      if (chance(now.reordered())) {
        due += now.heldBack().toNanos();
      } else if (!overtakes) {
        due = Math.max(due, lastDueNanos);
        lastDueNanos = due;
      }
      queue.add(new Due(due, order++, datagram, this));
    }

    private boolean isLost(PathConditions now) {
      double loss = now.loss();
      double burst = now.lossBurst();
      if (burst <= 1) {
        return chance(loss);
      }
      // The mean stay in the losing state is the burst, its share of time the loss.
      inLossBurst = inLossBurst ? !chance(1 / burst) : chance(loss / (burst * (1 - loss)));
      return inLossBurst;
    }

    private long delayNanos(PathConditions now, long atNanos) {
      long least = now.leastDelay().toNanos();
      long range = now.mostDelay().toNanos() - least;
      if (range == 0) {
        return least;
      }
      double share =
          switch (now.jitter()) {
            case INDEPENDENT -> random.nextDouble();
            case DRIFTING -> drift(atNanos);
          };
      return least + (long) (share * range);
    }

    /** From one random height to the next, in straight lines. */
    private double drift(long atNanos) {
      while (atNanos - driftToNanos >= 0) {
        driftStart = driftEnd;
        driftEnd = random.nextDouble();
        driftFromNanos = driftToNanos;
        driftToNanos += random.nextLong(SHORTEST_DRIFT_NANOS, LONGEST_DRIFT_NANOS);
      }
      double way = (double) (atNanos - driftFromNanos) / (driftToNanos - driftFromNanos);
      return driftStart + way * (driftEnd - driftStart);
    }

    private boolean chance(double probability) {
      return probability > 0 && random.nextDouble() < probability;
    }

    void deliver(ByteBuffer datagram) {
      try {
        int length = out.send(datagram, to);
        Counts before = counts;
        counts =
            new Counts(
                before.delivered() + 1,
                before.deliveredBytes() + length + IP_AND_UDP_HEADERS,
                before.lost(),
                before.queueFull());
      } catch (IOException gone) {
        // The other side has closed its socket: it is lost.
      }
    }
  }
}
