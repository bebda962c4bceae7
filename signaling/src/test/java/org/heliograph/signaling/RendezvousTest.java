package org.heliograph.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final class Connection implements Rendezvous.Outlet {
    final List<String> received = new ArrayList<>();
    int closeCode;
    boolean full;

    @Override
    public boolean send(String text) {
      if (full) {
        return false;
      }
      received.add(text);
      return true;
    }

    @Override
    public void close(int code, String reason) {
      closeCode = code;
    }

    String last() {
      return received.getLast();
    }
  }

  private boolean guestsMeet = true;
  private final Rendezvous rendezvous = new Rendezvous("agent", () -> guestsMeet);
  private final Connection ann = new Connection();
  private final Connection bob = new Connection();
  private final Rendezvous.Participant annSeat = rendezvous.join("ann", ann);
  private final Rendezvous.Participant bobSeat = rendezvous.join("bob", bob);

  private static String envelope(String from, String to) {
    return EnvelopeCodec.write(new Envelope("c", from, to, new SignalPayload.CallAck()));
  }

  @Test
  void anEnvelopeReachesItsReceiverAndNobodyElse() {
    Connection eve = new Connection();
    rendezvous.join("eve", eve);
    annSeat.sent(envelope("ann", "bob"));
    assertThat(bob.received).containsExactly(envelope("ann", "bob"));
    assertThat(ann.received).isEmpty();
    assertThat(eve.received).isEmpty();
  }

  @Test
  void nobodySpeaksForAnother() {
    annSeat.sent(envelope("bob", "bob"));
    assertThat(bob.received).isEmpty();
    assertThat(ann.last()).contains("\"type\":\"error\"", "wrong_sender");
  }

  @Test
  void whoIsNotThereIsReportedWithTheCall() {
    annSeat.sent(envelope("ann", "carl"));
    assertThat(ann.last()).contains("peer_unreachable", "\"channel_id\":\"c\"", "\"to\":\"carl\"");
  }

  @Test
  void guestsReachTheAgentOnlyAndLearnOfNobodyElse() {
    guestsMeet = false;
    Connection agent = new Connection();
    Rendezvous.Participant agentSeat = rendezvous.join("agent", agent);
    annSeat.sent(envelope("ann", "agent"));
    agentSeat.sent(envelope("agent", "ann"));
    assertThat(agent.received).containsExactly(envelope("ann", "agent"));
    assertThat(ann.received).containsExactly(envelope("agent", "ann"));
    annSeat.sent(envelope("ann", "bob"));
    String toOneWhoIsThere = ann.last();
    annSeat.sent(envelope("ann", "carl"));
    String toOneWhoIsNot = ann.last();
    annSeat.sent(envelope("ann", "ann"));
    String toHimself = ann.last();
    assertThat(bob.received).isEmpty();
    assertThat(toOneWhoIsThere)
        .contains("peer_unreachable")
        .isEqualTo(toOneWhoIsNot.replace("carl", "bob"))
        .isEqualTo(toHimself.replaceAll("\\bann\\b", "bob"));
  }

  @Test
  void aThousandRefusalsEndTheConnection() {
    for (int i = 1; i < Rendezvous.REFUSALS; i++) {
      annSeat.sent("nonsense");
    }
    assertThat(ann.closeCode).isZero();
    annSeat.sent("nonsense");
    assertThat(ann.closeCode).isEqualTo(1008);
    assertThat(rendezvous.names()).containsExactly("bob");
    annSeat.sent(envelope("ann", "bob"));
    assertThat(bob.received).as("what it still sends").isEmpty();
  }

  @Test
  void whatAReplacedConnectionStillSendsIsNotHeard() {
    rendezvous.join("ann", new Connection());
    annSeat.sent(envelope("ann", "bob"));
    assertThat(bob.received).isEmpty();
    assertThat(ann.received).isEmpty();
  }

  @Test
  void connectionsOfNamesThatAreNotWantedEnd() {
    rendezvous.keepOnly(name -> name.equals("bob"));
    assertThat(ann.closeCode).isEqualTo(1008);
    assertThat(bob.closeCode).isZero();
    assertThat(rendezvous.names()).containsExactly("bob");
  }

  @Test
  void aMalformedEnvelopeIsRefusedAndTheConnectionGoesOn() {
    annSeat.sent("{\"hello\":1}");
    assertThat(ann.last()).contains("malformed");
    annSeat.sent(envelope("ann", "bob"));
    assertThat(bob.received).hasSize(1);
    assertThat(ann.closeCode).isZero();
  }

  @Test
  void anOversizedEnvelopeIsRefused() {
    annSeat.sent("x".repeat(70_000));
    assertThat(ann.last()).contains("too_large");
  }

  @Test
  void fieldsThatNobodyKnowsAreNotPassedOn() {
    annSeat.sent(
        "{\"channel_id\":\"c\",\"from\":\"ann\",\"to\":\"bob\",\"x\":\"smuggled\",\"payload\":"
            + "{\"type\":\"call-ack\",\"y\":\"smuggled\"}}");
    assertThat(bob.last()).doesNotContain("smuggled");
  }

  @Test
  void aNameIsHeldByOneConnectionAtATime() {
    Connection newer = new Connection();
    rendezvous.join("ann", newer);
    assertThat(ann.closeCode).isEqualTo(Rendezvous.CLOSE_REPLACED);
    annSeat.leave();
    bobSeat.sent(envelope("bob", "ann"));
    assertThat(newer.received).hasSize(1);
    assertThat(ann.received).isEmpty();
    assertThat(rendezvous.names()).containsExactly("ann", "bob");
  }

  @Test
  void aNameIsFreeAfterItsConnectionHasGone() {
    bobSeat.leave();
    annSeat.sent(envelope("ann", "bob"));
    assertThat(ann.last()).contains("peer_unreachable");
  }

  @Test
  void aFloodIsCutOff() {
    for (int i = 0; i < 1000; i++) {
      annSeat.sent(envelope("ann", "bob"));
    }
    assertThat(bob.received).hasSizeLessThan(400);
    assertThat(ann.last()).contains("too_many");
  }

  @Test
  void aReceiverThatDoesNotReadIsDropped() {
    bob.full = true;
    annSeat.sent(envelope("ann", "bob"));
    assertThat(bob.closeCode).isEqualTo(1013);
    assertThat(ann.last()).contains("peer_unreachable");
  }
}
