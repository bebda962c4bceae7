package org.heliograph.peer.stream.send;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.stream.FecBitString;

/**
 * Makes the packets of forward error correction for a picture (RFC 5109, one level): sums of some
 * of its packets each. Which packets go into which sums decides how many losses can be made good
 * one after the other: every packet is in sums of its own choice, no two in the same ones as long
 * as there are enough, so that two losses never hide each other.
 */
public final class PictureProtection {
  /** From so many sums on each packet is in three of them, before that in two. */
  private static final int SUMS_FOR_THREE = 5;

  private static final int MAX_SUMS = FecBitString.MAX_SPAN;

  /** For each number of sums: in which of them the packets are, bit by bit, packet by packet. */
  private static final long[][] MEMBERSHIPS = new long[MAX_SUMS + 1][];

  private static final class Sum {
    private final FecBitString bits = new FecBitString();
    private int firstPacket;
    private long mask;
  }

  private final FecBitString packetBits = new FecBitString();
  private final List<Sum> sums = new ArrayList<>();
  private int perBlock;
  private int sumsPerBlock;
  private int wanted;
  private int added;
  private double owed;

  /**
   * Begins with a picture.
   *
   * @param packets how many packets it has
   * @param share how many sums there shall be for each packet, on average over pictures
   */
  public void begin(int packets, double share) {
    int blocks = (packets + FecBitString.MAX_SPAN - 1) / FecBitString.MAX_SPAN;
    perBlock = (packets + blocks - 1) / blocks;
    owed += packets * share;
    sumsPerBlock = Math.min(MAX_SUMS, (int) Math.round(owed / blocks));
    wanted = sumsPerBlock * blocks;
    owed = Math.clamp(owed - wanted, -1, 1);
    added = 0;
    while (sums.size() < wanted) {
      sums.add(new Sum());
    }
    for (int i = 0; i < wanted; i++) {
      Sum sum = sums.get(i);
      sum.bits.clear();
      sum.mask = 0;
      sum.firstPacket = i / sumsPerBlock * perBlock;
    }
  }

  /** Adds the picture's next packet, position to limit, as its receiver is to recover it. */
  public void add(ByteBuffer packet) {
    int index = added++;
    if (wanted == 0) {
      return;
    }
    packetBits.set(packet);
    int block = index / perBlock;
    int inBlock = index % perBlock;
    long[] memberships = memberships(sumsPerBlock);
    long membership = memberships[inBlock % memberships.length];
    for (int i = 0; i < sumsPerBlock; i++) {
      if ((membership >>> i & 1) != 0) {
        Sum sum = sums.get(block * sumsPerBlock + i);
        sum.bits.add(packetBits);
        sum.mask |= 1L << inBlock;
      }
    }
  }

  /** How many sums there are. */
  public int sums() {
    return wanted;
  }

  /** Whether any packet went into a sum. */
  boolean isEmpty(int sum) {
    return sums.get(sum).mask == 0;
  }

  /**
   * Writes the payload of a sum.
   *
   * @param firstSequenceNumber that of the picture's first packet
   */
  public void write(int index, int firstSequenceNumber, ByteBuffer out) {
    Sum sum = sums.get(index);
    int skipped = Long.numberOfTrailingZeros(sum.mask);
    sum.bits.writePayload(
        out, firstSequenceNumber + sum.firstPacket + skipped, sum.mask >>> skipped);
  }

  private static synchronized long[] memberships(int sums) {
    if (MEMBERSHIPS[sums] == null) {
      MEMBERSHIPS[sums] = computeMemberships(sums);
    }
    return MEMBERSHIPS[sums];
  }

  /** Sets of sums, each once before any comes again; those of the preferred size come first. */
  private static long[] computeMemberships(int sums) {
    Set<Long> order = new LinkedHashSet<>();
    int preferred = sums < SUMS_FOR_THREE ? Math.min(sums, 2) : 3;
    addSets(order, sums, preferred);
    addSets(order, sums, preferred + 1);
    for (int size = preferred - 1; size >= 1; size--) {
      addSets(order, sums, size);
    }
    return order.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Adds the sets of a size. A set's rotations follow each other, so that all sums get equally many
   * packets; sets of neighbours are left out where others will do, because they overlap by more.
   */
  private static void addSets(Set<Long> order, int sums, int size) {
    long all = -1L >>> (Long.SIZE - sums);
    long neighbours = (1L << size) - 1;
    long set = size > 2 ? next(neighbours) : neighbours;
    while (set <= all && order.size() < FecBitString.MAX_SPAN) {
      for (int turn = 0; turn < sums; turn++) {
        order.add((set << turn | set >>> (sums - turn)) & all);
      }
      set = next(set);
    }
  }

  /** The next larger number with as many bits set. */
  private static long next(long set) {
    long low = set & -set;
    long ripple = set + low;
    return ripple | ((set ^ ripple) >>> 2) / low;
  }
}
