package org.heliograph.agent.relay;

import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import java.util.Optional;
import java.util.function.Function;

/** The route {@code GET /api/call/video/{channel}}: live WebM as one endless HTTP body. */
public final class ProgressiveVideo {
  private ProgressiveVideo() {}

  /**
   * A route whose path has the parameter {@code channel}.
   *
   * @param relays finds a call's relay; where it is empty the handler throws {@link
   *     NotFoundResponse}
   */
  public static Handler endpoint(Function<String, Optional<MediaRelay>> relays) {
    return context -> {
      if (relays.apply(context.pathParam("channel")).isEmpty()) {
        throw new NotFoundResponse("There is no such call.");
      }
      throw new UnsupportedOperationException("not built yet");
    };
  }
}
