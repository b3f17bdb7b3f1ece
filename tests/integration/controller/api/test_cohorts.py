"""Cohorts over HTTP: asked, saved, run again; small numbers and names only for who sees the patients."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from controller.api import cohorts_schemas as schemas
from controller.errors import StoreError
from tests.support.cohorts import BASE_US, HOUR_US, Made, Sample, Stay, asked_at, hospital, lake_of
from tests.support.controller import RunningController
from tests.support.http import client, get, status

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOW = {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24}
ASKED = {"definition": {"condition": LOW}}
SAVED = {**ASKED, "name": "low-spo2", "why": "sepsis round"}
ONE = "/api/cohorts/low-spo2/1"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    folder: Path = tmp_path_factory.mktemp("cohorts")
    async with asked_at(folder, hospital()) as started:
        async with client(started, "physician") as physician:
            assert await status(physician, "POST", "/api/cohorts", json=SAVED) == 200
        yield started


async def posted(controller: RunningController, user: str, path: str, body: Any = None) -> Any:
    async with client(controller, user) as session, session.post(path, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def trail(controller: RunningController, action: str) -> list[str]:
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    return [row["entry"] for row in rows if f'"{action}"' in row["entry"]]


async def test_who_sees_all_patients_gets_every_number(controller: RunningController) -> None:
    told = schemas.CohortAnswer.model_validate(
        await posted(controller, "physician", "/api/cohorts/ask", ASKED)
    )
    total = told.found.total
    assert told.exact
    assert (total.admitted, total.matching, total.unknown) == (12, 7, 1)
    assert [one.month for one in told.found.months] == ["2026-09", "2026-10"]
    assert told.found.steps and told.found.read.files == 2
    assert any(
        "cohort-asked" in one and "spo2 below 90" in one for one in await trail(controller, "cohort-asked")
    )


@pytest.mark.parametrize("user", ["auditor", "ben"])
async def test_who_sees_not_all_patients_gets_no_small_number(
    controller: RunningController, user: str
) -> None:
    told = schemas.CohortAnswer.model_validate(await posted(controller, user, "/api/cohorts/ask", ASKED))
    assert not told.exact
    assert {(one.matching, one.unknown) for one in told.found.months} == {(None, None)}
    assert all(one.admissions is None or one.admissions >= 5 for one in told.found.steps)
    assert told.found.total.matching is None


async def test_who_sees_all_patients_of_the_ward_that_is_asked_for_gets_every_number(
    controller: RunningController,
) -> None:
    asked = {"definition": {"condition": LOW, "who": {"wards": ["ward-a"]}}}
    assert (await posted(controller, "ben", "/api/cohorts/ask", asked))["exact"]


async def test_a_list_of_patients_is_for_who_sees_them_and_on_record(controller: RunningController) -> None:
    async with client(controller, "auditor") as olga:
        assert await status(olga, "GET", f"{ONE}/members") == 403
    async with client(controller, "ben") as ben:
        told = schemas.CohortMembers.model_validate(await get(ben, f"{ONE}/members"))
    assert {one.patient for one in told.members} == {"P0", "P2", "P4", "P6"}
    assert told.more
    entries = [one for one in await trail(controller, "cohort-members") if '"ben"' in one]
    assert [sum(f'"P{n}"' in one for one in entries) for n in range(8)] == [1, 0] * 4


async def test_a_list_is_cut_after_those_whom_one_may_not_see_are_out_of_it(
    controller: RunningController,
) -> None:
    ends = BASE_US + HOUR_US
    stays = [Stay(f"Q{n:04}", f"far-{n}", BASE_US, ends, ward="ward-b") for n in range(2001)]
    stays.append(Stay("P0", "bed-0", ends, ends + HOUR_US, ward="ward-a"))
    samples = [Sample(one.bed, one.began, 80.0) for one in stays]
    lake_of(controller.store.folder / "lake", Made(stays, samples), generation=4)
    anyhow = {"definition": {"condition": {**LOW, "lasting_min": 0}}, "name": "many", "why": "count"}
    await posted(controller, "physician", "/api/cohorts", anyhow)
    async with client(controller, "ben") as ben:
        own = await get(ben, "/api/cohorts/many/1/members")
    async with client(controller, "physician") as physician:
        all_of_them = await get(physician, "/api/cohorts/many/1/members")
    lake_of(controller.store.folder / "lake", hospital())
    assert ([one["patient"] for one in own["members"]], own["more"]) == (["P0"], True)
    assert (len(all_of_them["members"]), all_of_them["more"]) == (2000, True)


async def test_a_version_stays_and_a_change_is_the_next_one(controller: RunningController) -> None:
    changed = {**SAVED, "definition": {"condition": {**LOW, "value": 88}}, "name": "kept"}
    versions = [(await posted(controller, "physician", "/api/cohorts", changed))["version"] for _ in range(2)]
    assert versions == [1, 2]

    def work(db: sqlite3.Connection) -> None:
        db.execute("UPDATE cohort SET why = 'x'")

    with pytest.raises(StoreError, match="save another"):
        await controller.store.write(work)


async def test_it_is_run_again_on_a_newer_lake_beside_what_it_found_before(
    controller: RunningController,
) -> None:
    await posted(controller, "physician", f"{ONE}/runs")
    lake_of(controller.store.folder / "lake", hospital(14), generation=2)
    told = schemas.CohortDetail.model_validate(await posted(controller, "physician", f"{ONE}/runs"))
    assert [(one.found.generation, one.found.total.admitted) for one in told.runs] == [(2, 14), (1, 12)]
    async with client(controller, "auditor") as olga:
        seen = schemas.CohortDetail.model_validate(await get(olga, ONE))
    assert [one.found.total.matching for one in seen.runs] == [None, None]
    lake_of(controller.store.folder / "lake", hospital(), generation=3)


async def test_others_ask_nothing_and_what_is_no_definition_is_refused(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        for path in ("/api/cohorts", ONE, "/cohorts"):
            assert await status(nurse, "GET", path) in (302, 403)
        assert await status(nurse, "POST", "/api/cohorts/ask", json=ASKED) == 403
    async with client(controller, "physician") as physician:
        wrong = {"definition": {"condition": {**LOW, "unit": "mm[Hg]"}}}
        assert await status(physician, "POST", "/api/cohorts/ask", json=wrong) == 400
        assert await status(physician, "GET", "/api/cohorts/low-spo2/9") == 404
        plan = schemas.CohortPlan.model_validate(
            await posted(controller, "physician", "/api/cohorts/plan", ASKED)
        )
        listed = schemas.CohortList.model_validate(await get(physician, "/api/cohorts"))
    assert plan.words.en.startswith("Admissions of people: spo2 below 90 %")
    assert "90" not in plan.questions[3].sql
    assert listed.may_list and ("spo2", "%") in listed.metrics
