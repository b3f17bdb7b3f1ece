"""What both protocols of Contec's oximeters tell, 60 times a second, and how it becomes readings and pleth.

    packets ─▶ Sample ─▶ Pulse ─▶ pleth in groups of 15; numbers when they change, at least once a second

Neither protocol has a checksum: a packet is known by its length and by bit 7 of its bytes alone.
Source: Contec Medical Systems, Communication protocol of pulse oximeter V7.0 (2010-07-08), 3.3.2.1: what is
out of range, and what is told with a probe error or while a pulse is searched for, is invalid. Real devices
tell 0 then (MarkMLl/Contec_cms50dplus, USB capture of a CMS50D+).
"""

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.model.observation import (
    NO_SAMPLE,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Reading,
    Waveform,
    later,
)

SAMPLE_HZ = 60
_SAMPLE_NS = 1_000_000_000 // SAMPLE_HZ
_GROUP = 15
"""Samples that are handed out together."""
_GROUP_S = 0.5
"""How long samples wait for others of their group."""


class Flags(IntFlag):
    """What a packet says of its numbers."""

    PROBE_ERROR = 1
    """No finger, or a broken sensor."""
    SEARCHING = 2
    SEARCHING_TOO_LONG = 4
    SPO2_DROPPING = 8


NO_FLAGS = Flags(0)
_NAMES = {
    Flags.PROBE_ERROR: "sensor-off",
    Flags.SEARCHING: "searching",
    Flags.SEARCHING_TOO_LONG: "searching-too-long",
    Flags.SPO2_DROPPING: "spo2-dropping",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One packet. None is "none": the packet's number is out of its range."""

    pleth: int
    """0–127."""
    rate: int | None
    """Pulse rate, beats a minute, 1–254."""
    spo2: int | None
    """%, 1–100."""
    flags: Flags = NO_FLAGS
    has_pi: bool = False
    """Whether the device measures the perfusion index."""
    pi: int | None = None
    """Perfusion index, hundredths of a percent, 1–2200."""


class Pulse:
    """Samples, one after the other, as pleth, readings and conditions."""

    def __init__(self) -> None:
        self._conditions = Conditions()
        self._pleth: list[int] = []
        self._until = Instant(0)
        self._told: tuple[object, ...] = ()
        self._untold = 0

    def add(self, sample: Sample, at: Instant) -> list[Said]:
        """What is to be told with the sample of `at`."""
        self._pleth.append(NO_SAMPLE if Flags.PROBE_ERROR in sample.flags else sample.pleth)
        self._until = at
        numbers = sample.rate, sample.spo2, sample.flags, sample.has_pi, sample.pi
        self._untold += 1
        said: list[Said] = []
        if numbers != self._told or self._untold >= SAMPLE_HZ:
            self._told, self._untold = numbers, 0
            said += self._numbers(sample, at)
        return [*said, *self.flush()] if len(self._pleth) == _GROUP else said

    def due(self) -> Instant | None:
        """When samples have waited long enough for the rest of their group, or None."""
        return later(self._until, _GROUP_S) if self._pleth else None

    def flush(self) -> list[Said]:
        """The pleth that waits."""
        pleth, self._pleth = self._pleth, []
        if not pleth:
            return []
        first = Instant(self._until - (len(pleth) - 1) * _SAMPLE_NS)
        return [Waveform("pleth", first, SAMPLE_HZ * 1000, struct.pack(f"<{len(pleth)}h", *pleth))]

    def _numbers(self, sample: Sample, at: Instant) -> list[Said]:
        names = [name for flag, name in _NAMES.items() if flag in sample.flags]
        reason = _reason(sample.flags)
        said: list[Said] = [*self._conditions.become(names, at)]
        said.append(_reading("pr_spo2", sample.rate, 1, reason, at))
        said.append(_reading("spo2", sample.spo2, 1, reason, at))
        if sample.has_pi:
            said.append(_reading("pi", sample.pi, 100, reason, at))
        return said


def _reason(flags: Flags) -> NoValue | None:
    """Why no number of the packet counts; None if they do."""
    if Flags.PROBE_ERROR in flags:
        return NoValue.SENSOR_OFF
    if flags & (Flags.SEARCHING | Flags.SEARCHING_TOO_LONG):
        return NoValue.MEASURING
    return None


def _reading(metric: str, number: int | None, parts: int, reason: NoValue | None, at: Instant) -> Reading:
    if reason is not None or number is None:
        return Reading(metric, at, None, reason or NoValue.NOT_AVAILABLE)
    return Reading(metric, at, Decimal(number) / parts)


class PulseCodec(ABC):
    """A Contec oximeter on a serial line: it is greeted at once, and again when it is silent.

    Some stop 30 s after they were asked, whatever they hear (igagis' bedsidemon; MarkMLl/Contec_cms50dplus):
    one that was sending is asked again after `SILENCE_S`, one that does not answer every `PATIENCE_S`. Only
    one that never sent anything is told to have refused: another is off.
    """

    PATIENCE_S = 5.0
    SILENCE_S = 1.0
    GREETING: bytes

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._pulse = Pulse()
        self._outgoing = self.GREETING
        self._deadline: Instant | None = None
        self._answers = False

    @abstractmethod
    def _heard(self, data: bytes, now: Instant) -> Iterator[tuple[Sample | DeviceEvent, int]]:
        """What `data` completes, each with the number of packets behind it."""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`; the times of samples are counted back from it."""
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S)
        said: list[Said] = []
        for one, behind in self._heard(data, now):
            if isinstance(one, DeviceEvent):
                said.append(one)
                continue
            self._answers = True
            self._deadline = later(now, self.SILENCE_S)
            said += self._pulse.add(one, Instant(now - behind * _SAMPLE_NS))
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The greeting, when it is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the device has been silent for too long, or something waits to be told."""
        deadline = self._deadline if self._deadline is not None else Instant(0)
        dues = (deadline, self._pulse.due(), self._bad.due())
        return min(due for due in dues if due is not None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Greet a silent device again; tell what has waited."""
        said: list[Said] = []
        due = self._pulse.due()
        if due is not None and now >= due:
            said += self._pulse.flush()
        if self._deadline is not None and now >= self._deadline:
            if not self._answers:
                said.append(DeviceEvent(EventKind.REFUSED, now, {"command": "start", "answer": "none"}))
            self._outgoing = self.GREETING
        if self._deadline is None or now >= self._deadline:
            self._deadline = later(now, self.PATIENCE_S)
        return [*said, *self._bad.told(now)]
