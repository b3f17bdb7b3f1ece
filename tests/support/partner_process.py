"""A site as a process of its own, with all that speaks to partners and nothing else: to be killed.

python -m tests.support.partner_process FOLDER SITE PORT         # until it is killed
"""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from controller.api.partners_context import PARTNERS, meeting
from controller.clock import SystemClock
from controller.conferences.service import ConferenceService
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, Lives, keep_server, open_authority
from controller.identity.sites import door_context, keep_site
from controller.kept import kept
from controller.partners.section import PartnersSection
from controller.partners.service import OwnSite, Partnership
from controller.prescriptions.books import Books as Prescriptions
from controller.signing.model import Signed
from controller.store import Store

DATABASE = "wardlink.sqlite"


def own_site(folder: Path, name: str, port: int) -> OwnSite:
    """As it shows itself; its authority is made if there is none."""
    clock = SystemClock()
    now, ca = moment(clock.utc_us() // 1_000_000), folder / FOLDER
    authority = open_authority(ca, now)
    keep_server(ca, authority, ["127.0.0.1"], now, Lives().server)
    keep_site(ca, authority, name, now)
    return OwnSite(name, name, f"127.0.0.1:{port}", ca, "")


async def run(folder: Path, name: str, port: int) -> None:
    """As the controller wires it (controller/api/partners_context.py)."""
    own, clock = own_site(folder, name, port), SystemClock()
    store = await Store.open(folder / DATABASE)
    conferences = ConferenceService(store, clock, _no_signatures, Prescriptions(store, clock))
    app, parts = web.Application(), Partnership(store, clock, own, conferences)
    app[PARTNERS] = parts
    section = PartnersSection(site=name, name=name, host="127.0.0.1", port=port)
    async with (
        meeting(app, section, door_context(own.folder)),
        kept("partners", parts.sender.run),
        kept("partners' news", parts.teller.run),
    ):
        await asyncio.Event().wait()


def _no_signatures(*_: object) -> Signed:
    raise AssertionError("nothing is signed here")


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
