/**
 * A seeded network in virtual time, for tests of protocol classes that own no socket and no clock.
 *
 * <ul>
 *   <li>{@link org.heliograph.peer.netem.VirtualClock} is the time: it runs scheduled steps and
 *       calls {@link org.heliograph.peer.netem.VirtualClock.Driven} objects when their time-outs
 *       are due. Nothing sleeps; an hour passes in milliseconds.
 *   <li>{@link org.heliograph.peer.netem.Link} is one direction of a wire between two ends that
 *       need no addresses, under {@link org.heliograph.peer.netem.LinkConditions}: delay, jitter,
 *       loss (also in bursts), duplicates, reordering, a rate limit with a queue.
 *   <li>{@link org.heliograph.peer.netem.NetworkEmulator} has hosts with addresses and UDP sockets,
 *       and {@linkplain org.heliograph.peer.netem.Nat NATs} between them.
 * </ul>
 *
 * <p>Two ends joined by a lossy wire:
 *
 * {@snippet :
 * VirtualClock clock = new VirtualClock();
 * LinkConditions bad = LinkConditions.delay(Duration.ofMillis(40)).withLoss(0.1);
 * Link toServer = new Link(clock, new Random(1), bad, packet -> server.receive(packet));
 * Link toClient = new Link(clock, new Random(2), bad, packet -> client.receive(packet));
 * clock.drive(new VirtualClock.Driven() {...}); // nextTimeoutNanos(), handleTimeout(nowNanos)
 * clock.runUntil(() -> client.isDone() && server.isDone(), Duration.ofSeconds(10));
 * }
 *
 * <p>The same seed gives the same run, packet for packet.
 */
package org.heliograph.peer.netem;
