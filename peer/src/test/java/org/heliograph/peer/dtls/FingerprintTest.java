package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.heliograph.peer.dtls.Fingerprint.Hash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
  private static final byte[] ABC = "abc".getBytes(StandardCharsets.US_ASCII);
  private static final String SHA_256_OF_ABC =
      "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:"
          + "B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";

  @Test
  void theAttributeIsTheHashInUpperCaseOctets() {
    assertThat(Fingerprint.of(Hash.SHA_256, ABC).toAttribute())
        .isEqualTo("sha-256 " + SHA_256_OF_ABC);
  }

  @ParameterizedTest
  @EnumSource(Hash.class)
  void whatIsWrittenIsRead(Hash hash) {
    Fingerprint fingerprint = Fingerprint.of(hash, ABC);
    assertThat(Fingerprint.parse(fingerprint.toAttribute())).contains(fingerprint);
  }

  @Test
  void caseDoesNotMatter() {
    String attribute = "SHA-256 " + SHA_256_OF_ABC.toLowerCase(java.util.Locale.ROOT);
    assertThat(Fingerprint.parse(attribute)).contains(Fingerprint.of(Hash.SHA_256, ABC));
  }

  @Test
  void aBrokenOrUnknownHashFunctionIsNoFingerprint() {
    String sha1 = "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D";
    assertThat(Fingerprint.parse("sha-1 " + sha1)).isEmpty();
    assertThat(Fingerprint.parse("md5 90:01:50:98:3C:D2:4F:B0:D6:96:3F:7D:28:E1:7F:72")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha-256",
        "sha-256 ",
        "sha-256 BA:78",
        "sha-256 BA78",
        "sha-256 BA: 78",
        "sha-256 ZZ:00"
      })
  void aMalformedAttributeIsRefused(String attribute) {
    assertThatThrownBy(() -> Fingerprint.parse(attribute))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyOfTheFingerprintsWithTheStrongestHashMayFit() {
    byte[] other = {1};
    Fingerprint weak = Fingerprint.of(Hash.SHA_256, ABC);
    Fingerprint strong = Fingerprint.of(Hash.SHA_512, ABC);
    Fingerprint strongOfOther = Fingerprint.of(Hash.SHA_512, other);

    assertThat(Fingerprint.match(List.of(weak), ABC)).isTrue();
    assertThat(Fingerprint.match(List.of(strongOfOther, strong), ABC)).isTrue();
    assertThat(Fingerprint.match(List.of(weak, strongOfOther), ABC)).isFalse();
    assertThat(Fingerprint.match(List.of(weak), other)).isFalse();
  }

  @Test
  void aGeneratedCertificateIsSelfSignedAndValidAndItsOwn() throws Exception {
    DtlsCertificate certificate = DtlsCertificate.generate();
    X509Certificate parsed =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.encoded()));

    parsed.checkValidity();
    parsed.verify(parsed.getPublicKey());
    assertThat(parsed.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(certificate.fingerprint())
        .isEqualTo(Fingerprint.of(Hash.SHA_256, parsed.getEncoded()))
        .isNotEqualTo(DtlsCertificate.generate().fingerprint());
  }
}
