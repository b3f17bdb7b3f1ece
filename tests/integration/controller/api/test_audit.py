"""Every access, change, login and refusal is in the trail, and nothing is shown that is not."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from controller.api import auditing, watching
from controller.api.audit_schemas import AuditFound, AuditVerification
from controller.api.routes import TABLE
from controller.audit.entry import Entry
from controller.audit.search import WATCHED_US
from controller.registry import Patient
from controller.security.permissions import Role
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.database import without_writing
from tests.support.http import client, events, get, refusal, status
from tests.support.trails import verified

ANNA, BEN = Patient("P-ANNA", "Anna"), Patient("P-BEN", "Ben")
NOW = {"from_ms": 1, "to_ms": 4_000_000_000_000}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    """Two beds of which one has a patient."""
    with quick_passwords():
        async with running(tmp_path, **{role.value: role for role in Role}) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.add_bed("bed-2", "Bed 2")
            await started.registry.admit("bed-1", ANNA, "test")
            yield started


async def trail(controller: RunningController, **about: Any) -> list[dict[str, Any]]:
    """Its entries with these members, oldest first."""
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    told = [json.loads(row[0]) for row in rows]
    return [one for one in told if all(one[name] == value for name, value in about.items())]


async def refuse_writes(controller: RunningController) -> None:
    """From now on it takes nothing more, as on a disk that is full or has become read-only."""
    await controller.store.write(without_writing)


BED_ROUTES = [
    ("bed", "/api/beds/bed-1", {}),
    ("trends", "/api/beds/bed-1/trends", {"metric": "spo2", "from_ms": 1, "to_ms": 60_000}),
    ("waveforms", "/api/beds/bed-1/waveforms", {"from_ms": 1, "to_ms": 60_000}),
    ("results", "/api/beds/bed-1/results", {}),
    ("snapshot", "/api/snapshot", {}),
]


@pytest.mark.parametrize(("action", "path", "query"), BED_ROUTES, ids=str)
async def test_whoever_sees_a_patient_is_in_the_trail_with_all_that_was_asked(
    controller: RunningController, action: str, path: str, query: dict[str, Any]
) -> None:
    async with client(controller, "nurse") as nurse:
        before = await trail(controller, action=action)
        await get(nurse, path, **query)
        [entry] = (await trail(controller, action=action))[len(before) :]
    about = {name: entry[name] for name in ("actor", "patient", "where", "outcome")}
    assert about == {"actor": "nurse", "patient": "P-ANNA", "where": "127.0.0.1", "outcome": "done"}
    assert abs(entry["utc_us"] - controller.clock.utc_us()) < 60_000_000


async def test_no_route_shows_a_patient_without_an_entry(controller: RunningController) -> None:
    """Whatever routes there will be: an answer that names the patient has an entry that does."""
    named = 0
    for role in Role:
        async with client(controller, role.value) as person:
            for route in TABLE:
                if route.method != "GET" or not route.path.startswith("/api/") or route.name == "events":
                    continue
                path = route.path
                for name, value in (("bed", "bed-1"), ("device", "ox-1"), ("journal", "0" * 16), ("id", "1")):
                    path = path.replace(f"{{{name}}}", value)
                before = len(await trail(controller, patient="P-ANNA"))
                query = {**NOW, "metric": "spo2", "to_ms": 60_000}
                async with person.get(path, params=query, allow_redirects=False) as response:
                    shown = response.status == 200 and b"P-ANNA" in await response.read()
                if shown and not route.name.startswith("audit"):
                    named += 1
                    assert len(await trail(controller, patient="P-ANNA")) > before, route.name
    assert named >= 2


async def test_an_answer_that_cannot_be_recorded_is_not_given(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "GET", "/api/beds/bed-1") == 200
        await refuse_writes(controller)
        for _, path, query in BED_ROUTES:
            async with nurse.get(path, params=query) as response:
                assert response.status == 503, path
                assert b"P-ANNA" not in await response.read()
        assert await status(nurse, "GET", "/api/events") == 503


async def test_an_open_board_is_recorded_for_whom_it_shows_and_for_whoever_comes_later(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        async with events(nurse) as stream:
            await anext(stream)
            [anna] = await trail(controller, action="events")
            assert (anna["patient"], anna["actor"]) == ("P-ANNA", "nurse")
            await controller.registry.admit("bed-2", BEN, "test")
            async for _, kind, data in stream:
                if kind == "registry" and any(
                    bed["patient"] and bed["id"] == "bed-2" for bed in data["beds"]
                ):
                    break
            ben = (await trail(controller, action="events"))[1:]
            assert [(one["patient"], one["entity"]) for one in ben] == [("P-BEN", anna["entity"])]
        await eventually_in(controller, action="events-closed", entity=anna["entity"])


async def test_a_board_that_is_open_for_hours_is_recorded_every_hour(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer, events(viewer) as stream:
        await anext(stream)
        controller.clock.let_pass(WATCHED_US / 1_000_000 + 1)
        for _ in range(2):
            await anext(stream)
        entries = await trail(controller, action="events", patient="P-ANNA")
    assert len(entries) == 2
    assert entries[0]["entity"] == entries[1]["entity"]


async def test_an_open_board_ends_rather_than_show_somebody_who_cannot_be_recorded(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse, events(nurse) as stream:
        await anext(stream)
        await refuse_writes(controller)
        beds = [
            {
                "id": "bed-2",
                "ward": "ward-a",
                "name": "Bed 2",
                "patient": {"identifier": "P-BEN", "name": "Ben"},
            }
        ]
        controller.hub.registry([], beds, {})
        with pytest.raises((ConnectionError, EOFError, Exception)) as ended:
            async for _, _, data in stream:
                assert "P-BEN" not in orjson.dumps(data).decode()
        assert not isinstance(ended.value, AssertionError)


async def test_a_change_is_in_the_trail_with_the_change_or_not_at_all(controller: RunningController) -> None:
    body = {"identifier": "P-BEN", "name": "Ben"}
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "PUT", "/api/beds/bed-1/patient", json=body) == 204
        done = [
            (one["action"], one["patient"])
            for one in await trail(controller, entity="bed/bed-1", actor="nurse")
        ]
        assert done == [("discharge", "P-ANNA"), ("admit", "P-BEN")]
        refused = await refusal(nurse, "PUT", "/api/beds/bed-2/patient", json=body)
        assert refused == (409, "conflict")
        await eventually_in(controller, action="admit", entity="bed/bed-2", outcome="refused")
        assert await status(nurse, "PUT", "/api/devices/ox-1/bed", json={"bed": None}) == 204
    [assigned] = await trail(controller, action="assign", actor="nurse")
    assert (assigned["entity"], assigned["where"]) == ("device/ox-1", "127.0.0.1")


async def eventually_in(controller: RunningController, **about: Any) -> dict[str, Any]:
    """The entry that is written without anybody waiting for it."""
    async with asyncio.timeout(10):
        while not (found := await trail(controller, **about)):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.01)
    return found[-1]


async def test_logins_wrong_logins_and_logouts_are_in_the_trail(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "POST", "/api/login", json={"user": "nurse", "password": "wrong"}) == 401
        assert await status(nurse, "POST", "/api/logout") == 204
    refused = await eventually_in(controller, action="login", outcome="refused")
    assert (refused["actor"], refused["where"]) == ("nurse", "127.0.0.1")
    assert [one["actor"] for one in await trail(controller, action="login", outcome="done")] == ["nurse"]
    assert [one["actor"] for one in await trail(controller, action="logout")] == ["nurse"]
    assert "wrong" not in json.dumps(await trail(controller))


async def test_what_the_gate_refuses_is_in_the_trail_with_who_was_refused(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        assert await status(nurse, "GET", "/api/ledger") == 403
        foreign = {"headers": {"Origin": "http://evil.example"}}
        assert await status(nurse, "DELETE", "/api/beds/bed-1/patient", **foreign) == 403
        assert await status(nurse, "GET", "/api/beds/bed-77") == 404
    async with client(controller) as stranger:
        assert await status(stranger, "GET", "/api/beds/bed-1") == 401
    denied = await eventually_in(controller, action="ledger", outcome="refused")
    assert (denied["actor"], denied["detail"]) == ("nurse", {"code": "not-allowed"})
    assert (await eventually_in(controller, action="discharge"))["detail"] == {"code": "foreign-origin"}
    assert (await eventually_in(controller, entity="bed/bed-77"))["actor"] == "nurse"
    assert (await eventually_in(controller, detail={"code": "not-logged-in"}))["actor"] == ""


async def test_a_thousand_refusals_of_a_stranger_are_one_entry_and_a_count(
    controller: RunningController,
) -> None:
    async with client(controller) as stranger:
        for _ in range(100):
            assert await status(stranger, "GET", "/api/beds/bed-1") == 401
    await controller.stop()
    refused = await trail(controller, action="bed", outcome="refused")
    assert [one["detail"].get("more") for one in refused] == [None, 99]
    await controller.start()


async def test_the_auditor_finds_who_saw_a_patient_page_by_page(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        for _ in range(5):
            await get(nurse, "/api/beds/bed-1")
    async with client(controller, "auditor") as auditor:
        question = {**NOW, "patient": "P-ANNA", "action": "bed", "limit": 2}
        seen: list[int] = []
        more: dict[str, int] = {}
        for _ in range(3):
            answer = await get(auditor, "/api/audit", **question, **more)
            AuditFound.model_validate(answer)
            seen += [one["number"] for one in answer["entries"]]
            more = {"before": answer["next"]}
    assert answer["next"] is None
    assert len(seen) == len(set(seen)) == 5
    assert sorted(seen, reverse=True) == seen


async def test_whoever_reads_the_trail_is_in_it(controller: RunningController) -> None:
    async with client(controller, "auditor") as auditor:
        await get(auditor, "/api/audit", **NOW, patient="P-ANNA")
        await get(auditor, "/api/audit", **NOW, actor="nurse")
        assert await status(auditor, "GET", "/api/audit/export", params=NOW) == 200
    told = [
        (one["action"], one["patient"], one["entity"]) for one in await trail(controller, actor="auditor")
    ]
    assert told[1:] == [("audit", "P-ANNA", ""), ("audit", None, "actor/nurse"), ("audit-export", None, "")]


async def test_the_trail_is_taken_away_as_csv_as_fhir_and_as_it_is(controller: RunningController) -> None:
    async with client(controller, "auditor") as auditor:
        files = {}
        for form in ("csv", "fhir", "jsonl"):
            query = {**NOW, "action": "admit", "format": form}
            async with auditor.get("/api/audit/export", params=query) as response:
                assert response.headers["Content-Disposition"].startswith("attachment")
                files[form] = await response.read()
    [_, row] = csv.reader(io.StringIO(files["csv"].decode()))
    assert row[5] == "P-ANNA"
    assert orjson.loads(files["fhir"])["resourceType"] == "AuditEvent"
    assert orjson.loads(files["jsonl"])["patient"] == "P-ANNA"


@pytest.mark.parametrize("change", [{"limit": 0}, {"before": "x"}, {"to_ms": 0}, {"format": "exe"}])
async def test_nonsense_is_refused(controller: RunningController, change: dict[str, Any]) -> None:
    path = "/api/audit/export" if "format" in change else "/api/audit"
    async with client(controller, "auditor") as auditor:
        assert await refusal(auditor, "GET", path, params={**NOW, **change}) == (400, "bad-request")


async def test_the_verification_tells_its_result_and_its_age(controller: RunningController) -> None:
    async with client(controller, "auditor") as auditor:
        path = "/api/audit/verification"
        assert (await get(auditor, path))["as_of_ms"] is None
        async with asyncio.timeout(10):
            while (answer := await get(auditor, path))["as_of_ms"] is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    AuditVerification.model_validate(answer)
    assert (answer["whole"], answer["faults"], answer["heads"]) == (True, [], 0)
    assert answer["entries"] > 0
    assert 0 <= answer["server_ms"] - answer["as_of_ms"] < 60_000


async def test_only_the_auditor_reads_the_trail(controller: RunningController) -> None:
    for role in Role:
        async with client(controller, role.value) as person:
            code = await status(person, "GET", "/api/audit", params=NOW)
            assert (code == 200) is (role is Role.AUDITOR), role


async def test_after_all_this_the_chain_is_whole(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await asyncio.gather(*(get(nurse, "/api/beds/bed-1") for _ in range(50)))
        assert await status(nurse, "GET", "/api/ledger") == 403
    await eventually_in(controller, action="ledger")
    assert verified(controller.store.where).is_whole


async def test_what_a_stranger_writes_into_the_trail_is_short(controller: RunningController) -> None:
    async with client(controller) as stranger:
        assert await status(stranger, "GET", f"/api/beds/{'x' * 3000}") == 401
    entry = await eventually_in(controller, outcome="refused")
    assert len(entry["entity"]) == auditing.LONGEST


def test_the_words_for_an_open_board_are_those_that_searches_look_for() -> None:
    assert any(route.name == watching.WATCHING for route in TABLE)
    assert Entry(watching.CLOSED, "x").action == f"{watching.WATCHING}-closed"
