package org.heliograph.peer.dtls;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.heliograph.peer.srtp.SrtpProfile;

/**
 * Two transports and the path between them, in virtual time. The same seed gives the same run.
 * Closing it closes both.
 */
final class DtlsPair implements AutoCloseable {
  static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  final Endpoint client;
  final Endpoint server;
  long nowNanos = -TimeUnit.SECONDS.toNanos(1); // so that the time passes zero

  /** What the path makes of each datagram; null loses it. */
  UnaryOperator<byte[]> path = datagram -> datagram;

  private final PriorityQueue<Arrival> underWay =
      new PriorityQueue<>(
          Comparator.comparingLong(Arrival::atNanos).thenComparingLong(Arrival::order));
  private Random random = new Random(0);
  private double loss;
  private double duplication;
  private long jitterNanos;
  private long order;

  private record Arrival(long atNanos, long order, Endpoint to, ByteBuffer datagram) {}

  DtlsPair() {
    this(DtlsConfiguration.DEFAULT_SRTP_PROFILES, DtlsConfiguration.DEFAULT_SRTP_PROFILES);
  }

  DtlsPair(List<SrtpProfile> clientProfiles, List<SrtpProfile> serverProfiles) {
    this(
        new DtlsConfiguration(
            DtlsRole.CLIENT,
            TestCertificates.FIRST,
            List.of(TestCertificates.SECOND.fingerprint()),
            clientProfiles),
        new DtlsConfiguration(
            DtlsRole.SERVER,
            TestCertificates.SECOND,
            List.of(TestCertificates.FIRST.fingerprint()),
            serverProfiles));
  }

  DtlsPair(DtlsConfiguration client, DtlsConfiguration server) {
    this(new Endpoint(client), new Endpoint(server));
  }

  DtlsPair(Endpoint client, Endpoint server) {
    this.client = client;
    this.server = server;
  }

  /** Makes the path lose, repeat and reorder datagrams. */
  DtlsPair impair(long seed, double loss, double duplication, long jitterMillis) {
    this.random = new Random(seed);
    this.loss = loss;
    this.duplication = duplication;
    this.jitterNanos = TimeUnit.MILLISECONDS.toNanos(jitterMillis);
    return this;
  }

  DtlsPair start() {
    server.transport.start(nowNanos);
    client.transport.start(nowNanos);
    return this;
  }

  /** Lets time pass until nothing is under way and no timer runs, or until it is over. */
  DtlsPair run(long millis) {
    long end = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      transmit(client, server);
      transmit(server, client);
      long next = nextEventNanos();
      if (next > end) {
        return this;
      }
      nowNanos = Math.max(nowNanos, next);
      Arrival arrival = underWay.peek();
      if (arrival != null && arrival.atNanos <= nowNanos) {
        underWay.remove();
        arrival.to.transport.handleDatagram(nowNanos, arrival.datagram);
      } else {
        client.transport.handleTimeout(nowNanos);
        server.transport.handleTimeout(nowNanos);
      }
    }
  }

  private long nextEventNanos() {
    long next = underWay.isEmpty() ? Long.MAX_VALUE : underWay.peek().atNanos;
    for (Endpoint endpoint : List.of(client, server)) {
      OptionalLong timeout = endpoint.transport.nextTimeoutNanos();
      next = Math.min(next, timeout.orElse(Long.MAX_VALUE));
    }
    return next;
  }

  private void transmit(Endpoint from, Endpoint to) {
    for (byte[] sent : from.takeSent()) {
      byte[] datagram = path.apply(sent);
      if (datagram != null && random.nextDouble() >= loss) {
        arrive(to, datagram);
        if (random.nextDouble() < duplication) {
          arrive(to, datagram);
        }
      }
    }
  }

  private void arrive(Endpoint to, byte[] datagram) {
    long jitter = jitterNanos == 0 ? 0 : random.nextLong(jitterNanos);
    underWay.add(
        new Arrival(nowNanos + DELAY_NANOS + jitter, order++, to, ByteBuffer.wrap(datagram)));
  }

  @Override
  public void close() {
    client.transport.close();
    server.transport.close();
  }
}
