package org.heliograph.peer.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;

/**
 * A connection's TCP connections, some with TLS. For the thread that drives the connection; what
 * other threads find out (certificates are verified on one) waits for {@link #proceed}.
 */
final class TcpStreams implements AutoCloseable {
  /** Takes what comes. */
  interface Receiver {
    /** A stream is open. */
    void onOpen(int stream, InetSocketAddress local);

    /** Octets came, in pieces of any size; the buffer is used again after the call. */
    void onOctets(int stream, ByteBuffer octets);

    /** A stream could not be opened, or has ended. */
    void onEnd(int stream, String reason);
  }

  /** What one stream has the kernel keep: enough for 10 Mbit/s over 100 ms, and no second more. */
  private static final int SEND_BUFFER = 128 << 10;

  /** How often a stream is read before the others get their turn. */
  private static final int MAX_BURST = 16;

  private final Selector selector;
  private final Optional<Path> authorities;
  private final Receiver receiver;
  private final Map<Integer, Stream> streams = new HashMap<>();
  private final Queue<Runnable> found = new ConcurrentLinkedQueue<>();
  private final ByteBuffer received = ByteBuffer.allocate(1 << 16);

  /**
   * No streams yet.
   *
   * @param selector waits for them; whoever runs it runs the attachment of a key that is ready
   * @param authorities a PEM file of the authorities to be believed, instead of the system's
   */
  TcpStreams(Selector selector, Optional<Path> authorities, Receiver receiver) {
    this.selector = selector;
    this.authorities = authorities;
    this.receiver = receiver;
  }

  /** Begins to open a stream. */
  void connect(int number, InetSocketAddress remote, Optional<String> tlsServerName) {
    try {
      streams.put(number, new Stream(number, remote, tlsServerName));
    } catch (IOException e) {
      later(() -> receiver.onEnd(number, e.getMessage()));
    }
  }

  /** Sends a message over an open stream, wholly or not at all. */
  void send(int number, ByteBuffer message) {
    Stream stream = streams.get(number);
    if (stream != null) {
      stream.send(message);
    }
  }

  /** Ends a stream, without a word to the receiver. */
  void disconnect(int number) {
    Stream stream = streams.remove(number);
    if (stream != null) {
      stream.close();
    }
  }

  private void later(Runnable step) {
    found.add(step);
    selector.wakeup();
  }

  /** Goes on with what other threads have found out. */
  void proceed() {
    for (Runnable step = found.poll(); step != null; step = found.poll()) {
      step.run();
    }
  }

  /** Whether {@link #proceed} has something to do. */
  boolean hasFound() {
    return !found.isEmpty();
  }

  @Override
  public void close() {
    List.copyOf(streams.keySet()).forEach(this::disconnect);
  }

  /** One connection; ready for something when it is run. */
  private final class Stream implements Runnable, TlsChannel.Carrier {
    private final int number;
    private final InetSocketAddress remote;
    private final Optional<String> tlsServerName;
    private final SocketChannel channel;
    private final SelectionKey key;

    /** What the kernel had no room for. */
    private final ByteBuffer unsent = ByteBuffer.allocateDirect(SEND_BUFFER);

    private TlsChannel tls;
    private boolean open;

