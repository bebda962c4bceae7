package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;

/**
 * A call in virtual time whose encoder follows the estimate: 30 pictures a second of the size that
 * it leaves beside the sound, key frames four times as large, none where hardly anything is left.
 * What it has measured is asked for over stretches of time, in seconds from the beginning.
 */
final class AdaptiveCall {
  private static final Duration PICTURE_INTERVAL = Duration.ofNanos(33_333_333);
  private static final Duration SOUND_INTERVAL = Duration.ofMillis(20);
  private static final int SOUND_PACKETS_PER_SECOND = 50;
  private static final int SOUND_BYTES = 80;
  private static final int SOUND_BYTES_OF_LITTLE = 40;
  private static final int SOUND_HEADER_BYTES = 30;
  private static final long LITTLE_BITS_PER_SECOND = 60_000;

  /** With less than this left for pictures none is sent; with more than the other one is again. */
  private static final double SUSPEND_BITS_PER_SECOND = 8_000;

  private static final double RESUME_BITS_PER_SECOND = 15_000;
  private static final int KEY_FRAME_FACTOR = 4;
  private static final int LEAST_PICTURE_BYTES = 50;
  private static final Duration SAMPLE = Duration.ofMillis(10);

  /** The state of things at an instant. */
  private record Sample(double second, long estimate, double queueMillis, long deliveredBytes) {}

  final VirtualCall call;
  final SendStream video;
  final SendStream audio;
  private final long startNanos;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Long> sentNanos = new ArrayList<>();
  private double mostBitsPerSecond = 2_500_000;
  private int keyFrameRequestsSeen;
  private boolean paused;
  private boolean suspended;
  private boolean soundHasWaited;

  AdaptiveCall(long seed, LinkConditions toBob) {
    this(new VirtualCall(seed), VirtualCall.protectedVideo(), VirtualCall.audio());
    call.toBob.setConditions(toBob);
  }

  /** A call whose receiver gives no transport-wide feedback, but REMB. */
  static AdaptiveCall withReceiverEstimates(long seed, LinkConditions toBob) {
    AdaptiveCall call = withReportsOnly(seed, toBob);
    call.call.bob.session.setReceiverEstimates(true);
    return call;
  }

  /**
   * A call whose receiver gives transport-wide feedback on pictures alone, as Janus and mediasoup
   * do: there is none while no picture is sent.
   *
   * @param pictures how they are sent
   */
  static AdaptiveCall withFeedbackOnPictures(
      long seed, LinkConditions toBob, SendParameters pictures) {
    VirtualCall call = new VirtualCall(seed);
    call.toBob.setConditions(toBob);
    return new AdaptiveCall(call, pictures, VirtualCall.audio(VirtualCall.MID_ONLY));
  }

  /** A call whose receiver gives neither. */
  static AdaptiveCall withReportsOnly(long seed, LinkConditions toBob) {
    VirtualCall call = new VirtualCall(seed);
    call.toBob.setConditions(toBob);
    call.bob.setStrayExtensions(VirtualCall.WITHOUT_FEEDBACK);
    return new AdaptiveCall(
        call,
        VirtualCall.video(VirtualCall.WITHOUT_FEEDBACK),
        VirtualCall.audio(VirtualCall.MID_ONLY));
  }

  private AdaptiveCall(VirtualCall call, SendParameters pictures, SendParameters sound) {
    this.call = call;
    startNanos = call.clock.nanoTime();
    call.bob.session.addReceiver(VirtualCall.protectedVideoIn().with(pictures.extensions()));
    call.bob.session.addReceiver(VirtualCall.audioIn().with(sound.extensions()));
    video = call.alice.session.addSender(pictures);
    audio = call.alice.session.addSender(sound);
    sendPicture();
    sendSound();
    sample();
  }

  /** Another call over the same link to the receiver. */
  AdaptiveCall another(long seed) {
    return new AdaptiveCall(
        new VirtualCall(seed, call), VirtualCall.protectedVideo(), VirtualCall.audio());
  }

