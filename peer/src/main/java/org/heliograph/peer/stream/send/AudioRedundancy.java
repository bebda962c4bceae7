package org.heliograph.peer.stream.send;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.RedPayload;

/**
 * Adds to each audio packet the frames before it (RFC 2198), as many as the receiver's loss calls
 * for: none on a good network, for they cost as much as the sound itself.
 */
public final class AudioRedundancy {
  /** From this loss on, each packet carries the frame before. */
  static final double LOSS_FOR_ONE = 0.01;

  /** From this loss on, the two before: a loss of two in a row is no longer rare. */
  static final double LOSS_FOR_TWO = 0.08;

  /** Loss has to fall to this part of a limit before there is less redundancy again. */
  private static final double CALM = 0.5;

  private static final int MAX_COPIES = 2;

  private final Copy[] copies = {new Copy(), new Copy()};
  private int kept;
  private int newest;
  private double loss;
  private int wanted;

  /** A frame that was sent. */
  private static final class Copy {
    private final byte[] bytes = new byte[RedPayload.MAX_COPY_LENGTH];
    private int length;
    private long rtpTime;
  }

  /** A report has come: the share of packets that were lost since the one before. */
  public void onLoss(double fractionLost) {
    // Rises with the first bad report and takes several good ones to fall.
    loss = fractionLost > loss ? fractionLost : loss + (fractionLost - loss) / 4;
    int called = loss >= LOSS_FOR_TWO ? 2 : loss >= LOSS_FOR_ONE ? 1 : 0;
    double limit = wanted == 2 ? LOSS_FOR_TWO : LOSS_FOR_ONE;
    if (called > wanted || loss < limit * CALM) {
      wanted = called;
    }
  }

  /** The loss that was reported, which falls more slowly than the reports do. */
  double loss() {
    return loss;
  }

  /** How many frames a packet carries besides its own. */
  int wanted() {
    return wanted;
  }

  /**
   * Writes a packet's payload.
   *
   * @param maxLength copies that would make it longer are left out, the oldest first
   * @return whether it has copies; if not, nothing is written
   */
  boolean write(ByteBuffer out, ByteBuffer frame, long rtpTime, int payloadType, int maxLength) {
    int length = RedPayload.HEADER_LENGTH + frame.remaining();
    int count = 0;
    while (count < Math.min(kept, wanted)) {
      Copy copy = copy(count);
      int longer = length + RedPayload.COPY_HEADER_LENGTH + copy.length;
      if (longer > maxLength || rtpTime - copy.rtpTime > RedPayload.MAX_TIMESTAMP_OFFSET) {
        break;
      }
      length = longer;
      count++;
    }
    if (count == 0) {
      return false;
    }
    for (int i = count - 1; i >= 0; i--) {
      Copy copy = copy(i);
      RedPayload.writeCopyHeader(out, payloadType, (int) (rtpTime - copy.rtpTime), copy.length);
    }
    RedPayload.writeHeader(out, payloadType);
    for (int i = count - 1; i >= 0; i--) {
      Copy copy = copy(i);
      out.put(copy.bytes, 0, copy.length);
    }
    out.put(out.position(), frame, frame.position(), frame.remaining());
    out.position(out.position() + frame.remaining());
    return true;
  }

  /** Remembers a frame that was sent. One that is too long to be copied breaks the row. */
  void remember(ByteBuffer frame, long rtpTime) {
    if (frame.remaining() > RedPayload.MAX_COPY_LENGTH) {
      kept = 0;
      return;
    }
    newest = (newest + 1) % MAX_COPIES;
    Copy copy = copies[newest];
    copy.length = frame.remaining();
    copy.rtpTime = rtpTime;
    frame.get(frame.position(), copy.bytes, 0, copy.length);
    kept = Math.min(kept + 1, MAX_COPIES);
  }

  /** The copies from the newest on. */
  private Copy copy(int age) {
    return copies[(newest - age + MAX_COPIES) % MAX_COPIES];
  }
}
