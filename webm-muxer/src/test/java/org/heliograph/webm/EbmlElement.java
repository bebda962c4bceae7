package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An EBML element as a strict reader sees it: only elements that WebM has, each within its parent,
 * sizes as long as needed. Independent of the writer: it has an element table of its own.
 */
record EbmlElement(String name, List<EbmlElement> children, ByteBuffer content) {
  private static final Map<Integer, String> MASTERS =
      Map.of(
          0x1A45DFA3, "EBML",
          0x18538067, "Segment",
          0x1549A966, "Info",
          0x1654AE6B, "Tracks",
          0xAE, "TrackEntry",
          0xE0, "Video",
          0xE1, "Audio",
          0x1F43B675, "Cluster");
  private static final Map<Integer, String> LEAVES =
      Map.ofEntries(
          Map.entry(0x4286, "EBMLVersion"),
          Map.entry(0x42F7, "EBMLReadVersion"),
          Map.entry(0x42F2, "EBMLMaxIDLength"),
          Map.entry(0x42F3, "EBMLMaxSizeLength"),
          Map.entry(0x4282, "DocType"),
          Map.entry(0x4287, "DocTypeVersion"),
          Map.entry(0x4285, "DocTypeReadVersion"),
          Map.entry(0x2AD7B1, "TimecodeScale"),
          Map.entry(0x4D80, "MuxingApp"),
          Map.entry(0x5741, "WritingApp"),
          Map.entry(0xD7, "TrackNumber"),
          Map.entry(0x73C5, "TrackUID"),
          Map.entry(0x83, "TrackType"),
          Map.entry(0x9C, "FlagLacing"),
          Map.entry(0x22B59C, "Language"),
          Map.entry(0x86, "CodecID"),
          Map.entry(0x63A2, "CodecPrivate"),
          Map.entry(0x56AA, "CodecDelay"),
          Map.entry(0x56BB, "SeekPreRoll"),
          Map.entry(0xB0, "PixelWidth"),
          Map.entry(0xBA, "PixelHeight"),
          Map.entry(0xB5, "SamplingFrequency"),
          Map.entry(0x9F, "Channels"),
          Map.entry(0xE7, "Timecode"),
          Map.entry(0xA3, "SimpleBlock"));

  /** A SimpleBlock's parts. */
  record Block(int track, int time, boolean key, boolean invisible, ByteBuffer frame) {}

  /** Reads everything in a document, or in a part of one, into a nameless root. */
  static EbmlElement parse(byte[] document) {
    ByteBuffer bytes = ByteBuffer.wrap(document);
    return new EbmlElement("", readAll(bytes), ByteBuffer.wrap(document));
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

  private static List<EbmlElement> readAll(ByteBuffer bytes) {
    List<EbmlElement> elements = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int id = (int) readVarInt(bytes, false);
      int sizeStart = bytes.position();
      long size = readVarInt(bytes, true);
      int sizeLength = bytes.position() - sizeStart;
      boolean unknown = size == (1L << (7 * sizeLength)) - 1;
      if (unknown && !"Segment".equals(MASTERS.get(id))) {
        throw new AssertionError("an element of unknown size that is no Segment");
      }
      if (!unknown && sizeLength > 1 && size < (1L << (7 * (sizeLength - 1))) - 1) {
        throw new AssertionError("a size that is longer than needed");
      }
      if (!unknown && size > bytes.remaining()) {
        throw new AssertionError("an element that is longer than its parent");
      }
      int length = unknown ? bytes.remaining() : (int) size;
      ByteBuffer content = bytes.slice(bytes.position(), length);
      bytes.position(bytes.position() + length);
      elements.add(element(id, content));
    }
    return elements;
  }

  private static EbmlElement element(int id, ByteBuffer content) {
    if (MASTERS.containsKey(id)) {
      return new EbmlElement(MASTERS.get(id), readAll(content.duplicate()), content);
    }
    if (!LEAVES.containsKey(id)) {
      throw new AssertionError("an element that live WebM has not: " + Integer.toHexString(id));
    }
    return new EbmlElement(LEAVES.get(id), List.of(), content);
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
