package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes STUN messages (RFC 8489 5) into one buffer, each over the one before it. Begin with {@link
 * #begin}, add attributes, end with {@link #finish}.
 */
public final class StunWriter {
  private static final int CAPACITY = 2048;

  private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY);

  /** Begins a message, and forgets the one before. */
  public StunWriter begin(StunClass messageClass, int method, TransactionId transactionId) {
    int classBits =
        switch (messageClass) {
          case REQUEST -> 0x0000;
          case INDICATION -> 0x0010;
          case SUCCESS_RESPONSE -> 0x0100;
          case ERROR_RESPONSE -> 0x0110;
        };
    int type = (method & 0xF80) << 2 | (method & 0x070) << 1 | (method & 0x00F) | classBits;
    buffer.clear();
    buffer.putShort((short) type).putShort((short) 0).putInt(StunMessage.MAGIC_COOKIE);
    buffer.putInt(transactionId.high()).putLong(transactionId.low());
    return this;
  }

  /** Adds an attribute. */
  public StunWriter add(StunAttribute attribute) {
    int start = buffer.position();
    buffer.putShort((short) attribute.type()).putShort((short) 0);
    switch (attribute) {
      case StunAttribute.Username(String value) -> putText(value);
      case StunAttribute.Software(String value) -> putText(value);
      case StunAttribute.ErrorCode(int code, String reason) -> {
        buffer.putShort((short) 0).put((byte) (code / 100)).put((byte) (code % 100));
        putText(reason);
      }
      case StunAttribute.UnknownAttributes(var types) ->
          types.forEach(type -> buffer.putShort(type.shortValue()));
      case StunAttribute.MappedAddress(InetSocketAddress address) -> putAddress(address, false);
      case StunAttribute.XorMappedAddress(InetSocketAddress address) -> putAddress(address, true);
      case StunAttribute.Priority(long value) -> buffer.putInt((int) value);
      case StunAttribute.UseCandidate() -> {}
      case StunAttribute.IceControlled(long tieBreaker) -> buffer.putLong(tieBreaker);
      case StunAttribute.IceControlling(long tieBreaker) -> buffer.putLong(tieBreaker);
      case StunAttribute.Realm(String value) -> putText(value);
      case StunAttribute.Nonce(String value) -> putText(value);
      case StunAttribute.PasswordAlgorithm(int algorithm) ->
          buffer.putShort((short) algorithm).putShort((short) 0);
      case StunAttribute.PasswordAlgorithms(var algorithms) ->
          algorithms.forEach(a -> buffer.putShort(a.shortValue()).putShort((short) 0));
      case StunAttribute.UserHash(ByteBuffer hash) -> buffer.put(hash.duplicate());
      case StunAttribute.AlternateServer(InetSocketAddress address) -> putAddress(address, false);
      case StunAttribute.AlternateDomain(String name) -> putText(name);
      case StunAttribute.ChannelNumber(int channel) ->
          buffer.putShort((short) channel).putShort((short) 0);
      case StunAttribute.Lifetime(long seconds) -> buffer.putInt((int) seconds);
      case StunAttribute.XorPeerAddress(InetSocketAddress address) -> putAddress(address, true);
      case StunAttribute.Data(ByteBuffer payload) -> buffer.put(payload.duplicate());
      case StunAttribute.XorRelayedAddress(InetSocketAddress address) -> putAddress(address, true);
      case StunAttribute.RequestedAddressFamily(boolean ipv6) -> putFamily(ipv6);
      case StunAttribute.AdditionalAddressFamily(boolean ipv6) -> putFamily(ipv6);
      case StunAttribute.RequestedTransport(int protocol) ->
          buffer.put((byte) protocol).put((byte) 0).putShort((short) 0);
    }
    buffer.putShort(start + 2, (short) (buffer.position() - start - 4));
    while (buffer.position() % 4 != 0) {
      buffer.put((byte) 0);
    }
    return this;
  }

  /**
   * Ends the message with MESSAGE-INTEGRITY, or MESSAGE-INTEGRITY-SHA256 where the key is for that,
   * and FINGERPRINT.
   *
   * @return the message, position to limit: this writer's own buffer
   */
  public ByteBuffer finish(StunKey key) {
    int offset = buffer.position();
    byte[] integrity = StunMessage.integrity(buffer, offset, key);
    int type =
        key.isSha256() ? StunMessage.MESSAGE_INTEGRITY_SHA256 : StunMessage.MESSAGE_INTEGRITY;
    buffer.putShort((short) type).putShort((short) integrity.length);
    buffer.put(integrity);
    return finish();
  }

  /**
   * Ends the message with FINGERPRINT only.
   *
   * @return the message, position to limit: this writer's own buffer
   */
  public ByteBuffer finish() {
    int offset = buffer.position();
    buffer.putShort(2, (short) (offset + 8 - StunMessage.HEADER_LENGTH));
    int fingerprint = StunMessage.fingerprint(buffer, offset);
    buffer.putShort((short) StunMessage.FINGERPRINT).putShort((short) 4).putInt(fingerprint);
    return buffer.flip();
  }

  private void putText(String value) {
    buffer.put(value.getBytes(StandardCharsets.UTF_8));
  }

  private void putFamily(boolean ipv6) {
    buffer.put((byte) (ipv6 ? 2 : 1)).put((byte) 0).putShort((short) 0);
  }

  private void putAddress(InetSocketAddress address, boolean xored) {
    byte[] bytes = address.getAddress().getAddress();
    int port = address.getPort();
    if (xored) {
      port ^= StunMessage.MAGIC_COOKIE >>> 16;
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= buffer.get(4 + i);
      }
    }
    buffer.put((byte) 0).put((byte) (bytes.length == 4 ? 1 : 2)).putShort((short) port).put(bytes);
  }
}
