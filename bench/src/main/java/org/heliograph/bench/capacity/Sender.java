package org.heliograph.bench.capacity;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;

/**
 * One caller: a PeerConnection that sends 30 pictures a second, encrypted, paced and with all the
 * feedback of a real one, but of noise, and without a thread of its own. For the harness's thread
 * alone.
 */
final class Sender implements Harness.Member, Harness.Reader {
  static final int PICTURES_PER_SECOND = 30;
  static final int BITS_PER_SECOND = 1_500_000;

  private static final long PICTURE_NANOS = 1_000_000_000L / PICTURES_PER_SECOND;
  private static final int PICTURE_BYTES = BITS_PER_SECOND / 8 / PICTURES_PER_SECOND;
  private static final int KEY_PICTURE_BYTES = 5 * PICTURE_BYTES;
  private static final int LEAST_PICTURE_BYTES = 600;
  private static final int MAX_DATAGRAM = 2_048;

  /** How many pictures may be on their way; two minutes of them. */
  private static final int REMEMBERED = 4_096;

  private static final int MARKER_BIT = 0x80;
  private static final long MILLISECOND = 1_000_000;
  private static final Pattern VP8 = Pattern.compile("a=rtpmap:(\\d+) VP8/90000");

  private final DatagramChannel channel;
  private final InetSocketAddress local;
  private final PeerConnection connection;
  private final Transceiver video;
  private final ByteBuffer received = ByteBuffer.allocate(MAX_DATAGRAM);
  private final byte[] noise = new byte[KEY_PICTURE_BYTES];

  // By number of the picture: when it was taken, and when its last packet left.
  private final long[] takenNanos = new long[REMEMBERED];
  private final long[] leftNanos = new long[REMEMBERED];
  private long nextToLeave;

  private int markedPayloadType = -1;
  private boolean left;
  private int firstRtpTimestamp;
  private long firstTakenNanos;

  private long pictures;
  private long nextPictureNanos;
  private long firstCountedPicture = Long.MAX_VALUE;
  private boolean keyWanted = true;
  private long bitsPerSecond = 300_000;
  private boolean upToSpeed;

