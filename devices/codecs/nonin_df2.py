"""Nonin Data Format 2 over a serial line: 9600 baud, 8N1.

    receive_data ─▶ FrameReader ─▶ frames, by place in their packet ─▶ NoninDf2 ─▶ readings, pleth, events

The sum of a frame finds every single damaged byte, but one frame in 256 of a stream read at the wrong offset
has a right sum by chance. So numbers are taken only from a packet of which all 25 frames are good and in
order; of others only the pleth is handed out, with NO_SAMPLE for each frame that was lost.
Frames are not numbered: that exactly 25 were lost, or whole ones in two places of one packet including the
beginning of the next, nobody can see. 24 that are lost from a packet's third on bring 25 together in which
the pulse rate stands for SpO2, and SpO2 for the firmware's revision: by that they are known.
"""

import struct
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import reduce

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.nonin_packet import (
    ACK,
    DISCONNECTED_BIT,
    FRAME_BYTES,
    FRAME_HZ,
    FRAMES,
    NAK,
    SYNC_BIT,
    Frame,
    Packet,
    Status,
    select_format,
)
from devices.model.observation import (
    NO_SAMPLE,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    Waveform,
    later,
)

_FRAME_NS = 1_000_000_000 // FRAME_HZ
_QUALITY = {
    Status.ARTIFACT: Quality.ARTIFACT,
    Status.OUT_OF_TRACK: Quality.OUT_OF_TRACK,
    Status.SENSOR_ALARM: Quality.SENSOR_ALARM,
}
_CONDITIONS = {
    Status.DISCONNECTED: "sensor-disconnected",
    Status.ARTIFACT: "artifact",
    Status.OUT_OF_TRACK: "out-of-track",
    Status.SENSOR_ALARM: "sensor-alarm",
}


class FrameReader:
    """Finds frames in a stream of bytes and keeps count of their place, 0–24, in their packet.

    A bad frame between good ones is one lost frame. After two in a row the place is unknown: bytes are
    passed over until a frame that begins a packet.
    """

    def __init__(self, bad: BadByteCounter, form: type[Frame] = Frame) -> None:
        self._bad = bad
        self._form = form
        self._buffer = bytearray()
        self._place: int | None = None
        self._missed = 0
        self.awaiting = True
        """Whether an ACK or NAK is expected: only then such a byte between frames is one."""
        self.answer: int | None = None
        """The answer that came."""

    def feed(self, data: bytes) -> Iterator[tuple[int, Frame | None, int]]:
        """(place, frame or None if lost, frames still waiting behind it) of each frame that `data` completes.

        Place 0 begins another packet, whether or not the last was complete.
        """
        self._buffer += data
        while self._buffer:
            if self.awaiting and self._buffer[0] in (ACK, NAK):
                self.answer, self.awaiting = self._buffer.pop(0), False
            elif len(self._buffer) < FRAME_BYTES:
                return
            else:
                yield from self._next()

    def _next(self) -> Iterator[tuple[int, Frame | None, int]]:
        frame = self._form.decode(bytes(self._buffer[:FRAME_BYTES]))
        if isinstance(frame, str):
            yield from self._miss(frame)
            return
        del self._buffer[:FRAME_BYTES]
        self._missed = 0
        place = self._placed(frame)
        if place is not None:
            yield place, frame, len(self._buffer) // FRAME_BYTES

    def _placed(self, frame: Frame) -> int | None:
        """The place of a good frame; None if it is not known."""
        if frame.status & SYNC_BIT:
            place = 0
        elif self._place is None or self._place == 0:
            self._place = None
            return None
        else:
            place = self._place
        self._place = (place + 1) % FRAMES
        return place

    def _miss(self, reason: str) -> Iterator[tuple[int, Frame | None, int]]:
        self._missed += 1
        if self._place is None or self._missed > 1:
            self._place = None
            self._bad.count("framing")
            del self._buffer[0]
            return
        self._bad.count(reason)
        del self._buffer[:FRAME_BYTES]
        place, self._place = self._place, (self._place + 1) % FRAMES
        yield place, None, len(self._buffer) // FRAME_BYTES


