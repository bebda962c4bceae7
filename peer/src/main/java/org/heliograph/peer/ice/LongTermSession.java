package org.heliograph.peer.ice;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The client's side of the long-term credential mechanism with one server (RFC 8489 9.2). */
final class LongTermSession {
  private static final int MD5 = 1;
  private static final int SHA256 = 2;

  /** Begins a nonce that says which security features the server has (RFC 8489 9.2.1). */
  private static final String NONCE_COOKIE = "obMatJos2";

  private static final int PASSWORD_ALGORITHMS_BIT = 1;
  private static final int USERNAME_ANONYMITY_BIT = 2;

  private final String username;
  private final String password;
  private String realm;
  private String nonce;
  private StunKey key;
  private List<Integer> offeredAlgorithms = List.of();
  private int algorithm = MD5;
  private boolean anonymous;

  LongTermSession(String username, String password) {
    this.username = username;
    this.password = password;
  }

  /** Whether the server has said what it wants to see, so that requests carry the credential. */
  boolean isChallenged() {
    return key != null;
  }

  /**
   * Takes the realm and the nonce of a 401 or 438.
   *
   * @return whether the request can be made again with them
   */
  boolean takeChallenge(StunMessage error) {
    Optional<String> newNonce =
        error.attribute(StunAttribute.Nonce.class).map(StunAttribute.Nonce::value);
    String newRealm =
        error.attribute(StunAttribute.Realm.class).map(StunAttribute.Realm::value).orElse(realm);
    if (newNonce.isEmpty() || newRealm == null) {
      return false;
    }
    int features = features(newNonce.get());
    boolean hasAlgorithms = (features & PASSWORD_ALGORITHMS_BIT) != 0;
    List<Integer> algorithms =
        error
            .attribute(StunAttribute.PasswordAlgorithms.class)
            .filter(offered -> hasAlgorithms)
            .map(StunAttribute.PasswordAlgorithms::algorithms)
            .orElse(List.of());
    if (hasAlgorithms && algorithms.isEmpty()) {
      return false; // Someone on the way has taken them out (RFC 8489 9.2.5).
    }
    Optional<Integer> chosen =
        algorithms.stream().filter(known -> known == MD5 || known == SHA256).findFirst();
    if (chosen.isEmpty() && !algorithms.isEmpty()) {
      return false;
    }
    realm = newRealm;
    nonce = newNonce.get();
    offeredAlgorithms = algorithms;
    algorithm = chosen.orElse(MD5);
    anonymous = (features & USERNAME_ANONYMITY_BIT) != 0;
    key =
        algorithms.isEmpty()
            ? StunKey.longTerm(username, realm, password)
            : StunKey.longTermSha256(username, realm, password, algorithm == SHA256);
    return true;
  }

  /** Whether a 401 asks for the credential of another realm than the request's. */
  boolean isOfAnotherRealm(StunMessage error) {
    return error
        .attribute(StunAttribute.Realm.class)
        .filter(other -> !other.value().equals(realm))
        .isPresent();
  }

  private static int features(String nonce) {
    int end = NONCE_COOKIE.length() + 4;
    if (!nonce.startsWith(NONCE_COOKIE) || nonce.length() < end) {
      return 0;
    }
    try {
      byte[] bits = Base64.getDecoder().decode(nonce.substring(NONCE_COOKIE.length(), end));
      return bits[2];
    } catch (IllegalArgumentException notBase64) {
      return 0;
    }
  }

  /** Ends a request: with the credential, once the server has asked for it. */
  ByteBuffer finish(StunWriter request) {
    if (!isChallenged()) {
      return request.finish();
    }
    if (anonymous) {
      request.add(new StunAttribute.UserHash(ByteBuffer.wrap(StunKey.userHash(username, realm))));
    } else {
      request.add(new StunAttribute.Username(username));
    }
    request.add(new StunAttribute.Realm(realm)).add(new StunAttribute.Nonce(nonce));
    if (!offeredAlgorithms.isEmpty()) {
      request
          .add(new StunAttribute.PasswordAlgorithms(offeredAlgorithms))
          .add(new StunAttribute.PasswordAlgorithm(algorithm));
    }
    return request.finish(key);
  }

  /** Whether a response is from who knows the password. */
  boolean isAuthentic(StunMessage response) {
    return key != null && response.isAuthentic(key);
  }
}
