package org.heliograph.agent.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Passes connections on to a port of this machine, until they stall: then nothing more passes, and
 * nobody is told, as when a machine has left the network that a connection went through.
 */
final class StallingProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int port;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile AtomicBoolean stalled = new AtomicBoolean();

  StallingProxy(int port) throws IOException {
    this.port = port;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Stalls what is connected now; later connections pass. */
  void stall() {
    stalled.set(true);
    stalled = new AtomicBoolean();
  }

  private void accept() {
    try {
      while (true) {
        Socket near = keep(server.accept());
        Socket far = keep(new Socket(InetAddress.getLoopbackAddress(), port));
        AtomicBoolean own = stalled;
        Thread.ofVirtual().start(() -> pass(near, far, own));
        Thread.ofVirtual().start(() -> pass(far, near, own));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private Socket keep(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  private static void pass(Socket from, Socket to, AtomicBoolean stalled) {
    byte[] buffer = new byte[4096];
    try {
      for (int count; (count = from.getInputStream().read(buffer)) >= 0; ) {
        if (!stalled.get()) {
          to.getOutputStream().write(buffer, 0, count);
        }
      }
    } catch (IOException closed) {
      // One side has gone, or the test is over.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
