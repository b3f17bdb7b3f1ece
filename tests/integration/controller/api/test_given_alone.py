"""A dose given without a witness, and the pharmacy's notices, over HTTP: who may what, and who is told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.pharmacy_notices_schemas import PharmacyNoticeList
from controller.api.prescriptions_rounds_schemas import RoundView
from controller.api.prescriptions_schemas import GivenView, PrescriptionDetail, RxNoticeList
from controller.identity.files import open_authority
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support.controller import PASSWORD, quick_passwords, running
from tests.support.fhir_documents import faults_of
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person
from tests.support.prescribed import handed_out, send

GIVE, NOTICES = "/api/administrations", "/api/pharmacy/notices"
OVER_1 = {"If-Match": '"1"'}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Bert (4712) lies on bed 2 of ward-a; nina and nick are its nurses, other is one of ward-b."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        made = await at_home(started, stack)
        await started.add_bed("bed-2", "Bed 2")
        await started.registry.admit("bed-2", Patient("4712", "Beispiel, Bert"), "nina")
        await add_person(started, "nick", Role.NURSE, ["ward-a"])
        yield made


async def dose(home: Home) -> dict[str, Any]:
    """Of warfarin, which two give, due now: all but who else is there."""
    found = (await get(home.nina, "/api/medicines", text="warfarin"))["medicines"]
    [choice, *_] = [one for one in found if one["high_alert"]]
    rx = await home.anna.signed("4712", medicine=choice["medicine"])
    told = RoundView.model_validate(await get(home.nina, "/api/rounds", ward="ward-a"))
    [item] = [one for bed in told.beds for one in bed.items]
    scanned = {"wristband": "4712", "drug": rx["number"], "dose": rx["wanted"]["dose"]}
    return {"prescription": rx["number"], "due_ms": item.due_ms, **scanned}


async def given_alone(home: Home) -> GivenView:
    await send(home.nina, "PUT", "/api/account/pin", pin="4713", password=PASSWORD)
    alone = {"reason": "emergency", "shown": {"person": "nina", "pin": "4713"}}
    return GivenView.model_validate(await send(home.nina, "POST", GIVE, **await dose(home), alone=alone))


async def test_a_high_alert_dose_without_a_witness_needs_a_reason_and_a_proof_of_who_gives_it(
    home: Home,
) -> None:
    body = await dose(home)
    await send(home.nina, "PUT", "/api/account/pin", pin="4713", password=PASSWORD)
    mine = {"person": "nina", "pin": "4713"}
    async with client(home.controller, "nick") as nick:
        await send(nick, "PUT", "/api/account/pin", pin="2468", password=PASSWORD)
    assert await refusal(home.nina, "POST", GIVE, json=body) == (400, "needs-second")
    for alone, expected in (
        ({"reason": "emergency"}, (400, "bad-request")),
        ({"reason": "was busy", "shown": mine}, (400, "bad-request")),
        ({"reason": "other", "shown": mine}, (400, "bad-request")),
        ({"reason": "emergency", "shown": {}}, (409, "conflict")),
        ({"reason": "emergency", "shown": {"person": "nick", "pin": "2468"}}, (409, "conflict")),
    ):
        assert await refusal(home.nina, "POST", GIVE, json={**body, "alone": alone}) == expected
    assert await home.controller.store.read("SELECT * FROM rx_given") == []
    alone = {"reason": "nobody-reachable", "why": "at 03:00", "shown": mine}
    made = GivenView.model_validate(await send(home.nina, "POST", GIVE, **body, alone=alone))
    assert (made.by, made.witness, made.alone, made.alone_how) == ("nina", "", "nobody-reachable", "pin")


async def test_the_prescriber_and_the_pharmacy_hear_of_it_and_a_pharmacist_says_to_have_seen_it(
    home: Home,
) -> None:
    made = await given_alone(home)
    [told] = RxNoticeList.model_validate(await get(home.anna.session, "/api/prescriptions/notices")).notices
    assert (told.kind, told.detail) == ("unwitnessed", f"{made.number} · nina · emergency")
    held = PharmacyNoticeList.model_validate(await get(home.pia, NOTICES))
    [notice] = held.notices
    assert (held.open, notice.kind, notice.given) == (1, "unwitnessed", made)
    seen = f"/api/pharmacy/administrations/{made.number}/seen"
    assert await status(home.nina, "PUT", seen, json={}, headers=OVER_1) == 403
    looked = GivenView.model_validate(await send(home.pia, "PUT", seen, 1))
    assert (looked.seen_by, looked.seen_how, looked.witness, looked.alone) == (
        "pia",
        "login",
        "",
        "emergency",
    )
    detail = await get(home.anna.session, f"/api/prescriptions/{notice.rx}")
    assert PrescriptionDetail.model_validate(detail).given == [looked]
    bundle = await get(home.anna.session, "/api/fhir/MedicationAdministration", patient="4712")
    [fault] = faults_of([bundle])
    assert (fault["schema"], fault["fhir"]) == ([], [])
    [one] = [entry["resource"] for entry in bundle["entry"]]
    assert [who["actor"]["display"] for who in one["performer"]] == ["nina"]


async def test_another_nurse_of_the_ward_looks_at_it_afterwards_and_who_gave_it_or_is_of_another_does_not(
    home: Home,
) -> None:
    made = await given_alone(home)
    path = f"{GIVE}/{made.number}/seen"
    assert await refusal(home.nina, "PUT", path, json={}, headers=OVER_1) == (409, "conflict")
    assert await status(home.anna.session, "PUT", path, json={}, headers=OVER_1) == 403
    async with client(home.controller, "other") as other, client(home.controller, "nick") as nick:
        assert await status(other, "PUT", path, json={}, headers=OVER_1) == 404
        for mine in ({"person": "other", "password": PASSWORD}, {"person": "nobody", "pin": "4713"}):
            expected = 404 if mine["person"] == "other" else 409
            assert await status(home.nina, "PUT", path, json={"shown": mine}, headers=OVER_1) == expected
        await send(nick, "PUT", "/api/account/badge", badge="04A2F1C9", password=PASSWORD)
    looked = await send(home.nina, "PUT", path, 1, shown={"badge": "04A2F1C9"})
    assert (looked["seen_by"], looked["seen_how"], looked["witness"]) == ("nick", "badge", "")


async def test_notices_are_filtered_acknowledged_by_name_and_kept_and_only_the_pharmacy_sees_them(
    home: Home,
) -> None:
    rx = await home.anna.signed("4712")
    ready = await handed_out(home.pia, rx["number"])
    await home.anna.step(await get_rx(home.anna.session, rx["number"]), "stopped")
    await send(home.pia, "POST", "/api/pharmacy/recalls", gtin="9501101530003", batch="B7", why="glass")
    both = PharmacyNoticeList.model_validate(await get(home.pia, NOTICES))
    assert [(one.kind, one.about) for one in both.notices] == [
        ("withdrawn", ready["delivery"]),
        ("recalled", "09501101530003 B7"),
    ]
    one, shelf = both.notices
    assert (one.patient and one.patient.identifier, shelf.patient, one.by) == ("4712", None, "anna")
    only = PharmacyNoticeList.model_validate(await get(home.pia, NOTICES, kind="recalled"))
    assert ([found.id for found in only.notices], only.open) == ([shelf.id], 2)
    path = f"{NOTICES}/{one.id}/acknowledged"
    for nobody in (home.nina, home.anna.session):
        assert await status(nobody, "GET", NOTICES) == await status(nobody, "PUT", path) == 403
    for query in ({"kind": "lost"}, {"done": "yes"}):
        assert await status(home.pia, "GET", NOTICES, params=query) == 400
    assert await status(home.pia, "PUT", path) == 204
    assert await refusal(home.pia, "PUT", path) == (409, "conflict")
    assert await status(home.pia, "PUT", f"{NOTICES}/99/acknowledged") == 404
    kept = PharmacyNoticeList.model_validate(await get(home.pia, NOTICES, done="true"))
    assert [(found.id, found.acknowledged_by) for found in kept.notices] == [
        (shelf.id, None),
        (one.id, "pia"),
    ]
    assert kept.open == 1
    seen = "SELECT count(*) FROM audit WHERE entry LIKE '%\"pharmacy-notices\"%' AND entry LIKE '%4712%'"
    assert (await home.controller.store.read(seen))[0][0] == 2


async def get_rx(session: aiohttp.ClientSession, number: str) -> dict[str, Any]:
    return (await get(session, f"/api/prescriptions/{number}"))["prescription"]