  /** What the encoder produces at most. */
  void encodeAtMost(double bitsPerSecond) {
    mostBitsPerSecond = bitsPerSecond;
  }

  /** Stops the camera, or lets it go on. */
  void pausePictures(boolean pause) {
    paused = pause;
  }

  void run(double seconds) {
    call.clock.run(Duration.ofNanos((long) (seconds * 1e9)));
  }

  /** Changes the way to the receiver at an instant. */
  void at(double second, LinkConditions toBob) {
    call.clock.at(startNanos + (long) (second * 1e9), () -> call.toBob.setConditions(toBob));
  }

  /** Does something at an instant. */
  void at(double second, Runnable action) {
    call.clock.at(startNanos + (long) (second * 1e9), action);
  }

  /** The same, and it is known to be another way. */
  void moveAt(double second, LinkConditions toBob) {
    at(second, toBob);
    call.clock.at(
        startNanos + (long) (second * 1e9),
        () -> call.alice.session.onPathChange(call.clock.nanoTime(), -1));
  }

  private void sendPicture() {
    call.clock.after(PICTURE_INTERVAL, this::sendPicture);
    if (paused) {
      return;
    }
    double rate =
        Math.min(
            mostBitsPerSecond,
            target() * 0.95 - (soundBytes() + SOUND_HEADER_BYTES) * 8.0 * SOUND_PACKETS_PER_SECOND);
    boolean resumed = suspended && rate >= RESUME_BITS_PER_SECOND;
    suspended = rate < (suspended ? RESUME_BITS_PER_SECOND : SUSPEND_BITS_PER_SECOND);
    if (suspended) {
      return;
    }
    int number = sentNanos.size();
    boolean key =
        number == 0 || resumed || call.alice.keyFrameRequests.size() > keyFrameRequestsSeen;
    keyFrameRequestsSeen = call.alice.keyFrameRequests.size();
    int bytes = (int) Math.max(LEAST_PICTURE_BYTES, rate / 30 / 8);
    sentNanos.add(call.clock.nanoTime());
    call.alice.send(
        video, VirtualCall.frame(number, key ? KEY_FRAME_FACTOR * bytes : bytes, key), key);
  }

  private double target() {
    return call.alice.estimate < 0 ? 300_000 : call.alice.estimate;
  }

  private int soundBytes() {
    return target() < LITTLE_BITS_PER_SECOND ? SOUND_BYTES_OF_LITTLE : SOUND_BYTES;
  }

  private void sendSound() {
    byte[] packet = new byte[soundBytes()];
    packet[0] = (byte) 0xf8;
    long before = audio.statistics().packetsSent();
    call.alice.send(audio, packet, true);
    soundHasWaited |= audio.statistics().packetsSent() == before;
    call.clock.after(SOUND_INTERVAL, this::sendSound);
  }

  private void sample() {
    double second = (call.clock.nanoTime() - startNanos) / 1e9;
    samples.add(
        new Sample(
            second,
            call.alice.session.sendBitsPerSecond(),
            call.toBob.queueNanos() / 1e6,
            call.toBob.deliveredBytes()));
    call.clock.after(SAMPLE, this::sample);
  }

  private List<Sample> between(double from, double to) {
    return samples.stream().filter(s -> s.second >= from && s.second <= to).toList();
  }

  /** What came out of the link to the receiver, with IP and UDP headers, in bits per second. */
  double deliveredBitsPerSecond(double from, double to) {
    List<Sample> span = between(from, to);
    return 8.0
        * (span.getLast().deliveredBytes - span.getFirst().deliveredBytes)
        / (span.getLast().second - span.getFirst().second);
  }

  /** What pictures have come, in bits per second of their payload. */
  double mediaBitsPerSecond(double from, double to) {
    return pictures(from, to).stream().mapToDouble(r -> 8.0 * r.bytes().length).sum() / (to - from);
  }

