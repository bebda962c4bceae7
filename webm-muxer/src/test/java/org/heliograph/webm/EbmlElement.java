package org.heliograph.webm;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An EBML element as a strict reader sees it: only elements that WebM has, each within its parent,
 * sizes as long as needed. Independent of the writer: it has an element table of its own.
 */
record EbmlElement(
    String name,
    int position,
    int contentPosition,
    List<EbmlElement> children,
    ByteBuffer content) {
  private static final Map<Integer, String> MASTERS =
      Map.ofEntries(
          Map.entry(0x1A45DFA3, "EBML"),
          Map.entry(0x18538067, "Segment"),
          Map.entry(0x114D9B74, "SeekHead"),
          Map.entry(0x4DBB, "Seek"),
          Map.entry(0x1549A966, "Info"),
          Map.entry(0x1654AE6B, "Tracks"),
          Map.entry(0xAE, "TrackEntry"),
          Map.entry(0xE0, "Video"),
          Map.entry(0xE1, "Audio"),
          Map.entry(0x1C53BB6B, "Cues"),
          Map.entry(0xBB, "CuePoint"),
          Map.entry(0xB7, "CueTrackPositions"),
          Map.entry(0x1F43B675, "Cluster"));
  private static final Map<Integer, String> LEAVES =
      Map.ofEntries(
          Map.entry(0x4286, "EBMLVersion"),
          Map.entry(0x42F7, "EBMLReadVersion"),
          Map.entry(0x42F2, "EBMLMaxIDLength"),
          Map.entry(0x42F3, "EBMLMaxSizeLength"),
          Map.entry(0x4282, "DocType"),
          Map.entry(0x4287, "DocTypeVersion"),
          Map.entry(0x4285, "DocTypeReadVersion"),
          Map.entry(0xEC, "Void"),
          Map.entry(0x53AB, "SeekID"),
          Map.entry(0x53AC, "SeekPosition"),
          Map.entry(0x2AD7B1, "TimecodeScale"),
          Map.entry(0x4489, "Duration"),
          Map.entry(0x4461, "DateUTC"),
          Map.entry(0x7BA9, "Title"),
          Map.entry(0x4D80, "MuxingApp"),
          Map.entry(0x5741, "WritingApp"),
          Map.entry(0xD7, "TrackNumber"),
          Map.entry(0x73C5, "TrackUID"),
          Map.entry(0x83, "TrackType"),
          Map.entry(0x9C, "FlagLacing"),
          Map.entry(0x536E, "Name"),
          Map.entry(0x22B59C, "Language"),
          Map.entry(0x86, "CodecID"),
          Map.entry(0x63A2, "CodecPrivate"),
          Map.entry(0x56AA, "CodecDelay"),
          Map.entry(0x56BB, "SeekPreRoll"),
          Map.entry(0xB0, "PixelWidth"),
          Map.entry(0xBA, "PixelHeight"),
          Map.entry(0xB5, "SamplingFrequency"),
          Map.entry(0x9F, "Channels"),
          Map.entry(0xB3, "CueTime"),
          Map.entry(0xF7, "CueTrack"),
          Map.entry(0xF1, "CueClusterPosition"),
          Map.entry(0xF0, "CueRelativePosition"),
          Map.entry(0xE7, "Timecode"),
          Map.entry(0xA3, "SimpleBlock"));

  /** Elements whose size is written before it is known, or as long as the space that they fill. */
  private static final Set<String> LONG_SIZES = Set.of("Segment", "Cues", "Void");

  /** A SimpleBlock's parts. */
  record Block(int track, int time, boolean key, boolean invisible, ByteBuffer frame) {}

  /** Reads everything in a document, or in a part of one, into a nameless root. */
  static EbmlElement parse(byte[] document) {
    ByteBuffer bytes = ByteBuffer.wrap(document);
    return new EbmlElement("", 0, 0, readAll(bytes, 0, false), ByteBuffer.wrap(document));
  }

  /** The same of a document that ends somewhere in it: its last element may be torn. */
  static EbmlElement parseTorn(byte[] document) {
    ByteBuffer bytes = ByteBuffer.wrap(document);
    return new EbmlElement("", 0, 0, readAll(bytes, 0, true), ByteBuffer.wrap(document));
  }

  /** The only element at a path, which may skip the Segment. */
  EbmlElement find(String path) {
    List<EbmlElement> found = all(path);
    if (found.size() != 1) {
      throw new AssertionError("there are " + found.size() + " elements " + path);
    }
    return found.getFirst();
  }

  /** Every element at a path. */
  List<EbmlElement> all(String path) {
    List<EbmlElement> found = List.of(this);
    for (String step : path.split("/", -1)) {
      List<EbmlElement> next = new ArrayList<>();
      for (EbmlElement element : found) {
        for (EbmlElement child : element.children) {
          if (child.name.equals(step)) {
            next.add(child);
          } else if (child.name.equals("Segment")) {
            next.addAll(child.all(step));
          }
        }
      }
      found = next;
    }
    return found;
  }

  long unsigned() {
    long value = 0;
    for (int i = 0; i < content.limit(); i++) {
      value = value << 8 | (content.get(i) & 0xff);
    }
    return value;
  }

  String text() {
    return StandardCharsets.UTF_8.decode(content.duplicate()).toString();
  }

  Block block() {
    ByteBuffer bytes = content.duplicate();
    int track = bytes.get() & 0x7f;
    int time = bytes.getShort();
    int flags = bytes.get();
    if ((flags & 0x76) != 0) {
      throw new AssertionError("reserved or lacing flags in a SimpleBlock: " + flags);
    }
    return new Block(track, time, (flags & 0x80) != 0, (flags & 8) != 0, bytes.slice());
  }

  private static List<EbmlElement> readAll(ByteBuffer bytes, int parentPosition, boolean torn) {
    List<EbmlElement> elements = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int position = parentPosition + bytes.position();
      int id;
      long size;
      int sizeLength;
      try {
        id = (int) readVarInt(bytes, false);
        int sizeStart = bytes.position();
        size = readVarInt(bytes, true);
        sizeLength = bytes.position() - sizeStart;
      } catch (BufferUnderflowException end) {
        if (torn) {
          return elements;
        }
        throw end;
      }
      String name = MASTERS.getOrDefault(id, LEAVES.get(id));
      boolean unknown = size == (1L << (7 * sizeLength)) - 1;
      if (unknown && !"Segment".equals(name)) {
        throw new AssertionError("an element of unknown size that is no Segment: " + name);
      }
      if (!unknown
          && !LONG_SIZES.contains(name)
          && sizeLength > 1
          && size < (1L << (7 * (sizeLength - 1))) - 1) {
        throw new AssertionError("a size that is longer than needed");
      }
      boolean cut = size > bytes.remaining();
      if (!unknown && cut && !torn) {
        throw new AssertionError("an element that is longer than its parent");
      }
      if (!unknown && cut && !MASTERS.containsKey(id)) {
        return elements;
      }
      int length = cut ? bytes.remaining() : (int) size;
      ByteBuffer content = bytes.slice(bytes.position(), length);
      int contentPosition = parentPosition + bytes.position();
      bytes.position(bytes.position() + length);
      if (name == null) {
        throw new AssertionError("an element that WebM has not: " + Integer.toHexString(id));
      }
      List<EbmlElement> children =
          MASTERS.containsKey(id)
              ? readAll(content.duplicate(), contentPosition, torn && cut)
              : List.of();
      elements.add(new EbmlElement(name, position, contentPosition, children, content));
    }
    return elements;
  }

  private static long readVarInt(ByteBuffer bytes, boolean withoutMarker) {
    int first = bytes.get() & 0xff;
    int length = Integer.numberOfLeadingZeros(first) - 24 + 1;
    if (length > 8) {
      throw new AssertionError("a variable-length number of more than 8 bytes");
    }
    long value = withoutMarker ? first & ((0x80 >> (length - 1)) - 1) : first;
    for (int i = 1; i < length; i++) {
      value = value << 8 | (bytes.get() & 0xff);
    }
    return value;
  }
}
