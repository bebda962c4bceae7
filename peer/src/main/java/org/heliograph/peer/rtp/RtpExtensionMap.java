package org.heliograph.peer.rtp;

import java.util.Map;

/**
 * Which identifier stands for which header extension, as negotiated with {@code a=extmap} (RFC 8285
 * 5). Immutable.
 */
public final class RtpExtensionMap {
  private static final RtpExtensionMap EMPTY = new RtpExtensionMap(Map.of());

  private final int[] idOf = new int[RtpExtension.values().length];
  private final boolean twoByte;

  /**
   * @param ids the identifier of each extension that was negotiated, 1 to 255 but 15
   * @throws IllegalArgumentException if an identifier is out of range or used twice
   */
  public RtpExtensionMap(Map<RtpExtension, Integer> ids) {
    boolean large = false;
    for (Map.Entry<RtpExtension, Integer> entry : ids.entrySet()) {
      int id = entry.getValue();
      if (id < 1 || id > 255 || id == 15) {
        throw new IllegalArgumentException("header extension id " + id + " is not allowed");
      }
      for (int used : idOf) {
        if (used == id) {
          throw new IllegalArgumentException("header extension id " + id + " is used twice");
        }
      }
      idOf[entry.getKey().ordinal()] = id;
      large |= id > 14;
    }
    twoByte = large;
  }

  /** No extension at all. */
  public static RtpExtensionMap empty() {
    return EMPTY;
  }

  /** The identifier of an extension, or 0 if it was not negotiated. */
  public int id(RtpExtension extension) {
    return idOf[extension.ordinal()];
  }

  /** Whether the extension was negotiated. */
  public boolean has(RtpExtension extension) {
    return id(extension) != 0;
  }

  /** Whether an identifier needs the two-byte form of RFC 8285 4.3. */
  boolean needsTwoByteForm() {
    return twoByte;
  }
}
