"""A remote peer on aiortc for the interoperability tests.

It reads a command a line, as JSON, and writes a reply a line:

    {"id": 1, "command": "offer", "argument": {"restart": false}}
    {"id": 1, "value": "v=0..."}   or   {"id": 1, "error": "why not"}

The commands are the methods of Remote. It ends with its input.
"""

import array
import asyncio
import base64
import fractions
import json
import logging
import math
import sys
import time

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

import code_picture

# aioice never offers loopback by itself, and nothing but loopback is to be used here.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

SAMPLE_RATE = 48_000
WINDOW_SAMPLES = SAMPLE_RATE // 5
SILENCE = 0.01


class Ticks:
    """Real time in steps. Who comes late, since nobody wanted the steps before, goes on with the present one."""

    def __init__(self, rate):
        self.rate = rate
        self.start = time.monotonic()
        self.last = -1

    async def next(self):
        now = int((time.monotonic() - self.start) * self.rate)
        self.last = max(self.last + 1, now)
        await asyncio.sleep(self.start + self.last / self.rate - time.monotonic())
        return self.last


class Picture(MediaStreamTrack):
    """A grey picture with the present time as its code (docs/test-picture.md)."""

    kind = "video"
    rate = 25

    def __init__(self):
        super().__init__()
        self.ticks = Ticks(self.rate)

    async def recv(self):
        if self.readyState != "live":
            raise MediaStreamError
        frame = av.VideoFrame(code_picture.WIDTH, code_picture.HEIGHT, "yuv420p")
        frame.pts = await self.ticks.next()
        frame.time_base = fractions.Fraction(1, self.rate)
        luma, *chroma = frame.planes
        luma.update(code_picture.paint(int(time.time() * 1000) % code_picture.CODES, luma.line_size))
        for plane in chroma:
            plane.update(bytes([128]) * plane.buffer_size)
        return frame


