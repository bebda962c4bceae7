package org.heliograph.peer.stream.receive;

import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;
import org.heliograph.peer.rtp.Vp9PayloadDescriptor;

/** Reads what leads the payload of a video packet; a view that is used for packet after packet. */
sealed interface VideoPayload {
  /**
   * Reads the descriptor of a packet.
   *
   * @throws MalformedPacketException if it is damaged
   */
  void parse(RtpPacket packet) throws MalformedPacketException;

  /** How many bytes of the payload are descriptor. */
  int descriptorLength();

  /** Whether a coded frame begins with the packet: a picture, or a spatial layer of one. */
  boolean startsFrame();

  /** What the descriptor says of the picture. */
  PictureHeader header();

  /** RFC 7741. */
  final class Vp8 implements VideoPayload {
    private final Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();
    private PictureHeader last = PictureHeader.NONE;

    @Override
    public void parse(RtpPacket packet) throws MalformedPacketException {
      descriptor.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    }

    @Override
    public int descriptorLength() {
      return descriptor.length();
    }

    @Override
    public boolean startsFrame() {
      return descriptor.startsFrame();
    }

    @Override
    public PictureHeader header() {
      last = PictureHeader.of(descriptor, last);
      return last;
    }
  }

  /** RFC 9628. */
  final class Vp9 implements VideoPayload {
    private final Vp9PayloadDescriptor descriptor = new Vp9PayloadDescriptor();
    private PictureHeader last = PictureHeader.NONE;

    @Override
    public void parse(RtpPacket packet) throws MalformedPacketException {
      descriptor.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    }

    @Override
    public int descriptorLength() {
      return descriptor.length();
    }

    @Override
    public boolean startsFrame() {
      return descriptor.startsLayerFrame();
    }

    @Override
    public PictureHeader header() {
      last = PictureHeader.of(descriptor, last);
      return last;
    }
  }
}
