package org.heliograph.peer.rtp;

import java.util.EnumMap;
import java.util.Map;

/**
 * Which identifier stands for which header extension, as negotiated with {@code a=extmap} (RFC 8285
 * 5). Immutable.
 */
public final class RtpExtensionMap {
  private static final RtpExtensionMap EMPTY = new RtpExtensionMap(Map.of());

  private final Map<RtpExtension, Integer> ids = new EnumMap<>(RtpExtension.class);
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
      if (this.ids.containsValue(id)) {
        throw new IllegalArgumentException("header extension id " + id + " is used twice");
      }
      this.ids.put(entry.getKey(), id);
      large |= id > 14;
    }
    twoByte = large;
  }

  /** No extension at all. */
  public static RtpExtensionMap empty() {
    return EMPTY;
  }

  /** The same map without one extension. */
  public RtpExtensionMap without(RtpExtension extension) {
    Map<RtpExtension, Integer> rest = new EnumMap<>(RtpExtension.class);
    rest.putAll(ids);
    rest.remove(extension);
    return new RtpExtensionMap(rest);
  }

  /** The identifier of an extension, or 0 if it was not negotiated. */
  public int id(RtpExtension extension) {
    return ids.getOrDefault(extension, 0);
  }

  /** Whether the extension was negotiated. */
  public boolean has(RtpExtension extension) {
    return id(extension) != 0;
  }

  /** Whether an identifier needs the two-byte form of RFC 8285 4.3. */
  boolean needsTwoByteForm() {
    return twoByte;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RtpExtensionMap map && map.ids.equals(ids);
  }

  @Override
  public int hashCode() {
    return ids.hashCode();
  }
}
