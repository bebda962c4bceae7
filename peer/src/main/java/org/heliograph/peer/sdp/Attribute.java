package org.heliograph.peer.sdp;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * An {@code a=} line (RFC 8866 5.13). Those that the offer/answer exchange of WebRTC uses have a
 * record each; every other one is kept as {@link Other}.
 */
public sealed interface Attribute {
  /** The attribute's name: what stands before the colon. */
  String name();

  /** The attribute's value: what stands after the colon; empty for one that is only a name. */
  String value();

  /** The first attribute of a type in a list. */
  static <T extends Attribute> Optional<T> first(List<Attribute> attributes, Class<T> type) {
    return attributes.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** Every attribute of a type in a list, in order. */
  static <T extends Attribute> List<T> all(List<Attribute> attributes, Class<T> type) {
    return attributes.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Sections that belong together (RFC 5888 5), above all those of one BUNDLE (RFC 8843). */
  record Group(String semantics, List<String> mids) implements Attribute {
    public static final String BUNDLE = "BUNDLE";

    public Group {
      mids = List.copyOf(mids);
    }

    @Override
    public String name() {
      return "group";
    }

    @Override
    public String value() {
      return mids.isEmpty() ? semantics : semantics + " " + String.join(" ", mids);
    }
  }

  /** A section's identification (RFC 5888 4). */
  record Mid(String mid) implements Attribute {
    @Override
    public String name() {
      return "mid";
    }

    @Override
    public String value() {
      return mid;
    }
  }

  /** {@code sendrecv}, {@code sendonly}, {@code recvonly} or {@code inactive} (RFC 8866 6.7). */
  record MediaDirection(Direction direction) implements Attribute {
    @Override
    public String name() {
      return direction.attributeName();
    }

    @Override
    public String value() {
      return "";
    }
  }

  /** The ICE user name fragment (RFC 8839 5.4). */
  record IceUfrag(String ufrag) implements Attribute {
    @Override
    public String name() {
      return "ice-ufrag";
    }

    @Override
    public String value() {
      return ufrag;
    }
  }

  /** The ICE password (RFC 8839 5.4). */
  record IcePwd(String password) implements Attribute {
    @Override
    public String name() {
      return "ice-pwd";
    }

    @Override
    public String value() {
      return password;
    }

    @Override
    public String toString() {
      return "IcePwd[…]";
    }
  }

  /** What the ICE agent can do (RFC 8839 5.6), such as {@code trickle} (RFC 8840 4.1). */
  record IceOptions(List<String> options) implements Attribute {
    public static final String TRICKLE = "trickle";

    public IceOptions {
      options = List.copyOf(options);
    }

    @Override
    public String name() {
      return "ice-options";
    }

    @Override
    public String value() {
      return String.join(" ", options);
    }
  }

  /** The ICE agent only answers checks (RFC 8839 5.3). */
  record IceLite() implements Attribute {
    @Override
    public String name() {
      return "ice-lite";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /**
   * A candidate (RFC 8839 5.1), as text: what it says is the ICE agent's to read.
   *
   * @param value what follows {@code candidate:}
   */
  record Candidate(String value) implements Attribute {
    @Override
    public String name() {
      return "candidate";
    }
  }

  /** No further candidate will come for this section (RFC 8840 8.2). */
  record EndOfCandidates() implements Attribute {
    @Override
    public String name() {
      return "end-of-candidates";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /**
   * The certificate that the DTLS association must show (RFC 8122 5).
   *
   * @param hashFunction in lower case, such as {@code sha-256}
   * @param bytes upper-case hexadecimal pairs joined by colons
   */
  record Fingerprint(String hashFunction, String bytes) implements Attribute {
    @Override
    public String name() {
      return "fingerprint";
    }

    @Override
    public String value() {
      return hashFunction + " " + bytes;
    }
  }

  /** Who opens the DTLS association (RFC 4145 4, RFC 8842 5.2). */
  record Setup(SetupRole role) implements Attribute {
    @Override
    public String name() {
      return "setup";
    }

    @Override
    public String value() {
      return role.token();
    }
  }

  /** RTP and RTCP share one port (RFC 5761 5.1.1). */
  record RtcpMux() implements Attribute {
    @Override
    public String name() {
      return "rtcp-mux";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /** RTP and RTCP share one port, and nothing else is possible (RFC 8858). */
  record RtcpMuxOnly() implements Attribute {
    @Override
    public String name() {
      return "rtcp-mux-only";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /** RTCP packets may be of reduced size (RFC 5506 5). */
  record RtcpReducedSize() implements Attribute {
    @Override
    public String name() {
      return "rtcp-rsize";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /** The section exists only if it is bundled (RFC 8843 6). */
  record BundleOnly() implements Attribute {
    @Override
    public String name() {
      return "bundle-only";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /**
   * What a payload type carries (RFC 8866 6.6).
   *
   * @param payloadType 0 to 127
   * @param encoding the codec's name; compared without regard to case
   * @param clockRate the RTP clock in Hz
   * @param channels audio channels, where written
   */
  record RtpMap(int payloadType, String encoding, int clockRate, OptionalInt channels)
      implements Attribute {
    @Override
    public String name() {
      return "rtpmap";
    }

    @Override
    public String value() {
      String map = payloadType + " " + encoding + "/" + clockRate;
      return channels.isPresent() ? map + "/" + channels.getAsInt() : map;
    }
  }

  /**
   * Parameters of a format (RFC 8866 6.15).
   *
   * @param format for RTP the payload type
   * @param parameters the text after it; {@link FormatParameters} reads {@code key=value} lists
   */
  record Fmtp(String format, String parameters) implements Attribute {
    @Override
    public String name() {
      return "fmtp";
    }

    @Override
    public String value() {
      return format + " " + parameters;
    }
  }

  /**
   * RTCP feedback that the receiver of a payload type may send (RFC 4585 4.2).
   *
   * @param payloadType empty for all of the section ({@code *})
   * @param feedback the kind with its parameter, such as {@code nack pli}
   */
  record RtcpFeedback(OptionalInt payloadType, String feedback) implements Attribute {
    @Override
    public String name() {
      return "rtcp-fb";
    }

    @Override
    public String value() {
      return (payloadType.isPresent() ? payloadType.getAsInt() : "*") + " " + feedback;
    }
  }

  /**
   * Something about one RTP source (RFC 5576 4.1).
   *
   * @param ssrc unsigned 32 bits
   * @param attribute such as {@code cname} or {@code msid}
   * @param attributeValue what follows its colon; empty where there is none
   */
  record Ssrc(long ssrc, String attribute, String attributeValue) implements Attribute {
    @Override
    public String name() {
      return "ssrc";
    }

    @Override
    public String value() {
      String value = ssrc + " " + attribute;
      return attributeValue.isEmpty() ? value : value + ":" + attributeValue;
    }
  }

  /** RTP sources that belong together (RFC 5576 4.2): {@code FID} pairs a stream with its RTX. */
  record SsrcGroup(String semantics, List<Long> ssrcs) implements Attribute {
    public static final String FLOW_IDENTIFICATION = "FID";

    public SsrcGroup {
      ssrcs = List.copyOf(ssrcs);
    }

    @Override
    public String name() {
      return "ssrc-group";
    }

    @Override
    public String value() {
      return semantics + ssrcs.stream().map(ssrc -> " " + ssrc).collect(Collectors.joining());
    }
  }

  /**
   * A header extension and its local identifier (RFC 8285 8).
   *
   * @param id 1 to 14 in the one-byte form, up to 255 in the two-byte form
   * @param direction the direction that it is restricted to, where written
   * @param uri the extension's name
   * @param configuration what follows the URI; mostly empty
   */
  record ExtMap(int id, Optional<Direction> direction, String uri, String configuration)
      implements Attribute {
    /** An extension in both directions without a configuration. */
    public ExtMap(int id, String uri) {
      this(id, Optional.empty(), uri, "");
    }

    @Override
    public String name() {
      return "extmap";
    }

    @Override
    public String value() {
      return id
          + direction.map(d -> "/" + d.attributeName()).orElse("")
          + " "
          + uri
          + (configuration.isEmpty() ? "" : " " + configuration);
    }
  }

  /** One- and two-byte header extensions may be mixed in a stream (RFC 8285 6). */
  record ExtMapAllowMixed() implements Attribute {
    @Override
    public String name() {
      return "extmap-allow-mixed";
    }

    @Override
    public String value() {
      return "";
    }
  }

  /**
   * The media stream that a section's track belongs to (RFC 8830 2).
   *
   * @param stream the stream's identification; {@code -} for none
   * @param track the track's; empty where not written
   */
  record Msid(String stream, String track) implements Attribute {
    @Override
    public String name() {
      return "msid";
    }

    @Override
    public String value() {
      return track.isEmpty() ? stream : stream + " " + track;
    }
  }

  /** A restricted stream of a section (RFC 8851 4). */
  record Rid(String id, String direction, String restrictions) implements Attribute {
    @Override
    public String name() {
      return "rid";
    }

    @Override
    public String value() {
      return id + " " + direction + (restrictions.isEmpty() ? "" : " " + restrictions);
    }
  }

  /** A section's simulcast streams (RFC 8853 5.1), as text. */
  record Simulcast(String value) implements Attribute {
    @Override
    public String name() {
      return "simulcast";
    }
  }

  /**
   * The SCTP port of a data channel section (RFC 8841 5).
   *
   * @param port 1 to 65535; 0 where no association is wanted
   */
  record SctpPort(int port) implements Attribute {
    @Override
    public String name() {
      return "sctp-port";
    }

    @Override
    public String value() {
      return Integer.toString(port);
    }
  }

  /**
   * The longest message that the writer takes over SCTP (RFC 8841 6).
   *
   * @param octets 0 for any length
   */
  record MaxMessageSize(long octets) implements Attribute {
    @Override
    public String name() {
      return "max-message-size";
    }

    @Override
    public String value() {
      return Long.toString(octets);
    }
  }

  /** An attribute that nothing here reads. */
  record Other(String name, String value) implements Attribute {}
}
