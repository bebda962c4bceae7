package org.heliograph.peer.dtls;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;

/** The client's part of {@link AssociationTerms}, in Bouncy Castle's form. */
class SrtpTlsClient extends AbstractTlsClient {
  private final AssociationTerms terms;

  SrtpTlsClient(AssociationTerms terms) {
    super(AssociationTerms.crypto());
    this.terms = terms;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return AssociationTerms.VERSIONS;
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return AssociationTerms.cipherSuites();
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's signature.
  protected Vector<Integer> getSupportedGroups(Vector namedGroupRoles) {
    return AssociationTerms.namedGroups();
  }

  @Override
  protected Vector<SignatureAndHashAlgorithm> getSupportedSignatureAlgorithms() {
    return AssociationTerms.signatureAlgorithms();
  }

  @Override
  protected CertificateStatusRequest getCertificateStatusRequest() {
    return null;
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's signature.
  public Hashtable getClientExtensions() throws IOException {
    Hashtable extensions = super.getClientExtensions();
    TlsSRTPUtils.addUseSRTPExtension(extensions, terms.srtpOffer());
    return extensions;
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's signature.
  public void processServerExtensions(Hashtable serverExtensions) throws IOException {
    super.processServerExtensions(serverExtensions);
    terms.checkExtendedMasterSecret(serverExtensions);
    terms.acceptSrtpAnswer(TlsSRTPUtils.getUseSRTPExtension(serverExtensions));
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate serverCertificate)
          throws IOException {
        terms.checkRemoteCertificate(serverCertificate.getCertificate());
      }

      @Override
      public TlsCredentials getClientCredentials(CertificateRequest certificateRequest)
          throws IOException {
        return terms.credentials(context);
      }
    };
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