class Tone(MediaStreamTrack):
    """A pure sine."""

    kind = "audio"
    rate = 50

    def __init__(self, hertz):
        super().__init__()
        self.ticks = Ticks(self.rate)
        self.hertz = hertz

    async def recv(self):
        if self.readyState != "live":
            raise MediaStreamError
        count = SAMPLE_RATE // self.rate
        first = count * await self.ticks.next()
        turn = 2 * math.pi * self.hertz / SAMPLE_RATE
        samples = array.array("h", (int(8000 * math.sin(turn * (first + i))) for i in range(count)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(samples.tobytes())
        frame.pts = first
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        return frame


def pitch(samples):
    """The frequency of a pure tone in Hz, by its upward passages through zero; 0 in silence."""
    level = math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768
    if level < SILENCE:
        return 0
    passages = [
        i - samples[i] / (samples[i] - samples[i - 1])
        for i in range(1, len(samples))
        if samples[i - 1] < 0 <= samples[i]
    ]
    if len(passages) < 2:
        return 0
    return SAMPLE_RATE * (len(passages) - 1) / (passages[-1] - passages[0])


class Remote:
    """One RTCPeerConnection, with what it sends and what it has to tell."""

    def __init__(self):
        self.connection = None
        self.hearers = []

    async def perform(self, command, argument):
        return await getattr(self, command)(argument)

    async def begin(self, setup):
        """Makes a new connection, and ends the one before."""
        await self.end()
        self.hertz = setup["hertz"]
        self.tracks = {}
        self.channels = {}
        self.events = []
        self.hearers = []
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.on("track", self.take_track)
        self.connection.on("datachannel", self.take_channel)
        for event in ("connectionstatechange", "iceconnectionstatechange"):
            self.connection.on(event, self.note_states)
        await self.forget(None)

    async def end(self):
        for hearer in self.hearers:
            hearer.cancel()
        if self.connection:
            await self.connection.close()

    def note_states(self):
        self.events.append(f"ICE {self.connection.iceConnectionState}, connection {self.connection.connectionState}")

    def transceiver(self, kind):
        return next((one for one in self.connection.getTransceivers() if one.kind == kind), None)

    async def prepare(self, what):
        """Has a place in the next descriptions for what is sent later."""
        if not self.transceiver(what["kind"]):
            self.connection.addTransceiver(what["kind"], "sendrecv")

    async def send(self, what):
        kind = what["kind"]
        # The same track again when it was stopped: a sender's timestamps go on.
        track = self.tracks.setdefault(kind, Picture() if kind == "video" else Tone(self.hertz))
        used = self.transceiver(kind)
        if used:
            used.sender.replaceTrack(track)
            used.direction = "sendrecv"
        else:
            self.connection.addTrack(track)

    async def stopSending(self, what):
        used = self.transceiver(what["kind"])
        used.sender.replaceTrack(None)
        used.direction = "recvonly"

    async def setDirection(self, what):
        for one in self.connection.getTransceivers():
            one.direction = what["direction"]

    async def offer(self, options):
        if options["restart"]:
            raise ValueError("aiortc has no ICE restart")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def answer(self, offer):
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    async def accept(self, answer):
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def addCandidate(self, told):
        candidate = None
        if told["candidate"]:
            candidate = candidate_from_sdp(told["candidate"].removeprefix("candidate:"))
            candidate.sdpMid = told.get("sdpMid")
            candidate.sdpMLineIndex = told.get("sdpMLineIndex")
        await self.connection.addIceCandidate(candidate)

    async def takeCandidates(self, _):
        return []  # They all stand in the descriptions.

    def take_track(self, track):
        take = self.see if track.kind == "video" else self.hear
        self.hearers.append(asyncio.ensure_future(self.receive(track, take)))

    async def receive(self, track, take):
        try:
            while True:
                take(await track.recv())
        except MediaStreamError:
            self.events.append(f"the {track.kind} ended")

    def see(self, frame):
        self.frames += 1
        code = code_picture.read(frame)
        if code is not None:
            self.codes.add(code)

    def hear(self, frame):
        interleaved = array.array("h", bytes(frame.planes[0])[: 2 * len(frame.layout.channels) * frame.samples])
        self.heard.extend(interleaved[:: len(frame.layout.channels)])
        if len(self.heard) >= WINDOW_SAMPLES:
            self.heard_hertz = pitch(self.heard[:WINDOW_SAMPLES])
            self.heard = array.array("h")

    async def received(self, _):
        return {"codes": list(self.codes), "frames": self.frames, "hertz": self.heard_hertz}

    async def forget(self, _):
        self.codes = set()
        self.frames = 0
        self.heard = array.array("h")
        self.heard_hertz = 0

    async def openChannel(self, what):
        channel = self.connection.createDataChannel(what["label"])
        waiting, received = [], []

        @channel.on("open")
        def flush():
            while waiting and channel.readyState == "open":
                channel.send(waiting.pop(0))

        channel.on("message", received.append)
        self.channels[what["label"]] = (waiting, received, flush)

    async def sendMessage(self, what):
        waiting, _, flush = self.channels[what["label"]]
        message = what["message"]
        waiting.append(message["text"] if "text" in message else base64.b64decode(message["binary"]))
        flush()

    async def takeMessages(self, what):
        received = self.channels[what["label"]][1]
        taken = [
            {"text": one} if isinstance(one, str) else {"binary": base64.b64encode(one).decode()} for one in received
        ]
        received.clear()
        return taken

    def take_channel(self, channel):
        channel.on("message", channel.send)

    async def troubles(self, _):
        local, remote = self.connection.localDescription, self.connection.remoteDescription
        return {
            "events": self.events,
            "signaling": self.connection.signalingState,
            "local": local and local.sdp,
            "remote": remote and remote.sdp,
            "stats": [str(one) for one in (await self.connection.getStats()).values()],
        }


async def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout)
    reader = asyncio.StreamReader(limit=1 << 22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    remote = Remote()
    while line := await reader.readline():
        asked = json.loads(line)
        try:
            reply = {"value": await remote.perform(asked["command"], asked["argument"])}
        except Exception as why:  # Whatever it is, the test is told.
            logging.exception(asked["command"])
            reply = {"error": repr(why)}
        print(json.dumps({"id": asked["id"], **reply}), flush=True)
    await remote.end()


asyncio.run(main())
