package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The first message of newer browsers: it offers DTLS 1.3 with a fallback to 1.2, has key shares of
 * a post-quantum group that fill more than one datagram, and values that mean nothing (RFC 8701).
 */
class LargeClientHelloTest {
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int KEY_SHARE = 51;
  private static final int GREASE = 0x1A1A;
  private static final int X25519_MLKEM768 = 0x11EC;
  private static final int KEY_SHARE_LENGTH = 1216;

  private DTLSTransport association;
  private Exception thrown;

  @AfterEach
  void noThreadIsLeft() throws Exception {
    HandshakeThreads.awaitNone();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 1200})
  void aClientThatOffersDtls13InSeveralFragmentsGetsDtls12(int maxRecordLength) {
    DtlsConfiguration configuration =
        new DtlsConfiguration(
            DtlsRole.CLIENT,
            TestCertificates.FIRST,
            List.of(TestCertificates.SECOND.fingerprint()));
    AssociationTerms terms = new AssociationTerms(configuration);
    Outbox outbox = new Outbox(maxRecordLength);
    RecordPipe pipe = new RecordPipe(outbox, maxRecordLength);
    Coroutine client =
        new Coroutine(
            "dtls-handshake",
            () -> {
              try {
                association = new DTLSClientProtocol().connect(new NewerBrowser(terms), pipe);
              } catch (IOException | RuntimeException e) {
                thrown = e;
              }
            });
    pipe.suspendIn(client);
    Endpoint server =
        new Endpoint(
            new DtlsConfiguration(
                DtlsRole.SERVER,
                TestCertificates.SECOND,
                List.of(TestCertificates.FIRST.fingerprint())));
    server.transport.start(0);

    client.resume();
    int datagrams = 0;
    while (!client.isDone()) {
      for (ByteBuffer sent = outbox.poll(); sent != null; sent = outbox.poll()) {
        server.transport.handleDatagram(0, sent);
        datagrams++;
      }
      List<byte[]> answers = server.takeSent();
      assertThat(answers).isNotEmpty();
      for (byte[] answer : answers) {
        for (byte[] record : DtlsRecord.split(ByteBuffer.wrap(answer))) {
          pipe.offer(record);
          client.resume();
        }
      }
    }

    assertThat(thrown).isNull();
    assertThat(association).isNotNull();
    assertThat(datagrams).isGreaterThan(2);
    assertThat(server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    server.transport.close();
  }

  private static final class NewerBrowser extends SrtpTlsClient {
    NewerBrowser(AssociationTerms terms) {
      super(terms);
    }

    @Override
    @SuppressWarnings({"rawtypes", "JdkObsolete"}) // Bouncy Castle's signature.
    protected Vector<Integer> getSupportedGroups(Vector namedGroupRoles) {
      Vector<Integer> groups = new Vector<>(List.of(GREASE, X25519_MLKEM768));
      groups.addAll(super.getSupportedGroups(namedGroupRoles));
      return groups;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // Bouncy Castle's signature.
    public Hashtable getClientExtensions() throws IOException {
      Hashtable extensions = super.getClientExtensions();
      // GREASE, DTLS 1.3, DTLS 1.2
      extensions.put(SUPPORTED_VERSIONS, new byte[] {6, 0x1A, 0x1A, -2, -4, -2, -3});
      ByteBuffer keyShare = ByteBuffer.allocate(2 + 4 + KEY_SHARE_LENGTH);
      keyShare.putShort((short) (4 + KEY_SHARE_LENGTH));
      keyShare.putShort((short) X25519_MLKEM768).putShort((short) KEY_SHARE_LENGTH);
      extensions.put(KEY_SHARE, keyShare.array());
      extensions.put(GREASE, new byte[] {0});
      return extensions;
    }
  }
}
