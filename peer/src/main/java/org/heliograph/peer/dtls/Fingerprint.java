package org.heliograph.peer.dtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A certificate's fingerprint as SDP carries it (RFC 8122 5).
 *
 * @param hash the hash function
 * @param value the hash in upper-case hexadecimal octets with colons between them
 */
public record Fingerprint(Hash hash, String value) {
  /**
   * The hash functions that are taken; weakest first. RFC 8122 forbids MD5 and MD2, and SHA-1 is
   * broken.
   */
  public enum Hash {
    SHA_256("sha-256", "SHA-256", 32),
    SHA_384("sha-384", "SHA-384", 48),
    SHA_512("sha-512", "SHA-512", 64);

    private final String sdpName;
    private final String javaName;
    private final int length;

    Hash(String sdpName, String javaName, int length) {
      this.sdpName = sdpName;
      this.javaName = javaName;
      this.length = length;
    }

    private static Optional<Hash> named(String sdpName) {
      for (Hash hash : values()) {
        if (hash.sdpName.equals(sdpName.toLowerCase(Locale.ROOT))) {
          return Optional.of(hash);
        }
      }
      return Optional.empty();
    }
  }

  private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();
  private static final Pattern VALUE = Pattern.compile("[0-9A-F]{2}(:[0-9A-F]{2})*");

  public Fingerprint {
    Objects.requireNonNull(hash, "hash");
    if (!VALUE.matcher(value).matches() || value.length() != 3 * hash.length - 1) {
      throw new IllegalArgumentException("not a " + hash.sdpName + " fingerprint: " + value);
    }
  }

  /**
   * Reads the value of an {@code a=fingerprint} attribute, such as {@code sha-256 4A:AD:…}.
   *
   * @return empty when the hash function is none of {@link Hash}
   * @throws IllegalArgumentException if it is malformed
   */
  public static Optional<Fingerprint> parse(String attribute) {
    String[] parts = attribute.strip().split(" +", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException("not a fingerprint: " + attribute);
    }
    return Hash.named(parts[0])
        .map(hash -> new Fingerprint(hash, parts[1].toUpperCase(Locale.ROOT)));
  }

  /** The fingerprint of a certificate in DER. */
  public static Fingerprint of(Hash hash, byte[] certificate) {
    try {
      byte[] digest = MessageDigest.getInstance(hash.javaName).digest(certificate);
      return new Fingerprint(hash, COLONS.formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no " + hash.javaName, e);
    }
  }

  /**
   * Whether a certificate in DER is one of those that the fingerprints name: it must fit one of
   * those with the strongest hash function (RFC 8122 5.1).
   */
  static boolean match(List<Fingerprint> fingerprints, byte[] certificate) {
    Optional<Hash> strongest =
        fingerprints.stream().map(Fingerprint::hash).max(Comparator.naturalOrder());
    return strongest.isPresent() && fingerprints.contains(of(strongest.get(), certificate));
  }

  /** The value of an {@code a=fingerprint} attribute. */
  public String toAttribute() {
    return hash.sdpName + " " + value;
  }
}
