package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The attributes that ICE uses (RFC 8489 14, RFC 8445 16.1). MESSAGE-INTEGRITY and FINGERPRINT are
 * not among them: {@link StunMessage} verifies and {@link StunWriter} writes these.
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
}
