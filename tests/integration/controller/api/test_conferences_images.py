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
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person
from tests.support.prescribed import send
from tests.support.visits import Sitting, sit

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


async def shown(made: View, *sitting: Sitting) -> Sitting:
    """The first of them, who leads, shows the second image to all, and each draws on it."""
    leads, case = sitting[0], made.cases[0].id
    items = f"{case_of(made)}/items"
    chosen = (await send(leads.session, "POST", items, **item_of(STUDY)))["id"]
    of = {"case": case, "item": chosen, "series": SERIES, "instance": f"{SERIES}.2", "frame": 1}
    await leads.say(1, {"to": 0, "body": {"k": "image", **of}})
    marks = await get(leads.session, f"{leads.base}/marks", seat=leads.answer.seat)
    still = {"k": "mark", "seat": 0, "still": marks["image"]["id"], "size": [64, 64]}
    pen = {"kind": "pen", "points": [[0, 0], [0.5, 0.25], [1, 1]]}
    measured = {"kind": "measure", "points": [[0.25, 0.5], [0.75, 0.5]]}
    for number, one, mark in zip((2, 1), sitting, (measured, pen), strict=True):
        await one.say(number, {"to": 0, "body": {**still, "id": f"{number}" * 22, **mark}})
    return leads


async def test_what_is_drawn_on_an_image_is_kept_with_its_study_by_a_physician_who_sees_the_patient(
    asked: tuple[aiohttp.ClientSession, aiohttp.ClientSession, View],
) -> None:
    ben, cara, made = asked
    await send(ben, "POST", f"{case_of(made)}/consents", said="permit")
    path = f"{ALL}/{made.number}"
    made = view(await send(ben, "PUT", f"{path}/state", made.revision, state="in-progress"))
    await send(ben, "PUT", f"{path}/now", case=made.cases[0].id)
    bens, caras = await sit(ben, f"{path}/room"), await sit(cara, f"{path}/room")
    kept = f"{path}/room/image/states?seat="
    async with ben.post(f"{kept}{bens.answer.seat}") as response:
        assert (response.status, "no image is shown" in await response.text()) == (409, True)
    await shown(made, bens, caras)
    # An expert of this one case draws, and keeps nothing in the record of a patient of another ward.
    assert await refusal(cara, "POST", f"{kept}{caras.answer.seat}") == (403, "not-allowed")
    async with caras.told() as messages:
        state = await send(ben, "POST", f"{kept}{bens.answer.seat}")
        told = [one async for _, one in _until(messages, "image-kept")][-1]
    assert told["name"] == bens_name(made)
    assert (state["patient"], state["study"]) == ("4711", STUDY)
    [one] = (await get(ben, f"/api/patients/4711/imaging/studies/{STUDY}/states"))["states"]
    assert (one["instance"], one["by"]) == (state["state"], "ben")
    assert one["label"] == f"Conference {made.number}, case 1"
    assert [target["instance"] for target in one["on"]] == [f"{SERIES}.2"]
    points = sorted(line["points"] for line in one["lines"])
    assert points == [[[0, 0], [32, 16], [64, 64]], [[16, 32], [48, 32]]]
    assert [words["text"] for words in one["words"]] == ["22.4 mm"]  # 32 pixels of 0.7 mm


def bens_name(made: View) -> str:
    return next(member.display for member in made.members if member.actor == "ben")


async def _until(messages: AsyncIterator[tuple[int, Any]], kind: str) -> AsyncIterator[tuple[int, Any]]:
    async for number, message in messages:
        yield number, message
        if message["kind"] == kind:
            return
