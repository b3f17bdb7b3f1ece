"""Images of a patient through the controller: who is shown them, who draws on them, who sees none."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from controller.registry import Patient
from controller.security.permissions import Role
from tests.support import dicom
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.drawn import ARROW, LENGTH, TEXT
from tests.support.http import client, get, refusal
from tests.support.people import add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE = {"nurse": Role.NURSE, "physician": Role.PHYSICIAN, "viewer": Role.VIEWER}
STUDY, SERIES = "1.2.3", "1.2.3.4"
STUDIES = "/api/patients/4711/imaging/studies"
OF_SERIES = f"{STUDIES}/{STUDY}/series/{SERIES}"
STATES = f"{STUDIES}/{STUDY}/states"
DRAWING = {"frame": 1, "window": [40, 80], "marks": [ARROW, LENGTH, TEXT]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    folder: Path = tmp_path_factory.mktemp("images")
    with quick_passwords():
        async with running(folder, **PEOPLE) as started, beside(started, folder) as archive:
            await started.add_bed("b1", "Bed 1", ["ox-1"])
            await started.registry.admit("b1", Patient("4711", "Muster, Anna"), "test")
            await add_person(started, "physician-a", Role.PHYSICIAN, wards=("ward-a",))
            await fill(archive)
            yield started


async def fill(archive: BesideController) -> None:
    head = dicom.ct_series(3, STUDY, SERIES, SOPInstanceUID=None)
    head = [dicom.edited(one, SOPInstanceUID=f"{SERIES}.{n}") for n, one in enumerate(head, 1)]
    await archive.put(
        *head,
        dicom.us_cine(frames=4, study="1.2.9", series="1.2.9.1", StudyDate="20250101"),
        dicom.ct(
            patient_id="4712", patient_name="Other^One", study="1.2.7", series="1.2.7.1", instance="1.2.7.1.1"
        ),
    )


async def trail(controller: RunningController, action: str) -> list[tuple[str, str | None]]:
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(entry) for (entry,) in rows]
    return [(one["actor"], one["patient"]) for one in entries if one["action"] == action]


async def test_a_nurse_is_told_the_patient_s_studies_with_the_image_that_stands_for_each(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as session:
        told = await get(session, STUDIES)
    newest, older = told["studies"]
    assert (newest["study"], newest["modalities"], newest["date"]) == (STUDY, ["CT"], "20261126")
    [series] = newest["series"]
    assert (series["images"], series["instance"], series["frame"]) == (3, f"{SERIES}.2", 1)
    [cine] = older["series"]
    assert (cine["modality"], cine["frame"]) == ("US", 2)


async def test_the_images_of_a_series_come_in_order_with_window_and_scale(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as session:
        first, *_ = images = (await get(session, OF_SERIES))["images"]
    assert [one["instance"] for one in images] == [f"{SERIES}.{n}" for n in (1, 2, 3)]
    assert first["window"] == [40, 400]
    assert first["scale"] == {"basis": "pixel-spacing", "areas": [[0, 0, 64, 64, 0.7, 0.7]]}


async def test_a_picture_is_a_small_jpeg_under_the_window_that_was_asked_for(
    controller: RunningController,
) -> None:
    frame = f"{OF_SERIES}/instances/{SERIES}.2/frames/1"
    means = []
    async with client(controller, "nurse") as session:
        for window in ("40,400,linear", "2000,10,linear"):
            async with session.get(
                f"{frame}/rendered", params={"window": window, "viewport": "32,32", "quality": "88"}
            ) as answer:
                assert (answer.status, answer.content_type) == (200, "image/jpeg"), await answer.text()
                assert answer.headers["Cache-Control"] == "no-store"
                picture = Image.open(io.BytesIO(await answer.read()))
            means.append(sum(picture.convert("L").tobytes()) / 1024)
            assert picture.size == (32, 32)
        async with session.get(f"{frame}/thumbnail") as answer:
            assert (answer.status, answer.content_type) == (200, "image/jpeg")
    assert means[0] > 50 > means[1]


async def test_what_a_physician_draws_is_in_the_study_for_everyone(controller: RunningController) -> None:
    path = f"{OF_SERIES}/instances/{SERIES}.2/states"
    async with client(controller, "physician") as session, session.post(path, json=DRAWING) as answer:
        assert answer.status == 201, await answer.text()
        saved = await answer.json()
    assert (saved["by"], saved["window"]) == ("physician", [40, 80])
    assert [one["text"] for one in saved["words"]] == ["21.0 mm", TEXT["text"]]
    async with client(controller, "nurse") as session:
        told = await get(session, STATES)
        newest = (await get(session, STUDIES))["studies"][0]
    assert told["states"] == [saved]
    assert (newest["modalities"], newest["instances"]) == (["CT", "PR"], 4)
    assert len(newest["series"]) == 1, "a series without pictures is not for looking at"
    assert await trail(controller, "annotate") == [("physician", "4711")]


@pytest.mark.parametrize(
    "body",
    [
        {**DRAWING, "marks": []},
        {**DRAWING, "frame": 2},
        {**DRAWING, "marks": [{**LENGTH, "end": [9000, 1]}]},
        {"marks": "none"},
    ],
)
async def test_what_is_no_drawing_is_refused_with_words(controller: RunningController, body: Any) -> None:
    path = f"{OF_SERIES}/instances/{SERIES}.2/states"
    async with client(controller, "physician") as session:
        assert await refusal(session, "POST", path, json=body) == (400, "bad-request")
        media = {"Content-Type": "application/json"}
        assert await refusal(session, "POST", path, data=b"{", headers=media) == (400, "bad-request")


async def test_who_may_not_add_images_draws_nothing_into_the_study(controller: RunningController) -> None:
    async with client(controller, "nurse") as session:
        path = f"{OF_SERIES}/instances/{SERIES}.2/states"
        assert await refusal(session, "POST", path, json=DRAWING) == (403, "not-allowed")
    async with client(controller, "viewer") as session:
        assert await refusal(session, "GET", STUDIES) == (403, "not-allowed")


async def test_of_a_patient_on_no_bed_of_one_s_wards_there_is_nothing(controller: RunningController) -> None:
    other = "/api/patients/4712/imaging/studies"
    async with client(controller, "physician-a") as session:
        assert (await get(session, STUDIES))["studies"] != []
        assert (await get(session, other))["studies"] == []
        for path in (
            "1.2.7/states",
            "1.2.7/series/1.2.7.1",
            "1.2.7/series/1.2.7.1/instances/1.2.7.1.1/frames/1/rendered",
        ):
            assert await refusal(session, "GET", f"{other}/{path}") == (404, "not-found")


async def test_an_out_patient_of_one_s_ward_has_studies_and_one_of_another_ward_has_none(
    controller: RunningController,
) -> None:
    other = "/api/patients/4712/imaging/studies"
    person = {"name": "Other, One", "birth_date": "1950-03-07", "sex": "female"}
    async with client(controller, "physician") as session:
        told = {"identifier": "4712", "ward": "ward-a", **person}
        assert (await session.post("/api/patients", json=told)).status == 200
        await controller.registry.add_ward("ward-b", "Ward B")
        await add_person(controller, "physician-b", Role.PHYSICIAN, wards=("ward-b",))
    async with client(controller, "physician-a") as session:
        [study] = (await get(session, other))["studies"]
        assert study["study"] == "1.2.7"
    async with client(controller, "physician-b") as session:
        assert (await get(session, other))["studies"] == []


async def test_another_patient_s_study_is_not_under_this_one_s_name(controller: RunningController) -> None:
    picture = "1.2.7/series/1.2.7.1/instances/1.2.7.1.1/frames/1/rendered"
    async with client(controller, "physician") as session:
        assert await refusal(session, "GET", f"{STUDIES}/{picture}") == (404, "not-found")
        async with session.get(f"/api/patients/4712/imaging/studies/{picture}?quality=88") as answer:
            assert answer.status == 200, "the same request by the right name works"


@pytest.mark.parametrize("uid", ["..%2F..%2Fmanage", "1.2%3Fa=b", "x", "1" * 65])
async def test_nothing_but_a_uid_becomes_part_of_the_service_s_path(
    controller: RunningController, uid: str
) -> None:
    async with client(controller, "physician") as session:
        assert await refusal(session, "GET", f"{STUDIES}/{uid}/states") == (400, "bad-request")


async def test_who_is_shown_the_images_is_in_the_audit_trail(controller: RunningController) -> None:
    async with client(controller, "nurse") as session:
        await get(session, STATES)
    shown = {*await trail(controller, "images-of-patient"), *await trail(controller, "images-drawn-on")}
    assert ("nurse", "4711") in shown


async def test_without_an_archive_there_are_no_studies_and_that_is_no_attempt_to_see_some(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as bare, client(bare, "nurse") as session:
        assert await get(session, STUDIES) == {"studies": []}
        assert await refusal(session, "GET", STATES) == (404, "not-found")
        async with asyncio.timeout(10):
            while await trail(bare, "patient-states") == []:  # noqa: ASYNC110 - written a moment later
                await asyncio.sleep(0.05)
        assert await trail(bare, "patient-studies") == []
