package org.heliograph.peer.srtp;

import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AEAD_AES_128_GCM (RFC 7714).
 *
 * <p>The JDK's cipher takes the nonce only by way of {@code init}, so a packet costs about 1 KB of
 * garbage there, and a packet that is not authentic costs the exception that the JDK throws.
 */
final class AeadAesGcm implements SrtpTransform {
  private static final int TAG_LENGTH = 16;
  private static final int NONCE_LENGTH = 12;

  private final Cipher cipher;
  private final Key rtpKey;
  private final byte[] rtpSalt;
  private final Key rtcpKey;
  private final byte[] rtcpSalt;
  private final byte[] nonce = new byte[NONCE_LENGTH];
  private final byte[] trailerBytes = new byte[SrtcpTrailer.LENGTH];

  AeadAesGcm(SrtpSessionKeys rtp, SrtpSessionKeys rtcp) {
    rtpKey = new SecretKeySpec(rtp.encryptionKey(), "AES");
    rtpSalt = rtp.salt();
    rtcpKey = new SecretKeySpec(rtcp.encryptionKey(), "AES");
    rtcpSalt = rtcp.salt();
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no AES-GCM", e);
    }
  }

  @Override
  public void protectRtp(byte[] packet, int offset, int length, int headerLength, long index) {
    setNonce(rtpSalt, Octets.int32(packet, offset + RtpHeader.SSRC_OFFSET), index);
    try {
      initialize(Cipher.ENCRYPT_MODE, rtpKey);
      cipher.updateAAD(packet, offset, headerLength);
      int payload = offset + headerLength;
      cipher.doFinal(packet, payload, length - headerLength, packet, payload);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to encrypt", e);
    }
  }

  @Override
  public boolean unprotectRtp(byte[] packet, int offset, int length, int headerLength, long index) {
    setNonce(rtpSalt, Octets.int32(packet, offset + RtpHeader.SSRC_OFFSET), index);
    try {
      initialize(Cipher.DECRYPT_MODE, rtpKey);
      cipher.updateAAD(packet, offset, headerLength);
      int payload = offset + headerLength;
      cipher.doFinal(packet, payload, length - headerLength, packet, payload);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to decrypt", e);
    }
  }

  @Override
  public void protectRtcp(byte[] packet, int offset, int length, int trailer) {
    Octets.putInt32(packet, offset + length + TAG_LENGTH, trailer);
    setRtcpNonce(packet, offset, trailer);
    try {
      initialize(Cipher.ENCRYPT_MODE, rtcpKey);
      addRtcpAssociatedData(packet, offset, RtcpHeader.LENGTH, trailer);
      int payload = offset + RtcpHeader.LENGTH;
      cipher.doFinal(packet, payload, length - RtcpHeader.LENGTH, packet, payload);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to encrypt", e);
    }
  }

  @Override
  public int rtcpTrailer(byte[] packet, int offset, int length) {
    return Octets.int32(packet, offset + length - SrtcpTrailer.LENGTH);
  }

  @Override
  public boolean unprotectRtcp(byte[] packet, int offset, int length, int trailer) {
    setRtcpNonce(packet, offset, trailer);
    int tagEnd = length - SrtcpTrailer.LENGTH;
    // Without encryption (RFC 7714 9.3) everything before the tag is only authenticated.
    int clearLength = SrtcpTrailer.isEncrypted(trailer) ? RtcpHeader.LENGTH : tagEnd - TAG_LENGTH;
    try {
      initialize(Cipher.DECRYPT_MODE, rtcpKey);
      addRtcpAssociatedData(packet, offset, clearLength, trailer);
      int payload = offset + clearLength;
      cipher.doFinal(packet, payload, tagEnd - clearLength, packet, payload);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to decrypt", e);
    }
  }

  private void initialize(int mode, Key key) throws GeneralSecurityException {
    cipher.init(mode, key, new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce));
  }

  private void addRtcpAssociatedData(byte[] packet, int offset, int length, int trailer) {
    Octets.putInt32(trailerBytes, 0, trailer);
    cipher.updateAAD(packet, offset, length);
    cipher.updateAAD(trailerBytes);
  }

  private void setRtcpNonce(byte[] packet, int offset, int trailer) {
    setNonce(
        rtcpSalt,
        Octets.int32(packet, offset + RtcpHeader.SSRC_OFFSET),
        SrtcpTrailer.index(trailer));
  }

  /** Two zero octets, the source and the 48-bit index, over the salt (RFC 7714 8.1 and 9.1). */
  private void setNonce(byte[] salt, int ssrc, long index) {
    System.arraycopy(salt, 0, nonce, 0, NONCE_LENGTH);
    Octets.xorInt32(nonce, 2, ssrc);
    Octets.xorInt48(nonce, 6, index);
  }
}
