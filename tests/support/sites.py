"""Partner sites as they really are, in the test's loop: databases, authorities, listeners over mutual TLS.

async with site(tmp_path / "a", "hospital-a", "Hospital A") as a, site(...) as b:
    await befriend(a, b)
    await a.deliver(b)
"""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from controller.clock import SystemClock
from controller.conferences.model import Person, Profile
from controller.conferences.service import ConferenceService
from controller.identity.authority import Authority
from controller.identity.certificates import By, moment
from controller.identity.files import FOLDER, Lives, keep_server, open_authority
from controller.identity.sites import door_context, keep_site
from controller.listening import listening
from controller.partners.cards import card_text, read_card
from controller.partners.client import Line
from controller.partners.consents import Said
from controller.partners.model import Consent, Partner
from controller.partners.service import OwnSite, Partnership
from controller.partners.states import PartnerState
from controller.ports import free_port
from controller.prescriptions.books import Books as Prescriptions
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.signing.model import Signed
from controller.store import Store
from tests.support.controller import PASSWORD, quick_passwords

ADMIN = By("ada", "10.0.0.1")
DAY_MS = 86_400_000
CARDIOLOGY = "394579002"


class MovedClock(SystemClock):
    """The host's clocks, and the time that a test has let pass."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.passed_us

    def utc_us(self) -> int:
        return super().utc_us() + getattr(self, "passed_us", 0)

    def let_pass(self, ms: int) -> None:
        self.passed_us += ms * 1000


@dataclass
class Site:
    """One hospital: everything but pages and devices."""

    folder: Path
    own: OwnSite
    store: Store
    clock: MovedClock
    conferences: ConferenceService
    parts: Partnership
    authority: Authority
    tls: ssl.SSLContext
    port: int

    async def partner(self, other: "Site") -> Partner:
        return await self.parts.book.find(other.own.site)

    async def deliver(self, to: "Site") -> None:
        """All that waits, or hello if nothing does and none was said for a while."""
        await self.parts.sender.deliver(await self.partner(to))

    async def line(self, to: "Site") -> Line:
        """For requests that this software would not make."""
        return Line(self.own.folder, await self.partner(to))

    async def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.store.read(query, parameters)]

    async def actions(self, outcome: str = "done") -> list[tuple[str, str]]:
        """(action, actor) in the trail."""
        entries = [
            json.loads(entry) for (entry,) in await self.rows("SELECT entry FROM audit ORDER BY number")
        ]
        return [(one["action"], one["actor"]) for one in entries if one["outcome"] == outcome]

    async def expert(self, name: str, display: str) -> None:
        """Somebody with an account who lets themselves be asked by partners."""
        told = {"display": display, "specialities": (CARDIOLOGY,), "hospital": self.own.name}
        with quick_passwords():
            await set_password(self.store, self.clock, name, PASSWORD, Role.PHYSICIAN)
        profile = Profile(**told, for_partners=True)
        await self.conferences.directory.say(Person("", name), profile, 0, By(name))

    async def consents(
        self, to: "Site", patient: str = "4711", days: int = 30, said: str = "permit"
    ) -> Consent:
        until_ms = self.parts.book.utc_ms() + days * DAY_MS
        told: Any = said
        return await self.parts.consents.say(Said(patient, to.own.site, told, "en", until_ms), By("ben"))


@asynccontextmanager
async def site(folder: Path, name: str, title: str, port: int = 0) -> AsyncIterator[Site]:
    """It listens inside the block; what it sends is sent by `deliver`."""
    clock = MovedClock()
    now, ca = moment(clock.utc_us() // 1_000_000), folder / FOLDER
    store = await Store.open(folder / "wardlink.sqlite")
    authority = open_authority(ca, now)
    keep_server(ca, authority, ["127.0.0.1"], now, Lives().server)
    keep_site(ca, authority, name, now)
    port = port or free_port("127.0.0.1", 0, name)
    own = OwnSite(name, title, f"127.0.0.1:{port}", ca, f"https://{name}.example")
    conferences = ConferenceService(store, clock, no_signatures, Prescriptions(store, clock))
    parts, tls = Partnership(store, clock, own, conferences), door_context(ca)
    runner = web.AppRunner(parts.door.app(), access_log=None, shutdown_timeout=1)
    await parts.let_in(tls)
    try:
        async with listening(runner, "127.0.0.1", port, tls):
            yield Site(folder, own, store, clock, conferences, parts, authority, tls, port)
    finally:
        await store.close()


async def befriend(a: Site, b: Site) -> None:
    """Both agree."""
    for one, other in ((a, b), (b, a)):
        await agree(one, other)


async def agree(one: Site, other: Site) -> Partner:
    """One side does: the card is pasted, the fingerprint compared."""
    added = await one.parts.book.add(read_card(card_text(other.parts.book.own)), ADMIN)
    made = await one.parts.book.activate(added.site, added.revision, added.fingerprint, ADMIN)
    await one.parts.let_in(one.tls)
    return made


async def step(one: Site, other: Site, to: PartnerState) -> Partner:
    """Suspended, ended, active again."""
    known = await one.partner(other)
    return await one.parts.book.step(known.site, known.revision, to, By("ada", why="asked by them"))


def no_signatures(*_: object) -> Signed:
    raise AssertionError("nothing is signed here")
