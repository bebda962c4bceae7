package org.heliograph.bench;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Protects a packet of 1162 bytes: both SRTP profiles, beside Bouncy Castle's AES-GCM over as many
 * bytes, which is what SRTP would cost on it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SrtpBenchmark {
  private static final int HEADER = 12;
  private static final int PACKET = 1162;

  private final OutboundSrtp gcm = outbound(SrtpProfile.AEAD_AES_128_GCM);
  private final OutboundSrtp counterMode = outbound(SrtpProfile.AES128_CM_HMAC_SHA1_80);
  private final byte[] bytes = new byte[PACKET + 64];
  private final ByteBuffer packet = ByteBuffer.wrap(bytes);
  private final byte[] output = new byte[PACKET + 64];
  private final GCMModeCipher bouncyCastle = GCMBlockCipher.newInstance(AESEngine.newInstance());
  private final byte[] nonce = new byte[12];
  private final KeyParameter key = new KeyParameter(new byte[16]);
  private int sequence;

  private static OutboundSrtp outbound(SrtpProfile profile) {
    return new OutboundSrtp(
        SrtpKeys.ofKeyingMaterial(profile, new byte[profile.keyingMaterialLength()], true));
  }

  private ByteBuffer nextPacket() {
    packet.clear().limit(PACKET);
    packet.put(0, (byte) 0x80).put(1, (byte) 96).putShort(2, (short) sequence++);
    return packet;
  }

  /** AEAD_AES_128_GCM as Heliograph does it. */
  @Benchmark
  public ByteBuffer heliographGcm() {
    ByteBuffer next = nextPacket();
    gcm.protectRtp(next);
    return next;
  }

  /** AES_CM_128_HMAC_SHA1_80 as Heliograph does it. */
  @Benchmark
  public ByteBuffer heliographCounterMode() {
    ByteBuffer next = nextPacket();
    counterMode.protectRtp(next);
    return next;
  }

  /** The same bytes through Bouncy Castle's AES-GCM, without any of SRTP's own work. */
  @Benchmark
  public int bouncyCastleGcm() throws InvalidCipherTextException {
    nextPacket();
    nonce[10] = (byte) (sequence >> 8);
    nonce[11] = (byte) sequence;
    nonce[9] = (byte) (sequence >> 16);
    nonce[8] = (byte) (sequence >> 24);
    bouncyCastle.init(true, new AEADParameters(key, 128, nonce));
    bouncyCastle.processAADBytes(bytes, 0, HEADER);
    int length = bouncyCastle.processBytes(bytes, HEADER, PACKET - HEADER, output, 0);
    return length + bouncyCastle.doFinal(output, length);
  }
}
