"""MEDIBUS realtime data: the fast bytes, from 0x80, and the curves that are in them.

    D0+n            a record begins; bits of n: which of streams 1–4 it has
    Cx Cy           a sync command: C4, C5 which of streams 5–8, 9–12 it has; C6 a phase of the breath begins;
                    CF the record is corrupt; C1, C2, C3 (from the host) which streams are to be sent
    80+low 80+high  for each stream that it has: 12 bits of a sample, 6 in each byte

Streams are numbered in the order in which the host selected them. Records are not numbered: one that is lost
whole cannot be seen.
Source: Draeger, RS 232 MEDIBUS Protocol Definition, revision 6.00, MEDIBUS Realtime-Extension; the order
of the two halves as in mdpnp/mdpnp and xeonfusion/VSCaptureDrgVent, which were used with real devices.
"""

import struct
from collections.abc import Sequence
from decimal import Decimal

from devices.codecs.health import BadByteCounter
from devices.codecs.medibus.codes import WAVES
from devices.codecs.medibus.records import Stream
from devices.model.metrics import by_name
from devices.model.observation import NO_SAMPLE, Instant, Waveform
from devices.model.units import converted

_SYNC, _COMMAND, _DATA = 0xD0, 0xC0, 0x80
_ENABLE = (0xC1, 0xC2, 0xC3)
_HAS_5_TO_8, _HAS_9_TO_12, _CORRUPT = 0xC4, 0xC5, 0xCF
_FRAME = 25
_JUMP_NS = 2_000_000_000
_SLEW = 16


def enable(count: int) -> bytes:
    """The host's bytes that let the device send its first `count` streams, 0–12, and no others."""
    masks = ((1 << count) - 1 >> shift & 0xF for shift in (0, 4, 8))
    commands = b"".join(bytes((which, _COMMAND | mask)) for which, mask in zip(_ENABLE, masks, strict=True))
    return bytes((_SYNC,)) + commands + bytes((_COMMAND, _COMMAND))


def encode_record(samples: Sequence[int]) -> bytes:
    """A record of streams 1 to at most 4, each with one sample of 12 bits."""
    halves = ((_DATA | sample & 0x3F, _DATA | sample >> 6) for sample in samples)
    return bytes((_SYNC | (1 << len(samples)) - 1,)) + b"".join(map(bytes, halves))


class Curve:
    """Gathers the samples of one stream into waveforms of `_FRAME` samples."""

    def __init__(self, stream: Stream) -> None:
        meaning = WAVES[stream.code]
        unit = by_name(meaning.metric).unit
        least, greatest = (
            converted(Decimal(end), meaning.unit, unit) for end in (stream.least, stream.greatest)
        )
        self._metric = meaning.metric
        self._scale = round((greatest - least) / stream.steps, 12)
        self._offset = least
        self._interval_ns = stream.interval_us * 1000
        self._rate_mhz = 1_000_000_000 // stream.interval_us
        self._samples: list[int] = []
        self._until: Instant | None = None

    def add(self, sample: int, now: Instant) -> list[Waveform]:
        """One more sample, or NO_SAMPLE."""
        self._samples.append(sample)
        return self.flush(now) if len(self._samples) == _FRAME else []

    def flush(self, now: Instant) -> list[Waveform]:
        """What was gathered; its last sample came at `now`."""
        samples, self._samples = self._samples, []
        if not samples:
            return []
        first = self._placed(Instant(now - (len(samples) - 1) * self._interval_ns))
        self._until = Instant(first + len(samples) * self._interval_ns)
        packed = struct.pack(f"<{len(samples)}h", *samples)
        return [Waveform(self._metric, first, self._rate_mhz, packed, self._scale, self._offset)]

    def _placed(self, arrived: Instant) -> Instant:
        """Where the last waveform ended, moved a little towards where arrival puts this one."""
        if self._until is None or abs(arrived - self._until) > _JUMP_NS:
            return arrived
        return Instant(self._until + (arrived - self._until) // _SLEW)


class RealtimeReader:
    """Reads records of the streams that were selected."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._curves: list[Curve] = []
        self._has: list[int] = []
        self._samples: list[int] = []
        self._first: int | None = None
        self._in_record = self._stray = False

    def select(self, streams: Sequence[Stream]) -> None:
        """From now on records have these streams, in this order."""
        self._curves = [Curve(stream) for stream in streams]
        self._in_record, self._first = False, None

    def feed(self, fast: bytes, now: Instant) -> list[Waveform]:
        """The waveforms that `fast` completes."""
        said: list[Waveform] = []
        for octet in fast:
            if octet & 0xF0 == _SYNC:
                said += self._close(now)
                self._open(octet)
            elif octet & 0xE0 == 0xE0:
                self._damage()
            elif self._in_record:
                said += self._half(octet, now)
            else:
                self._count_stray()
        return said

    def flush(self, now: Instant) -> list[Waveform]:
        """What was gathered of every stream."""
        return [wave for curve in self._curves for wave in curve.flush(now)]

    def _count_stray(self) -> None:
        if not self._stray and not self._samples:
            self._bad.count("framing")
        self._stray = True

    def _open(self, octet: int) -> None:
        self._in_record, self._first, self._stray = True, None, False
        self._samples = []
        self._has = _bits(octet, 0)

    def _half(self, octet: int, now: Instant) -> list[Waveform]:
        if self._first is None:
            self._first = octet
            return []
        first, self._first = self._first, None
        if first & 0xC0 == octet & 0xC0 == _COMMAND:
            return self._command(first, octet)
        if first & 0xC0 != _DATA or octet & 0xC0 != _DATA:
            self._damage()
            return []
        self._samples.append(first & 0x3F | (octet & 0x3F) << 6)
        return self._close(now) if len(self._samples) == len(self._has) else []

    def _command(self, which: int, argument: int) -> list[Waveform]:
        if which == _HAS_5_TO_8:
            self._has += _bits(argument, 4)
        elif which == _HAS_9_TO_12:
            self._has += _bits(argument, 8)
        elif which == _CORRUPT:
            self._damage()
        return []

    def _damage(self) -> None:
        """What is left of this record cannot be read."""
        if self._in_record:
            self._bad.count("framing")
            self._samples = [NO_SAMPLE] * len(self._has)
            self._first = None
            self._in_record = False

    def _close(self, now: Instant) -> list[Waveform]:
        """The record is over: its samples, or that it gave none."""
        if self._in_record and len(self._samples) < len(self._has):
            self._damage()
        self._in_record = False
        samples, self._samples = self._samples, []
        pairs = zip(self._has, samples, strict=False)
        known = [(self._curves[index], sample) for index, sample in pairs if index < len(self._curves)]
        return [wave for curve, sample in known for wave in curve.add(sample, now)]


def _bits(octet: int, base: int) -> list[int]:
    return [base + bit for bit in range(4) if octet >> bit & 1]
