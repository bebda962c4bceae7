package org.heliograph.peer.dtls;

/** Certificates for tests that do not care which. */
final class TestCertificates {
  static final DtlsCertificate FIRST = DtlsCertificate.generate();
  static final DtlsCertificate SECOND = DtlsCertificate.generate();
  static final DtlsCertificate STRANGER = DtlsCertificate.generate();

  private TestCertificates() {}
}
