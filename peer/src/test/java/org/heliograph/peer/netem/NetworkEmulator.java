package org.heliograph.peer.netem;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * An internet of hosts and NATs. A packet goes through its sender's {@linkplain Host#uplink()
 * uplink}, through the NATs between, which take no time, and through its receiver's {@linkplain
 * Host#downlink() downlink}. Packets to addresses that nobody has, or to ports that nobody has
 * bound, disappear.
 *
 * {@snippet :
 * NetworkEmulator network = new NetworkEmulator(42);
 * Host server = network.host("192.0.2.1");
 * Nat nat = network.nat(Nat.Behaviour.SYMMETRIC, "203.0.113.1");
 * Host client = nat.host("10.0.0.2");
 * client.downlink().setConditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.05));
 * VirtualSocket a = client.bind("10.0.0.2", 0, (local, remote, packet) -> ...);
 * a.send(server.address(0, 3478), ByteBuffer.wrap(bytes));
 * network.runUntil(() -> done, Duration.ofSeconds(5));
 * }
 */
public final class NetworkEmulator {
  private final VirtualClock clock = new VirtualClock();
  private final Random seeds;
  private final Segment internet = new Segment(null);

  /** A network in which every host's links draw from this seed. */
  public NetworkEmulator(long seed) {
    seeds = new Random(seed);
  }

  /** The network's time. */
  public VirtualClock clock() {
    return clock;
  }

  /** The time now, in nanoseconds. */
  public long nanoTime() {
    return clock.nanoTime();
  }

  /** Same as {@link VirtualClock#run}. */
  public void run(Duration duration) {
    clock.run(duration);
  }

  /** Same as {@link VirtualClock#runUntil}. */
  public boolean runUntil(BooleanSupplier condition, Duration limit) {
    return clock.runUntil(condition, limit);
  }

  /** Adds a host with public addresses, IPv4 or IPv6 literals. */
  public Host host(String... addresses) {
    return host(internet, addresses);
  }

  /** Adds a NAT with a public address. */
  public Nat nat(Nat.Behaviour behaviour, String publicAddress) {
    return nat(internet, behaviour, publicAddress);
  }

  Host host(Segment segment, String... addresses) {
    Host host = new Host(clock, seeds, segment);
    for (String address : addresses) {
      host.addAddress(address);
    }
    return host;
  }

  Nat nat(Segment outside, Nat.Behaviour behaviour, String publicAddress) {
    return new Nat(this, outside, behaviour, literal(publicAddress));
  }

  static InetAddress literal(String address) {
    return InetAddress.ofLiteral(address);
  }

  /** Takes packets that arrive at an address of the segment. */
  interface Interface {
    void arrive(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet);
  }

  /** What can be reached without passing a NAT; packets to other addresses go to its gateway. */
  static final class Segment {
    private final Map<InetAddress, Interface> interfaces = new HashMap<>();
    private final Nat gateway;

    Segment(Nat gateway) {
      this.gateway = gateway;
    }

    void attach(InetAddress address, Interface at) {
      if (interfaces.putIfAbsent(address, at) != null) {
        throw new IllegalArgumentException(address + " is taken");
      }
    }

    void detach(InetAddress address) {
      interfaces.remove(address);
    }

    void route(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet) {
      Interface at = interfaces.get(to.getAddress());
      if (at != null) {
        at.arrive(from, to, packet);
      } else if (gateway != null) {
        gateway.leave(from, to, packet);
      }
    }
  }
}
