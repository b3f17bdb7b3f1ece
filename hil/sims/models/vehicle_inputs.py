"""The simulated node for digital inputs: doors, siren and stretcher; it keeps what is not acknowledged."""

from collections import deque

import cbor2

from devices.codecs.node import wire
from devices.codecs.node.inputs import Report
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_WIRED = ("door-open", "siren-on", "stretcher-loaded")
_DOOR_S, _SIREN_S = 30.0, 45.0
"""How long the door and the siren are one way, then the other."""
_FRESH_S, _AGAIN_S = 5.0, 1.0
_KEPT = 64


def _bits(names: set[str]) -> int:
    return sum(1 << bit for bit, name in enumerate(wire.INPUTS) if name in names)


class Node:
    """A node. With `on_patient` False the stretcher is empty."""

    period_s = 0.1

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._offset_s = patient.spo2(0.0)
        self._began_s: float | None = None
        self._sequence = 0
        self._kept: deque[tuple[int, int, int]] = deque(maxlen=_KEPT)
        """(sequence, AT_MS, ACTIVE) of what is not acknowledged."""
        self._active: int | None = None
        self._told_s = self._resent_s = 0.0
        self._heard = b""

    def tick(self, time_s: float) -> list[Measured]:
        """A report when an input changes, and every five seconds; the oldest again while nobody answers."""
        self._began_s = time_s if self._began_s is None else self._began_s
        active = self._inputs(time_s)
        if active != self._active or time_s - self._told_s >= _FRESH_S:
            self._active, self._told_s, self._resent_s = active, time_s, time_s
            self._sequence += 1
            self._kept.append((self._sequence, self._ms(time_s), active))
            return [self._report(self._kept[-1], time_s)]
        if self._kept and time_s - self._resent_s >= _AGAIN_S:
            self._resent_s = time_s
            return [self._report(self._kept[0], time_s)]
        return []

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """An acknowledgement: forget up to it, and send what is still kept."""
        *frames, self._heard = (self._heard + data).split(b"\0")
        for one in frames:
            body = wire.body(wire.unstuffed(one))
            if body:
                item: dict[int, int] = cbor2.loads(body)
                while self._kept and self._kept[0][0] <= item[wire.SEQUENCE]:
                    self._kept.popleft()
        return [self._report(self._kept[0], time_s)] if frames and self._kept else []

    def _ms(self, time_s: float) -> int:
        return round((time_s - (self._began_s or 0.0)) * 1000)

    def _report(self, kept: tuple[int, int, int], time_s: float) -> Measured:
        sequence, at_ms, active = kept
        oldest, now_ms = self._kept[0][0], self._ms(time_s)
        return Measured(Report(sequence, 1, oldest, at_ms, now_ms, _bits(set(_WIRED)), active).encode())

    def _inputs(self, time_s: float) -> int:
        phase_s = time_s + self._offset_s
        on = {"door-open"} if phase_s // _DOOR_S % 2 else set[str]()
        on |= {"siren-on"} if phase_s // _SIREN_S % 2 else set[str]()
        return _bits(on | ({"stretcher-loaded"} if self.on_patient else set()))


SIMULATORS: dict[str, MakeSim] = {"wardlink-node-inputs": Node}