  /**
   * @param phase when it takes its pictures, from 0 to 1 of their interval
   */
  Sender(Harness harness, double phase, int seed) throws IOException {
    channel = DatagramChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 18);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.configureBlocking(false);
    channel.register(harness.selector(), SelectionKey.OP_READ, this);
    local = (InetSocketAddress) channel.getLocalAddress();
    long now = System.nanoTime();
    nextPictureNanos = now + (long) (phase * PICTURE_NANOS);
    connection =
        new PeerConnection(
            new PeerConfiguration(List.of(), true), new Events(), this::send, now, Instant.now());
    connection.addLocalAddress(now, local);
    connection.endOfLocalAddresses(now);
    video = connection.addTransceiver(MediaKind.VIDEO, TransceiverDirection.SENDONLY);
    new Random(seed).nextBytes(noise);
    harness.add(this);
  }

  // ---- Signalling ----

  String offer() {
    connection.setLocalDescription(connection.createOffer());
    String sdp = connection.localDescription().orElseThrow().sdp();
    Matcher vp8 = VP8.matcher(sdp);
    if (!vp8.find()) {
      throw new IllegalStateException("VP8 is not offered");
    }
    markedPayloadType = MARKER_BIT | Integer.parseInt(vp8.group(1));
    return sdp;
  }

  void answer(String sdp) {
    connection.setRemoteDescription(new SessionDescription(SdpType.ANSWER, sdp));
  }

  void candidate(IceCandidateInit candidate) {
    connection.addIceCandidate(candidate);
  }

  // ---- Media ----

  @Override
  public void proceed(long nowNanos) {
    if (connection.connectionState() == PeerConnectionState.CONNECTED) {
      while (nextPictureNanos <= nowNanos) {
        sendPicture(nowNanos);
        nextPictureNanos += PICTURE_NANOS;
      }
    } else {
      while (nextPictureNanos <= nowNanos) {
        nextPictureNanos += PICTURE_NANOS;
      }
    }
    if (connection.nextTimeoutNanos().orElse(Long.MAX_VALUE) <= nowNanos) {
      connection.handleTimeout(nowNanos);
    }
  }

  /** At first as much as the estimate allows; once that is enough, all of it, whatever happens. */
  private void sendPicture(long nowNanos) {
    boolean key = keyWanted;
    keyWanted = false;
    upToSpeed |= bitsPerSecond > BITS_PER_SECOND * 1.2;
    long affordable = Math.max(LEAST_PICTURE_BYTES, bitsPerSecond / 10 / PICTURES_PER_SECOND);
    int size =
        upToSpeed
            ? (key ? KEY_PICTURE_BYTES : PICTURE_BYTES)
            : (int) Math.min(affordable, PICTURE_BYTES);
    ByteBuffer payload = ByteBuffer.allocate(size).put(noise, 0, size).flip();
    if (key) {
      payload.put(0, new byte[] {0x10, 0, 0, (byte) 0x9d, 1, 0x2a, 0, 5, (byte) 0xd0, 2});
    } else {
      payload.put(0, (byte) 0x31);
    }
    Stamp.write(payload, pictures);
    takenNanos[slot(pictures)] = nowNanos;
    leftNanos[slot(pictures)] = 0;
    pictures++;
    connection.send(nowNanos, video, new MediaFrame(MediaFormat.VP8, nowNanos, 0, key, payload));
  }

  private void send(InetSocketAddress from, InetSocketAddress to, ByteBuffer datagram) {
    boolean endsPicture = isLastOfPicture(datagram);
    int rtpTimestamp = endsPicture ? datagram.getInt(datagram.position() + 4) : 0;
    try {
      channel.send(datagram, to);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    if (endsPicture) {
      noteLeft(rtpTimestamp, System.nanoTime());
    }
  }

  /** RTP (RFC 7983) of the pictures themselves, with the marker (RFC 7741 4.1). */
  private boolean isLastOfPicture(ByteBuffer datagram) {
    int at = datagram.position();
    int first = datagram.get(at) & 0xff;
    int second = datagram.get(at + 1) & 0xff;
    return first >= 128 && first < 192 && second == markedPayloadType;
  }

  /** Finds by its time which picture it is that has left: the sender may have dropped others. */
  private void noteLeft(int rtpTimestamp, long nowNanos) {
    if (!left) {
      left = true;
      firstRtpTimestamp = rtpTimestamp;
      firstTakenNanos = takenNanos[slot(nextToLeave)];
    }
    long taken = firstTakenNanos + (rtpTimestamp - firstRtpTimestamp) * 100_000L / 9;
    while (nextToLeave < pictures && takenNanos[slot(nextToLeave)] < taken - MILLISECOND) {
      nextToLeave++;
    }
    if (nextToLeave < pictures && takenNanos[slot(nextToLeave)] < taken + MILLISECOND) {
      leftNanos[slot(nextToLeave++)] = nowNanos;
    }
  }

  private static int slot(long picture) {
    return (int) (picture % REMEMBERED);
  }

  @Override
  public void ready() throws IOException {
    while (true) {
      InetSocketAddress remote = (InetSocketAddress) channel.receive(received.clear());
      if (remote == null) {
        return;
      }
      connection.handleDatagram(System.nanoTime(), local, remote, received.flip());
    }
  }

  // ---- What is measured ----

  boolean isUpToSpeed() {
    return upToSpeed;
  }

  /** From now on pictures count. */
  void beginCounting() {
    firstCountedPicture = pictures;
  }

  /** No picture from now on counts; how many there were. */
  long endCounting() {
    long counted = Math.max(0, pictures - firstCountedPicture);
    firstCountedPicture = Long.MAX_VALUE;
    return counted;
  }

  boolean isCounted(long picture) {
    return picture >= firstCountedPicture;
  }

  /** When the last packet of a picture left. */
  long leftNanos(long picture) {
    return leftNanos[slot(picture)];
  }

  private final class Events implements PeerListener {
    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      keyWanted = true;
    }

    @Override
    public void onBandwidthEstimate(long estimate) {
      bitsPerSecond = estimate;
    }
  }
}
