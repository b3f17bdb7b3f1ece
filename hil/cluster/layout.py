"""What a cluster on this machine has before anything runs: folders, configurations, identities, people.

layout = Layout(root, Asked(controllers=3, gateways=50), port=8080)
await layout.write("postgresql://…")
"""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from controller.cluster.files import member_files, write_member
from controller.files import write_private
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.ports import free_port
from controller.registry import CONTROLLER
from controller.security.sealing import KEY_BYTES, SECOND_FACTORS
from controller.shards import same_keys
from hil.bench.crowd_order import Order
from hil.bench.growth import order_for
from hil.cluster.balancer import configured
from hil.cluster.registering import register
from hil.cluster.wards import Wards
from hil.errors import NotReady
from hil.identities import now
from hil.ward import NURSE

EXAMPLE = Path(__file__).parents[2] / "deploy" / "compose" / "haproxy.cfg"
KEYS = "keys"
_OLD_ORDER = "port", "identities", "devices", "period_s"
"""What a release knows of gateways that are to be registered."""
_SHARED = FOLDER, KEYS
"""Of the first controller's folder: what all of them have alike."""
_CONTROLLER = """[controller]
id = "cluster"
data = "."
names = ["127.0.0.1"]
[store]
url = "{database}"
[cluster]
replicas = {replicas}
[mqtt]
members = {members}
[http]
port = {http}
[est]
port = {est}
[discovery]
interfaces = []
[login]
address = "http://localhost:{pages}"
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """How large it is. Each gateway has `devices`, each of which measures once in `period_s`, and says every
    `state_s` how it is.

    `wards`: real gateways beside these, with journals. `said`: light gateways write down what they seal.
    `previous`: a folder with an older release, which the controllers run until they are upgraded.
    `standby`: commits wait for a second server, too.
    """

    brokers: int = 3
    controllers: int = 3
    gateways: int = 50
    devices: int = 2
    period_s: float = 1.0
    wards: int = 0
    said: bool = False
    previous: Path | None = None
    standby: bool = True
    state_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Way:
    """By which one controller reaches the database, a URL, and brokers, ports."""

    database: str
    brokers: Sequence[int]


def _ports(count: int) -> list[int]:
    return [free_port("127.0.0.1", 0, "a part of the cluster") for _ in range(count)]


@dataclass(slots=True)
class Layout:
    """In `root`. `port`: where the pages are, at the balancer."""

    root: Path
    asked: Asked
    port: int
    http: list[int] = field(init=False)
    """Of each controller."""
    est: list[int] = field(init=False)
    brokers: list[int] = field(init=False)
    orders: list[Path] = field(default_factory=list[Path])
    """Of each crowd of gateways: those at one broker."""
    passwords: dict[str, str] = field(default_factory=dict[str, str])
    wards: Wards = field(init=False)

    def __post_init__(self) -> None:
        self.http, self.est = _ports(self.asked.controllers), _ports(self.asked.controllers)
        self.brokers = _ports(self.asked.brokers)
        self.wards = Wards(self.root, self.asked.wards, self.brokers)

    def controller(self, number: int) -> Path:
        """Its folder, and in it `controller.toml`."""
        return self.root / f"controller-{number + 1}"

    def broker(self, number: int) -> Path:
        """Its folder."""
        return self.root / f"broker-{number + 1}"

    @property
    def balancer(self) -> Path:
        """haproxy's configuration."""
        return self.root / "haproxy.cfg"

    @property
    def said(self) -> Path:
        """What light gateways write down, if they do."""
        return self.root / "said"

    async def write(self, database: str, ways: Sequence[Way] = ()) -> None:
        """All of it; the database, which is empty, has a ward, its gateways and people afterwards.

        `ways`: of each controller, if not all have the same.
        """
        first = self.controller(0)
        for number in range(self.asked.controllers):
            way = ways[number] if ways else Way(database, self.brokers)
            write_private(self.controller(number) / "controller.toml", self._configuration(number, way))
        for number in range(self.asked.brokers):
            self.new_broker(number)
        await self._registered(database)
        if self.asked.previous is None:
            same_keys.make(first)
        else:  # a release has the keys that it knows
            write_private(first / SECOND_FACTORS, secrets.token_hex(KEY_BYTES) + "\n")
        for number in range(1, self.asked.controllers):
            for name in _SHARED:
                shutil.copytree(first / name, self.controller(number) / name)
        (enrolment,) = _ports(1)
        text = EXAMPLE.read_text(encoding="utf-8")
        listen = self.port, enrolment
        write_private(self.balancer, configured(text, http=self.http, est=self.est, listen=listen))

    def copy_keys(self, number: int) -> None:
        """That controller has the keys of the first one, those too that a newer release has made there."""
        folder = self.controller(0) / KEYS
        if number:
            shutil.copytree(folder, self.controller(number) / KEYS, dirs_exist_ok=True)

    def new_broker(self, number: int) -> None:
        """Its folder, as on an empty disk."""
        ca = self.controller(0) / FOLDER
        authority = open_authority(ca, now())
        keep_controller(ca, authority, CONTROLLER, now(), Lives().controller)
        shutil.rmtree(self.broker(number), ignore_errors=True)
        files = member_files(("127.0.0.1", self.brokers[number]), "127.0.0.1", authority, now(), ca)
        write_member(self.broker(number), files)

    def _configuration(self, number: int, way: Way) -> str:
        return _CONTROLLER.format(
            database=way.database,
            replicas=str(self.asked.controllers > 1).lower(),
            members=json.dumps([f"mqtts://127.0.0.1:{port}" for port in way.brokers]),
            http=self.http[number],
            est=self.est[number],
            pages=self.port,
        )

    async def _registered(self, database: str) -> None:
        whole = order_for(
            self.asked.gateways * self.asked.devices, self.root, self.asked.period_s, self.asked.devices
        )
        everybody = replace(
            whole,
            identities={**whole.identities, **self.wards.identities},
            devices={**whole.devices, **self.wards.devices},
        )
        self.passwords = {name: secrets.token_urlsafe(9) for name in (NURSE, "engineer")}
        if self.asked.previous is None:
            await register(database, self.controller(0), everybody, self.passwords)
        else:
            await asyncio.to_thread(self._registered_by, self.asked.previous, database, everybody)
        self._order(whole)
        self.wards.write()

    def _registered_by(self, release: Path, database: str, order: Order) -> None:
        """The schema is that release's."""
        told = {name: value for name, value in asdict(order).items() if name in _OLD_ORDER}
        path, script = self.root / "registering.json", Path(__file__).with_name("registering.py")
        people, folder = self.passwords, str(self.controller(0))
        write_private(
            path, json.dumps({"database": database, "folder": folder, "order": told, "people": people})
        )
        env = os.environ | {"PYTHONPATH": str(release)}
        argv = [sys.executable, "-P", str(script), str(path)]
        done = subprocess.run(argv, cwd=release, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotReady(f"{release}: expected a release that has replicas, got: {done.stderr[-2000:]}")

    def _order(self, whole: Order) -> None:
        """Every third gateway at the first broker, and so on."""
        names = list(whole.identities)
        for number, port in enumerate(self.brokers):
            here = names[number :: len(self.brokers)]
            identities = {name: whole.identities[name] for name in here}
            devices = {name: whole.devices[name] for name in here}
            said = str(self.said) if self.asked.said else None
            here_only = replace(whole, port=port, identities=identities, devices=devices, said=said)
            order = replace(here_only, state_s=self.asked.state_s)
            path = self.root / f"crowd-{number + 1}" / "order.json"
            write_private(path, json.dumps(asdict(order)))
            self.orders.append(path)
