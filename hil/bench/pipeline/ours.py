"""Wardlink: a gateway whose devices make the load, the controller, its broker."""

import sys
from pathlib import Path

import psutil

from controller.ports import free_port
from hil.bench.pipeline.rig import Key, Rig
from hil.bench.pipeline.source import DEVICES
from hil.database import streams
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.ward import Folder, six_kinds

_ALARMS = "SELECT device, at_us FROM alert WHERE code = 'device-lost' AND active"
_STORED = """SELECT device, mono_us FROM observation JOIN series ON series.id = series
WHERE observation.id > ?"""


class Wardlink(Rig):
    """Our side."""

    name = "Wardlink"
    source = "gateway"
    server = "controller"
    table = "observation"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ward = Folder(folder)

    @property
    def database(self) -> Path:
        """See `Rig`."""
        return self._ward.controller / "wardlink.sqlite"

    async def start(self) -> None:
        """See `Rig`."""
        http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        ward = six_kinds(DEVICES // 3)
        config = write_controller_config(self._ward, http, mqtt)
        await enrol(self._ward, config, ward)
        gateway = write_gateway_config(self._ward, ward, f"mqtts://127.0.0.1:{mqtt}")
        orders = {
            "controller": ("wardlink", "controller", "run", str(config)),
            "gateway": (
                "hil.bench.pipeline.our_gateway",
                str(gateway),
                str(self.orders),
                str(self.database),
                str(self.folder),
            ),
        }
        for name, order in orders.items():
            await self.kept(name, [sys.executable, "-m", *order]).start()
        ready = self.folder / "ready"
        await self.until("the gateway obeys orders", ready.exists)
        count, number = self.counter(), self.order(total=DEVICES)
        await self.until("Wardlink delivers", lambda: count() >= DEVICES)
        assert self.said(number)[1]

    def pids(self) -> dict[str, int]:
        """See `Rig`."""
        controller = self.pid("controller")
        children = psutil.Process(controller).children(recursive=True)
        broker = next(child for child in children if "nats-server" in child.name())
        return {"gateway": self.pid("gateway"), "controller": controller, "broker": broker.pid}

    def held(self) -> int:
        """See `Rig`: what the journal's own word made the source write down."""
        path = self.folder / "accepted"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def unsettled(self) -> int:
        """See `Rig`: blocks that are known to be made and are not here."""
        rows = streams(self.database, with_records=False)
        return sum(last - first + 1 for one in rows for first, last in one.missing())

    def alarms(self, since: int) -> int:
        """See `Rig`: alerts are a table of their own, and there is only one alarm."""
        return len(self.rows(_ALARMS))

    def stored(self, since: int) -> list[Key]:
        """See `Rig`."""
        return self.rows(_STORED, (since,))
