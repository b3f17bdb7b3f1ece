"""Contec's protocol V7.0: packages of 2 to 9 bytes at 115200 baud; 60 of real-time data a second.

    TYPE  1 bits 7 of the data (first: bit 0)  1 data ...        only TYPE has no bit 7
    01: 7 STRENGTH etc.  PLETH  BAR etc.  RATE  SPO2  PI low  PI high

The device must be asked (7D, command A1), and hear AF every 5 s that the host is still there; without it some
stop after 30 s.
Source: Contec Medical Systems, Communication protocol of pulse oximeter V7.0 (2010-07-08), as kept in
albertcbraun/CMS50FW; types 02, 03, 06, 13, 14 from USB captures in MarkMLl/Contec_cms50dplus and
headrotor/contec_data. timegrid/CMS50Dplus7 calls the bit "PI is invalid" valid; the captures agree with
Contec. Recordings are not fetched: the CMS50D+ tells no time of them, and they may be of another patient.
"""

from collections.abc import Iterator
from functools import cache

from devices.codecs import Said
from devices.codecs.contec_pulse import Flags, PulseCodec, Sample
from devices.model.observation import DeviceEvent, EventKind, Instant, later

REAL_TIME, FEEDBACK, FREE, DISCONNECT, COMMAND = 0x01, 0x0B, 0x0C, 0x0D, 0x7D
START, STOP, CONNECTED = 0xA1, 0xA2, 0xAF
_DATA_BYTES = {
    **dict.fromkeys((REAL_TIME, 0x02, 0x03, 0x04, 0x05, 0x11, 0x13, 0x14, 0x15, COMMAND), 7),
    **dict.fromkeys((0x07, 0x08, 0x0F, 0x12), 6),
    0x09: 4,
    **dict.fromkeys((0x06, 0x0A, FEEDBACK), 2),
    **dict.fromkeys((DISCONNECT, 0x0E, 0x10), 1),
    FREE: 0,
}
"""Bytes of data by TYPE."""
_REASONS = {
    0x01: "shutdown",
    0x02: "exchange-of-users",
    0x03: "recording",
    0x04: "failure-to-delete",
    0x05: "not-supported",
}
_FIRST = {Flags.SEARCHING_TOO_LONG: 0x10, Flags.SPO2_DROPPING: 0x20, Flags.PROBE_ERROR: 0x80}
_SEARCHING, _NO_PI = 0x80, 0x10
_STRENGTH = 5
"""Of the signal, 0 to 8: what `encode` tells."""
_NO_PI_VALUE = 0xFFFF


def package(kind: int, data: bytes) -> bytes:
    """The package of at most 7 bytes of data."""
    high = sum(1 << index for index, byte in enumerate(data) if byte & 0x80)
    return bytes((kind, 0x80 | high, *(byte | 0x80 for byte in data)))


def command(code: int) -> bytes:
    """The package of a command without anything more to it."""
    return package(COMMAND, bytes((code, 0, 0, 0, 0, 0, 0)))


def decode(data: bytes) -> Sample:
    """The sample in the 7 bytes of real-time data."""
    first, wave, third, rate, spo2, low, high = data
    pi = high << 8 | low
    return Sample(
        wave & 127,
        rate if 0 < rate < 255 else None,
        spo2 if 0 < spo2 <= 100 else None,
        _flags(first, wave & _SEARCHING),
        not third & _NO_PI,
        pi if 0 < pi <= 2200 else None,
    )


@cache
def _flags(first: int, searching: int) -> Flags:
    flags = sum(flag for flag, bit in _FIRST.items() if first & bit)
    return Flags(flags + (Flags.SEARCHING if searching else 0))


def encode(sample: Sample) -> bytes:
    """The package; a rate or saturation of "none" as 0, as real devices tell it."""
    first = _STRENGTH | sum(bit for flag, bit in _FIRST.items() if flag in sample.flags)
    wave = sample.pleth | (_SEARCHING if Flags.SEARCHING in sample.flags else 0)
    third = sample.pleth >> 3 | (0 if sample.has_pi else _NO_PI)
    pi = _NO_PI_VALUE if sample.pi is None else sample.pi
    data = (first, wave, third, sample.rate or 0, sample.spo2 or 0, pi & 0xFF, pi >> 8)
    return package(REAL_TIME, bytes(data))


class ContecCms50(PulseCodec):
    """Gives `pr_spo2`, `spo2`, `pleth`, STATUS, UNMAPPED, BAD_BYTES, REFUSED; `pi` where it is measured."""

    GREETING = command(START)
    KEEP_ALIVE_S = 4.0

    def __init__(self) -> None:
        super().__init__()
        self._package = bytearray()
        self._size = 0
        self._alive: Instant | None = None

    def next_timer(self) -> Instant | None:
        """When the device is to hear of its host, or as of `PulseCodec`."""
        alive = self._alive if self._alive is not None else Instant(0)
        due = super().next_timer()
        return alive if due is None else min(due, alive)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell the device that its host is there; the rest as of `PulseCodec`."""
        said = super().handle_timer(now)
        if self._alive is not None and now >= self._alive:
            self._outgoing += command(CONNECTED)
        if self._alive is None or now >= self._alive:
            self._alive = later(now, self.KEEP_ALIVE_S)
        return said

    def _heard(self, data: bytes, now: Instant) -> Iterator[tuple[Sample | DeviceEvent, int]]:
        for index, byte in enumerate(data):
            if not byte & 0x80:
                self._begin(byte)
            elif self._package:
                self._package.append(byte)
            else:
                self._bad.count("framing")
            if len(self._package) == self._size and self._package:
                one = self._ended(now)
                if one is not None:
                    yield one, (len(data) - index - 1) // 9

    def _begin(self, kind: int) -> None:
        """A package begins: what there is of the last one is lost."""
        if self._package:
            self._bad.count("length")
            self._package.clear()
        if kind not in _DATA_BYTES:
            self._bad.count("framing")
            return
        self._size = 2 + _DATA_BYTES[kind]
        self._package.append(kind)

    def _ended(self, now: Instant) -> Sample | DeviceEvent | None:
        kind, high, *coded = self._package
        self._package.clear()
        data = bytes([byte & 127 | (high << 7 - index & 128) for index, byte in enumerate(coded)])
        if kind == REAL_TIME:
            return decode(data)
        if kind == FEEDBACK and data[1]:
            detail = {"command": f"{data[0]:02x}", "answer": _REASONS.get(data[1], f"{data[1]:02x}")}
            return DeviceEvent(EventKind.REFUSED, now, detail)
        if kind == DISCONNECT:
            reason = _REASONS.get(data[0], f"{data[0]:02x}")
            detail = {"code": "0d", "system": "contec", "value": reason, "text": "disconnect notice"}
            return DeviceEvent(EventKind.UNMAPPED, now, detail)
        return None
