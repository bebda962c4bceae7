package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Source description (SDES, RFC 3550 6.5), reduced to its one mandatory item.
 *
 * @param chunks the sources described
 */
public record SourceDescription(List<Chunk> chunks) implements RtcpPacket {
  private static final int CNAME = 1;

  public SourceDescription {
    chunks = List.copyOf(chunks);
    if (chunks.size() > 31) {
      throw new IllegalArgumentException(chunks.size() + " SDES chunks");
    }
  }

  /**
   * A source and its canonical name, which all sources of one endpoint share.
   *
   * @param ssrc the source
   * @param cname at most 255 bytes of UTF-8; empty if the chunk had none
   */
  public record Chunk(long ssrc, String cname) {
    public Chunk {
      if (cname.getBytes(StandardCharsets.UTF_8).length > 255) {
        throw new IllegalArgumentException("CNAME of more than 255 bytes");
      }
    }

    /** SSRC, the item, and 1 to 4 zero bytes up to the next word. */
    private int length() {
      int item = cname.isEmpty() ? 0 : 2 + cname.getBytes(StandardCharsets.UTF_8).length;
      return 4 + item / 4 * 4 + 4;
    }

    private void write(ByteBuffer out) {
      int end = out.position() + length();
      Wire.putUnsignedInt(out, ssrc);
      if (!cname.isEmpty()) {
        byte[] bytes = cname.getBytes(StandardCharsets.UTF_8);
        out.put((byte) CNAME).put((byte) bytes.length).put(bytes);
      }
      while (out.position() < end) {
        out.put((byte) 0);
      }
    }
  }

  static SourceDescription parse(int count, ByteBuffer in) throws MalformedPacketException {
    List<Chunk> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Wire.need(in, 4, "RTCP SDES chunk");
      int chunkStart = in.position();
      chunks.add(new Chunk(Wire.unsignedInt(in), parseItems(in)));
      int chunkLength = in.position() - chunkStart;
      in.position(Math.min(in.limit(), chunkStart + (chunkLength + 3) / 4 * 4));
    }
    return new SourceDescription(chunks);
  }

  /** Reads a chunk's items up to and including the zero byte that ends them; gives the CNAME. */
  private static String parseItems(ByteBuffer in) throws MalformedPacketException {
    String cname = "";
    while (true) {
      Wire.need(in, 1, "RTCP SDES item list");
      int type = in.get() & 0xff;
      if (type == 0) {
        return cname;
      }
      Wire.need(in, 1, "RTCP SDES item");
      int length = in.get() & 0xff;
      Wire.need(in, length, "RTCP SDES item");
      if (type == CNAME) {
        cname = text(in.slice(in.position(), length));
      }
      in.position(in.position() + length);
    }
  }

  private static String text(ByteBuffer item) throws MalformedPacketException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(item).toString();
    } catch (CharacterCodingException _) {
      throw new MalformedPacketException("RTCP SDES: CNAME is not UTF-8");
    }
  }

  @Override
  public int length() {
    return Wire.HEADER_LENGTH + chunks.stream().mapToInt(Chunk::length).sum();
  }

  @Override
  public void write(ByteBuffer out) {
    Wire.putHeader(out, chunks.size(), Wire.SOURCE_DESCRIPTION, length());
    chunks.forEach(chunk -> chunk.write(out));
  }
}
