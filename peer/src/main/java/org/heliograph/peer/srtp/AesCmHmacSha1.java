package org.heliograph.peer.srtp;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 4.1.1 and 4.2.1). */
final class AesCmHmacSha1 implements SrtpTransform {
  private static final int TAG_LENGTH = 10;
  private static final int BLOCK_LENGTH = 16;
  private static final int TYPICAL_PACKET_LENGTH = 1500;

  private final Cipher cipher;
  private final Part rtp;
  private final Part rtcp;
  private final byte[] counterBlock = new byte[BLOCK_LENGTH];
  private final byte[] rolloverCounter = new byte[4];
  private final byte[] digest;
  private byte[] input = new byte[TYPICAL_PACKET_LENGTH];

  AesCmHmacSha1(SrtpSessionKeys rtpKeys, SrtpSessionKeys rtcpKeys) {
    try {
      cipher = Cipher.getInstance("AES/CTR/NoPadding");
      rtp = new Part(rtpKeys);
      rtcp = new Part(rtcpKeys);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "this Java runtime has no AES in counter mode or no HMAC-SHA1", e);
    }
    digest = new byte[rtp.mac.getMacLength()];
  }

  @Override
  public void protectRtp(byte[] packet, int offset, int length, int headerLength, long index) {
    int ssrc = Octets.int32(packet, offset + RtpHeader.SSRC_OFFSET);
    applyKeystream(rtp, packet, offset + headerLength, length - headerLength, ssrc, index);
    computeRtpTag(packet, offset, length, index);
    System.arraycopy(digest, 0, packet, offset + length, TAG_LENGTH);
  }

  @Override
  public boolean unprotectRtp(byte[] packet, int offset, int length, int headerLength, long index) {
    int authenticated = length - TAG_LENGTH;
    computeRtpTag(packet, offset, authenticated, index);
    if (!tagMatches(packet, offset + authenticated)) {
      return false;
    }
    int ssrc = Octets.int32(packet, offset + RtpHeader.SSRC_OFFSET);
    applyKeystream(rtp, packet, offset + headerLength, authenticated - headerLength, ssrc, index);
    return true;
  }

  @Override
  public void protectRtcp(byte[] packet, int offset, int length, int trailer) {
    applyRtcpKeystream(packet, offset, length, trailer);
    Octets.putInt32(packet, offset + length, trailer);
    int authenticated = length + SrtcpTrailer.LENGTH;
    rtcp.mac.update(packet, offset, authenticated);
    finishDigest(rtcp.mac);
    System.arraycopy(digest, 0, packet, offset + authenticated, TAG_LENGTH);
  }

  @Override
  public int rtcpTrailer(byte[] packet, int offset, int length) {
    return Octets.int32(packet, offset + length - TAG_LENGTH - SrtcpTrailer.LENGTH);
  }

  @Override
  public boolean unprotectRtcp(byte[] packet, int offset, int length, int trailer) {
    int authenticated = length - TAG_LENGTH;
    rtcp.mac.update(packet, offset, authenticated);
    finishDigest(rtcp.mac);
    if (!tagMatches(packet, offset + authenticated)) {
      return false;
    }
    if (SrtcpTrailer.isEncrypted(trailer)) {
      applyRtcpKeystream(packet, offset, authenticated - SrtcpTrailer.LENGTH, trailer);
    }
    return true;
  }

  private void applyRtcpKeystream(byte[] packet, int offset, int length, int trailer) {
    int ssrc = Octets.int32(packet, offset + RtcpHeader.SSRC_OFFSET);
    applyKeystream(
        rtcp,
        packet,
        offset + RtcpHeader.LENGTH,
        length - RtcpHeader.LENGTH,
        ssrc,
        SrtcpTrailer.index(trailer));
  }

  private void applyKeystream(
      Part part, byte[] packet, int offset, int length, int ssrc, long index) {
    // IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), RFC 3711 4.1.1.
    Arrays.fill(counterBlock, (byte) 0);
    System.arraycopy(part.salt, 0, counterBlock, 0, part.salt.length);
    Octets.xorInt32(counterBlock, 4, ssrc);
    Octets.xorInt48(counterBlock, 8, index);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, part.key, new IvParameterSpec(counterBlock));
      // Into the same array the JDK's cipher would do this with a new copy each time.
      System.arraycopy(packet, offset, roomFor(length), 0, length);
      cipher.doFinal(input, 0, length, packet, offset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES in counter mode refused a packet", e);
    }
  }

  private byte[] roomFor(int length) {
    if (input.length < length) {
      input = new byte[length];
    }
    return input;
  }

  private void computeRtpTag(byte[] packet, int offset, int length, long index) {
    Octets.putInt32(rolloverCounter, 0, (int) (index >>> 16));
    rtp.mac.update(packet, offset, length);
    rtp.mac.update(rolloverCounter);
    finishDigest(rtp.mac);
  }

  private void finishDigest(Mac mac) {
    try {
      mac.doFinal(digest, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA1 refused a packet", e);
    }
  }

  /** Compares in a time that does not depend on where the tags differ. */
  private boolean tagMatches(byte[] packet, int offset) {
    int difference = 0;
    for (int i = 0; i < TAG_LENGTH; i++) {
      difference |= packet[offset + i] ^ digest[i];
    }
    return difference == 0;
  }

  private static final class Part {
    final Key key;
    final byte[] salt;
    final Mac mac;

    Part(SrtpSessionKeys keys) throws GeneralSecurityException {
      key = new SecretKeySpec(keys.encryptionKey(), "AES");
      salt = keys.salt();
      mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(keys.authenticationKey(), "HmacSHA1"));
    }
  }
}
