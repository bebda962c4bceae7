package org.heliograph.agent.call;

import java.io.IOException;
import org.heliograph.session.MediaSession;

/** Makes the sessions of calls. */
@FunctionalInterface
public interface Sessions {
  /**
   * Opens a session's sockets; may block for a moment.
   *
   * @param onThisMachine whether the other side's signalling comes from this machine, so that it
   *     may be reached on loopback
   * @throws IOException if no address can be bound
   */
  MediaSession open(boolean onThisMachine, MediaSession.Listener listener) throws IOException;
}
