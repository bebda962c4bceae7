package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateFormatException;
import org.heliograph.peer.ice.IceAgent;
import org.heliograph.peer.ice.IceConfiguration;
import org.heliograph.peer.ice.IceRole;
import org.heliograph.peer.ice.IceState;
import org.heliograph.peer.ice.SelectedPair;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.sdp.MediaDescription;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.sdp.SdpParser;
import org.junit.jupiter.api.Test;

/**
 * Finds out what becomes of each line of a description and each field of a candidate that is not as
 * it should be, and compares that with docs/descriptions.md.
 */
class DescriptionTablesTest {
  private static final String PAGE = "descriptions.md";
  private static final String OFFER = SdpFixture.read("chromium-offer-audio-video-data");

  /** The section that speaks for the transport, and one that does not. */
  private static final int TAGGED = 0;

  private static final int OTHER = 1;
  private static final int DATA = 2;
  private static final int SESSION = -1;

  /**
   * What becomes of the offer.
   *
   * @param section which section is asked about; −1 for all
   */
  private static String outcome(String offer, int section) {
    NegotiatingSide side = new NegotiatingSide(1);
    side.add(AUDIO, SENDRECV);
    side.add(VIDEO, SENDRECV);
    List<MediaDescription> answered;
    RemoteDescription description;
    try {
      description = RemoteDescription.parse(offer);
      answered = NegotiatingSide.sections(side.answer(offer));
    } catch (IllegalArgumentException refused) {
      return "refuse";
    }
    String outcome = description.skipped().isEmpty() ? "keep" : "skip";
    boolean refused =
        section < 0
            ? answered.stream().anyMatch(MediaDescription::isRejected)
            : answered.get(section).isRejected();
    return refused ? outcome + ", section refused" : outcome;
  }

  /** The offer with a line in a section, instead of those of the same name or beside them. */
  private static String withLine(String line, boolean instead, int section) {
    String name = line.replaceFirst("^(a=[^:]*).*", "$1");
    List<String> lines = new ArrayList<>();
    int at = SESSION;
    for (String one : OFFER.lines().toList()) {
      if (one.startsWith("m=")) {
        if (at == section) {
          lines.add(line);
        }
        at++;
      }
      if (!(instead && at == section && one.replaceFirst("^(a=[^:]*).*", "$1").equals(name))) {
        lines.add(one);
      }
    }
    if (at == section) {
      lines.add(line);
    }
    return lines.stream().collect(Collectors.joining("\r\n", "", "\r\n"));
  }

  /**
   * A line that is not as it should be.
   *
   * @param name the attribute's
   * @param value what is wrong; empty for nothing behind the name
   * @param instead whether a section has only one such line
   */
  private record Odd(String name, String value, boolean instead) {
    String line() {
      return "a=" + name + (value.isEmpty() ? "" : ":" + value);
    }

    String in(int section) {
      return outcome(withLine(line(), instead, section), section);
    }
  }

  private static Odd only(String name, String value) {
    return new Odd(name, value, true);
  }

  private static Odd one(String name, String value) {
    return new Odd(name, value, false);
  }

  private static final List<Odd> ATTRIBUTES =
      List.of(
          only("group", ""),
          only("mid", ""),
          only("sendrecv", "x"),
          only("sendonly", "x"),
          only("recvonly", "x"),
          only("inactive", "x"),
          only("ice-ufrag", "x"),
          only("ice-pwd", "short"),
          only("ice-options", "x-new"),
          only("ice-lite", "x"),
          one("candidate", ""),
          one("candidate", "1 1 udp 1 192.0.2.9 5000 typ moon"),
          only("end-of-candidates", "x"),
          only("fingerprint", "sha-256 00"),
          only("fingerprint", "md5 00"),
          one("fingerprint", "sha-256 00"),
          only("setup", "maybe"),
          only("rtcp-mux", "x"),
          only("rtcp-mux-only", "x"),
          only("rtcp-rsize", "x"),
          only("bundle-only", "x"),
          one("rtpmap", "200 VP8/90000"),
          one("rtpmap", "96 VP8"),
          one("fmtp", ""),
          one("fmtp", "5 x"),
          one("rtcp-fb", "200 nack"),
          one("ssrc", "4294967296 cname:x"),
          one("ssrc-group", "FID x"),
          one("extmap", "4096 urn:x-new"),
          one("extmap", "1/up urn:x-new"),
          only("extmap-allow-mixed", "x"),
          only("msid", ""),
          one("rid", "1"),
          only("simulcast", "x"),
          only("sctp-port", "65536"),
          only("max-message-size", "x"),
          one("max-message-size", "99999999999999999999"),
          one("x-new", "1 2:3"),
          one("x-new", "\u202e"),
          one("", "x"));

