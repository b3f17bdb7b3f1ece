"""A node by Bluetooth: the firmware's own core on the virtual radio, read by the gateway's link."""

import ast
import itertools
from collections import Counter
from pathlib import Path

from devices.codecs.node import by_ble, wire
from devices.model.observation import DeviceEvent, EventKind
from devices.profiles import profile
from firmware.build import ROOT
from firmware.core.node import Node
from firmware.core.ring import Ring
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleDeviceLink, BleRadio
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.models.wardlink_node_ble import RadioNode
from hil.sims.nor_flash import NorFlash
from hil.sims.simulated import Measured
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

ADDRESS = "C0:00:00:2E:00:77"
NAME = "wardlink-node-vitals-ble"
PRESSURE = 280


class Numbered:
    """A node, each of whose readings is its number; its flash outlives it."""

    period_s = 0.05
    on_patient = True

    def __init__(self) -> None:
        self._flash = NorFlash(4096, 8)
        self.reset()

    def reset(self) -> None:
        """It begins anew, wherever it was."""
        self.ring = Ring(self._flash, 256, 7)
        self._node = Node(self.ring, {wire.BOARD: "numbered", wire.VERSION: 1}, 0)

    def tick(self, time_s: float) -> list[Measured]:
        self._node.measured([PRESSURE, self.ring.next % 2500, 0], _ms(time_s))
        return self._due(time_s)

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        self._node.receive(data, _ms(time_s))
        return self._due(time_s)

    def _due(self, time_s: float) -> list[Measured]:
        return [Measured(frame) for frame in iter(lambda: self._node.to_send(_ms(time_s)), b"")]


def _ms(time_s: float) -> int:
    return int(time_s * 1000)


class Ward:
    """What the gateway heard of the node."""

    def __init__(self) -> None:
        self.node, self.heard = Numbered(), Heard()

    def numbers(self) -> list[int]:
        return [int((value or 0) * 10) for value in self.heard.values("o2_cylinder_pressure")]

    def lost(self) -> list[DeviceEvent]:
        told = self.heard.events(EventKind.UNMAPPED)
        return [one for one in told if one.detail.get("code") == "readings-lost"]

    async def more(self, count: int) -> None:
        goal = len(self.numbers()) + count
        await until(lambda: len(self.numbers()) >= goal, f"{count} more readings")


async def test_a_node_out_of_range_reset_and_back_loses_and_doubles_no_reading(tmp_path: Path) -> None:
    ward, device = Ward(), WardDevice("node-1", NAME, "bed-1", 1, ADDRESS)
    simulated = BleDevice(device, RadioNode(ward.node), Folder(tmp_path))
    configured = DeviceConfig(id="node-1", profile=NAME, address=ADDRESS)
    async with World() as world:
        await world.add(simulated.peripheral)
        async with Adapter(await world.listen("tcp-server:127.0.0.1:0")) as adapter:
            radio = BleRadio(*backends(adapter))
            link = BleDeviceLink(configured, profile(NAME), SystemClock(), ward.heard, radio)
            async with running(link, simulated):
                await ward.more(20)
                simulated.peripheral.lose()
                await until(lambda: bool(ward.heard.events(EventKind.DISCONNECTED)), "the link is lost")
                simulated.peripheral.back()
                await ward.more(40)
                ward.node.reset()
                await ward.more(20)
    numbers = ward.numbers()
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert [b - a for a, b in itertools.pairwise(numbers) if b != a + 1] == []
    assert numbers[0] == 8 * 4096 // 256
    assert ward.lost() == []
    assert ward.heard.events(EventKind.BAD_BYTES, EventKind.REFUSED) == []


def test_the_firmware_s_peripheral_has_the_identifiers_that_the_gateway_looks_for() -> None:
    tree = ast.parse((ROOT / "firmware/hal/ble.py").read_text(encoding="utf-8"))
    named = {
        one.targets[0].id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        if isinstance(one.value, ast.Constant)
    }
    assert [named[name] for name in ("STREAM", "TO_HOST", "TO_NODE")] == [
        by_ble.SERVICE,
        by_ble.TO_HOST,
        by_ble.TO_NODE,
    ]