class NoninDf2:
    """Gives `pr_spo2`, `spo2`, `pleth`, STATUS, the module's firmware (IDENTITY), BAD_BYTES and REFUSED.

    Asks for the format at once, and again whenever `PATIENCE_S` pass without a whole packet: a module that
    was switched off begins anew with the format that its jumpers choose.
    """

    PATIENCE_S = 5.0
    FORMAT = 2
    FRAME: type[Frame] = Frame

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad, self.FRAME)
        self._conditions = Conditions()
        self._outgoing = select_format(self.FORMAT)
        self._deadline: Instant | None = None
        self._frames: list[Frame | None] = []
        self._until = Instant(0)
        self._perfusion = Status(0)
        self._revision: int | None = None
        self._last_revision: int | None = None

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`; the times of samples are counted back from it."""
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S)
        said: list[Said] = []
        for place, frame, behind in self._reader.feed(data):
            if place == 0:
                said += self._close()
            self._frames.append(frame)
            self._until = Instant(now - behind * _FRAME_NS)
            if place == FRAMES - 1:
                said += self._close()
        return [*said, *self._answered(now), *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The command that selects the format, when it is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the module has been silent for too long, or counted bytes are to be told."""
        deadline = self._deadline if self._deadline is not None else Instant(0)
        bad = self._bad.due()
        return deadline if bad is None else min(deadline, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask for the format again if no packet came; tell counted bytes."""
        said: list[Said] = [*self._bad.told(now)]
        if self._deadline is not None and now >= self._deadline:
            said += [*self._close(), *self._ask_again(now)]
        if self._deadline is None or now >= self._deadline:
            self._deadline = later(now, self.PATIENCE_S)
        return said

    def _ask_again(self, now: Instant) -> list[Said]:
        ignored = self._reader.awaiting
        self._outgoing, self._reader.awaiting = select_format(self.FORMAT), True
        return [self._refused("none", now)] if ignored else []

    def _answered(self, now: Instant) -> list[Said]:
        answer, self._reader.answer = self._reader.answer, None
        return [self._refused("nak", now)] if answer == NAK else []

    def _refused(self, answer: str, now: Instant) -> DeviceEvent:
        return refused(self.FORMAT, answer, now)

    def _close(self) -> list[Said]:
        """What the frames gathered so far say; begin the next packet."""
        frames, self._frames = self._frames, []
        if not frames:
            return []
        good = [frame for frame in frames if frame is not None]
        samples = [None if one is None or one.status & DISCONNECTED_BIT else one.pleth for one in frames]
        said: list[Said] = self._waves(samples, _quality_of(good))
        if len(good) == FRAMES:
            self._reader.awaiting = False
            self._deadline = later(self._until, self.PATIENCE_S)
            said += self._whole(Packet.decode(good))
        return said

    def _whole(self, packet: Packet) -> list[Said]:
        if self._is_in_place(packet):
            return self._numbers(packet, self._until)
        self._bad.count("framing")
        return []

    def _is_in_place(self, packet: Packet) -> bool:
        """Whether the revision is the one that was told, or comes for the second time running."""
        last, self._last_revision = self._last_revision, packet.revision
        return self._revision is None or packet.revision in (self._revision, last)

    def _waves(self, samples: Sequence[int | None], quality: Quality) -> list[Said]:
        """One sample a frame, the last at `_until`; None where a frame was lost or no sensor is connected."""
        return [self._wave(samples, 0, len(samples), quality)]

    def _wave(
        self, samples: Sequence[int | None], start: int, end: int, quality: Quality, base: int = 0
    ) -> Waveform:
        """The samples from `start` to before `end`, as differences from `base`."""
        packed = struct.pack(
            f"<{end - start}h", *(NO_SAMPLE if n is None else n - base for n in samples[start:end])
        )
        at = Instant(self._until - (len(samples) - 1 - start) * _FRAME_NS)
        return Waveform("pleth", at, FRAME_HZ * 1000, packed, offset=Decimal(base), quality=quality)

    def _numbers(self, packet: Packet, at: Instant) -> list[Said]:
        self._perfusion = packet.status & Status.YELLOW or self._perfusion
        low = self._perfusion == Status.RED
        conditions = [name for bit, name in _CONDITIONS.items() if bit & packet.status]
        said: list[Said] = [*self._conditions.become(conditions + ["low-perfusion"] * low, at)]
        if packet.revision != self._revision:
            self._revision = packet.revision
            said.append(DeviceEvent(EventKind.IDENTITY, at, {"firmware": str(packet.revision)}))
        quality = _quality(packet.status) | (Quality.LOW_PERFUSION if low else Quality.GOOD)
        for metric, number in (("pr_spo2", packet.rate), ("spo2", packet.spo2)):
            said.append(_reading(metric, number, packet.status, at, quality))
        return said


def _reading(metric: str, number: int | None, status: Status, at: Instant, quality: Quality) -> Reading:
    if status & Status.DISCONNECTED:
        return Reading(metric, at, None, NoValue.SENSOR_OFF, quality)
    if number is None:
        return Reading(metric, at, None, NoValue.NOT_AVAILABLE, quality)
    return Reading(metric, at, Decimal(number), None, quality)


def _quality_of(frames: Sequence[Frame]) -> Quality:
    return _quality(reduce(int.__or__, (frame.status for frame in frames), 0))


def _quality(status: int) -> Quality:
    found = (quality for bit, quality in _QUALITY.items() if bit & status)
    return reduce(Quality.__or__, found, Quality.GOOD)


def refused(number: int, answer: str, now: Instant) -> DeviceEvent:
    """The event of a format that the device would not select; `answer` is `nak` or `none`."""
    return DeviceEvent(EventKind.REFUSED, now, {"command": f"select-format-{number}", "answer": answer})
