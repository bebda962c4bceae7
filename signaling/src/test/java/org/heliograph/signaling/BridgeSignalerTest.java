package org.heliograph.signaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BridgeSignalerTest {
  private final BridgeSignaler bridge = new BridgeSignaler();
  private final List<Long> carried = new ArrayList<>();
  private final BridgeSignaler.Carrier carrier = outbound -> carried.add(outbound.number());

  private void send(int count) throws SignalingException {
    for (int i = 0; i < count; i++) {
      bridge.send(new Envelope("c", "a", "b", new SignalPayload.CallAck()));
    }
  }

  @Test
  void whatIsSentBeforeTheCarrierComesWaitsForIt() throws Exception {
    send(2);
    bridge.follow(carrier, OptionalLong.empty());
    send(1);
    assertThat(carried).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aNewCarrierGetsWhatNobodyHasCarriedYet() throws Exception {
    BridgeSignaler.Carrier first = outbound -> {};
    bridge.follow(first, OptionalLong.empty());
    send(2);
    bridge.leave(first);
    send(1);
    bridge.follow(carrier, OptionalLong.empty());
    assertThat(carried).containsExactly(3L);
  }

  @Test
  void aCarrierThatComesBackGoesOnWhereItWas() throws Exception {
    BridgeSignaler.Carrier first = outbound -> {};
    bridge.follow(first, OptionalLong.empty());
    send(3);
    bridge.follow(carrier, OptionalLong.of(1));
    assertThat(carried).containsExactly(2L, 3L);
  }

  @Test
  void withoutACarrierItDoesNotKeepEnvelopesWithoutEnd() throws Exception {
    send(256);
    assertThatThrownBy(() -> send(1)).isInstanceOf(SignalingException.class);
  }
}
