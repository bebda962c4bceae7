package org.heliograph.interop.data;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.heliograph.peer.DataChannel;
import org.heliograph.peer.DataChannelState;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;

/** Keeps what a connection tells of its data channels, for a test to wait for and to look at. */
final class RecordingChannels implements PeerListener {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  final Queue<IceCandidateInit> candidates = new ConcurrentLinkedQueue<>();
  private final Map<String, DataChannel> announced = new HashMap<>();
  private final Map<DataChannel, List<Object>> messages = new HashMap<>();
  private final Map<DataChannel, List<DataChannelState>> states = new HashMap<>();
  private final List<PeerConnectionState> connectionStates = new ArrayList<>();
  private String failure = "";

  @Override
  public void onIceCandidate(IceCandidateInit candidate) {
    candidates.add(candidate);
  }

  @Override
  public synchronized void onConnectionStateChange(PeerConnectionState state) {
    connectionStates.add(state);
    notifyAll();
  }

  @Override
  public synchronized void onFailed(String reason) {
    failure = reason;
  }

  @Override
  public synchronized void onDataChannel(DataChannel channel) {
    announced.put(channel.label(), channel);
    notifyAll();
  }

  @Override
  public void onOpen(DataChannel channel) {
    note(states, channel, DataChannelState.OPEN);
  }

  @Override
  public void onClosing(DataChannel channel) {
    note(states, channel, DataChannelState.CLOSING);
  }

  @Override
  public void onClosed(DataChannel channel) {
    note(states, channel, DataChannelState.CLOSED);
  }

  @Override
  public void onMessage(DataChannel channel, String text) {
    note(messages, channel, text);
    if (echoes(channel)) {
      channel.send(text);
    }
  }

  @Override
  public void onMessage(DataChannel channel, ByteBuffer binary) {
    note(messages, channel, binary);
    if (echoes(channel)) {
      channel.send(binary);
    }
  }

  /** Whoever did not make a channel whose protocol is "echo" gives back what comes. */
  private synchronized boolean echoes(DataChannel channel) {
    return channel.protocol().equals("echo") && announced.containsValue(channel);
  }

  private synchronized <T> void note(Map<DataChannel, List<T>> where, DataChannel channel, T what) {
    where.computeIfAbsent(channel, _ -> new ArrayList<>()).add(what);
    notifyAll();
  }

  synchronized boolean has(PeerConnectionState state) {
    return connectionStates.contains(state);
  }

  synchronized String failure() {
    return failure;
  }

  /** Waits for a channel that the other side makes. */
  synchronized DataChannel awaitChannel(String label) throws InterruptedException {
    await(() -> announced.containsKey(label), () -> "only " + announced.keySet());
    return announced.get(label);
  }

  synchronized void awaitState(DataChannel channel, DataChannelState state)
      throws InterruptedException {
    await(() -> states(channel).contains(state), () -> channel + " was only " + states(channel));
  }

  synchronized List<DataChannelState> states(DataChannel channel) {
    return List.copyOf(states.getOrDefault(channel, List.of()));
  }

  /** Waits for so many messages, texts as {@link String}, octets as {@link ByteBuffer}. */
  synchronized List<Object> awaitMessages(DataChannel channel, int count)
      throws InterruptedException {
    await(
        () -> messages.getOrDefault(channel, List.of()).size() >= count,
        () -> "only " + messages.getOrDefault(channel, List.of()).size() + " messages of " + count);
    return List.copyOf(messages.get(channel));
  }

  private void await(Supplier<Boolean> condition, Supplier<String> otherwise)
      throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.get()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(
            otherwise.get() + "; connection " + connectionStates + " " + failure);
      }
      wait(left);
    }
  }
}
