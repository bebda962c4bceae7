package org.heliograph.signaling;

import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a sender over the network that its envelope was refused, and the log too. */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  /** A flood of bad envelopes is neither answered nor logged one by one. */
  private final RateLimit answers = new RateLimit(2, 20);

  private final RepeatedLog warnings = new RepeatedLog(log);

  /** Hands an envelope to the receiver, and its refusal back to the sender. */
  void deliver(Envelope envelope, Signaler.Receiver receiver, Signaler signaler) {
    var _ =
        receiver
            .receive(envelope)
            .whenComplete(
                (_, failure) -> {
                  if (unwrap(failure) instanceof EnvelopeException refused) {
                    refuse(envelope, refused, signaler);
                  } else if (failure != null) {
                    log.error("An envelope could not be handled", failure);
                  }
                });
  }

  private void refuse(Envelope envelope, EnvelopeException refused, Signaler signaler) {
    String what = envelope.payload().getClass().getSimpleName();
    warnings.warn(
        envelope.from(),
        refused.code() + " " + what,
        "Refused " + what + " from " + envelope.from() + ": " + refused.getMessage());
    if (envelope.payload() instanceof SignalPayload.CallError || !answers.tryTake()) {
      return;
    }
    try {
      signaler.send(
          new Envelope(
              envelope.channelId(),
              envelope.to(),
              envelope.from(),
              new SignalPayload.CallError(
                  refused.code().name().toLowerCase(Locale.ROOT), refused.getMessage())));
    } catch (SignalingException undeliverable) {
      log.debug("The refusal could not be sent: {}", undeliverable.getMessage());
    }
  }

  private static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
  }
}
