package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtension;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.stream.NtpClock;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.RtpSessionListener;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** Three streams of the same pictures: what is negotiated of them, and what is sent. */
class SimulcastTest {
  private static final List<SendEncoding> THREE =
      List.of(new SendEncoding("h", 1), new SendEncoding("m", 2), new SendEncoding("l", 4));
  private static final String ALL = "h;m;l";

  private final NegotiatingSide alice = new NegotiatingSide(1);
  private final NegotiatingSide bob = new NegotiatingSide(2);
  private final Transceiver video = alice.addSimulcast(THREE);
  private final Wire wire = new Wire();
  private final RtpSession session =
      new RtpSession("alice", NtpClock.at(0, Instant.EPOCH), new Random(1), wire);
  private final MediaStreams streams = new MediaStreams(session);
  private long now = 1;

  /** Bob's answer, as if he were one who takes simulcast. */
  private String answer(String offer, String taken) {
    StringBuilder answer = new StringBuilder(bob.answer(offer));
    answer.append("a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n");
    answer.append("a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n");
    for (String rid : taken.replaceAll("[~,]", ";").split(";+", -1)) {
      answer.append(rid.isEmpty() ? "" : "a=rid:" + rid + " recv\r\n");
    }
    return answer.append("a=simulcast:recv " + taken + "\r\n").toString();
  }

  private void negotiate(String taken) {
    alice.receive(SdpType.ANSWER, answer(alice.offer(), taken));
    streams.apply(alice.negotiator.transceivers(), now);
  }

  private void sendKeyFrames() {
    for (SendEncoding encoding : THREE) {
      send(encoding.rid());
    }
  }

  private void send(String rid) {
    now += 1_000_000;
    ByteBuffer picture = ByteBuffer.wrap(new byte[] {0, 1, 2, 3});
    streams.send(video, rid, new MediaFrame(MediaFormat.VP8, now, 0, true, picture), now);
    for (int turns = 0; session.nextTimeoutNanos() <= now + 900_000 && turns < 10; turns++) {
      session.handleTimeout(Math.max(now, session.nextTimeoutNanos()));
    }
  }

  private void receive(RtcpPacket packet) {
    ByteBuffer buffer = ByteBuffer.allocate(200);
    RtcpCompound.write(List.of(packet), buffer);
    session.receiveRtcp(buffer.flip(), now);
    for (int turns = 0; session.nextTimeoutNanos() <= now + 900_000 && turns < 10; turns++) {
      session.handleTimeout(Math.max(now, session.nextTimeoutNanos()));
    }
  }

  private static MediaDescription section(String sdp) {
    return NegotiatingSide.sections(sdp).getFirst();
  }

  private List<String> rids() {
    return video.sendEncodings().stream().map(SendEncoding::rid).toList();
  }

  @Test
  void anOfferTellsTheStreamsByTheirNamesAlone() {
    MediaDescription offered = section(alice.offer());

    assertThat(offered.all(Attribute.Rid.class))
        .extracting(Attribute.Rid::value)
        .containsExactly("h send", "m send", "l send");
    assertThat(offered.all(Attribute.Simulcast.class))
        .containsExactly(new Attribute.Simulcast("send h;m;l"));
    assertThat(offered.all(Attribute.ExtMap.class))
        .extracting(Attribute.ExtMap::uri)
        .contains(RtpExtension.RTP_STREAM_ID.uri(), RtpExtension.REPAIRED_RTP_STREAM_ID.uri());
    assertThat(offered.has(Attribute.Ssrc.class)).isFalse();
    assertThat(offered.has(Attribute.Msid.class)).isTrue();
  }

  @Test
  void anOrdinaryOfferHasNoneOfIt() {
    NegotiatingSide ordinary = new NegotiatingSide(3);
    ordinary.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);

    MediaDescription offered = section(ordinary.offer());

