package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The attributes that ICE and TURN use (RFC 8489 14, RFC 8445 16.1, RFC 8656 18).
 * MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT are not among them: {@link
 * StunMessage} verifies and {@link StunWriter} writes these.
 */
public sealed interface StunAttribute {
  /** The attribute's type. */
  int type();

  /** USERNAME: in a connectivity check the receiver's and the sender's fragment, with a colon. */
  record Username(String value) implements StunAttribute {
    static final int TYPE = 0x0006;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * ERROR-CODE.
   *
   * @param code 300 to 699
   */
  record ErrorCode(int code, String reason) implements StunAttribute {
    static final int TYPE = 0x0009;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** UNKNOWN-ATTRIBUTES: the types that made a request fail with 420. */
  record UnknownAttributes(List<Integer> types) implements StunAttribute {
    static final int TYPE = 0x000A;

    public UnknownAttributes {
      types = List.copyOf(types);
    }

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** MAPPED-ADDRESS, from servers that know only RFC 3489. */
  record MappedAddress(InetSocketAddress address) implements StunAttribute {
    static final int TYPE = 0x0001;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** XOR-MAPPED-ADDRESS: where the request was seen to come from. */
  record XorMappedAddress(InetSocketAddress address) implements StunAttribute {
    static final int TYPE = 0x0020;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * PRIORITY of the peer-reflexive candidate that the check may bring to light.
   *
   * @param value 0 to 2<sup>32</sup> − 1
   */
  record Priority(long value) implements StunAttribute {
    static final int TYPE = 0x0024;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** USE-CANDIDATE: the pair is nominated. */
  record UseCandidate() implements StunAttribute {
    static final int TYPE = 0x0025;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** ICE-CONTROLLED: the sender is controlled; its tie-breaker, an unsigned number. */
  record IceControlled(long tieBreaker) implements StunAttribute {
    static final int TYPE = 0x8029;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** ICE-CONTROLLING: the sender controls; its tie-breaker, an unsigned number. */
  record IceControlling(long tieBreaker) implements StunAttribute {
    static final int TYPE = 0x802A;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** SOFTWARE: the sender's name for itself. */
  record Software(String value) implements StunAttribute {
    static final int TYPE = 0x8022;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** REALM: whose user names and passwords the server knows (RFC 8489 14.9). */
  record Realm(String value) implements StunAttribute {
    static final int TYPE = 0x0014;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** NONCE: what the server wants to see again (RFC 8489 14.10). */
  record Nonce(String value) implements StunAttribute {
    static final int TYPE = 0x0015;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * PASSWORD-ALGORITHM: how the password became the key (RFC 8489 14.12).
   *
   * @param algorithm 1 is MD5, 2 is SHA-256
   */
  record PasswordAlgorithm(int algorithm) implements StunAttribute {
    static final int TYPE = 0x001D;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** PASSWORD-ALGORITHMS: what the server knows, the best first (RFC 8489 14.11). */
  record PasswordAlgorithms(List<Integer> algorithms) implements StunAttribute {
    static final int TYPE = 0x8002;

    public PasswordAlgorithms {
      algorithms = List.copyOf(algorithms);
    }

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** USERHASH: the SHA-256 of user name and realm, in place of USERNAME (RFC 8489 14.4). */
  record UserHash(ByteBuffer hash) implements StunAttribute {
    static final int TYPE = 0x001E;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** ALTERNATE-SERVER: where to go instead (RFC 8489 14.15). */
  record AlternateServer(InetSocketAddress address) implements StunAttribute {
    static final int TYPE = 0x8023;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** ALTERNATE-DOMAIN: the name in that server's certificate (RFC 8489 14.16). */
  record AlternateDomain(String name) implements StunAttribute {
    static final int TYPE = 0x8003;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * CHANNEL-NUMBER (RFC 8656 18.1).
   *
   * @param channel 0x4000 to 0x4FFF
   */
  record ChannelNumber(int channel) implements StunAttribute {
    static final int TYPE = 0x000C;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** LIFETIME of an allocation (RFC 8656 18.2). */
  record Lifetime(long seconds) implements StunAttribute {
    static final int TYPE = 0x000D;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** XOR-PEER-ADDRESS: the far end, as the relay sees it (RFC 8656 18.3). */
  record XorPeerAddress(InetSocketAddress address) implements StunAttribute {
    static final int TYPE = 0x0012;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * DATA: what is relayed (RFC 8656 18.4).
   *
   * @param payload position to limit, a view of the message
   */
  record Data(ByteBuffer payload) implements StunAttribute {
    static final int TYPE = 0x0013;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** XOR-RELAYED-ADDRESS: what was allocated (RFC 8656 18.5). */
  record XorRelayedAddress(InetSocketAddress address) implements StunAttribute {
    static final int TYPE = 0x0016;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** REQUESTED-ADDRESS-FAMILY: IPv6, or IPv4 (RFC 8656 18.6). */
  record RequestedAddressFamily(boolean ipv6) implements StunAttribute {
    static final int TYPE = 0x0017;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /**
   * REQUESTED-TRANSPORT of what is relayed (RFC 8656 18.8).
   *
   * @param protocol 17 is UDP
   */
  record RequestedTransport(int protocol) implements StunAttribute {
    static final int TYPE = 0x0019;

    @Override
    public int type() {
      return TYPE;
    }
  }

  /** ADDITIONAL-ADDRESS-FAMILY: an IPv6 address besides the IPv4 one (RFC 8656 18.11). */
  record AdditionalAddressFamily(boolean ipv6) implements StunAttribute {
    static final int TYPE = 0x8000;

    @Override
    public int type() {
      return TYPE;
    }
  }
}
