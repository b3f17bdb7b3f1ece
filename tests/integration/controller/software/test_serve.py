"""Who may fetch releases from the controller: gateways whose certificates are good, and nobody else."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from controller.identity.est import est_context
from controller.software.serve import add_updates
from gateway.updates.http import Mirror as Client
from gateway.updates.releases import Releases
from hil.faults.releases import repository, tiny
from tests.integration.controller.identity.conftest import BY, Est, started


@dataclass
class Site:
    """A controller's port, with a mirror behind it. `bundle`: what release 1 is."""

    est: Est
    address: str
    folder: Path
    bundle: bytes

    async def get(self, path: str, shown: Path | None = None, **headers: str) -> tuple[int, bytes]:
        url = aiohttp.client.URL(f"{self.address}{path}", encoded=True)
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, ssl=self.est.client(shown), headers=headers) as answer,
        ):
            return answer.status, await answer.read()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    repo = repository(tmp_path / "releases")
    bundle = tiny(tmp_path / "releases", 1)
    repo.publish([bundle])
    async with started(tmp_path / "controller") as est:
        app = web.Application()
        add_updates(app, repo.folder, est.store, est.clock)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=est_context(est.folder / "ca")).start()
        address = f"https://localhost:{runner.addresses[0][1]}/updates"
        yield Site(est, address, repo.folder, bundle.read_bytes())
        await runner.cleanup()


TIMESTAMP = "/metadata/timestamp.json"


async def test_an_enrolled_gateway_fetches_metadata_and_bundles(site: Site) -> None:
    shown = await site.est.identity()
    assert await site.get(TIMESTAMP, shown) == (200, (site.folder / "metadata/timestamp.json").read_bytes())
    (path,) = (site.folder / "targets").iterdir()
    assert await site.get(f"/targets/{path.name}", shown) == (200, site.bundle)


async def test_it_goes_on_where_it_was_broken_off(site: Site) -> None:
    shown = await site.est.identity()
    (path,) = (site.folder / "targets").iterdir()
    assert await site.get(f"/targets/{path.name}", shown, Range="bytes=100-") == (206, site.bundle[100:])
    length = len(site.bundle)
    assert (await site.get(f"/targets/{path.name}", shown, Range=f"bytes={length}-"))[0] == 416


async def test_nobody_without_a_certificate_fetches_anything(site: Site) -> None:
    status, said = await site.get(TIMESTAMP)
    assert (status, b"enrol first" in said) == (403, True)


async def revoked(site: Site) -> None:
    await site.est.service.revoke("ward-a", BY)


async def decommissioned(site: Site) -> None:
    await site.est.service.decommission("ward-a", BY)


async def expired(site: Site) -> None:
    site.est.clock.let_pass(days=31)


@pytest.mark.parametrize("ended", [revoked, decommissioned, expired])
async def test_a_gateway_that_is_not_let_in_any_more_fetches_nothing(
    site: Site, ended: Callable[[Site], Awaitable[None]]
) -> None:
    shown = await site.est.identity()
    assert (await site.get(TIMESTAMP, shown))[0] == 200
    await ended(site)
    assert (await site.get(TIMESTAMP, shown))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/metadata/../../controller/ca/root.key",
        "/metadata/%2e%2e%2f%2e%2e%2fcontroller%2fca%2froot.key",
        "/metadata/..%2f..%2fcontroller%2fca%2froot.key",
        "/metadata/.hidden",
        "/metadata/%00",
        "/keys/root-1.pem",
        "/metadata/",
    ],
)
async def test_no_path_leads_out_of_the_mirror(site: Site, path: str) -> None:
    (site.folder / "metadata" / ".hidden").write_text("hidden")
    assert (site.est.folder / "ca" / "root.key").exists()
    status, said = await site.get(path, await site.est.identity())
    assert status == 404
    assert b"PRIVATE" not in said


async def test_what_the_gateways_client_asks_for_is_what_is_served(site: Site, tmp_path: Path) -> None:
    shown, box = await site.est.identity(), tmp_path / "box"
    box.mkdir()
    (box / "root.json").write_bytes((site.folder / "metadata" / "1.root.json").read_bytes())
    context: ssl.SSLContext = site.est.client(shown)
    releases = Releases(box, Client(context, box), site.address)
    await asyncio.to_thread(releases.fetch, 1, box / "bundle.zip")
    assert (box / "bundle.zip").read_bytes() == site.bundle
