package org.heliograph.peer.srtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Integers in network byte order within octets. */
final class Octets {
  private static final VarHandle INT32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private Octets() {}

  static int uint16(byte[] octets, int offset) {
    return (short) INT16.get(octets, offset) & 0xFFFF;
  }

  static int int32(byte[] octets, int offset) {
    return (int) INT32.get(octets, offset);
  }

  static void putInt32(byte[] octets, int offset, int value) {
    INT32.set(octets, offset, value);
  }

  static void xorInt32(byte[] octets, int offset, int value) {
    putInt32(octets, offset, int32(octets, offset) ^ value);
  }

  static void xorInt48(byte[] octets, int offset, long value) {
    octets[offset] ^= (byte) (value >>> 40);
    octets[offset + 1] ^= (byte) (value >>> 32);
    xorInt32(octets, offset + 2, (int) value);
  }
}