  @Test
  void attributes() {
    DocTable table =
        new DocTable(
            PAGE,
            "attributes",
            "line",
            "in the section of the transport",
            "in another section of media",
            "in that of data channels",
            "at session level");
    for (Odd odd : ATTRIBUTES) {
      table.row(
          "`"
              + odd.line().replace("\u202e", "\\u202e")
              + (odd.name().equals("fingerprint") && !odd.instead() ? "` beside a good one" : "`"),
          odd.in(TAGGED),
          odd.in(OTHER),
          odd.in(DATA),
          odd.in(SESSION));
    }
    table.check();
  }

  /** Whoever adds an attribute says what becomes of it. */
  @Test
  void everyAttributeThatIsReadIsInTheTable() {
    Set<Class<?>> known = new HashSet<>(List.of(Attribute.class.getPermittedSubclasses()));
    known.remove(Attribute.Other.class);
    String good =
        """
        v=0
        o=- 1 2 IN IP4 127.0.0.1
        s=-
        a=group:BUNDLE 0
        a=mid:0
        a=sendrecv
        a=ice-ufrag:abcd
        a=ice-pwd:abcdefghijklmnopqrstuv
        a=ice-options:trickle
        a=ice-lite
        a=candidate:1
        a=end-of-candidates
        a=fingerprint:sha-1 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00
        a=setup:active
        a=rtcp-mux
        a=rtcp-mux-only
        a=rtcp-rsize
        a=bundle-only
        a=rtpmap:96 VP8/90000
        a=fmtp:96 x
        a=rtcp-fb:96 nack
        a=ssrc:1 cname:x
        a=ssrc-group:FID 1 2
        a=extmap:1 urn:x
        a=extmap-allow-mixed
        a=msid:- x
        a=rid:1 send
        a=simulcast:send 1
        a=sctp-port:5000
        a=max-message-size:1
        """;
    List<Attribute> read = SdpParser.parse(good).attributes();

    assertThat(read.stream().map(Attribute::getClass).collect(Collectors.toSet())).isEqualTo(known);
    assertThat(ATTRIBUTES.stream().map(Odd::name).collect(Collectors.toSet()))
        .containsAll(read.stream().map(Attribute::name).toList());
  }

  @Test
  void lines() {
    DocTable table = new DocTable(PAGE, "lines", "line", "what becomes of it");
    String head = OFFER.lines().findFirst().orElseThrow();
    String origin = OFFER.lines().skip(1).findFirst().orElseThrow();
    for (String[] one :
        new String[][] {
          {"`v=1`", OFFER.replace(head, "v=1")},
          {"no `o=`", OFFER.replace(origin + "\r\n", "")},
          {
            "`o=` with a version of more than 64 bits",
            OFFER.replace(origin, "o=- 1 340282366920938463463374607431768211456 IN IP4 0.0.0.0")
          },
          {"`o=` that cannot be read", OFFER.replace(origin, "o=- x")},
          {"a second `o=`", OFFER + origin + "\r\n"},
          {"no `s=`", OFFER.replace("s=-\r\n", "")},
          {"`s=` with unprintable characters", OFFER.replace("s=-\r\n", "s=\u202e\r\n")},
          {"`m=` that cannot be read", OFFER + "m=audio 65536 UDP/TLS/RTP/SAVPF 111\r\n"},
          {"`m=` that does not name its medium", OFFER + "m=\r\n"},
          {"`m=` of an unknown medium", OFFER + "m=text 9 UDP/TLS/RTP/SAVPF 98\r\n"},
          {"`i=`, `u=`, `e=`, `p=`, `c=`, `b=`, `t=`, `r=`, `z=`, `k=`", OFFER + "b=x\r\n"},
          {"`q=1`, an unknown type", OFFER + "q=1\r\n"},
          {"what is no `<type>=<value>`", OFFER + "x\r\n"},
          {"an empty line", OFFER + "\r\n"},
          {"lines that end with LF or CR alone", OFFER.replace("\r\n", "\r")},
          {"spaces or tabs at a line's end", OFFER.replace("\r\n", " \t\r\n")},
          {"tabs between fields", OFFER.replace("UDP/TLS", "\tUDP/TLS")},
          {"a second `a=mid` in a section", OFFER + "a=mid:9\r\n"},
          {
            "`m=` of RTP with a format that is no number, beside others",
            OFFER.replace("SAVPF 111", "SAVPF x 111")
          },
          {"a byte order mark", "\ufeff" + OFFER},
          {"other lines before the `o=`", "s=-\r\n" + OFFER},
          {
            "a BUNDLE group that names a section twice, or one that is not there",
            OFFER.replace("BUNDLE 0 1 2", "BUNDLE 0 1 2 2 7")
          },
          {"two sections with one mid", OFFER.replace("a=mid:1\r\n", "a=mid:0\r\n")},
          {
            "a payload type that is two codecs in one bundle",
            OFFER.replace("SAVPF 111", "SAVPF 96").replace("a=rtpmap:111", "a=rtpmap:96")
          },
        }) {
      table.row(one[0], outcome(one[1], SESSION));
    }
    table.check();
  }

