"""Provisioning over HTTP: a claim is told once, to an engineer; each way out is open to nobody else."""

import logging
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from aiohttp import ClientSession
from PIL import Image, ImageOps

from controller.announce import Announcer
from controller.api import gateway_schemas as schemas
from controller.api.gateway_routes import GATEWAY_ROUTES
from controller.identity.claims import USED_TWICE
from controller.presence import Presence
from controller.security.permissions import GRANTS, Permission, Role
from devices.model.claim import Claim
from gateway.enrolment.announce import announced
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import Identity, IdentityFolder
from tests.support.controller import RunningController, eventually
from tests.support.database import kept
from tests.support.est import Est, Times, controller_est
from tests.support.http import client, get, refusal, status
from tests.support.letting_in import let_in
from tests.support.people import add_person

PATH = "/api/provisioning"
BOX = {"name": "Box 17", "asset_tag": "BME-17", "place": "ward-a", "kind": "ward"}
WHY = {"why": "it was stolen"}


@pytest.fixture
async def est(controller: RunningController, tmp_path: Path) -> AsyncIterator[Est]:
    """The controller's authority; the controller lets gateways in."""
    async with controller_est(tmp_path, Times()) as running:
        await let_in(controller, running)
        yield running


@pytest.fixture
async def engineer(controller: RunningController, est: Est) -> AsyncIterator[ClientSession]:
    async with client(controller, "engineer") as session:
        yield session


