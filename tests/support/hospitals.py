"""Two hospitals over HTTP, each a whole controller with its ward, which are partners by mutual TLS.

async with hospitals(tmp_path) as two:
    await two.agreed()
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from controller.api import partners_schemas as schemas
from controller.api.partners_context import PARTNERS, meeting
from controller.clock import SystemClock
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, Lives, keep_server, open_authority
from controller.identity.sites import door_context, keep_site
from controller.partners.section import PartnersSection
from controller.partners.service import Partnership
from controller.ports import free_port
from controller.sections import LoginSection
from controller.security.permissions import Role
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get
from tests.support.prescribed import send

PARTNERS_PATH, REFERRALS, CONSENTS = "/api/partners", "/api/referrals", "/api/partner-consents"


@dataclass
class Hospital:
    """One of them: anna is a physician, nina a nurse, ada an administrator."""

    site: str
    home: Home
    ada: aiohttp.ClientSession
    tls: ssl.SSLContext
    """Of its listener for partners."""

    @property
    def anna(self) -> aiohttp.ClientSession:
        return self.home.anna.session

    @property
    def parts(self) -> Partnership:
        return self.home.controller.app[PARTNERS]

    async def listed(self) -> schemas.PartnerList:
        return schemas.PartnerList.model_validate(await get(self.ada, PARTNERS_PATH))

    async def referrals(self) -> schemas.ReferralList:
        return schemas.ReferralList.model_validate(await get(self.anna, REFERRALS))

    async def deliver(self, to: "Hospital") -> None:
        """All that waits, now; it goes by itself, too."""
        await self.parts.sender.deliver(await self.parts.book.find(to.site))

    async def consent(self, to: "Hospital", said: str = "permit", patient: str = "4713") -> None:
        until_ms = self.parts.book.utc_ms() + 30 * 86_400_000
        body = {"patient": patient, "site": to.site, "said": said, "until_ms": until_ms}
        await send(self.anna, "POST", CONSENTS, **body)

    async def is_expert(self, name: str = "Dr. Anna") -> None:
        """Anna lets herself be asked by partners."""
        body: dict[str, Any] = {"display": name, "specialities": ["394579002"], "hospital": "here"}
        await send(self.anna, "PUT", "/api/experts/me", 0, **body, for_partners=True)
        await self.parts.teller.look()


@dataclass
class Two:
    """Both."""

    a: Hospital
    b: Hospital

    async def agreed(self) -> None:
        """Cards exchanged, fingerprints read out."""
        for one, other in ((self.a, self.b), (self.b, self.a)):
            theirs = await other.listed()
            added = await send(one.ada, "POST", PARTNERS_PATH, card=theirs.card)
            path = f"{PARTNERS_PATH}/{other.site}/state"
            body = {"state": "active", "heard": theirs.fingerprint.lower()}
            await send(one.ada, "PUT", path, added["partner"]["revision"], **body)
            await one.parts.let_in(one.tls)  # or within a second by itself


@asynccontextmanager
async def hospitals(folder: Path) -> AsyncIterator[Two]:
    """hospital-a and hospital-b, which are not partners yet."""
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        a, b = [await _hospital(stack, folder / name, f"hospital-{name}") for name in ("a", "b")]
        yield Two(a, b)


async def _hospital(stack: AsyncExitStack, folder: Path, site: str) -> Hospital:
    now, ca = moment(SystemClock().utc_us() // 1_000_000), folder / FOLDER
    authority = open_authority(ca, now)
    keep_server(ca, authority, ["127.0.0.1"], now, Lives().server)
    keep_site(ca, authority, site, now)
    roles = {"pia": Role.PHARMACIST, "ada": Role.ADMINISTRATOR}
    controller = await stack.enter_async_context(running(folder, **roles))
    port = free_port("127.0.0.1", 0, site)
    controller.partners = PartnersSection(site=site, name=site.title().replace("-", " "), port=port)
    controller.login = LoginSection(address=f"http://localhost:{controller.port}")
    home = await at_home(controller, stack)
    tls = door_context(ca)
    await stack.enter_async_context(meeting(controller.app, controller.partners, tls))
    return Hospital(site, home, await stack.enter_async_context(client(controller, "ada")), tls)
