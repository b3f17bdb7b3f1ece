"""Images in the file of a case: the study that was chosen, for who takes part, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.registry import Patient
from controller.security.permissions import Role
from tests.support import dicom
from tests.support.archive import beside
from tests.support.conferences import ALL, View, case_of, view
from tests.support.controller import quick_passwords, running
from tests.support.http import client, get, status
from tests.support.people import add_person
from tests.support.prescribed import send

STUDY, SERIES = "1.2.3", "1.2.3.4"
FRAME = f"series/{SERIES}/instances/{SERIES}.2/frames/1/rendered"


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[tuple[aiohttp.ClientSession, aiohttp.ClientSession, View]]:
    """Ben of the patient's ward has asked cara of another; the conference is agreed upon."""
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path))
        archive = await stack.enter_async_context(beside(controller, tmp_path))
        await controller.add_bed("b1", "Bed 1", [])
        await controller.registry.add_ward("ward-b", "Ward B")
        await controller.registry.admit("b1", Patient("4711", "Muster, Anna"), "test")
        for name, ward in (("ben", "ward-a"), ("cara", "ward-b")):
            await add_person(controller, name, Role.PHYSICIAN, [ward])
        head = dicom.ct_series(3, STUDY, SERIES, SOPInstanceUID=None)
        head = [dicom.edited(one, SOPInstanceUID=f"{SERIES}.{n}") for n, one in enumerate(head, 1)]
        other: dict[str, Any] = {
            "patient_id": "4712",
            "patient_name": "Other^One",
            "study": "1.2.7",
            "series": "1.2.7.1",
        }
        cine = dicom.us_cine(frames=4, study="1.2.9", series="1.2.9.1", StudyDate="20250101")
        await archive.put(*head, cine, dicom.ct(instance="1.2.7.1.1", **other))
        ben, cara = [await stack.enter_async_context(client(controller, name)) for name in ("ben", "cara")]
        body: dict[str, Any] = {"title": "board", "start_ms": controller.clock.utc_us() // 1000}
        members = [{"actor": "ben", "part": "chair"}, {"actor": "cara"}]
        cases = [{"patient": "4711", "question": "operate?"}]
        made = view(await send(ben, "POST", ALL, **body, members=members, cases=cases))
        made = view(await send(cara, "PUT", f"{ALL}/{made.number}/answer", answer="accepted"))
        yield ben, cara, made


def item_of(study: str) -> dict[str, Any]:
    return {"kind": "imaging", "title": "CT", "what": {"study": study}}


async def test_the_chosen_study_is_seen_by_who_takes_part_and_no_other(
    asked: tuple[aiohttp.ClientSession, aiohttp.ClientSession, View],
) -> None:
    ben, cara, made = asked
    items = f"{case_of(made)}/items"
    assert await status(ben, "POST", items, json=item_of("1.2.7")) == 404  # another's
    chosen = (await send(ben, "POST", items, **item_of(STUDY)))["id"]
    assert await status(cara, "GET", f"{items}/{chosen}/images") == 409  # nobody asked the patient
    await send(ben, "POST", f"{case_of(made)}/consents", said="permit")
    study = (await get(cara, f"{items}/{chosen}/images"))["study"]
    assert (study["study"], [one["series"] for one in study["series"]]) == (STUDY, [SERIES])
    images = (await get(cara, f"{items}/{chosen}/series/{SERIES}"))["images"]
    assert [one["instance"] for one in images] == [f"{SERIES}.{n}" for n in (1, 2, 3)]
    async with cara.get(f"{items}/{chosen}/{FRAME}", params={"viewport": "64,64"}) as response:
        assert response.status == 200 and (await response.read()).startswith(b"\xff\xd8")
    # A series of the patient's that was not chosen is none of this study; the usual ways stay shut.
    assert await status(cara, "GET", f"{items}/{chosen}/series/1.2.9.1") == 404
    assert (await get(cara, "/api/patients/4711/imaging/studies"))["studies"] == []
    assert await status(cara, "GET", f"/api/patients/4711/imaging/studies/{STUDY}/series/{SERIES}") == 404
