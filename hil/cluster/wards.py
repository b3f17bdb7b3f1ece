"""Real gateways of a cluster, with journals and links, each of which is connected to any of its brokers.

wards = Wards(root, 2, brokers)
wards.write()                         # configurations; identities are the layout's
wards.command("ward-1")               # starts it
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from controller.files import write_private

_DEVICES = 2
_READINGS = 40.0
"""A second, of all devices of one, if they gave all: they give a twentieth."""
_CONFIG = '[gateway]\nid = "{0}"\ndata = "."\n[controller]\naddress = {1}\n'
_DEVICE = '[[device]]\nid = "{0}"\nprofile = "nonin-xpod"\nbed = "{1}"\nport = "none"\n'


class Wards:
    """`count` of them, in `root`. What their devices say is in `emitted`."""

    def __init__(self, root: Path, count: int, brokers: Sequence[int]) -> None:
        self.names = [f"ward-{number + 1}" for number in range(count)]
        self.emitted = root / "emitted"
        self.identities = {name: str(root / name / "identity") for name in self.names}
        self.devices: dict[str, list[tuple[str, str | None]]] = {
            name: [(f"{name}-ox-{n}", f"{name}-bed") for n in range(_DEVICES)] for name in self.names
        }
        self._root, self._brokers = root, brokers

    def write(self) -> None:
        """Their configurations."""
        addresses = json.dumps([f"mqtts://127.0.0.1:{port}" for port in self._brokers])
        for name in self.names:
            text = _CONFIG.format(name, addresses)
            text += "".join(_DEVICE.format(*device) for device in self.devices[name])
            write_private(self._configuration(name), text)

    def journals(self, name: str) -> Path:
        """Its folder of them."""
        return self._root / name / "journal"

    def command(self, name: str) -> list[str]:
        """Runs it."""
        arguments = str(self._configuration(name)), str(self.emitted), str(_READINGS), "0"
        return [sys.executable, "-m", "hil.faults.busy_gateway", *arguments]

    def _configuration(self, name: str) -> Path:
        return self._root / name / f"{name}.toml"
