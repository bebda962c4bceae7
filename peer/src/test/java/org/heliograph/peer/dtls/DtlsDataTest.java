package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.junit.jupiter.api.Test;

/** Application data over an association. */
class DtlsDataTest {
  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void goesBothWays() {
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      pair.client.transport.send(text("to the server"));
      pair.server.transport.send(text("to the client"));
      pair.run(100);

      assertThat(pair.server.received).containsExactly(text("to the server").array());
      assertThat(pair.client.received).containsExactly(text("to the client").array());
    }
  }

  @Test
  void theLongestFitsADatagramAndALongerOneIsRefused() {
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      byte[] longest = new byte[DtlsTransport.MAX_DATA_LENGTH];
      pair.client.transport.send(ByteBuffer.wrap(longest));

      assertThat(pair.client.takeSent())
          .singleElement()
          .satisfies(d -> assertThat(d).hasSize(DtlsTransport.MAX_DATAGRAM_LENGTH));
      ByteBuffer longer = ByteBuffer.allocate(longest.length + 1);
      assertThatThrownBy(() -> pair.client.transport.send(longer))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
    }
  }

  @Test
  void isNotSentOutsideOfAnAssociation() {
    DtlsPair pair = new DtlsPair();
    pair.client.transport.send(text("before"));
    pair.start().run(1000);
    pair.close();
    pair.run(100);
    pair.client.takeSent();
    pair.client.transport.send(text("after"));

    assertThat(pair.client.takeSent()).isEmpty();
    assertThat(pair.server.received).isEmpty();
  }

  @Test
  void isTakenOnceHoweverOftenItComes() {
    try (DtlsPair pair = new DtlsPair().start().run(1000).impair(1, 0, 1, 5)) {
      for (int i = 0; i < 20; i++) {
        pair.client.transport.send(text("message " + i));
      }
      pair.run(100);

      assertThat(pair.server.received).hasSize(20);
    }
  }

  @Test
  void whoAnswersFromWithinTheCallMayAlsoClose() {
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      pair.server.onData =
          () -> {
            pair.server.transport.send(text("answer"));
            pair.server.transport.close();
          };
      pair.client.transport.send(text("question"));
      pair.run(100);

      assertThat(pair.client.received).containsExactly(text("answer").array());
      assertThat(pair.client.closedByRemote).isEqualTo(1);
      assertThat(pair.client.failures)
          .extracting(DtlsFailure::reason)
          .doesNotContain(Reason.PROTOCOL_ERROR);
    }
  }
}
