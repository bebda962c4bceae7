package org.heliograph.peer.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * The client's side of TLS over a connection that never blocks. The server's certificate must name
 * the server and be signed by an authority that is believed.
 */
final class TlsChannel {
  /** The connection below, and who is told. */
  interface Carrier {
    /** Writes all or, where {@link #room} does not suffice, not all; says which. */
    boolean write(ByteBuffer cipherText) throws IOException;

    /** How much may be written at the least. */
    int room();

    /** Nothing is read until work that runs apart is done. */
    void pause();

    /** Runs something on another thread, then something else on this one, where nothing ended. */
    void runApart(Runnable work, Runnable then);

    /** The handshake is over. */
    void opened();

    /** Plain text came; the buffer is used again. */
    void onPlainText(ByteBuffer octets);

    /** There will be no channel. */
    void failed(String reason);
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SSLEngine engine;
  private final Carrier carrier;
  private final ByteBuffer cipherTextIn;
  private final ByteBuffer cipherTextOut;
  private final ByteBuffer plainText;
  private boolean open;
  private boolean busy;

  TlsChannel(SSLContext context, String serverName, int port, Carrier carrier) {
    this.carrier = carrier;
    engine = context.createSSLEngine(serverName, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 7443, RFC 9110 4.3.4
    engine.setSSLParameters(parameters);
    cipherTextIn = ByteBuffer.allocate(2 * engine.getSession().getPacketBufferSize());
    cipherTextOut = ByteBuffer.allocateDirect(engine.getSession().getPacketBufferSize());
    plainText = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
  }

  void begin() throws IOException {
    engine.beginHandshake();
    proceed();
  }

  /** Where what comes over the connection is to be put, before {@link #cipherTextCame}. */
  ByteBuffer cipherTextToRead() {
    return cipherTextIn;
  }

  void cipherTextCame() throws IOException {
    proceed();
  }

  /** Whether another thread is at work; nothing can be read meanwhile. */
  boolean isBusy() {
    return busy;
  }

  /** Sends a message; nothing at all while too much waits to be sent. */
  void send(ByteBuffer message) throws IOException {
    if (open && !busy && carrier.room() >= cipherTextOut.capacity()) {
      wrap(message);
    }
  }

  private SSLEngineResult wrap(ByteBuffer octets) throws IOException {
    cipherTextOut.clear();
    SSLEngineResult result = engine.wrap(octets, cipherTextOut);
    carrier.write(cipherTextOut.flip());
    return result;
  }

  /** Everything that can be done with what has come. */
  private void proceed() throws IOException {
    try {
      while (!busy) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> {
            if (wrap(NOTHING).getStatus() == SSLEngineResult.Status.CLOSED) {
              throw new IOException("the server has ended TLS");
            }
            noteOpen();
          }
          default -> {
            noteOpen();
            if (!unwrap()) {
              return;
            }
          }
        }
      }
    } catch (SSLException e) {
      sendAlert();
      throw new IOException(explain(e), e);
    }
  }

  private void noteOpen() {
    if (!open && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
      open = true;
      carrier.opened();
    }
  }

  /** Takes one record; says whether there was a whole one. */
  private boolean unwrap() throws IOException {
    cipherTextIn.flip();
    SSLEngineResult result;
    try {
      result = engine.unwrap(cipherTextIn, plainText);
    } finally {
      cipherTextIn.compact();
    }
    if (plainText.position() > 0) {
      carrier.onPlainText(plainText.flip());
      plainText.clear();
    }
    return switch (result.getStatus()) {
      case OK -> result.bytesConsumed() > 0 || result.bytesProduced() > 0 || mustDoMore();
      case BUFFER_UNDERFLOW -> false;
      case CLOSED -> throw new IOException("the server has ended TLS");
      case BUFFER_OVERFLOW -> throw new IOException("a TLS record that is too long");
    };
  }

  private boolean mustDoMore() {
    return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK
        || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
  }

  private void runTasks() {
    List<Runnable> tasks = new ArrayList<>();
    for (Runnable task = engine.getDelegatedTask(); task != null; ) {
      tasks.add(task);
      task = engine.getDelegatedTask();
    }
    busy = true;
    carrier.pause();
    carrier.runApart(
        () -> tasks.forEach(Runnable::run),
        () -> {
          busy = false;
          try {
            proceed();
          } catch (IOException e) {
            carrier.failed(e.getMessage());
          }
        });
  }

  /** Tells the server why this side goes. */
  private void sendAlert() {
    try {
      wrap(NOTHING);
    } catch (IOException brokenAnyway) {
      // The cause is told as it is.
    }
  }

  private static String explain(SSLException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "its TLS certificate or its TLS is not accepted: " + root.getMessage();
  }

  /** Says goodbye. */
  void close() throws IOException {
    engine.closeOutbound();
    wrap(NOTHING);
  }
}
