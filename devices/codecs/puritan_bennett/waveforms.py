"""Puritan Bennett 840 and 980, port for waveforms: flow and pressure, 50 of each a second, breath by breath.

    BS, S:123,     a breath begins; its number counts up
    3.14, 11.41    flow in L/min and pressure in cm[H2O], every 20 ms
    BE             it has ended

Lines end with LF, or with CR LF. A breath is sent when it is over, at 38400 baud: of one longer than 8 s at
least the first 8 s. So the moment of its first line is that of its last sample. Software that was seen to
send each line at once is told by the time that a breath takes to arrive.
There is no checksum: a line that is not exactly two numbers is one sample that was not given. A line that
broke off when the ventilator began anew ends with the beginning of a breath: that one counts.
Source: Puritan Bennett 980 Series Operator's Manual, 5.4.3 (waveforms); checked against recordings of 840s
(hahnicity/ventMAP), in which NUL bytes stand between lines.
"""

import re
import struct
from collections.abc import Sequence
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.model.observation import NO_SAMPLE, Instant, Waveform, later

RATE_HZ = 50
SCALE = Decimal("0.01")

_SAMPLE_NS = 1_000_000_000 // RATE_HZ
_BEGIN = re.compile(rb"(.*)BS\s*,\s*S\s*:\s*\d+\s*,?", re.DOTALL)
_END = re.compile(rb"BE\s*,?")
_NUMBER = rb"([+-]?(?:\d{1,3}(?:\.\d{0,2})?|\.\d{1,2}))"
_SAMPLES = re.compile(_NUMBER + rb"\s*,\s*" + _NUMBER + rb"\s*,?")
_LONGEST_LINE = 64
_MOST_SAMPLES = 60 * RATE_HZ
_FILL = b"\r\0 \t"
_LOST = NO_SAMPLE, NO_SAMPLE


class PuritanBennettWaveforms:
    """Gives `flow_wave` and `paw_wave`, one of each a breath, and BAD_BYTES."""

    PATIENCE_S = 5.0

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._line = bytearray()
        self._samples: list[tuple[int, int]] = []
        self._began = Instant(0)
        self._heard = Instant(0)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take bytes; a breath is told when its end has come, or the beginning of the next."""
        said: list[Said] = []
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._append(end)
            said += self._close_line(now)
        self._append(rest)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Nothing: the ventilator is not asked for waveforms."""
        return b""

    def next_timer(self) -> Instant | None:
        """When counted lines are to be told, or a breath was broken off."""
        dues = [self._bad.due(), later(self._heard, self.PATIENCE_S) if self._samples else None]
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell counted lines, and what came of a breath that was broken off."""
        broken_off = self._samples and now >= later(self._heard, self.PATIENCE_S)
        return [*(self._breath(self._heard) if broken_off else []), *self._bad.told(now)]

    def _append(self, data: bytes) -> None:
        """One byte more than the longest line shows that it is too long."""
        self._line += data[: _LONGEST_LINE + 1 - len(self._line)]

    def _close_line(self, now: Instant) -> list[Said]:
        line = bytes(self._line).replace(b"\0", b"").strip(_FILL)
        self._line.clear()
        if not line:
            return []
        if begin := _BEGIN.fullmatch(line):
            if begin[1]:
                self._bad.count("framing")
            return self._breath(now)
        if _END.fullmatch(line):
            return self._breath(now)
        if not self._samples:
            self._began = now
        self._heard = now
        self._samples.append(self._read(line))
        return self._breath(now) if len(self._samples) == _MOST_SAMPLES else []

    def _read(self, line: bytes) -> tuple[int, int]:
        match = _SAMPLES.fullmatch(line)
        if match is None:
            self._bad.count("framing")
            return _LOST
        flow, pressure = (int(Decimal(text.decode("ascii")) / SCALE) for text in match.groups())
        if max(abs(flow), abs(pressure)) >= -NO_SAMPLE:
            self._bad.count("range")
            return _LOST
        return flow, pressure

    def _breath(self, now: Instant) -> list[Said]:
        """The breath that is over; nothing if no line of it could be read."""
        samples, self._samples = self._samples, []
        if all(sample == _LOST for sample in samples):
            return []
        lasted = len(samples) * _SAMPLE_NS
        sent_when_over = now - self._began < lasted / 2
        first = Instant((self._began if sent_when_over else now) - lasted)
        flow, pressure = zip(*samples, strict=True)
        return [_wave("flow_wave", first, flow), _wave("paw_wave", first, pressure)]


def _wave(metric: str, first: Instant, samples: Sequence[int]) -> Waveform:
    return Waveform(metric, first, RATE_HZ * 1000, struct.pack(f"<{len(samples)}h", *samples), SCALE)


def encode_breath(number: int, samples: Sequence[tuple[Decimal, Decimal]]) -> bytes:
    """The lines of one breath: pairs of flow in L/min and pressure in cm[H2O]."""
    lines = [f"BS, S:{number},", *(f"{flow:.2f}, {pressure:.2f}" for flow, pressure in samples), "BE"]
    return "".join(f"{line}\n" for line in lines).encode("ascii")
