"""Waveforms of the DRI: a header of length, status and label, then signed 16-bit samples.

Rates and units are of DRI table 5-3. Samples of -32000 and less are control codes, so are none. A record has
no finer time than a second: samples follow each other by their count, steered to the host's clock.
The header's label is "reserved" in DRI table 5-1, and a monitor of 2009 was seen to say there, as the groups
do, which lead or which pressure it is; later ones leave it 0.
Source: DRI chapter 5.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.dri import labels
from devices.codecs.dri.physiological import Measured
from devices.codecs.dri.record import Subrecord
from devices.codecs.sample_clock import SampleClock
from devices.errors import BadBytes
from devices.model.observation import NO_SAMPLE, DeviceEvent, EventKind, Instant, NoValue, Waveform

ECG1, ECG2, ECG3, INVP1, INVP2, INVP3, INVP4, PLETH, CO2 = range(1, 10)
AWP, FLOW, RESP, INVP5, INVP6 = range(13, 18)
INVP7, INVP8, RESP_100 = 36, 37, 39
GAP, LEAD_OFF = 1, 8
"""Bits of the status."""
_HEADER = struct.Struct("<hHH")
_LEAST = -32000
_SECOND = 1_000_000_000
_ECG_CHANNELS = {ECG1: 1, ECG2: 2, ECG3: 3}
_PRESSURE_GROUPS = {
    **{INVP1: "p1", INVP2: "p2", INVP3: "p3", INVP4: "p4"},
    **{INVP5: "p5", INVP6: "p6", INVP7: "p7", INVP8: "p8"},
}


@dataclass(frozen=True, slots=True)
class _Kind:
    rate_hz: int
    scale: Decimal
    metric: str = ""
    """Empty where the labels say it."""


_KINDS = {
    **dict.fromkeys(_ECG_CHANNELS, _Kind(300, Decimal("0.001"))),
    **dict.fromkeys(_PRESSURE_GROUPS, _Kind(100, Decimal("0.01"))),
    PLETH: _Kind(100, Decimal(1), "pleth"),
    CO2: _Kind(25, Decimal(1), "co2_wave"),
    AWP: _Kind(25, Decimal("0.1"), "paw_wave"),
    FLOW: _Kind(25, Decimal("0.1"), "flow_wave"),
    RESP: _Kind(25, Decimal("0.01"), "resp_wave"),
    RESP_100: _Kind(100, Decimal("0.01"), "resp_wave"),
}
"""ECG is in µV. The pleth's modulation is left as it is told: its metric has no unit."""


def encode(kind: int, samples: Sequence[int], status: int = 0) -> Subrecord:
    """The subrecord of `samples`."""
    packed = struct.pack(f"<{len(samples)}h", *samples)
    return Subrecord(kind, _HEADER.pack(len(samples), status, 0) + packed)


def rate_hz(kind: int) -> int:
    """Samples a second of a kind that has a metric."""
    return _KINDS[kind].rate_hz


class Waves:
    """Gives waveforms; UNMAPPED, once, for each kind that has no metric."""

    def __init__(self) -> None:
        self._groups: dict[str, Measured] = {}
        self._clocks: dict[int, tuple[SampleClock, int]] = {}
        self._unmapped: set[str] = set()

    def learn(self, groups: Mapping[str, Measured]) -> None:
        """What channels are called, and the ambient pressure, are told with the numbers."""
        self._groups |= groups

    def lose(self) -> None:
        """A record was lost: what comes next does not follow what was."""
        self._clocks.clear()

    def told(self, one: Subrecord, now: Instant) -> Iterator[Said]:
        """The waveform of a subrecord whose last sample is of `now`. Raises BadBytes."""
        if len(one.data) < _HEADER.size:
            raise BadBytes("length", f"a waveform of {len(one.data)} bytes")
        count, status, label = _HEADER.unpack_from(one.data)
        if not 0 <= count <= (len(one.data) - _HEADER.size) // 2:
            raise BadBytes("length", f"{count} samples in {len(one.data)} bytes")
        kind = _KINDS.get(one.kind)
        metric, scale = self._meaning(one.kind, kind, label) if kind else ("", Decimal(0))
        if kind is None or not metric:
            yield from self._lacking(one.kind, now)
        elif count:
            samples = struct.unpack_from(f"<{count}h", one.data, _HEADER.size)
            is_off = one.kind in _ECG_CHANNELS and status & LEAD_OFF
            told = [NO_SAMPLE if is_off or sample <= _LEAST else sample for sample in samples]
            if status & GAP:
                self._clocks.pop(one.kind, None)
            at = self._at(one.kind, kind.rate_hz, count, now)
            packed = struct.pack(f"<{count}h", *told)
            yield Waveform(metric, at, kind.rate_hz * 1000, packed, scale)

    def _meaning(self, number: int, kind: _Kind, label: int) -> tuple[str, Decimal]:
        """The waveform's own `label` counts until the values say what the channel is."""
        if number in _ECG_CHANNELS:
            ecg = self._groups.get("ecg")
            lead = labels.ecg_lead(ecg.label, _ECG_CHANNELS[number]) if ecg else labels.lead(label)
            return (f"ecg_{lead}" if lead else ""), kind.scale
        if number in _PRESSURE_GROUPS:
            channel = self._groups.get(_PRESSURE_GROUPS[number])
            name = labels.pressure_label(channel.label if channel else label)
            return labels.PRESSURE_WAVES.get(name, ""), kind.scale
        if number == CO2:
            group = self._groups.get("co2")
            whole = labels.partial_pressure(group, Decimal(100)) if group else NoValue.NOT_AVAILABLE
            return ("", kind.scale) if isinstance(whole, NoValue) else (kind.metric, whole / 10_000)
        return kind.metric, kind.scale

    def _at(self, number: int, hertz: int, count: int, now: Instant) -> Instant:
        clock, before = self._clocks.get(number) or (SampleClock(hertz * 1000), 0)
        self._clocks[number] = clock, before + count
        return clock.place((before + count) * _SECOND // hertz, count, now).at

    def _lacking(self, number: int, now: Instant) -> Iterator[DeviceEvent]:
        group = self._groups.get(_PRESSURE_GROUPS.get(number, ""))
        label = labels.pressure_label(group.label) if group else ""
        code = f"wave.{number}.{label}"
        if code not in self._unmapped:
            self._unmapped.add(code)
            detail: dict[str, str | int] = {"code": code, "system": labels.SYSTEM, "value": "waveform"}
            yield DeviceEvent(EventKind.UNMAPPED, now, detail)
