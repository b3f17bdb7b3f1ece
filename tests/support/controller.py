"""A controller's HTTP side as it really is, in the test's loop: store, registry, hub, API on a free port.

async with running(tmp_path) as controller:
    controller.say("ox-1", spo2=97)
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from argon2 import PasswordHasher

from controller.api.app import make_app
from controller.api.cds_context import add_cds
from controller.api.gateways import LettingIn
from controller.api.imaging_context import Imaging
from controller.api.models_context import add_models
from controller.arrivals.corridor import green_lights
from controller.arrivals.trend import Trend
from controller.cds.section import CdsSection
from controller.clock import SystemClock
from controller.config import Config
from controller.hub import Hub
from controller.inventory.service import Sign
from controller.live import Place, Value, Wave
from controller.models.section import ModelsSection
from controller.partners.section import PartnersSection
from controller.registry import Registry
from controller.sections import (
    ArrivalsSection,
    LoginSection,
    OidcSection,
    PaymentsSection,
    RobotsSection,
    SigningSection,
    TelemedicineSection,
)
from controller.security import passwords
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from devices.model.observation import NoValue, Quality

PASSWORD = "a long enough password"
_BOOT = bytes(16)


@contextmanager
def quick_passwords() -> Iterator[None]:
    """The same hash of passwords with less work inside the block: for tests that make many people."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        yield


class ShiftedClock(SystemClock):
    """The host's clock, and the time that a test has let pass without waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.passed_us

    def let_pass(self, seconds: float) -> None:
        """So much later, at once."""
        self.passed_us += int(seconds * 1_000_000)


class RunningController:
    """The parts of one controller, and the words to feed its hub with."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = ShiftedClock()
        self.port = 0
        self._started: web.AppRunner | None = None
        self._heart: asyncio.Task[None] | None = None
        self.sessions = 0
        self.login: LoginSection | None = None
        self.oidc: OidcSection | None = None
        """How people log in beside the password, from the next `start` on."""
        self.signing: SigningSection | None = None
        """How people unlock their keys, from the next `start` on."""
        self.robots: RobotsSection | None = None
        """Their map, from the next `start` on."""
        self.payments: PaymentsSection | None = None
        """Who takes payments, from the next `start` on."""
        self.partners: PartnersSection | None = None
        """How it shows itself to partner sites, from the next `start` on."""
        self.telemedicine: TelemedicineSection | None = None
        """The relay of visits, from the next `start` on."""
        self.sign: Sign | None = None
        """What signs receipts, from the next `start` on."""
        self.letting_in: LettingIn | None = None
        """The service of gateways, from the next `start` on."""
        self.cds: CdsSection | None = None
        """The services of decision support, from the next `start` on."""
        self.models: ModelsSection | None = None
        """The model beside NEWS2, from the next `start` on."""
        self.hospital: ArrivalsSection | None = None
        """Where vehicles arrive, from the next `start` on."""
        self.imaging: Imaging | None = None
        """The archive of images, from the next `start` on."""
        self.asked_city: list[tuple[str, bytes]] = []
        """Requests for green lights, by topic: see `corridor.look`, which nothing calls by itself here."""
        self._build()

    def _build(self) -> None:
        self.sessions += 1
        self.hub = Hub(self.clock, f"session{self.sessions}")
        self.registry = Registry(self.store, self.hub, self.clock)
        self.corridor = green_lights(
            self.hospital,
            store=self.store,
            registry=self.registry,
            hub=self.hub,
            clock=self.clock,
            publish=lambda topic, payload: self.asked_city.append((topic, payload)),
        )
        self.trend = Trend(self.registry, self.hub, self.clock)
        self.app = make_app(
            *(self.hub, self.registry, self.store, self.clock),
            login=self.login,
            oidc=self.oidc,
            sign=self.sign,
            signing=self.signing,
            payments=self.payments,
            telemedicine=self.telemedicine,
            partners=self.partners,
            robots=self.robots,
            letting_in=self.letting_in,
            hospital=self.hospital,
            corridor=self.corridor,
            trend=self.trend,
            imaging=self.imaging,
        )
        add_cds(self.app, self.cds)
        add_models(self.app, Config(models=self.models))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve; again after `stop`, on the same port as a new process would, hence with a new hub."""
        if self.port:
            self._build()
        await self.registry.load()
        self._started = web.AppRunner(self.app, shutdown_timeout=1)
        await self._started.setup()
        site = web.TCPSite(self._started, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._started.addresses[0][1]
        self._heart = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        assert self._started and self._heart
        self._heart.cancel()
        await self._started.cleanup()

    async def _beat(self) -> None:
        while True:
            self.hub.tick()
            await asyncio.sleep(0.25)

    def place(self, age_s: float = 0) -> Place:
        """The time `age_s` ago."""
        at_us = self.clock.now_us() - int(age_s * 1_000_000)
        return Place(_BOOT, at_us, at_us)

    def say(self, device: str, /, age_s: float = 0, quality: Quality = Quality.GOOD, **values: float) -> None:
        """`device` measured `values` by metric, `age_s` ago."""
        place = self.place(age_s)
        self.hub.values(
            Value(device, metric, place, None, value, None, int(quality)) for metric, value in values.items()
        )

    def miss(self, device: str, metric: str, reason: NoValue) -> None:
        """`device` has no value, for `reason`."""
        self.hub.values([Value(device, metric, self.place(), None, None, int(reason), 0)])

    def wave(self, device: str, samples: bytes, rate_hz: int = 75, age_s: float = 0) -> None:
        """A chunk of pleth that ended `age_s` ago."""
        place = self.place(age_s + len(samples) / 2 / rate_hz)
        self.hub.waves([Wave(device, "pleth", place, rate_hz * 1000, samples, 1.0, 0.0, 0, None)])

    async def add_bed(self, bed: str, name: str, devices: Sequence[str] = ()) -> None:
        """A bed with connected oximeters on it."""
        if "ward-a" not in self.registry.wards:
            await self.registry.add_ward("ward-a", "Ward A")
            await self.registry.add_gateway("gw-a", "Gateway A")
            self.hub.gateway("gw-a", {"state": "online", "seen_ms": self.clock.now_us() // 1000})
        await self.registry.add_bed(bed, "ward-a", name)
        for device in devices:
            await self.add_device(device)
            await self.registry.assign(device, bed, "test")
            self.hub.device(device, {"connected": True, "since_ms": self.clock.now_us() // 1000})

    async def add_device(self, device: str, metrics: str = '["spo2", "pr_spo2", "pleth"]') -> None:
        """A device that its gateway has spoken of, on no bed."""
        row = device, "gw-a", "nonin-xpod", metrics, 0
        await self.store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row))
        await self.registry.load()


@asynccontextmanager
async def running(folder: Path, **users: Role) -> AsyncIterator[RunningController]:
    """A running controller with one bed and these users; everyone's password is PASSWORD, quickly hashed."""
    store = await Store.open(folder / "controller.db")
    controller = RunningController(store)
    with quick_passwords():
        for user, role in (users or {"nurse": Role.NURSE}).items():
            await set_password(store, controller.clock, user, PASSWORD, role)
        await controller.start()
        try:
            yield controller
        finally:
            await controller.stop()
            await store.close()


async def eventually(condition: Callable[[], bool], within_s: float = 10) -> None:
    """Waits until `condition()` holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 — what is waited for is not always an event
            await asyncio.sleep(0.01)
