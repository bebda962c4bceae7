"""Writes what libsrtp makes of some packets: python make-libsrtp-fixtures.py, in this directory."""

import struct

from pylibsrtp import Policy, Session

PROFILES = {
    "AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16 + 12),
    "AES128_CM_HMAC_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16 + 14),
}
VIDEO, AUDIO = 0x11223344, 0xFFEEDDCC


def rtp(ssrc, sequence, payload, csrcs=(), extension=b""):
    first = 0x80 | len(csrcs) | (0x10 if extension else 0)
    header = struct.pack("!BBHLL", first, 96, sequence, 3000 * sequence, ssrc)
    header += b"".join(struct.pack("!L", csrc) for csrc in csrcs)
    if extension:
        header += struct.pack("!HH", 0xBEDE, len(extension) // 4) + extension
    return header + payload


def receiver_report(ssrc):
    return struct.pack("!BBHL", 0x80, 201, 1, ssrc) + struct.pack("!BBHLL", 0x81, 206, 2, ssrc, VIDEO)


for name, (profile, length) in PROFILES.items():
    key = bytes((37 * i + 11) % 256 for i in range(length))
    policy = Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    session = Session(policy)
    with open(f"libsrtp-{name}.txt", "w") as out:
        print("key", key.hex(), file=out)
        # One source rolls over twice, with gaps and packets out of order; the other stays in between.
        sequences = [32000, 65533, 65535, 65534, 1, 0, 30000, 60000, 65535, 5, 65534, 6]
        for number, sequence in enumerate(sequences):
            packets = [
                rtp(VIDEO, sequence, bytes(range(number * 16 + 3)), [7] * (number % 4)),
                rtp(AUDIO, number, b"opus" * number, extension=b"\x10\x99\x00\x00" * (number % 3)),
            ]
            for packet in packets:
                print("rtp", packet.hex(), session.protect(packet).hex(), file=out)
            for ssrc in (VIDEO, AUDIO):
                packet = receiver_report(ssrc)
                print("rtcp", packet.hex(), session.protect_rtcp(packet).hex(), file=out)
