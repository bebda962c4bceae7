package org.heliograph.interop.call;

import com.fasterxml.jackson.databind.JsonNode;

/** The other side of a call with an agent: a WebRTC implementation that is not this project's. */
interface RemotePeer extends AutoCloseable {
  /** The agent calls; this side takes the call. */
  void accept();

  /** This side calls the agent. */
  void call();

  /** Waits until so many pictures with different codes were seen. */
  void awaitPictures(int codes);

  /** Waits until a tone of that frequency is heard. */
  void awaitTone(int hertz);

  /** Waits until this side knows that the call is over. */
  void awaitEnd();

  /** What this side can say about a call that did not come about. */
  JsonNode troubles();

  @Override
  void close();
}
