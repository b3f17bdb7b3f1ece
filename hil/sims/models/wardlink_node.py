"""The simulated node that measures: the firmware's own core, with a flash in memory, on a patient."""

import math
import struct
from collections.abc import Mapping, Sequence

import cbor2

from devices.codecs.node import wire
from devices.codecs.node.decimals import DECIMALS
from devices.model.metrics import METRICS, by_number
from devices.model.observation import NoValue
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.schedule import Schedule
from hil.sims.nor_flash import NorFlash
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_RATE_HZ = 25
_PULSE = ("hr", "pr_spo2", "spo2", "pi", "rr", "rr_pleth", "rr_imped")
_USUAL: Mapping[str, float] = {
    "pi": 3.1,
    "rr": 15,
    "rr_pleth": 15,
    "rr_imped": 15,
    "cuff_pressure": 0.0,
    "ambient_temp": 22.5,
    "ambient_humidity": 45.5,
    "vehicle_voltage": 13.2,
    "o2_cylinder_pressure": 142.5,
    "suction_pressure": 20.0,
}
_NO_CONTACT = int(NoValue.NO_CONTACT)


class SimulatedNode:
    """A `WireSim`. With `on_patient` False what is of the patient has no value."""

    period_s = 0.1

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._patient = patient
        self._node: Node | None = None
        self._began_s = 0.0
        self._schedule = Schedule([1000], 0)

    def tick(self, time_s: float) -> list[Measured]:
        """What is due: once a second everything, and what nobody acknowledged again."""
        node, now_ms = self._running(time_s), self._ms(time_s)
        for _ in self._schedule.due(now_ms):
            node.measured(self._values(time_s), now_ms)
            for name in (name for name in DECIMALS if METRICS[name].is_waveform):
                data = struct.pack(f"<{_RATE_HZ}h", *self._samples(name, time_s))
                node.sampled(METRICS[name].number, _RATE_HZ * 1000, data, max(0, now_ms - 1000))
        return self._due(node, now_ms)

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """What follows an acknowledgement, or a question."""
        node = self._running(time_s)
        node.receive(data, self._ms(time_s))
        return self._due(node, self._ms(time_s))

    def _running(self, time_s: float) -> Node:
        if self._node is None:
            self._began_s = time_s
            about = {wire.BOARD: "simulated", wire.VERSION: 1, wire.SELF_TEST: 0, wire.BATTERY: 88}
            number = int(self._patient.spo2(0.0) * 1_000_000)
            self._node = Node(Ring(NorFlash(4096, 8), 256, number), about, 0)
        return self._node

    def _ms(self, time_s: float) -> int:
        return round((time_s - self._began_s) * 1000)

    def _values(self, time_s: float) -> list[int | None]:
        measured = {
            **_USUAL,
            "hr": self._patient.heart_rate(time_s),
            "pr_spo2": self._patient.heart_rate(time_s),
            "spo2": self._patient.spo2(time_s),
            **dict.fromkeys(("temp_body", "temp_skin", "temp_axil"), self._patient.temperature(time_s)),
        }
        values: list[int | None] = []
        for name, value in measured.items():
            is_off = not self.on_patient and name in _PULSE
            scaled = None if is_off else round(value * 10 ** DECIMALS[name])
            values += [METRICS[name].number, scaled, _NO_CONTACT if is_off else 0]
        return values

    def _samples(self, name: str, time_s: float) -> list[int]:
        if name == "pleth":
            times = [time_s - 1 + n / _RATE_HZ for n in range(_RATE_HZ)]
            return [round(1000 * self._patient.pleth(at)) for at in times]
        return [round(800 * math.sin(2 * math.pi * n / _RATE_HZ)) for n in range(_RATE_HZ)]

    def _due(self, node: Node, now_ms: int) -> list[Measured]:
        frames = list(iter(lambda: node.to_send(now_ms), b""))
        return [Measured(frame, _said(frame)) for frame in frames]


def _said(frame: bytes) -> dict[str, float | Sequence[int | None] | None]:
    item = cbor2.loads(wire.body(wire.unstuffed(frame[:-1])))
    if item[wire.KIND] == wire.SAMPLES:
        samples = struct.unpack(f"<{len(item[wire.DATA]) // 2}h", item[wire.DATA])
        return {by_number(item[wire.METRIC]).name: list(samples)}
    values = item.get(wire.VALUES, [])
    names = [by_number(number).name for number in values[::3]]
    pairs = zip(names, values[1::3], strict=True)
    return {name: None if value is None else value / 10 ** DECIMALS[name] for name, value in pairs}


SIMULATORS: dict[str, MakeSim] = {"wardlink-node-vitals": SimulatedNode}
