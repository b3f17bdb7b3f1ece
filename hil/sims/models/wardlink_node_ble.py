"""The simulated node that measures, on the radio: its stream is cut as the firmware cuts it."""

import asyncio
from collections.abc import Mapping, Sequence

from devices.codecs.node.by_ble import SERVICE, TO_HOST, TO_NODE
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models.wardlink_node import SimulatedNode
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured, WireSim

_ATT_HEAD = 3


class RadioNode:
    """A `RadioSim` of `node`. What that says while nobody listens is lost, and comes again."""

    def __init__(self, node: WireSim) -> None:
        self.on_patient = True
        self.garbage = False
        self._node = node
        self._to_host = Characteristic(TO_HOST, Property.NOTIFY)
        writes = Property.WRITE | Property.WRITE_WITHOUT_RESPONSE
        to_node = Characteristic(TO_NODE, writes, on_write=self._written)
        self.services: Sequence[Service] = [Service(SERVICE, [self._to_host, to_node])]
        self.service_data: Mapping[str, bytes] = {}
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()

    def _written(self, data: bytes) -> None:
        self._heard.put_nowait(data)

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        due = now_ns() / 1e9
        while True:
            data = await self._next(due - now_ns() / 1e9)
            now_s, self._node.on_patient = now_ns() / 1e9, self.on_patient
            said = self._node.heard(data, now_s) if data else []
            if now_s >= due:
                due = max(due + self._node.period_s, now_s)
                said += self._node.tick(now_s)
            for one in said:
                await self._send(peripheral, one, emitted)
            if self.garbage:
                self.garbage = not await peripheral.notify(self._to_host, b"\xff\x00")

    async def _next(self, seconds: float) -> bytes:
        """What the host writes within the time, or nothing."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._heard.get()
        except TimeoutError:
            return b""

    async def _send(self, peripheral: Peripheral, measured: Measured, emitted: Emitted) -> None:
        central, frame, at = peripheral.central, measured.payload, now_ns()
        size = central.att_mtu - _ATT_HEAD if central else len(frame)
        parts = [frame[start : start + size] for start in range(0, len(frame), size)]
        sent = [await peripheral.notify(self._to_host, part) for part in parts]
        if all(sent):
            emitted.sent(at, measured.values)


def _worn(patient: Patient) -> RadioNode:
    return RadioNode(SimulatedNode(patient))


SIMULATORS: dict[str, MakeSim] = {"wardlink-node-vitals-ble": _worn}
