package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Lets connectivity checks in and answers them (RFC 8445 7.3, RFC 8489 6.3.1 and 9.1.3). */
final class CheckResponder {
  private static final int MAX_NAMED_ATTRIBUTES = 32;

  private final StunWriter writer;
  private final IceAgent.Output output;

  CheckResponder(StunWriter writer, IceAgent.Output output) {
    this.writer = writer;
    this.output = output;
  }

  /**
   * Refuses a request that is not authentic or asks for what is not understood.
   *
   * @param generations those whose credentials are good
   * @return the generation that the request is addressed to, or empty when it was refused
   */
  Optional<Generation> admit(
      LocalBase base, InetSocketAddress remote, StunMessage request, List<Generation> generations) {
    Optional<StunAttribute.Username> username = request.attribute(StunAttribute.Username.class);
    if (username.isEmpty() || !request.hasIntegrity()) {
      refuseUnauthenticated(base, remote, request, 400, "Bad Request");
      return Optional.empty();
    }
    Optional<Generation> addressed =
        generations.stream()
            .filter(generation -> generation.isAddressedBy(username.get().value()))
            .filter(generation -> request.isAuthentic(generation.localKey()))
            .findFirst();
    if (addressed.isEmpty()) {
      refuseUnauthenticated(base, remote, request, 401, "Unauthenticated");
      return Optional.empty();
    }
    List<Integer> unknown = request.unknownRequired();
    if (!unknown.isEmpty()) {
      begin(StunClass.ERROR_RESPONSE, request)
          .add(new StunAttribute.ErrorCode(420, "Unknown Attribute"))
          .add(
              new StunAttribute.UnknownAttributes(
                  unknown.subList(0, Math.min(unknown.size(), MAX_NAMED_ATTRIBUTES))));
      send(base, remote, addressed.get());
      return Optional.empty();
    }
    return addressed;
  }

  /** Without integrity, for the two sides do not share a key as it seems. */
  private void refuseUnauthenticated(
      LocalBase base, InetSocketAddress remote, StunMessage request, int code, String reason) {
    begin(StunClass.ERROR_RESPONSE, request).add(new StunAttribute.ErrorCode(code, reason));
    output.send(base.address(), remote, writer.finish());
  }

  /** Tells the other side to take the other role. */
  void refuseRole(
      LocalBase base, InetSocketAddress remote, StunMessage request, Generation generation) {
    begin(StunClass.ERROR_RESPONSE, request).add(new StunAttribute.ErrorCode(487, "Role Conflict"));
    send(base, remote, generation);
  }

  /** Answers a check with the address that it was seen to come from. */
  void accept(
      LocalBase base, InetSocketAddress remote, StunMessage request, Generation generation) {
    begin(StunClass.SUCCESS_RESPONSE, request).add(new StunAttribute.XorMappedAddress(remote));
    send(base, remote, generation);
  }

  private StunWriter begin(StunClass messageClass, StunMessage request) {
    return writer.begin(messageClass, StunMessage.BINDING, request.transactionId());
  }

  private void send(LocalBase base, InetSocketAddress remote, Generation generation) {
    output.send(base.address(), remote, writer.finish(generation.localKey()));
  }
}