  /** What becomes of a candidate; of one that can be read, what ICE says. */
  private static String candidateOutcome(String text) {
    Candidate candidate;
    try {
      candidate = Candidate.parse(text);
    } catch (CandidateFormatException unreadable) {
      return "skip";
    }
    if (candidate.address().isUnresolved()) {
      return "keep; its name is looked up";
    }
    List<String> reasons = new ArrayList<>();
    new IceAgent(IceRole.CONTROLLING, IceConfiguration.defaults(), new Random(1), new Ice(reasons))
        .addRemoteCandidate(0, candidate);
    return reasons.isEmpty() ? "keep" : "skip: " + reasons.getFirst();
  }

  private record Ice(List<String> reasons) implements IceAgent.Output {
    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {}

    @Override
    public void onLocalCandidate(Candidate candidate) {}

    @Override
    public void onGatheringComplete() {}

    @Override
    public void onStateChange(IceState state) {}

    @Override
    public void onSelectedPairChange(SelectedPair pair) {}

    @Override
    public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
      reasons.add(reason);
    }
  }

  @Test
  void candidates() {
    DocTable table = new DocTable(PAGE, "candidates", "field", "value", "what becomes of it");
    String good = "1 1 udp 2130706431 198.51.100.7 5000 typ host";
    for (String[] one :
        new String[][] {
          {"foundation", "36 characters", good.replaceFirst("1", "9".repeat(36))},
          {"component", "2 (RTCP)", good.replaceFirst("1 1", "1 2")},
          {"component", "0, 257", good.replaceFirst("1 1", "1 257")},
          {"transport", "`UDP`, `udp`", good.replace("udp", "UDP")},
          {
            "transport",
            "`tcp` with `tcptype active`",
            good.replace("udp", "tcp") + " tcptype active"
          },
          {"transport", "another one", good.replace("udp", "sctp")},
          {"priority", "0 to 4294967295", good.replace("2130706431", "4294967295")},
          {"priority", "another one", good.replace("2130706431", "4294967296")},
          {"address", "a name in `.local`", good.replace("198.51.100.7", "a-1.local")},
          {"address", "another name", good.replace("198.51.100.7", "host.example.com")},
          {"address", "with a zone", good.replace("198.51.100.7", "fe80::1%wlan7")},
          {"address", "`0.0.0.0`, multicast", good.replace("198.51.100.7", "224.0.0.1")},
          {"address", "neither address nor name", good.replace("198.51.100.7", "a_b")},
          {"port", "0", good.replace("5000", "0")},
          {"port", "above 65535", good.replace("5000", "65536")},
          {"type", "unknown", good.replace("host", "moon")},
          {"`typ`", "missing", good.replace(" typ host", "")},
          {"`raddr`", "with a zone", good + " raddr fe80::1%wlan7 rport 9"},
          {"`raddr`, `rport`", "anything else", good + " raddr a_b rport x"},
          {"`tcptype`", "unknown, with `udp`", good + " tcptype x"},
          {"an extension", "unknown", good + " x-new 1"},
          {"an extension", "without a value", good + " x-new"},
          {"the whole", "empty", ""},
          {"the whole", "more than 1024 characters", good + " x ".repeat(400)},
        }) {
      table.row(one[0], one[1], candidateOutcome("candidate:" + one[2]));
    }
    table.check();
  }
}
