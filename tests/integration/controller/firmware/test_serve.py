"""Firmware over real TLS, from the controller's store to the gateway that checks it."""

import asyncio
import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from controller.errors import Conflict, FirmwareError, NotFound
from controller.firmware.images import Image, Images
from controller.firmware.serve import add_firmware
from controller.identity.certificates import By
from controller.identity.est import est_context
from controller.orders.signing import Signer
from devices.wire import node_image
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import OrderRefused, UpdateError
from gateway.firmware.shelf import Shelf
from hil.identities import given
from tests.integration.controller.identity.conftest import BY, Est, started

DATA = node_image.pack("esp32", 12, {"a.mpy": bytes(range(256)) * 400})
DIGEST = hashlib.sha256(DATA).hexdigest()


@dataclass
class Site:
    """A controller's port with an image behind it, and a gateway that was let in."""

    est: Est
    port: int
    images: Images
    image: Image
    box: IdentityFolder

    async def get(self, path: str, tls: ssl.SSLContext) -> tuple[int, bytes]:
        url = f"https://localhost:{self.port}/firmware/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, ssl=tls) as answer:
            return answer.status, await answer.read()

    async def refusal(self) -> tuple[str, str]:
        with pytest.raises(OrderRefused) as refused:
            await Shelf(self.box).fetch(12, DIGEST)
        return refused.value.why, str(refused.value)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with started(tmp_path / "controller") as est:
        await est.claim()
        box = await given(est.store, est.folder / "ca", "ward-a", tmp_path / "box", "mqtts://localhost:1")
        images = Images(est.store, est.clock)
        app = web.Application()
        add_firmware(app, est.store, est.clock, Signer(est.authority))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=est_context(est.folder / "ca")).start()
        port = runner.addresses[0][1]
        controller = {"est": f"https://localhost:{port}", "mqtt": "mqtts://localhost:1"}
        await asyncio.to_thread((box.path / "controller.json").write_text, json.dumps(controller))
        yield Site(est, port, images, await images.add(DATA, By("anna", why="new sensor")), box)
        await runner.cleanup()


async def test_a_gateway_fetches_an_image_with_a_manifest_of_its_own_authority(site: Site) -> None:
    manifest, data = await Shelf(site.box).fetch(12, DIGEST)
    assert (data, manifest) == (DATA, site.image.manifest)


async def test_an_image_that_was_changed_in_the_store_is_refused(site: Site) -> None:
    path = site.images.path(site.image)
    path.write_bytes(DATA[:-1] + b"\x01")
    why, said = await site.refusal()
    assert (why, "the image is not the one that was signed" in said) == ("bad-image", True)


async def test_a_row_that_was_changed_in_the_database_is_refused(site: Site) -> None:
    await site.est.write(lambda db: db.execute("UPDATE firmware_image SET version = 13"))
    assert (await site.refusal())[0] == "other-image"
    await site.est.write(lambda db: db.execute("UPDATE firmware_image SET version = 12, board = 'nrf52'"))
    assert (await site.refusal())[0] == "bad-image"


async def test_an_image_that_was_removed_is_told_as_such(site: Site) -> None:
    await site.images.remove("esp32", 12, BY)
    assert not site.images.path(site.image).exists()
    with pytest.raises(UpdateError, match="add it there again"):
        await Shelf(site.box).fetch(12, DIGEST)


async def test_a_file_that_is_gone_is_told_the_same(site: Site) -> None:
    site.images.path(site.image).unlink()
    with pytest.raises(UpdateError, match="add it there again"):
        await Shelf(site.box).fetch(12, DIGEST)


async def test_nobody_without_a_certificate_fetches_anything(site: Site) -> None:
    for what in ("manifest", "image"):
        assert (await site.get(f"{DIGEST}/{what}", site.box.context()))[0] == 200
        assert (await site.get(f"{DIGEST}/{what}", site.est.client()))[0] == 403


async def revoked(site: Site) -> None:
    await site.est.service.revoke("ward-a", BY)


async def decommissioned(site: Site) -> None:
    await site.est.service.decommission("ward-a", BY)


@pytest.mark.parametrize("ended", [revoked, decommissioned])
async def test_a_gateway_that_was_shut_out_fetches_nothing(
    site: Site, ended: Callable[[Site], Awaitable[None]]
) -> None:
    assert (await site.get(f"{DIGEST}/image", site.box.context()))[0] == 200
    await ended(site)
    assert (await site.get(f"{DIGEST}/image", site.box.context()))[0] == 403


@pytest.mark.parametrize("name", ["0" * 64, "..%2fwardlink.sqlite", DIGEST.upper(), DIGEST[:-1]])
async def test_nothing_else_is_to_be_had(site: Site, name: str) -> None:
    assert (await site.get(f"{name}/image", site.box.context()))[0] == 404


async def test_who_added_and_removed_an_image_is_in_the_trail(site: Site) -> None:
    await site.images.remove("esp32", 12, BY)
    rows = await site.est.store.read(
        "SELECT action, actor, entry ->> '$.entity', entry ->> '$.why', entry ->> '$.detail.sha256' "
        "FROM audit WHERE action LIKE 'firmware-%' ORDER BY number"
    )
    assert [tuple(row) for row in rows] == [
        ("firmware-added", "anna", "firmware/esp32-12", "new sensor", DIGEST),
        ("firmware-removed", "engineer", "firmware/esp32-12", "", DIGEST),
    ]


async def test_a_version_is_one_image_for_ever(site: Site) -> None:
    assert await site.images.add(DATA, BY) == site.image
    other = node_image.pack("esp32", 12, {"a.mpy": b"another"})
    with pytest.raises(Conflict, match="number yours anew"):
        await site.images.add(other, BY)
    assert [path.name for path in site.images.path(site.image).parent.iterdir()] == [DIGEST]


async def test_what_is_no_image_is_not_taken_in(site: Site) -> None:
    with pytest.raises(FirmwareError, match="not an image"):
        await site.images.add(DATA[:-1], BY)
    with pytest.raises(NotFound):
        await site.images.remove("esp32", 13, BY)