async def post(session: ClientSession, path: str, body: dict[str, str]) -> Any:
    async with session.post(f"{PATH}/{path}", json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def claim(session: ClientSession, gateway: str = "box-17", **more: str) -> Claim:
    return Claim.from_text((await post(session, f"{gateway}/claim", {**BOX, **more}))["text"])


async def come_in(tmp_path: Path, held: Claim, name: str = "box") -> Identity:
    """As the box does it."""
    return await enrol(IdentityFolder(tmp_path / name), held, None, Times().gateway())


async def listed(session: ClientSession, gateway: str = "box-17") -> schemas.ProvisionedGateway:
    told = schemas.Provisioned.model_validate(await get(session, PATH))
    return next(one for one in told.gateways if one.gateway == gateway)


async def certificates(session: ClientSession) -> list[schemas.GivenCertificate]:
    told = await get(session, f"{PATH}/box-17/certificates")
    return schemas.GivenCertificates.model_validate(told).certificates


def contents(folder: Path) -> list[bytes]:
    """Of every file."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def read(rows: Sequence[str]) -> str:
    """The text of a QR code, by a reader that shares no code with us."""
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if one == "1" else 255 for row in rows for one in row])
    image = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    [found] = zxingcpp.read_barcodes(ImageOps.expand(image, 16, 255))
    return found.text


async def test_a_claim_comes_as_text_and_as_a_code_that_no_cache_keeps(engineer: ClientSession) -> None:
    async with engineer.post(f"{PATH}/box-17/claim", json=BOX) as response:
        assert response.headers["Cache-Control"] == "no-store"
        made = schemas.MadeClaim.model_validate(await response.json())
    assert read(made.rows) == made.text
    assert Claim.from_text(made.text).gateway == "box-17"
    assert made.expires_utc_s == made.made_utc_s + 24 * 3600
    assert (await listed(engineer)).claim_until_utc_s == made.expires_utc_s
    assert made.text not in repr(made)


async def test_the_claim_lets_the_box_in_once_and_the_list_says_so(
    engineer: ClientSession, tmp_path: Path
) -> None:
    before = await listed(engineer, "gw-a")
    assert (before.provisioned, before.certified_utc_s, before.place) == (True, None, "")
    identity = await come_in(tmp_path, await claim(engineer))
    after = await listed(engineer)
    assert (after.claim_until_utc_s, after.asset_tag, after.place) == (None, "BME-17", "ward-a")
    assert after.certified_utc_s is not None
    [held] = await certificates(engineer)
    assert held.serial == f"{identity.chain[0].serial_number:x}"
    assert held.revoked_utc_s is None


async def test_a_token_is_in_no_log_and_in_no_file(
    engineer: ClientSession,
    controller: RunningController,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    held = await claim(engineer)
    await come_in(tmp_path, held)
    files = [*contents(tmp_path), await kept(controller.store)]
    assert any(b"gateway-provisioned" in data for data in files)
    assert not any(held.token.encode() in data for data in files)
    assert held.token not in caplog.text


async def test_nobody_but_an_engineer_reaches_any_of_it(controller: RunningController, est: Est) -> None:
    others = [role for role in Role if Permission.READ_GATEWAYS not in GRANTS[role]]
    assert {Role.NURSE, Role.ADMINISTRATOR, Role.AUDITOR} <= set(others)
    for role in others:
        async with client(controller, role.value) as person:
            for route in GATEWAY_ROUTES:
                path = re.sub(r"{\w+}", "gw-a", route.path.replace("{path:.+}", "main.js"))
                code, _ = await refusal(person, route.method, path, json=BOX if route.body else None)
                assert code == 403, (role, route.name)
    async with client(controller, "engineer") as person:
        assert await status(person, "GET", "/gateways") == 200


REFUSED = (
    ("controller/claim", BOX, 409),
    ("%23/claim", BOX, 400),
    ("..%2Fx/claim", BOX, 400),
    ("box-17/claim", {**BOX, "place": "nowhere"}, 404),
    ("box-17/claim", {**BOX, "kind": "boat"}, 400),
    ("box-17/claim", {**BOX, "name": "a\nb"}, 400),
    ("box-17/claim", {**BOX, "token": "mine"}, 400),
    ("gw-a/revocation", {"why": "?"}, 400),
    ("gw-a/revocation", {**WHY, "serial": "ff"}, 404),
    ("gw-a/revocation", {**WHY, "serial": "'; --"}, 400),
    ("nobody/revocation", WHY, 404),
    ("nobody/decommissioning", WHY, 404),
    ("gw-a/decommissioning", {"why": "   "}, 400),
)


async def test_what_cannot_be_is_refused_and_changes_nothing(engineer: ClientSession) -> None:
    before = (await get(engineer, PATH))["gateways"]
    for path, body, expected in REFUSED:
        code, _ = await refusal(engineer, "POST", f"{PATH}/{path}", json=body)
        assert code == expected, path
    assert await refusal(engineer, "GET", f"{PATH}/nobody/certificates") == (404, "not-found")
    assert (await get(engineer, PATH))["gateways"] == before


async def test_an_asset_tag_is_on_one_gateway(engineer: ClientSession) -> None:
    await claim(engineer)
    assert await refusal(engineer, "POST", f"{PATH}/box-18/claim", json=BOX) == (409, "conflict")
    await claim(engineer, "box-18", asset_tag="BME-18")


async def test_one_certificate_is_revoked_or_all_of_them(engineer: ClientSession, tmp_path: Path) -> None:
    for name in ("first", "second"):
        await come_in(tmp_path, await claim(engineer), name)
    one, other = [held.serial for held in await certificates(engineer)]
    assert await post(engineer, "box-17/revocation", {**WHY, "serial": one}) == {"serials": [one]}
    assert await post(engineer, "box-17/revocation", WHY) == {"serials": [other]}
    assert {held.why for held in await certificates(engineer)} == {"it was stolen"}
    assert (await listed(engineer)).certified_utc_s is None


async def test_decommissioning_gives_a_signed_receipt_and_a_new_claim_takes_it_back(
    engineer: ClientSession, tmp_path: Path
) -> None:
    await come_in(tmp_path, await claim(engineer))
    receipt = (await post(engineer, "box-17/decommissioning", WHY))["receipt"]
    assert '"why": "it was stolen"' in receipt
    assert "application/x-pkcs7-signature" in receipt
    ended = await listed(engineer)
    assert (ended.provisioned, ended.certified_utc_s) == (False, None)
    assert await refusal(engineer, "POST", f"{PATH}/box-17/decommissioning", json=WHY) == (409, "conflict")
    await claim(engineer)
    assert (await listed(engineer)).provisioned


async def test_a_claim_that_was_used_twice_is_told_until_all_certificates_are_revoked(
    controller: RunningController, engineer: ClientSession
) -> None:
    announcer = Announcer(controller.hub, Presence(), controller.clock)
    announcer.gateway_alert(USED_TWICE, "gw-a", {"where": "10.0.0.66"})
    [alert] = schemas.Provisioned.model_validate(await get(engineer, PATH)).alerts
    assert (alert.gateway, alert.where) == ("gw-a", "10.0.0.66")
    await claim(engineer)
    await post(engineer, "box-17/revocation", WHY)
    assert len((await get(engineer, PATH))["alerts"]) == 1
    await post(engineer, "gw-a/revocation", WHY)
    assert (await get(engineer, PATH))["alerts"] == []
    assert controller.hub.snapshot()["alerts"] == []


async def test_a_gateway_is_shown_as_the_hub_has_it(
    controller: RunningController, engineer: ClientSession
) -> None:
    assert (await listed(engineer, "gw-a")).state == "offline"
    controller.hub.gateway("gw-a", {"state": "behind", "seen_ms": 77, "software": "wardlink 1"})
    now = await listed(engineer, "gw-a")
    assert (now.state, now.seen_ms, now.software) == ("behind", 77, "wardlink 1")


async def test_a_box_that_waits_in_the_network_is_listed_until_it_is_gone(
    controller: RunningController, engineer: ClientSession
) -> None:
    assert controller.letting_in
    waiting = controller.letting_in.waiting
    async with waiting.watched(["127.0.0.1"]):
        async with announced("SN-4711", ("127.0.0.1", 8081), ["127.0.0.1"]):
            await eventually(lambda: bool(waiting.boxes()))
            [box] = (await get(engineer, PATH))["waiting"]
            assert box == {"serial": "SN-4711", "address": "127.0.0.1:8081"}
        await eventually(lambda: not waiting.boxes())
    assert (await get(engineer, PATH))["waiting"] == []


async def test_wards_beds_and_vehicles_are_added_and_can_have_a_gateway(
    controller: RunningController, engineer: ClientSession
) -> None:
    assert await status(engineer, "PUT", "/api/wards/ward-z", json={"name": "Ward Z"}) == 204
    vehicle = {"name": "Ambulance 7", "ward": "ward-z"}
    assert await status(engineer, "PUT", "/api/beds/amb-7", json=vehicle) == 204
    assert controller.registry.beds["amb-7"].ward == "ward-z"
    await claim(engineer, place="amb-7", kind="vehicle")
    again = await refusal(engineer, "PUT", "/api/wards/ward-z", json={"name": "Other"})
    nowhere = await refusal(engineer, "PUT", "/api/beds/b", json={"name": "B", "ward": "nowhere"})
    assert (again, nowhere) == ((409, "conflict"), (404, "not-found"))
    assert await refusal(engineer, "PUT", "/api/wards/A%2F", json={"name": "A"}) == (400, "bad-request")
    asked = "SELECT entry ->> '$.where' FROM audit WHERE actor = 'engineer' AND action = ?"
    for action in ("add-ward", "add-bed"):
        assert [row[0] for row in await controller.store.read(asked, (action,))] == ["127.0.0.1"]


async def test_an_engineer_of_some_wards_is_offered_no_other_and_puts_nothing_there(
    controller: RunningController, est: Est
) -> None:
    await controller.registry.add_ward("ward-b", "Ward B")
    await add_person(controller, "eve", Role.ENGINEER, ["ward-b"])
    async with client(controller, "eve") as eve:
        assert [ward["id"] for ward in (await get(eve, PATH))["wards"]] == ["ward-b"]
        for place in ("ward-a", "bed-1"):
            body = {**BOX, "place": place}
            assert await refusal(eve, "POST", f"{PATH}/box-17/claim", json=body) == (404, "not-found")
        assert await status(eve, "POST", f"{PATH}/box-17/claim", json={**BOX, "place": "ward-b"}) == 200


async def test_a_controller_without_an_authority_says_so(controller: RunningController) -> None:
    async with client(controller, "engineer") as session:
        assert await refusal(session, "GET", PATH) == (503, "identity")
        assert await refusal(session, "POST", f"{PATH}/box-17/claim", json=BOX) == (503, "identity")
