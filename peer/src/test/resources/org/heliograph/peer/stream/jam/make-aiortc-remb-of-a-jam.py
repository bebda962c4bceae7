"""Writes the REMB packets that aiortc sends while a path's delay grows to 1.5 s: python make-aiortc-remb-of-a-jam.py > aiortc-remb-of-a-jam.txt

aiortc's own estimator, its own way of writing a REMB; the sender of pictures (11111111) follows what it is told, and
stops at 48 kbit/s. A line is a time in milliseconds, and the packet that comes back then.
"""

import heapq
from importlib.metadata import version

from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, pack_remb_fci

PICTURE, RECEIVER = 0x11111111, 0x0B0B0B0B
BEGIN, END, WAY = 10_000, 13_000, 30
MOST, LEAST = 250_000, 48_000

estimator = RemoteBitrateEstimator()
events = [(0, 0, "picture")]
count, told, last = 0, MOST, 0
print("# The REMB packets of aiortc", version("aiortc"), "by milliseconds; the jam lasts from", BEGIN, "to", END)
while events:
    now, _, what = heapq.heappop(events)
    count += 1
    if what == "picture":
        if now < 40_000:
            heapq.heappush(events, (now + 33, count, "picture"))
        if told < LEAST:
            continue
        way = WAY + (1500 - WAY) * (now - BEGIN) // (END - BEGIN) if BEGIN <= now < END else WAY
        left = min(told, MOST) * 33 // 8000
        last = max(last, now + way)
        while left > 0:
            size = min(left, 1100)
            heapq.heappush(events, (last, count, (now, size)))
            left -= size
            count += 1
    elif isinstance(what, tuple):
        sent, size = what
        remb = estimator.add(now, (sent << 18) // 1000 & 0xFFFFFF, size, PICTURE)
        if remb is not None:
            packet = bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=RECEIVER, media_ssrc=0, fci=pack_remb_fci(*remb)))
            print(now + WAY, packet.hex())
            heapq.heappush(events, (now + WAY, count, remb[0]))
    else:
        told = what
