package org.heliograph.peer.dtls;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Gives Bouncy Castle's TLS the algorithms of the JDK's providers, and only the signatures that the
 * JDK does not have under the names asked for, which are those of RSA certificates, from a Bouncy
 * Castle provider that is installed nowhere else.
 */
final class JdkThenBouncyCastle extends DefaultJcaJceHelper {
  @Override
  public Signature createSignature(String algorithm) throws NoSuchAlgorithmException {
    try {
      return super.createSignature(algorithm);
    } catch (NoSuchAlgorithmException e) {
      return Signature.getInstance(algorithm, LazyProvider.INSTANCE);
    }
  }

  /** Most remote peers have ECDSA certificates and never need it. */
  private static final class LazyProvider {
    static final Provider INSTANCE = new BouncyCastleProvider();
  }
}
