"""What a cluster on this machine has before anything runs: folders, configurations, identities, people.

layout = Layout(root, Asked(controllers=3, gateways=50), port=8080)
await layout.write("postgresql://…")
"""

import json
import secrets
import shutil
import sqlite3
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from controller.clock import SystemClock
from controller.cluster.files import member_files, write_member
from controller.files import write_private
from controller.hub import Hub
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.ports import free_port
from controller.registry import CONTROLLER, Registry
from controller.security.permissions import Role
from controller.security.sealing import KEY_BYTES, SECOND_FACTORS
from controller.security.users import set_password
from controller.store import Store
from hil.bench.crowd_order import Order
from hil.bench.growth import enrol, order_for
from hil.cluster.balancer import configured
from hil.identities import now
from hil.ward import NURSE, WARD, WARD_NAME

EXAMPLE = Path(__file__).parents[2] / "deploy" / "compose" / "haproxy.cfg"
_SHARED = FOLDER, "keys"
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
    """How large it is. Each gateway has `devices`, each of which measures once in `period_s`."""

    brokers: int = 3
    controllers: int = 3
    gateways: int = 50
    devices: int = 2
    period_s: float = 1.0


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

    def __post_init__(self) -> None:
        self.http, self.est = _ports(self.asked.controllers), _ports(self.asked.controllers)
        self.brokers = _ports(self.asked.brokers)

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

    async def write(self, database: str) -> None:
        """All of it; the database, which is empty, has a ward, its gateways and people afterwards."""
        first = self.controller(0)
        for number in range(self.asked.controllers):
            write_private(self.controller(number) / "controller.toml", self._configuration(number, database))
        self._members(first / FOLDER)
        store = await Store.open(database, folder=first)
        try:
            await self._registered(store, first / FOLDER)
        finally:
            await store.close()
        write_private(first / SECOND_FACTORS, secrets.token_hex(KEY_BYTES) + "\n")
        for number in range(1, self.asked.controllers):
            for name in _SHARED:
                shutil.copytree(first / name, self.controller(number) / name)
        (enrolment,) = _ports(1)
        text = EXAMPLE.read_text(encoding="utf-8")
        listen = self.port, enrolment
        write_private(self.balancer, configured(text, http=self.http, est=self.est, listen=listen))

    def _configuration(self, number: int, database: str) -> str:
        return _CONTROLLER.format(
            database=database,
            replicas=str(self.asked.controllers > 1).lower(),
            members=json.dumps([f"mqtts://127.0.0.1:{port}" for port in self.brokers]),
            http=self.http[number],
            est=self.est[number],
            pages=self.port,
        )

    def _members(self, ca: Path) -> None:
        authority = open_authority(ca, now())
        keep_controller(ca, authority, CONTROLLER, now(), Lives().controller)
        for number, port in enumerate(self.brokers):
            files = member_files(("127.0.0.1", port), "127.0.0.1", authority, now(), ca)
            write_member(self.broker(number), files)

    async def _registered(self, store: Store, ca: Path) -> None:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, "cluster"), clock)
        await registry.load()
        await registry.add_ward(WARD, WARD_NAME)
        whole = order_for(
            self.asked.gateways * self.asked.devices, self.root, self.asked.period_s, self.asked.devices
        )
        await store.write(partial(_enrolled, ca, whole))
        self._order(whole)
        for name, role in ((NURSE, Role.NURSE), ("engineer", Role.ENGINEER)):
            self.passwords[name] = secrets.token_urlsafe(9)
            await set_password(store, clock, name, self.passwords[name], role)

    def _order(self, whole: Order) -> None:
        """Every third gateway at the first broker, and so on."""
        names = list(whole.identities)
        for number, port in enumerate(self.brokers):
            here = names[number :: len(self.brokers)]
            identities = {name: whole.identities[name] for name in here}
            order = replace(
                whole, port=port, identities=identities, devices={name: whole.devices[name] for name in here}
            )
            path = self.root / f"crowd-{number + 1}" / "order.json"
            write_private(path, json.dumps(asdict(order)))
            self.orders.append(path)


def _enrolled(ca: Path, order: Order, db: sqlite3.Connection) -> None:
    enrol(db, ca, order)
