package org.heliograph.peer.sdp;

import java.util.List;

/** Writes session descriptions as text (RFC 8866 5, RFC 8829 5.2.1), each line ended by CR LF. */
public final class SdpWriter {
  private SdpWriter() {}

  /** The description as it goes to the other side. */
  public static String write(Sdp sdp) {
    StringBuilder text = new StringBuilder(2048);
    line(text, 'v', "0");
    line(text, 'o', sdp.origin().toString());
    line(text, 's', sdp.sessionName());
    line(text, 't', "0 0");
    attributes(text, sdp.attributes());
    for (MediaDescription section : sdp.media()) {
      line(
          text,
          'm',
          section.media()
              + " "
              + section.port()
              + " "
              + section.protocol()
              + " "
              + (section.isReadable() ? String.join(" ", section.formats()) : "0"));
      line(text, 'c', "IN IP4 0.0.0.0");
      attributes(text, section.attributes());
    }
    return text.toString();
  }

  private static void attributes(StringBuilder text, List<Attribute> attributes) {
    for (Attribute attribute : attributes) {
      String value = attribute.value();
      line(text, 'a', value.isEmpty() ? attribute.name() : attribute.name() + ":" + value);
    }
  }

  private static void line(StringBuilder text, char type, String value) {
    text.append(type).append('=').append(value).append("\r\n");
  }
}