    assertThat(offered.has(Attribute.Rid.class)).isFalse();
    assertThat(offered.has(Attribute.Simulcast.class)).isFalse();
    assertThat(offered.all(Attribute.ExtMap.class))
        .extracting(Attribute.ExtMap::uri)
        .doesNotContain(RtpExtension.RTP_STREAM_ID.uri());
  }

  @Test
  void eachStreamIsSentUnderItsNameFromASourceOfItsOwn() {
    negotiate(ALL);
    sendKeyFrames();

    assertThat(rids()).containsExactly("h", "m", "l");
    assertThat(wire.sources).hasSize(3);
    assertThat(wire.sources.keySet()).containsExactlyInAnyOrder("h", "m", "l");
    assertThat(wire.sources.values()).doesNotHaveDuplicates();
  }

  @Test
  void aRetransmissionNamesTheStreamThatItRepairs() {
    negotiate(ALL);
    sendKeyFrames();
    int number = wire.numbers.get("m");
    now += 30_000_000;

    receive(new GenericNack(1, wire.sources.get("m"), List.of(number)));

    assertThat(wire.repairs).containsOnlyKeys("m");
    assertThat(wire.repairs.get("m")).isEqualTo(video.source("m").rtxSsrc());
  }

  @Test
  void aKeyFrameIsAskedOfTheStreamThatNeedsIt() {
    negotiate(ALL);
    sendKeyFrames();

    receive(new PictureLossIndication(1, wire.sources.get("l")));

    assertThat(wire.keyFrameRequests)
        .singleElement()
        .satisfies(stream -> assertThat(streams.senderOf(stream).get().rid()).isEqualTo("l"));
  }

  @Test
  void onlyTheStreamsThatTheOtherSideTakesAreSent() {
    negotiate("m;l");
    sendKeyFrames();

    assertThat(rids()).containsExactly("m", "l");
    assertThat(wire.sources).containsOnlyKeys("m", "l");
  }

  @Test
  void aStreamThatIsTakenPausedIsNotSent() {
    negotiate("~h;m,l");
    sendKeyFrames();

    assertThat(wire.sources).containsOnlyKeys("m");
  }

  @Test
  void whereTheOtherSideTakesNoSimulcastTheFirstStreamIsSentWithoutAName() {
    alice.receive(SdpType.ANSWER, bob.answer(alice.offer()));
    streams.apply(alice.negotiator.transceivers(), now);
    sendKeyFrames();

    assertThat(rids()).containsExactly("h");
    assertThat(wire.sources).containsOnlyKeys("");
    assertThat(wire.sources.get("")).isEqualTo(video.source("h").ssrc());
    assertThat(wire.packets).isEqualTo(1);
  }

  @Test
  void withoutTheNamesInThePacketsThereIsNoSimulcast() {
    String answer = answer(alice.offer(), ALL);

    alice.receive(SdpType.ANSWER, answer.replaceAll("a=extmap:5[^\r]*\r\n", ""));

    assertThat(rids()).containsExactly("h");
  }

  @Test
  void theOtherSideMayChangeItsMind() {
    negotiate("h");
    sendKeyFrames();
    long source = wire.sources.get("h");
    negotiate(ALL);
    wire.sources.clear();
    sendKeyFrames();

    assertThat(wire.sources).containsOnlyKeys("h", "m", "l").containsEntry("h", source);
  }

  @Test
  void anOfferToReceiveSimulcastIsAnsweredWithIt() {
    NegotiatingSide server = new NegotiatingSide(3);
    server.add(MediaKind.VIDEO, TransceiverDirection.RECVONLY);
    String offer =
        server.offer()
            + "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
            + "a=rid:l recv\r\na=rid:h recv\r\na=simulcast:recv l;h\r\n";

    MediaDescription answered = section(alice.answer(offer));
    streams.apply(alice.negotiator.transceivers(), now);

    assertThat(answered.all(Attribute.Simulcast.class))
        .containsExactly(new Attribute.Simulcast("send h;l"));
    assertThat(answered.all(Attribute.ExtMap.class))
        .contains(
            new Attribute.ExtMap(
                9, java.util.Optional.empty(), RtpExtension.RTP_STREAM_ID.uri(), ""));
    assertThat(rids()).containsExactly("h", "l");
  }

  @Test
  void aStreamThatIsNotActiveIsNotSent() {
    negotiate(ALL);
    video.setSendEncodings(
        List.of(new SendEncoding("h", false, OptionalLong.empty(), 1), THREE.get(1), THREE.get(2)));
    sendKeyFrames();

    assertThat(wire.sources).containsOnlyKeys("m", "l");
    assertThatThrownBy(() -> video.setSendEncodings(THREE.subList(0, 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void sendDelta(String rid) {
    now += 1_000_000;
    ByteBuffer picture = ByteBuffer.wrap(new byte[] {1, 1, 2, 3});
    streams.send(video, rid, new MediaFrame(MediaFormat.VP8, now, 0, false, picture), now);
  }

  @Test
  void aStreamThatIsSwitchedOnAgainBeginsWithAKeyFrame() {
    negotiate(ALL);
    sendKeyFrames();
    video.setSendEncodings(
        List.of(THREE.get(0), new SendEncoding("m", false, OptionalLong.empty(), 2), THREE.get(2)));
    now += 1_000_000_000;
    video.setSendEncodings(THREE);
    int before = wire.numbers.get("m");
    wire.keyFrameRequests.clear();

    sendDelta("m");
    sendDelta("l");
    assertThat(wire.numbers.get("m")).isEqualTo(before);
    assertThat(wire.keyFrameRequests)
        .singleElement()
        .satisfies(stream -> assertThat(stream.parameters().rid()).isEqualTo("m"));

    send("m");
    assertThat(wire.numbers.get("m")).isEqualTo(before + 1);
  }

  /** What is sent: the source of each stream by its name. */
  private static final class Wire implements RtpSessionListener {
    private static final RtpExtensionMap RID = new RtpExtensionMap(Map.of(RtpExtension.MID, 5));
    private static final RtpExtensionMap REPAIRED =
        new RtpExtensionMap(Map.of(RtpExtension.MID, 6));

    final Map<String, Long> sources = new HashMap<>();
    final Map<String, Integer> numbers = new HashMap<>();
    final Map<String, Long> repairs = new HashMap<>();
    final List<SendStream> keyFrameRequests = new ArrayList<>();
    int packets;

    @Override
    public void onRtpToSend(ByteBuffer bytes) {
      RtpPacket packet = new RtpPacket();
      try {
        packet.wrap(bytes);
      } catch (MalformedPacketException e) {
        throw new AssertionError(e);
      }
      if (packet.payloadLength() == 0) {
        return; // padding, which probes for bandwidth
      }
      packets++;
      if (packet.mid(REPAIRED) != null) {
        repairs.put(packet.mid(REPAIRED), packet.ssrc());
      } else {
        String rid = packet.mid(RID) == null ? "" : packet.mid(RID);
        sources.put(rid, packet.ssrc());
        numbers.put(rid, packet.sequenceNumber());
      }
    }

    @Override
    public void onRtcpToSend(ByteBuffer compound) {}

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {}

    @Override
    public void onKeyFrameRequested(SendStream stream) {
      keyFrameRequests.add(stream);
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {}
  }
}
