"""A hospital of one bed in a folder: configurations, a claim, a registry; and what is asked of it then.

site = Site(folder, wan=True)
site.prepare()
controller, gateway = site.controller(), site.gateway()      # processes, to be started
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from controller.ports import free_port
from hil.errors import NotReady
from hil.faults.wan import HOSPITAL
from hil.prepare import enrol, quiet_port, write_controller_config, write_gateway_config
from hil.rig.ledger import Ledger
from hil.rig.process import Process
from hil.ward import GATEWAY, HEART_RATE, Folder, Ward, WardBed, WardDevice

NODE, BED = "node-1", "bed-1"
PROFILE = "wardlink-node-vitals"


def strap(address: str) -> WardDevice:
    """The chest strap of a rig that has a radio."""
    return WardDevice("strap-1", HEART_RATE, BED, 1, address)


def until(what: str, holds: Callable[[], object], within_s: float = 60.0, every_s: float = 0.05) -> float:
    """Wait until `holds()`; the seconds that it took. Raises NotReady, which says `what` did not come."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within_s:
            raise NotReady(f"not within {within_s:.0f} s: {what}")
        time.sleep(every_s)
    return time.monotonic() - began


class Site:
    """With `wan` the gateway reaches the controller over `hil.faults.wan` only; `radio`: a strap, and
    where the gateway's radio is."""

    def __init__(self, root: Path, *, wan: bool, radio: tuple[WardDevice, str] | None = None) -> None:
        self.folder = Folder(root.absolute())
        self._host = HOSPITAL if wan else "127.0.0.1"
        bed = WardBed(BED, "Rig", "RIG-0001", "Rig Example")
        straps = (radio[0],) if radio else ()
        self._hci = radio[1] if radio else ""
        self._ward = Ward((bed,), (WardDevice(NODE, PROFILE, BED, 1), *straps))
        self._http, self._mqtt = (
            free_port("127.0.0.1", quiet_port(), name) for name in ("the board", "MQTT")
        )
        self.ledger = Ledger(self.folder.controller / "wardlink.sqlite")

    @property
    def port(self) -> Path:
        """Where the gateway looks for the node."""
        return self.folder.port(NODE)

    @property
    def gateway_config(self) -> Path:
        """The gateway's file."""
        return self.folder.box(GATEWAY) / f"{GATEWAY}.toml"

    def prepare(self) -> None:
        """Write all that has to be there before anything starts."""
        self.port.parent.mkdir(parents=True, exist_ok=True)
        config = write_controller_config(self.folder, self._http, self._mqtt)
        asyncio.run(enrol(self.folder, config, self._ward))
        write_gateway_config(self.folder, self._ward, f"mqtts://{self._host}:{self._mqtt}")

    def controller(self) -> Process:
        """`wardlink controller run`."""
        config = str(self.folder.controller / "controller.toml")
        return self._process("controller", "wardlink", "controller", "run", config)

    def gateway(self) -> Process:
        """`wardlink gateway run`, or the same on another radio than the host's."""
        if self._hci:
            return self._process("gateway", "hil.ward_gateway", str(self.gateway_config), self._hci)
        return self._process("gateway", "wardlink", "gateway", "run", str(self.gateway_config))

    def forget_addresses(self) -> None:
        """So that `is_up` is said of the controller that starts now."""
        self._addresses.unlink(missing_ok=True)

    def is_up(self) -> bool:
        """Whether the controller says where it listens. Raises NotReady if it is not where gateways look."""
        with suppress(FileNotFoundError, json.JSONDecodeError):
            listens = json.loads(self._addresses.read_text(encoding="utf-8"))["mqtt"]
            if not listens.endswith(f":{self._mqtt}"):
                raise NotReady(
                    f"the controller is at {listens}, the gateway looks for it at port {self._mqtt}"
                )
            return True
        return False

    @property
    def _addresses(self) -> Path:
        return self.folder.controller / "run" / "addresses.json"

    def _process(self, name: str, module: str, *arguments: str) -> Process:
        return Process(name, [sys.executable, "-m", module, *arguments], self.folder.log(name))
