package org.heliograph.peer.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A STUN message (RFC 8489 5) as it was received. It reads from the packet's buffer, which must not
 * change as long as {@link #isAuthentic} may be asked.
 */
public final class StunMessage {
  /** The method of connectivity checks and of asking a server for one's address. */
  public static final int BINDING = 0x001;

  /** Asks a TURN server for a relayed address (RFC 8656 7). */
  static final int ALLOCATE = 0x003;

  /** Keeps an allocation, or gives it up (RFC 8656 8). */
  static final int REFRESH = 0x004;

  /** Carries data to a peer (RFC 8656 11). */
  static final int SEND = 0x006;

  /** Carries data from a peer. */
  static final int DATA = 0x007;

  /** Lets a peer's packets in (RFC 8656 9). */
  static final int CREATE_PERMISSION = 0x008;

  /** Gives a peer a channel (RFC 8656 12). */
  static final int CHANNEL_BIND = 0x009;

  static final int HEADER_LENGTH = 20;
  static final int MAGIC_COOKIE = 0x2112_A442;
  static final int MESSAGE_INTEGRITY = 0x0008;
  static final int MESSAGE_INTEGRITY_LENGTH = 20;
  static final int MESSAGE_INTEGRITY_SHA256 = 0x001C;
  static final int MESSAGE_INTEGRITY_SHA256_LENGTH = 32;
  static final int FINGERPRINT = 0x8028;
  static final int FINGERPRINT_XOR = 0x5354_554E;

  private final ByteBuffer packet;
  private final int method;
  private final StunClass messageClass;
  private final TransactionId transactionId;
  private final List<StunAttribute> attributes = new ArrayList<>();
  private final List<Integer> unknownRequired = new ArrayList<>();

  /** Where MESSAGE-INTEGRITY begins, −1 for nowhere. */
  private int integrityOffset = -1;

  /** Where MESSAGE-INTEGRITY-SHA256 begins, −1 for nowhere. */
  private int integritySha256Offset = -1;

  private boolean fingerprint;

  private StunMessage(ByteBuffer packet) throws StunException {
    this.packet = packet;
    int type = packet.getShort(0) & 0xFFFF;
    // M11..M7 C1 M6..M4 C0 M3..M0
    method = (type & 0x3E00) >> 2 | (type & 0x00E0) >> 1 | (type & 0x000F);
    messageClass =
        switch (type & 0x0110) {
          case 0x0000 -> StunClass.REQUEST;
          case 0x0010 -> StunClass.INDICATION;
          case 0x0100 -> StunClass.SUCCESS_RESPONSE;
          default -> StunClass.ERROR_RESPONSE;
        };
    transactionId = new TransactionId(packet.getInt(8), packet.getLong(12));
    int offset = HEADER_LENGTH;
    while (offset < packet.limit()) {
      if (fingerprint) {
        throw new StunException("an attribute after FINGERPRINT");
      }
      int attributeType = packet.getShort(offset) & 0xFFFF;
      int length = packet.getShort(offset + 2) & 0xFFFF;
      int next = offset + 4 + ((length + 3) & ~3);
      if (next > packet.limit()) {
        throw new StunException("an attribute longer than the message");
      }
      parseAttribute(attributeType, offset, packet.slice(offset + 4, length));
      offset = next;
    }
  }

  /**
   * Tells STUN from what else comes through the socket (RFC 7983 7, RFC 8489 5), by the first byte
   * and the magic cookie.
   *
   * @param packet position to limit; left alone
   */
  public static boolean looksLikeStun(ByteBuffer packet) {
    int start = packet.position();
    return packet.remaining() >= HEADER_LENGTH
        && (packet.get(start) & 0xC0) == 0
        && packet.getInt(start + 4) == MAGIC_COOKIE;
  }

  /**
   * Parses a message and verifies its FINGERPRINT, if it has one.
   *
   * @param packet position to limit, in network byte order; its position is left alone
   * @throws StunException if this is not a well-formed STUN message
   */
  public static StunMessage parse(ByteBuffer packet) throws StunException {
    if (!looksLikeStun(packet)) {
      throw new StunException("not STUN");
    }
    ByteBuffer own = packet.slice();
    int length = own.getShort(2) & 0xFFFF;
    if (length % 4 != 0 || length != own.limit() - HEADER_LENGTH) {
      throw new StunException("the length is not the packet's");
    }
    return new StunMessage(own);
  }

  /** The method, {@link #BINDING} or another. */
  public int method() {
    return method;
  }

  /** Request, indication or response. */
  public StunClass messageClass() {
    return messageClass;
  }

  /** What ties a response to its request. */
  public TransactionId transactionId() {
    return transactionId;
  }

  /** The first attribute of a kind. */
  public <A extends StunAttribute> Optional<A> attribute(Class<A> kind) {
    return attributes.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /** All attributes of a kind. */
  <A extends StunAttribute> List<A> attributes(Class<A> kind) {
    return attributes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Whether an attribute is there. */
  public boolean has(Class<? extends StunAttribute> kind) {
    return attributes.stream().anyMatch(kind::isInstance);
  }

  /** The attributes that this side does not know but would have to (types below 0x8000). */
  public List<Integer> unknownRequired() {
    return List.copyOf(unknownRequired);
  }

  /** Whether there is a MESSAGE-INTEGRITY, valid or not. */
  public boolean hasIntegrity() {
    return integrityOffset >= 0;
  }

  /** Whether there is a FINGERPRINT; if so, it is the right one. */
  public boolean hasFingerprint() {
    return fingerprint;
  }

  /**
   * Whether there is a MESSAGE-INTEGRITY made with this key (RFC 8489 14.5); a
   * MESSAGE-INTEGRITY-SHA256 (14.6) where the key is for that.
   */
  public boolean isAuthentic(StunKey key) {
    int offset = key.isSha256() ? integritySha256Offset : integrityOffset;
    if (offset < 0) {
      return false;
    }
    byte[] claimed = new byte[packet.getShort(offset + 2) & 0xFFFF];
    packet.get(offset + 4, claimed);
    byte[] whole = integrity(packet, offset, claimed.length, key);
    return MessageDigest.isEqual(claimed, Arrays.copyOf(whole, claimed.length));
  }

  /** The HMAC of a message up to an offset, as if the integrity were its last attribute. */
  static byte[] integrity(ByteBuffer message, int offset, StunKey key) {
    return integrity(message, offset, key.mac().getMacLength(), key);
  }

  /** The same for an integrity that is cut to some length (RFC 8489 14.6). */
  static byte[] integrity(ByteBuffer message, int offset, int integrityLength, StunKey key) {
    int length = offset + 4 + integrityLength - HEADER_LENGTH;
    key.mac().update(message.slice(0, 2));
    key.mac().update((byte) (length >> 8));
    key.mac().update((byte) length);
    key.mac().update(message.slice(4, offset - 4));
    return key.mac().doFinal();
  }

  /** The FINGERPRINT of a message up to an offset (RFC 8489 14.7). */
  static int fingerprint(ByteBuffer message, int offset) {
    CRC32 crc = new CRC32();
    crc.update(message.slice(0, offset));
    return (int) crc.getValue() ^ FINGERPRINT_XOR;
  }

  private void parseAttribute(int type, int offset, ByteBuffer value) throws StunException {
    if (type == FINGERPRINT) {
      requireLength("FINGERPRINT", value, 4);
      if (value.getInt(0) != fingerprint(packet, offset)) {
        throw new StunException("wrong FINGERPRINT");
      }
      fingerprint = true;
      return;
    }
    if (type == MESSAGE_INTEGRITY_SHA256 && integritySha256Offset < 0) {
      int length = value.limit();
      if (length < 16 || length > MESSAGE_INTEGRITY_SHA256_LENGTH || length % 4 != 0) {
        throw new StunException("MESSAGE-INTEGRITY-SHA256 of " + length + " bytes");
      }
      integritySha256Offset = offset;
      return;
    }
    if (integrityOffset >= 0 || integritySha256Offset >= 0) {
      return; // Not covered by the integrity: RFC 8489 14.5 has it ignored.
    }
    if (type == MESSAGE_INTEGRITY) {
      requireLength("MESSAGE-INTEGRITY", value, MESSAGE_INTEGRITY_LENGTH);
      integrityOffset = offset;
      return;
    }
    switch (type) {
      case StunAttribute.Username.TYPE ->
          attributes.add(new StunAttribute.Username(text("USERNAME", value, 513)));
      case StunAttribute.Software.TYPE ->
          attributes.add(new StunAttribute.Software(text("SOFTWARE", value, 763)));
      case StunAttribute.ErrorCode.TYPE -> attributes.add(errorCode(value));
      case StunAttribute.UnknownAttributes.TYPE -> attributes.add(unknownAttributes(value));
      case StunAttribute.MappedAddress.TYPE ->
          attributes.add(new StunAttribute.MappedAddress(address(value, false)));
      case StunAttribute.XorMappedAddress.TYPE ->
          attributes.add(new StunAttribute.XorMappedAddress(address(value, true)));
      case StunAttribute.Priority.TYPE -> {
        requireLength("PRIORITY", value, 4);
        attributes.add(new StunAttribute.Priority(value.getInt(0) & 0xFFFF_FFFFL));
      }
      case StunAttribute.UseCandidate.TYPE -> {
        requireLength("USE-CANDIDATE", value, 0);
        attributes.add(new StunAttribute.UseCandidate());
      }
      case StunAttribute.IceControlled.TYPE -> {
        requireLength("ICE-CONTROLLED", value, 8);
        attributes.add(new StunAttribute.IceControlled(value.getLong(0)));
      }
      case StunAttribute.IceControlling.TYPE -> {
        requireLength("ICE-CONTROLLING", value, 8);
        attributes.add(new StunAttribute.IceControlling(value.getLong(0)));
      }
      case StunAttribute.Realm.TYPE ->
          attributes.add(new StunAttribute.Realm(text("REALM", value, 763)));
      case StunAttribute.Nonce.TYPE ->
          attributes.add(new StunAttribute.Nonce(text("NONCE", value, 763)));
      case StunAttribute.PasswordAlgorithm.TYPE ->
          attributes.add(new StunAttribute.PasswordAlgorithm(algorithms(value).getFirst()));
      case StunAttribute.PasswordAlgorithms.TYPE ->
          attributes.add(new StunAttribute.PasswordAlgorithms(algorithms(value)));
      case StunAttribute.UserHash.TYPE -> {
        requireLength("USERHASH", value, 32);
        attributes.add(new StunAttribute.UserHash(value));
      }
      case StunAttribute.AlternateServer.TYPE ->
          attributes.add(new StunAttribute.AlternateServer(address(value, false)));
      case StunAttribute.AlternateDomain.TYPE ->
          attributes.add(new StunAttribute.AlternateDomain(text("ALTERNATE-DOMAIN", value, 255)));
      case StunAttribute.ChannelNumber.TYPE -> {
        requireLength("CHANNEL-NUMBER", value, 4);
        attributes.add(new StunAttribute.ChannelNumber(value.getShort(0) & 0xFFFF));
      }
      case StunAttribute.Lifetime.TYPE -> {
        requireLength("LIFETIME", value, 4);
        attributes.add(new StunAttribute.Lifetime(value.getInt(0) & 0xFFFF_FFFFL));
      }
      case StunAttribute.XorPeerAddress.TYPE ->
          attributes.add(new StunAttribute.XorPeerAddress(address(value, true)));
      case StunAttribute.Data.TYPE -> attributes.add(new StunAttribute.Data(value));
      case StunAttribute.XorRelayedAddress.TYPE ->
          attributes.add(new StunAttribute.XorRelayedAddress(address(value, true)));
      case StunAttribute.RequestedAddressFamily.TYPE -> {
        requireLength("REQUESTED-ADDRESS-FAMILY", value, 4);
        attributes.add(new StunAttribute.RequestedAddressFamily(value.get(0) == 2));
      }
      case StunAttribute.AdditionalAddressFamily.TYPE -> {
        requireLength("ADDITIONAL-ADDRESS-FAMILY", value, 4);
        attributes.add(new StunAttribute.AdditionalAddressFamily(value.get(0) == 2));
      }
      case StunAttribute.RequestedTransport.TYPE -> {
        requireLength("REQUESTED-TRANSPORT", value, 4);
        attributes.add(new StunAttribute.RequestedTransport(value.get(0) & 0xFF));
      }
      default -> {
        if (type < 0x8000) {
          unknownRequired.add(type);
        }
      }
    }
  }

  private static void requireLength(String name, ByteBuffer value, int length)
      throws StunException {
    if (value.limit() != length) {
      throw new StunException(name + " of " + value.limit() + " bytes");
    }
  }

  private static String text(String name, ByteBuffer value, int mostBytes) throws StunException {
    if (value.limit() > mostBytes) {
      throw new StunException(name + " of " + value.limit() + " bytes");
    }
    return StandardCharsets.UTF_8.decode(value).toString();
  }

  private static StunAttribute errorCode(ByteBuffer value) throws StunException {
    if (value.limit() < 4) {
      throw new StunException("ERROR-CODE of " + value.limit() + " bytes");
    }
    int hundreds = value.get(2) & 0x07;
    int units = value.get(3) & 0xFF;
    if (hundreds < 3 || hundreds > 6 || units > 99) {
      throw new StunException("ERROR-CODE " + hundreds + "/" + units);
    }
    String reason = text("ERROR-CODE", value.slice(4, value.limit() - 4), 763);
    return new StunAttribute.ErrorCode(hundreds * 100 + units, reason);
  }

  /** The numbers of password algorithms, whose parameters nobody has defined yet. */
  private static List<Integer> algorithms(ByteBuffer value) throws StunException {
    List<Integer> algorithms = new ArrayList<>();
    int offset = 0;
    while (offset + 4 <= value.limit()) {
      algorithms.add(value.getShort(offset) & 0xFFFF);
      offset += 4 + (((value.getShort(offset + 2) & 0xFFFF) + 3) & ~3);
    }
    if (algorithms.isEmpty()) {
      throw new StunException("PASSWORD-ALGORITHMS of " + value.limit() + " bytes");
    }
    return algorithms;
  }

  private static StunAttribute unknownAttributes(ByteBuffer value) throws StunException {
    if (value.limit() % 2 != 0) {
      throw new StunException("UNKNOWN-ATTRIBUTES of " + value.limit() + " bytes");
    }
    List<Integer> types = new ArrayList<>();
    while (value.hasRemaining()) {
      types.add(value.getShort() & 0xFFFF);
    }
    return new StunAttribute.UnknownAttributes(types);
  }

  private InetSocketAddress address(ByteBuffer value, boolean xored) throws StunException {
    int family = value.limit() < 4 ? 0 : value.get(1);
    int addressLength =
        switch (family) {
          case 1 -> 4;
          case 2 -> 16;
          default -> throw new StunException("an address of an unknown family");
        };
    requireLength("an address attribute", value, 4 + addressLength);
    int port = value.getShort(2) & 0xFFFF;
    byte[] bytes = new byte[addressLength];
    value.get(4, bytes);
    if (xored) {
      // The mask is the cookie and the transaction id, which stand in the header side by side.
      port ^= MAGIC_COOKIE >>> 16;
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= packet.get(4 + i);
      }
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are addresses", e);
    }
  }
}
