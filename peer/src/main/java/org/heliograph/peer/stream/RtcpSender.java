package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.peer.rtcp.Goodbye;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.ReportBlock;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.SourceDescription;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;

/**
 * Sends the RTCP of a session: a compound for each source, and one for every {@value
 * ReportBlock#MAX_BLOCKS} streams of a kind that are received where nothing is sent in their
 * sections.
 *
 * <p>What is said of a stream is said under the source that its own section sends from, behind a
 * report on that stream, as browsers do it: gateways (Janus) tell by the sender's source, or else
 * by the first report block, which section a compound is about. Where the section sends nothing, a
 * source that sends nothing at all stands for it, so that the report block tells.
 */
public final class RtcpSender {
  private final String cname;
  private final NtpClock ntpClock;
  private final long receivingSsrc;
  private final List<ReceiveStream> receivers;
  private final List<SendStream> senders;
  private final RtpSessionListener listener;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(RtpSession.MAX_DATAGRAM + RtpSession.SRTP_OVERHEAD);
  private boolean reducedSize;
  private int round;

  /**
   * @param receivingSsrc the source that reports where a section sends nothing; that of no stream
   * @param receivers what is received, at any time
   * @param senders what is sent, at any time
   */
  RtcpSender(
      String cname,
      NtpClock ntpClock,
      long receivingSsrc,
      List<ReceiveStream> receivers,
      List<SendStream> senders,
      RtpSessionListener listener) {
    this.cname = cname;
    this.ntpClock = ntpClock;
    this.receivingSsrc = receivingSsrc;
    this.receivers = receivers;
    this.senders = senders;
    this.listener = listener;
  }

  void setReducedSize(boolean reduced) {
    reducedSize = reduced;
  }

  /** The source under which something is said of a stream, or of the transport if it is null. */
  public long ssrcFor(ReceiveStream stream) {
    return sectionOf(stream).map(sender -> sender.parameters().ssrc()).orElse(receivingSsrc);
  }

  /** The stream that a stream's section sends: one that has sent already, if it can be. */
  private Optional<SendStream> sectionOf(ReceiveStream stream) {
    SendStream found = null;
    for (SendStream sender : senders) {
      if (stream != null
          && sender.parameters().mid().equals(stream.parameters().mid())
          && (found == null || (!found.canReport() && sender.canReport()))) {
        found = sender;
      }
    }
    return Optional.ofNullable(found);
  }

  /**
   * Who reports on streams, and of which kind those are: a gateway that knows the source by the
   * first block must not find sound and pictures under one.
   */
  private record Reporter(long ssrc, boolean video) {}

  /**
   * Reports on all that is sent and received: each stream once. Another one stands first each time,
   * because a gateway may take the whole report for that one's.
   */
  void sendReports(long nowNanos) {
    Map<String, SendStream> sections = sendersBySection();
    IdentityHashMap<SendStream, List<ReportBlock>> besideSent = new IdentityHashMap<>();
    Map<Reporter, List<ReportBlock>> alone = new LinkedHashMap<>();
    int first = round++ & Integer.MAX_VALUE;
    for (int i = 0; i < receivers.size(); i++) {
      ReceiveStream receiver = receivers.get((int) (((long) first + i) % receivers.size()));
      Optional<ReportBlock> block = receiver.report(nowNanos);
      if (block.isEmpty()) {
        continue;
      }
      SendStream sender = sections.get(receiver.parameters().mid());
      List<ReportBlock> beside =
          sender != null && sender.canReport()
              ? besideSent.computeIfAbsent(sender, s -> new ArrayList<>())
              : null;
      if (beside != null && beside.size() < ReportBlock.MAX_BLOCKS) {
        beside.add(block.get());
      } else {
        long ssrc = sender == null ? receivingSsrc : sender.parameters().ssrc();
        boolean video = receiver.format().format().isVideo();
        alone.computeIfAbsent(new Reporter(ssrc, video), r -> new ArrayList<>()).add(block.get());
      }
    }
    boolean reported = false;
    for (SendStream sender : senders) {
      if (sender.canReport()) {
        List<ReportBlock> blocks = besideSent.getOrDefault(sender, List.of());
        send(
            sender.senderReport(ntpClock.ntp(nowNanos), blocks, nowNanos),
            description(sender.parameters().ssrc()));
        reported = true;
      }
    }
    for (Map.Entry<Reporter, List<ReportBlock>> entry : alone.entrySet()) {
      sendReceiverReports(entry.getKey().ssrc(), entry.getValue());
      reported = true;
    }
    if (!reported) {
      sendReceiverReports(receivingSsrc, List.of());
    }
  }

  /** What each section sends: a stream that has sent already, if it can be. */
  private Map<String, SendStream> sendersBySection() {
    Map<String, SendStream> sections = new HashMap<>();
    for (SendStream sender : senders) {
      sections.merge(
          sender.parameters().mid(),
          sender,
          (first, other) -> !first.canReport() && other.canReport() ? other : first);
    }
    return sections;
  }

  /** At least one report, and as many as the blocks need. */
  private void sendReceiverReports(long ssrc, List<ReportBlock> blocks) {
    int from = 0;
    do {
      int to = Math.min(from + ReportBlock.MAX_BLOCKS, blocks.size());
      send(new ReceiverReport(ssrc, blocks.subList(from, to)), description(ssrc));
      from = to;
    } while (from < blocks.size());
  }

  /** Says that streams have ended, with their last reports. */
  void sayGoodbye(List<SendStream> leaving, long nowNanos) {
    for (SendStream stream : leaving) {
      if (stream.canReport()) {
        long ssrc = stream.parameters().ssrc();
        send(
            stream.senderReport(ntpClock.ntp(nowNanos), List.of(), nowNanos),
            description(ssrc),
            new Goodbye(List.of(ssrc)));
      }
    }
  }

  /**
   * Sends feedback at once: alone where that is agreed (RFC 5506), else as the end of the smallest
   * compound.
   *
   * @param about the stream that it is about; null if it is about none in particular
   */
  public void sendFeedback(ReceiveStream about, RtcpPacket feedback, long nowNanos) {
    List<ReportBlock> blocks =
        about == null ? List.of() : about.interimReport(nowNanos).stream().toList();
    sendFeedback(ssrcFor(about), blocks, feedback);
  }

  /** The same with what is about the whole transport, too often to report beside it. */
  public void sendFeedback(long ssrc, RtcpPacket feedback) {
    sendFeedback(ssrc, List.of(), feedback);
  }

  private void sendFeedback(long ssrc, List<ReportBlock> blocks, RtcpPacket feedback) {
    if (reducedSize) {
      send(feedback);
    } else {
      send(new ReceiverReport(ssrc, blocks), description(ssrc), feedback);
    }
  }

  private SourceDescription description(long ssrc) {
    return new SourceDescription(List.of(new SourceDescription.Chunk(ssrc, cname)));
  }

  private void send(RtcpPacket... packets) {
    buffer.clear();
    RtcpCompound.write(List.of(packets), buffer);
    listener.onRtcpToSend(buffer.flip());
  }
}