  /** Whether a packet of sound did not leave in the instant in which it was encoded. */
  boolean soundHasWaited() {
    return soundHasWaited;
  }

  /** How long a packet waits at the bottleneck, in milliseconds: the share given waits less. */
  double queueMillis(double share, double from, double to) {
    List<Double> all = between(from, to).stream().map(Sample::queueMillis).sorted().toList();
    return all.get((int) (share * (all.size() - 1)));
  }

  double meanEstimate(double from, double to) {
    return between(from, to).stream().mapToLong(Sample::estimate).average().orElseThrow();
  }

  double leastEstimate(double from, double to) {
    return between(from, to).stream().mapToLong(Sample::estimate).min().orElseThrow();
  }

  double mostEstimate(double from, double to) {
    return between(from, to).stream().mapToLong(Sample::estimate).max().orElseThrow();
  }

  /** When the estimate first reached so much after an instant, in seconds after it. */
  double secondsUntil(double bitsPerSecond, double from) {
    return samples.stream()
        .filter(s -> s.second >= from && s.estimate >= bitsPerSecond)
        .mapToDouble(s -> s.second - from)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private List<VirtualCall.Received> pictures(double from, double to) {
    return call.bob.received.stream()
        .filter(r -> r.frame().format() == MediaFormat.VP8)
        .filter(r -> r.atNanos() >= startNanos + (long) (from * 1e9))
        .filter(r -> r.atNanos() <= startNanos + (long) (to * 1e9))
        .toList();
  }

  int picturesReceived(double from, double to) {
    return pictures(from, to).size();
  }

  /** Pictures and sounds that were sent before an instant and have not come. */
  long framesLost(double second) {
    long until = startNanos + (long) (second * 1e9);
    long pictures = sentNanos.stream().filter(sent -> sent < until).count();
    long sounds = (until - startNanos + SOUND_INTERVAL.toNanos() - 1) / SOUND_INTERVAL.toNanos();
    long received =
        call.bob.received.stream()
            .filter(r -> r.frame().format() != MediaFormat.OPUS)
            .filter(r -> sentNanos.get(number(r)) < until)
            .count();
    return pictures - received + Math.max(0, sounds - soundsReceived());
  }

  long soundsReceived() {
    return call.bob.received.stream().filter(r -> r.frame().format() == MediaFormat.OPUS).count();
  }

  private static int number(VirtualCall.Received picture) {
    ByteBuffer payload = picture.frame().payload();
    return payload.getInt(payload.limit() - 4);
  }

  /** How late pictures are: the share given is earlier. */
  double delayMillis(double share, double from, double to) {
    List<Double> delays =
        pictures(from, to).stream()
            .map(r -> (r.atNanos() - sentNanos.get(number(r))) / 1e6)
            .sorted()
            .toList();
    return delays.isEmpty()
        ? Double.POSITIVE_INFINITY
        : delays.get((int) (share * (delays.size() - 1)));
  }

  /** The longest time without a picture, in milliseconds. */
  double longestFreezeMillis(double from, double to) {
    double longest = 0;
    long last = startNanos + (long) (from * 1e9);
    for (VirtualCall.Received r : pictures(from, to)) {
      longest = Math.max(longest, (r.atNanos() - last) / 1e6);
      last = r.atNanos();
    }
    return longest;
  }

  /** The time line, step by step, to be read. */
  String timeLine(double from, double to, double step) {
    StringBuilder text = new StringBuilder();
    for (double second = from; second + step < to; second += step) {
      text.append(
          "%5.1f s: estimate %5.0f, delivered %5.0f kbit/s, queue %4.0f ms, %2d pictures%n"
              .formatted(
                  second,
                  meanEstimate(second, second + step) / 1000,
                  deliveredBitsPerSecond(second, second + step) / 1000,
                  queueMillis(0.9, second, second + step),
                  picturesReceived(second, second + step)));
    }
    return text.toString();
  }
}
