"""What a page shows beside a prescription: the checks as it is written, and its signature."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.prescriptions_looks_schemas import ChecksView, SignatureView
from controller.identity.files import open_authority
from controller.sections import SigningSection
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.stays import Patient
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, status
from tests.support.people import add_person
from tests.support.prescribed import MEDICINE, RX, WANTED
from tests.support.prescriber import signed

PATH = f"{RX}/checks"
WHOLE = {name: WANTED[name] for name in ("medicine", "dose", "route", "timing")}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    with quick_passwords():
        async with running(tmp_path, pia=Role.PHARMACIST) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            await started.stop()
            await started.start()
            await started.add_bed("bed-1", "Bed 1")
            await started.registry.add_ward("ward-b", "Ward B")
            for name, ward in (("anna", "ward-a"), ("other", "ward-b")):
                await add_person(started, name, Role.PHYSICIAN, [ward])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "test")
            yield started


async def checked(session: aiohttp.ClientSession, **body: Any) -> ChecksView:
    async with session.post(PATH, json={"patient": "4711", **body}) as response:
        assert response.status == 200, await response.text()
        return ChecksView.model_validate(await response.json())


async def test_a_medicine_alone_is_checked_and_the_whole_has_the_hints_that_its_draft_has(
    controller: RunningController,
) -> None:
    allergy = {"display": "Metoprolol", "criticality": "high"}
    async with client(controller, "anna") as anna:
        async with anna.post("/api/patients/4711/allergies", json=allergy) as response:
            assert response.status == 200
        begun = await checked(anna, medicine=MEDICINE)
        assert {one.kind for one in begun.issues if one.needs_reason} == {"allergy"}
        assert begun.sources[0].remark_en == "not yet reviewed by a pharmacist"
        whole = await checked(anna, **WHOLE)
        async with anna.post(RX, json={"patient": "4711", "wanted": WANTED}) as response:
            draft = await response.json()
    assert [one.code for one in whole.issues] == [one["code"] for one in draft["issues"]]


async def test_it_is_not_its_own_duplicate_and_what_it_replaces_is_none(
    controller: RunningController,
) -> None:
    rx = await signed(controller, "4711")
    async with client(controller, "anna") as anna:
        kinds = [
            {one.kind for one in (await checked(anna, **WHOLE, **more)).issues if not one.gap}
            for more in ({}, {"number": rx["number"]}, {"replaces": rx["number"]})
        ]
    assert ["duplicate" in one for one in kinds] == [True, False, False]


async def test_nobody_asks_about_a_patient_whom_they_do_not_see(controller: RunningController) -> None:
    async with client(controller, "other") as other, client(controller, "pia") as pia:
        body = {"patient": "4711", "medicine": MEDICINE}
        assert await status(other, "POST", PATH, json=body) == 404
        assert await status(pia, "POST", PATH, json=body) == 403


async def test_a_signature_is_looked_at_again_and_says_why_it_does_not_hold(
    controller: RunningController,
) -> None:
    await signed(controller, "4711")
    path = "/api/pharmacy/tasks/1/signature"
    async with client(controller, "pia") as pia, client(controller, "anna") as anna:
        held = SignatureView.model_validate(await get(pia, path))
        assert (held.holds, held.by, held.why) == (True, "anna", "")
        assert await status(anna, "GET", path) == 403
        await controller.store.write(lambda db: db.execute("UPDATE prescription SET dose_value = '5'"))
        broken = SignatureView.model_validate(await get(pia, path))
        assert (broken.holds, broken.utc_ms) == (False, None)
        assert "the row was changed" in broken.why
        assert await status(pia, "GET", "/api/pharmacy/tasks/2/signature") == 404
    rows = await controller.store.read("SELECT 1 FROM audit WHERE entry LIKE '%prescription-differs%'")
    assert len(rows) == 1
