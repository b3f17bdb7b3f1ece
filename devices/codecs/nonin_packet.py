"""Nonin Data Formats 2 and 7: the packet. 25 frames of 5 bytes; 3 packets, so 75 samples of pleth, a second.

    01  STATUS  PLETH  DATA  SUM            format 2: pleth of 8 bits
    STATUS  PLETH MSB  PLETH LSB  DATA  SUM format 7: pleth of 16 bits
                                            SUM = the first four bytes mod 256

STATUS has bit 7 always and bit 0 in a packet's first frame only. What DATA is depends on the frame (1–25):
1, 2 pulse rate; 3 SpO2; 4 firmware revision; 9 SpO2 for display; 10, 11 SpO2 fast and beat to beat; 14, 15
pulse rate and 16, 17 SpO2 with extended averaging; 20–23 pulse rates for display. Rates are
(msb & 3) << 7 | lsb & 127, beats a minute; 511 is "none". SpO2 is in %; 127 is "none".
Values for display are not used: for 10 s after the finger is gone they are the last ones. Frame 8 tells of
the battery in models that have one; in others it is undefined, so it is not read.
Source: Nonin Medical, OEM III Module / Xpod Specification and Technical Information, "Serial Data Format 2";
Onyx II Model 9560 OEM Specification and Technical Information, "Serial Data Format #2" (p. 8), "#7" (p. 12);
format 2 checked against two independent readers of it (Pez-Globo pufferfish-software, Driver/Serial/Nonin;
University of Oxford, uk.ac.ox.ibme.nonin).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from functools import reduce

FRAMES, FRAME_BYTES = 25, 5
PACKET_BYTES = FRAMES * FRAME_BYTES
FRAME_HZ = 75
NO_RATE, NO_SPO2 = 511, 127
HEADER = 0x01


def select_format(number: int) -> bytes:
    """STX, operation 70, 2 bytes of data: the format's number, ETX. Answered with ACK or NAK (9560, p. 4)."""
    return bytes((0x02, 0x70, 0x02, 0x02, number, 0x03))


SELECT_FORMAT_2 = select_format(2)
ACK, NAK = 0x06, 0x15

_RATE_FRAMES = ((0, 1), (13, 14), (19, 20), (21, 22))
_SPO2_FRAMES = (2, 8, 9, 10, 15, 16)
_REVISION_FRAME = 3


class Status(IntFlag):
    """A frame's STATUS. Perfusion is told during a pulse only: RED low, GREEN high, both (yellow) between."""

    SYNC = 1
    GREEN = 2
    RED = 4
    YELLOW = 6
    SENSOR_ALARM = 8
    OUT_OF_TRACK = 16
    ARTIFACT = 32
    DISCONNECTED = 64
    FRAME = 128


_FRAME, SYNC_BIT, DISCONNECTED_BIT = int(Status.FRAME), int(Status.SYNC), int(Status.DISCONNECTED)
"""Bits as plain numbers, for what is done 75 times a second: operations on a Status are slow."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of format 2 whose form and checksum are right."""

    status: int
    """Bits of Status."""
    pleth: int
    data: int

    @classmethod
    def decode(cls, five: bytes) -> "Frame | str":
        """The frame in `five` bytes, or why there is none: `framing` or `checksum`."""
        header, status, pleth, data, total = five
        if header != HEADER or not status & _FRAME:
            return "framing"
        if (header + status + pleth + data) % 256 != total:
            return "checksum"
        return cls(status, pleth, data)

    def encode(self) -> bytes:
        """The frame's 5 bytes."""
        body = bytes((HEADER, self.status | _FRAME, self.pleth, self.data))
        return body + bytes((sum(body) % 256,))


@dataclass(frozen=True, slots=True)
class WideFrame(Frame):
    """One frame of format 7: no byte of it is constant, its pleth has 16 bits."""

    @classmethod
    def decode(cls, five: bytes) -> "WideFrame | str":
        """The frame in `five` bytes, or why there is none: `framing` or `checksum`."""
        status, msb, lsb, data, total = five
        if not status & _FRAME:
            return "framing"
        if (status + msb + lsb + data) % 256 != total:
            return "checksum"
        return cls(status, msb << 8 | lsb, data)

    def encode(self) -> bytes:
        """The frame's 5 bytes."""
        body = bytes((self.status | _FRAME, self.pleth >> 8, self.pleth & 0xFF, self.data))
        return body + bytes((sum(body) % 256,))


@dataclass(frozen=True, slots=True)
class Packet:
    """A third of a second. None is "none" (no finger, no pulse found). `status` holds for every frame."""

    rate: int | None
    """Pulse rate, beats a minute, 0–510."""
    spo2: int | None
    """%, 0–126."""
    pleth: tuple[int, ...]
    """25 samples, 0–255; in format 7 0–65535."""
    status: Status = Status.GREEN
    revision: int = 0x30
    """Of the module's firmware."""

    @classmethod
    def decode(cls, frames: Sequence[Frame]) -> "Packet":
        """The packet of 25 frames. Its status has every bit that any frame has, but SYNC and FRAME."""
        data = [frame.data for frame in frames]
        status = reduce(int.__or__, (frame.status for frame in frames), 0)
        rate = (data[0] & 3) << 7 | data[1] & 127
        spo2 = data[2] & 127
        return cls(
            rate=None if rate == NO_RATE else rate,
            spo2=None if spo2 == NO_SPO2 else spo2,
            pleth=tuple(frame.pleth for frame in frames),
            status=Status(status & ~(SYNC_BIT | _FRAME)),
            revision=data[_REVISION_FRAME],
        )

    def encode(self, form: type[Frame] = Frame) -> bytes:
        """The packet's 125 bytes. All averages of a value are given the same number."""
        rate = NO_RATE if self.rate is None else self.rate
        data = [0] * FRAMES
        for msb, lsb in _RATE_FRAMES:
            data[msb], data[lsb] = rate >> 7, rate & 127
        for index in _SPO2_FRAMES:
            data[index] = NO_SPO2 if self.spo2 is None else self.spo2
        data[_REVISION_FRAME] = self.revision
        status = int(self.status)
        frames = [form(status, *pair) for pair in zip(self.pleth, data, strict=True)]
        first = form(status | SYNC_BIT, frames[0].pleth, frames[0].data)
        return b"".join(frame.encode() for frame in (first, *frames[1:]))
