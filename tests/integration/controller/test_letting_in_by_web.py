"""A running controller lets a gateway in by its pages, and out again: nothing here is simulated."""

import aiohttp
import aiomqtt
import pytest

from controller.clock import SystemClock as ControllerClock
from controller.sections import DiscoverySection
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from devices.model.claim import Claim
from gateway.clock import SystemClock
from gateway.enrolment.announce import announced
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_letting_in import is_heard
from tests.support.controller import PASSWORD

BOX = {"name": "Box 17", "place": "w-1"}


async def engineer(site: Site) -> aiohttp.ClientSession:
    """Logged in at the running controller."""
    store = await Store.open(site.config.database)
    await set_password(store, ControllerClock(), "engineer", PASSWORD, Role.ENGINEER)
    await store.close()
    address = site.addresses()["http"]
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    session = aiohttp.ClientSession(address, cookie_jar=jar, headers={"Origin": address})
    async with session.post("/api/login", json={"user": "engineer", "password": PASSWORD}) as response:
        assert response.status == 204
    return session


async def test_a_claim_of_the_page_lets_a_gateway_in_and_its_revocation_ends_the_live_session(
    site: Site,
) -> None:
    async with site.running(), await engineer(site) as session:
        async with session.post("/api/provisioning/ward-c/claim", json=BOX) as response:
            claim = Claim.from_text((await response.json())["text"])
        assert claim.est == site.addresses()["est"]
        folder = IdentityFolder(site.folder / "box")
        await enrol(folder, claim, "ward-c", SystemClock())
        tls = folder.context()
        await is_heard(site, "ward-c", tls)
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", site.port, tls_context=tls, timeout=5) as live:
                path, why = "/api/provisioning/ward-c/revocation", {"why": "it was stolen"}
                async with session.post(path, json=why) as response:
                    assert response.status == 200
                async for _ in live.messages:
                    pass


async def test_a_box_that_waits_beside_the_running_controller_is_listed(site: Site) -> None:
    site.config = site.config.model_copy(update={"discovery": DiscoverySection()})
    async with site.running(), await engineer(site) as session:
        async with announced("SN-4711", None, ["127.0.0.1"]):
            found = list[object]()
            while not found:
                async with session.get("/api/provisioning") as response:
                    found = (await response.json())["waiting"]
        assert found == [{"serial": "SN-4711", "address": ""}]
