"""The worklist, and what waits for whoever looks after the archive: the real archive behind the real API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.imaging_schemas import DoubtList, NotLetInList, Worklist
from controller.security.permissions import Role
from controller.stays import Patient
from tests.support import dicom
from tests.support.archive import BesideController, beside
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

STUDIES, DOUBTS, QUARANTINE = "/api/imaging/studies", "/api/imaging/doubts", "/api/imaging/quarantine"


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, radiology=Role.RADIOLOGY) as started:
            await started.add_bed("bed-1", "Bed 1")
            for name, role in (("nurse", Role.NURSE), ("physician", Role.PHYSICIAN)):
                await add_person(started, name, role, ["ward-a"])
            await started.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
            yield started


@pytest.fixture
async def archive(controller: RunningController, tmp_path: Path) -> AsyncIterator[BesideController]:
    async with beside(controller, tmp_path) as started:
        yield started


async def found(session: aiohttp.ClientSession, **asked: Any) -> list[str]:
    """What is found, by description."""
    return [one["description"] for one in (await get(session, STUDIES, **asked))["studies"]]


async def trail(controller: RunningController, action: str) -> list[tuple[str, str, str | None]]:
    rows = await controller.store.read(
        "SELECT actor, entity, patient FROM audit WHERE action = ? ORDER BY number", (action,)
    )
    return [tuple(row) for row in rows]


async def test_a_nurse_sees_the_studies_of_the_patients_of_her_beds_and_no_others(
    controller: RunningController, archive: BesideController
) -> None:
    await archive.put(
        dicom.ct("4711", StudyDescription="hers"), dicom.ct("4712", StudyDescription="another's")
    )
    async with client(controller, "nurse") as session:
        told = await get(session, STUDIES)
        Worklist.model_validate(told)
        assert [one["description"] for one in told["studies"]] == ["hers"]
        assert told["port"] == archive.port
        assert told["studies"][0]["patient"] == {"identifier": "4711", "name": "Muster^Anna"}
    async with client(controller, "radiology") as session:
        assert sorted(await found(session)) == ["another's", "hers"]


async def test_who_was_shown_which_patients_studies_is_in_the_trail(
    controller: RunningController, archive: BesideController
) -> None:
    await archive.put(dicom.ct("4711"))
    async with client(controller, "nurse") as session:
        await get(session, STUDIES)
    assert await trail(controller, "imaging-studies") == [("nurse", "", "4711")]


async def test_that_a_study_which_names_no_patient_was_shown_is_in_the_trail_too(
    controller: RunningController, archive: BesideController
) -> None:
    await archive.put(dicom.ct("", "Nobody^Knows"))
    async with client(controller, "radiology") as session:
        [study] = (await get(session, STUDIES))["studies"]
        assert study["patient"] == {"identifier": None, "name": "Nobody^Knows"}
        assert await status(session, "PUT", f"{DOUBTS}/{study['study']}/confirmed") == 204
    assert await trail(controller, "imaging-studies") == [("radiology", "", None)]
    assert await trail(controller, "imaging-confirm") == [("radiology", f"study/{study['study']}", None)]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"patient": "4712"}, ["b"]),
        ({"patient": "björ ann"}, ["b"]),
        ({"patient": "BJOR"}, ["b"]),
        ({"patient": '"*'}, []),
        ({"from": "20261102"}, ["b"]),
        ({"to": "20261101"}, ["a"]),
        ({"from": "20261101", "to": "20261102"}, ["b", "a"]),
        ({"modality": "US"}, ["b"]),
        ({"modality": "U_"}, []),
        ({"accession": "A-2"}, ["b"]),
        ({"patient": "", "modality": "", "urgency": ""}, ["b", "a"]),
        ({"limit": "1"}, ["b"]),
        ({"limit": "1", "offset": "1"}, ["a"]),
        ({"urgency": "1"}, []),
    ],
)
async def test_the_worklist_is_filtered(
    controller: RunningController, archive: BesideController, asked: dict[str, str], fits: list[str]
) -> None:
    await archive.put(
        dicom.ct("4711", StudyDescription="a", StudyDate="20261101", AccessionNumber="A-1"),
        dicom.us_cine(
            2, "4712", "Björk^Anna", StudyDescription="b", StudyDate="20261102", AccessionNumber="A-2"
        ),
    )
    async with client(controller, "radiology") as session:
        assert await found(session, **asked) == fits


@pytest.mark.parametrize(
    "asked",
    [{"from": "1.1.2026"}, {"modality": "ct';--"}, {"urgency": "9"}, {"limit": "100000"}, {"offset": "-1"}],
)
async def test_a_filter_that_is_none_is_told(
    controller: RunningController, archive: BesideController, asked: dict[str, str]
) -> None:
    async with client(controller, "nurse") as session:
        assert await refusal(session, "GET", STUDIES, params=asked) == (400, "bad-request")


async def test_an_urgent_study_comes_first_and_who_said_so_is_in_the_trail(
    controller: RunningController, archive: BesideController
) -> None:
    await archive.put(dicom.ct("4711", StudyDescription="old", StudyDate="20200101"), dicom.ct("4711"))
    async with client(controller, "physician") as session:
        old = (await get(session, STUDIES))["studies"][1]
        path = f"{STUDIES}/{old['study']}/urgency"
        assert await status(session, "PUT", path, json={"urgency": 3}) == 204
        assert (await found(session))[0] == "old"
        assert await found(session, urgency="2") == ["old"]
    entity = f"study/{old['study']}"
    assert await trail(controller, "imaging-urgency") == [("physician", entity, "4711")]


async def test_the_urgency_of_a_study_that_one_may_not_see_is_not_set(
    controller: RunningController, archive: BesideController
) -> None:
    [verdict] = await archive.put(dicom.ct("4712"))
    async with client(controller, "physician") as session:
        path = f"{STUDIES}/{verdict.study}/urgency"
        hidden = await refusal(session, "PUT", path, json={"urgency": 3})
        nowhere = await refusal(session, "PUT", f"{STUDIES}/1.2.3/urgency", json={"urgency": 3})
        assert hidden == nowhere == (404, "not-found")


async def test_a_study_in_doubt_is_seen_by_whoever_reconciles_until_it_is_confirmed(
    controller: RunningController, archive: BesideController
) -> None:
    await archive.put(dicom.ct("4711", "Muster^Anna", StudyDescription="first"))
    [held] = await archive.put(dicom.ct("4711", "Bach^Carla", StudyDescription="doubtful"))
    async with client(controller, "nurse") as nurse, client(controller, "radiology") as session:
        assert await found(nurse) == ["first"]
        told = await get(session, DOUBTS)
        DoubtList.model_validate(told)
        [doubt] = told["doubts"]
        assert (doubt["reason"], doubt["expected"]) == ("name-differs", "Muster^Anna")
        assert await status(session, "PUT", f"{DOUBTS}/{held.study}/confirmed") == 204
        assert (await get(session, DOUBTS))["doubts"] == []
        assert sorted(await found(nurse)) == ["doubtful", "first"]
    assert await trail(controller, "imaging-confirm") == [("radiology", f"study/{held.study}", "4711")]


async def test_a_study_is_moved_to_the_patient_whose_it_is(
    controller: RunningController, archive: BesideController
) -> None:
    [verdict] = await archive.put(dicom.ct("9999", "Muster^Anna", StudyDescription="moved"))
    body = {"identifier": "4711", "name": "Muster^Anna", "why": "wrong wristband"}
    async with client(controller, "nurse") as nurse, client(controller, "radiology") as session:
        assert await found(nurse) == []
        assert await status(session, "PUT", f"{STUDIES}/{verdict.study}/patient", json=body) == 204
        assert await found(nurse) == ["moved"]
    entries = await trail(controller, "imaging-move")
    assert entries == [("radiology", f"study/{verdict.study}", one) for one in ("4711", "9999")]


async def test_a_study_is_deleted_for_a_reason(
    controller: RunningController, archive: BesideController
) -> None:
    [verdict] = await archive.put(dicom.ct("4711"))
    path = f"{STUDIES}/{verdict.study}/deletion"
    async with client(controller, "radiology") as session:
        assert await refusal(session, "POST", path, json={"why": ""}) == (400, "bad-request")
        assert len(await found(session)) == 1
        assert await status(session, "POST", path, json={"why": "of a phantom"}) == 204
        assert await found(session) == []
    assert ("radiology", f"study/{verdict.study}", "4711") in await trail(controller, "images-delete")


async def test_what_was_not_let_in_is_listed_discarded_or_taken(
    controller: RunningController, archive: BesideController
) -> None:
    first = dicom.ct("4711", StudyDescription="first")
    await archive.put(first)
    await archive.put(dicom.edited(first, StudyDescription="second"), b"no DICOM at all")
    async with client(controller, "radiology") as session:
        told = await get(session, QUARANTINE)
        NotLetInList.model_validate(told)
        waiting = {one["reason"]: one["id"] for one in told["files"]}
        assert told["total"] == len(waiting) == 2
        assert waiting.keys() >= {"differs"}
        taken = waiting.pop("differs")
        [(_, discarded)] = waiting.items()
        for number, how in ((taken, "taken"), (discarded, "discarded")):
            assert await status(session, "PUT", f"{QUARANTINE}/{number}/settled", json={"how": how}) == 204
        assert (await get(session, QUARANTINE))["files"] == []
        assert await found(session) == ["second"]
        again = await refusal(session, "PUT", f"{QUARANTINE}/{taken}/settled", json={"how": "taken"})
        assert again == (404, "not-found")
    assert await trail(controller, "imaging-take") == [("radiology", f"quarantine/{taken}", "4711")]
    assert await trail(controller, "imaging-discard") == [("radiology", f"quarantine/{discarded}", None)]


@pytest.mark.parametrize("user", ["nurse", "physician"])
@pytest.mark.parametrize("path", [DOUBTS, QUARANTINE])
async def test_only_who_looks_after_the_archive_sees_what_waits(
    controller: RunningController, archive: BesideController, user: str, path: str
) -> None:
    async with client(controller, user) as session:
        assert await refusal(session, "GET", path) == (403, "not-allowed")


async def test_a_path_that_is_not_a_uid_never_reaches_the_service(
    controller: RunningController, archive: BesideController
) -> None:
    async with client(controller, "radiology") as session:
        for study in ("..%2f..%2fquarantine", "1.2.3%3Fx=y", "abc"):
            path = f"{STUDIES}/{study}/deletion"
            assert await refusal(session, "POST", path, json={"why": "attack"}) == (400, "bad-request")


async def test_the_viewers_pages_change_nothing_at_the_controller_nor_its_pages_at_the_viewer(
    controller: RunningController, archive: BesideController
) -> None:
    """Both get the cookie, for cookies know no ports: what tells them apart is Origin."""
    [verdict] = await archive.put(dicom.ct("4711"))
    at_controller = f"{controller.address}{STUDIES}/{verdict.study}/deletion"
    at_viewer = f"{archive.address}/dicom-web/studies/{verdict.study}"
    why = {"why": "attack"}
    async with client(controller, "radiology") as session:
        cookies = {one.key: one.value for one in session.cookie_jar}
    async with aiohttp.ClientSession(cookies=cookies) as session:
        foreign = {"Origin": archive.address}
        assert await refusal(session, "POST", at_controller, json=why, headers=foreign) == (
            403,
            "foreign-origin",
        )
        foreign = {"Origin": controller.address}
        assert await refusal(session, "DELETE", at_viewer, json=why, headers=foreign) == (
            403,
            "foreign-origin",
        )
        assert (
            await status(session, "DELETE", at_viewer, json=why, headers={"Origin": archive.address}) == 200
        )


async def test_without_an_archive_that_is_said(controller: RunningController) -> None:
    async with client(controller, "radiology") as session:
        for path in (STUDIES, DOUBTS, QUARANTINE):
            assert await refusal(session, "GET", path) == (404, "not-found")


async def test_while_the_service_is_down_that_is_said_and_the_board_works(
    controller: RunningController, tmp_path: Path
) -> None:
    async with beside(controller, tmp_path):
        pass
    async with client(controller, "nurse") as session:
        assert await refusal(session, "GET", STUDIES) == (503, "imaging")
        assert await status(session, "GET", "/api/snapshot") == 200
