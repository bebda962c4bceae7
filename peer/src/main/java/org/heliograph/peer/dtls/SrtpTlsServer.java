package org.heliograph.peer.dtls;

import java.io.IOException;
import java.util.Hashtable;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.UseSRTPData;

/** The server's part of {@link AssociationTerms}, in Bouncy Castle's form. */
final class SrtpTlsServer extends AbstractTlsServer {
  private static final short[] CERTIFICATE_TYPES = {
    ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign
  };

  private final AssociationTerms terms;
  private UseSRTPData srtpAnswer;

  SrtpTlsServer(AssociationTerms terms) {
    super(AssociationTerms.crypto());
    this.terms = terms;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return AssociationTerms.VERSIONS;
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return AssociationTerms.cipherSuitesForOwnCertificate();
  }

  @Override
  protected int selectECDH(int minimumCurveBits) {
    int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
    if (offered == null) {
      return super.selectECDH(minimumCurveBits);
    }
    for (int namedGroup : offered) {
      if (AssociationTerms.supportsGroup(namedGroup)) {
        return namedGroup;
      }
    }
    return -1;
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's signature.
  public void processClientExtensions(Hashtable clientExtensions) throws IOException {
    super.processClientExtensions(clientExtensions);
    terms.checkExtendedMasterSecret(clientExtensions);
    srtpAnswer = terms.srtpAnswer(TlsSRTPUtils.getUseSRTPExtension(clientExtensions));
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's signature.
  public Hashtable getServerExtensions() throws IOException {
    Hashtable extensions = super.getServerExtensions();
    TlsSRTPUtils.addUseSRTPExtension(extensions, srtpAnswer);
    return extensions;
  }

  @Override
  public TlsCredentials getCredentials() throws IOException {
    return terms.credentials(context);
  }

  @Override
  public CertificateRequest getCertificateRequest() {
    return new CertificateRequest(
        CERTIFICATE_TYPES.clone(), AssociationTerms.signatureAlgorithms(), null);
  }

  @Override
  public void notifyClientCertificate(Certificate clientCertificate) throws IOException {
    terms.checkRemoteCertificate(clientCertificate);
  }

  @Override
  public boolean shouldCheckSigAlgOfPeerCerts() {
    return false;
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return RecordPipe.BOUNCY_CASTLE_RESEND_MILLIS;
  }

  @Override
  public void notifyAlertReceived(short alertLevel, short alertDescription) {
    terms.noteAlert(alertDescription);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    terms.exportKeys(context);
  }
}