    private Stream(int number, InetSocketAddress remote, Optional<String> tlsServerName)
        throws IOException {
      this.number = number;
      this.remote = remote;
      this.tlsServerName = tlsServerName;
      channel = SocketChannel.open();
      try {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        key = channel.register(selector, SelectionKey.OP_CONNECT, this);
        if (channel.connect(remote)) {
          later(this::connected);
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
      }
    }

    private boolean isGone() {
      return streams.get(number) != this;
    }

    @Override
    public void run() {
      if (isGone() || !key.isValid()) {
        return;
      }
      try {
        if (key.isConnectable() && channel.finishConnect()) {
          connected();
        }
        if (key.isValid() && key.isWritable()) {
          flush();
        }
        if (key.isValid() && key.isReadable()) {
          read();
        }
      } catch (IOException e) {
        end(e.getMessage());
      }
    }

    private void connected() {
      if (isGone() || open || tls != null) {
        return;
      }
      key.interestOps(SelectionKey.OP_READ);
      if (tlsServerName.isEmpty()) {
        opened();
        return;
      }
      key.interestOps(0);
      var _ =
          TlsTrust.context(authorities)
              .whenComplete((context, failure) -> later(() -> beginTls(context, failure)));
    }

    private void beginTls(SSLContext context, Throwable failure) {
      if (isGone()) {
        return;
      }
      if (failure != null) {
        Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
        end(cause.getMessage());
        return;
      }
      key.interestOps(SelectionKey.OP_READ);
      tls = new TlsChannel(context, tlsServerName.orElseThrow(), remote.getPort(), this);
      try {
        tls.begin();
      } catch (IOException e) {
        end(e.getMessage());
      }
    }

    private void read() throws IOException {
      for (int i = 0; i < MAX_BURST && !isGone(); i++) {
        ByteBuffer into = tls == null ? received.clear() : tls.cipherTextToRead();
        int count = channel.read(into);
        if (count < 0) {
          end("the server has closed the connection");
          return;
        }
        if (count == 0) {
          return;
        }
        if (tls == null) {
          receiver.onOctets(number, received.flip());
        } else {
          tls.cipherTextCame();
          if (tls.isBusy()) {
            return;
          }
        }
      }
    }

    private void send(ByteBuffer message) {
      if (!open) {
        return;
      }
      try {
        if (tls == null) {
          write(message);
        } else {
          tls.send(message);
        }
      } catch (IOException e) {
        later(() -> end(e.getMessage()));
      }
    }

    /** Writes all of it, now or when there is room; nothing when too much waits already. */
    @Override
    public boolean write(ByteBuffer octets) throws IOException {
      if (unsent.position() == 0) {
        channel.write(octets);
      }
      if (octets.remaining() > unsent.remaining()) {
        return false;
      }
      if (octets.hasRemaining()) {
        unsent.put(octets);
        key.interestOpsOr(SelectionKey.OP_WRITE);
      }
      return true;
    }

    @Override
    public int room() {
      return unsent.remaining();
    }

    private void flush() throws IOException {
      channel.write(unsent.flip());
      unsent.compact();
      if (unsent.position() == 0) {
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
      }
    }

    @Override
    public void pause() {
      key.interestOpsAnd(~SelectionKey.OP_READ);
    }

    @Override
    public void runApart(Runnable work, Runnable then) {
      Thread.ofVirtual()
          .name("heliograph-tls")
          .start(
              () -> {
                work.run();
                later(
                    () -> {
                      if (!isGone()) {
                        key.interestOpsOr(SelectionKey.OP_READ);
                        then.run();
                      }
                    });
              });
    }

    @Override
    public void opened() {
      open = true;
      try {
        receiver.onOpen(number, (InetSocketAddress) channel.getLocalAddress());
      } catch (IOException e) {
        end(e.getMessage());
      }
    }

    @Override
    public void onPlainText(ByteBuffer octets) {
      receiver.onOctets(number, octets);
    }

    @Override
    public void failed(String reason) {
      end(reason);
    }

    private void end(String reason) {
      if (streams.remove(number, this)) {
        close();
        receiver.onEnd(number, reason == null ? "the connection broke" : reason);
      }
    }

    private void close() {
      try {
        if (tls != null && open) {
          tls.close();
        }
        if (unsent.position() > 0) {
          flush();
        }
      } catch (IOException alreadyBroken) {
        // Then there is nobody to say goodbye to.
      }
      try {
        channel.close();
      } catch (IOException alreadyGone) {
        // There is nothing left to close.
      }
    }
  }
}
