"""What people assess at a bed: who may, of whom, how it is kept, and that it reaches every board."""

from typing import Any

import aiohttp
import pytest

from controller.api.assessment_schemas import Assessments
from controller.api.score_schemas import Score
from controller.errors import StoreError
from tests.support.controller import RunningController
from tests.support.http import client, events, get, refusal, status

PATH = "/api/beds/bed-1/assessments"
FOUND: dict[str, Any] = {"consciousness": "V", "oxygen": {"on": True, "l_min": 2}}
CONSCIOUSNESS = {"kind": "consciousness", "value": {"acvpu": "V"}}
GCS = {"eye": 3, "verbal": None, "motor": 6}


async def admit(person: aiohttp.ClientSession, patient: str = "P1") -> None:
    body = {"identifier": patient, "name": f"name of {patient}"}
    assert await status(person, "PUT", "/api/beds/bed-1/patient", json=body) == 204


async def assess(person: aiohttp.ClientSession, patient: str = "P1", **found: Any) -> int:
    return await status(person, "POST", PATH, json={"patient": patient, **(found or FOUND)})


def measure(controller: RunningController) -> None:
    controller.say("ox-1", spo2=97, pr_spo2=104, rr=16, temp_core=37.0, nibp_sys=98)


async def score(controller: RunningController, person: aiohttp.ClientSession) -> dict[str, Any] | None:
    controller.hub.tick()
    found = (await get(person, "/api/beds/bed-1"))["scores"]
    return found[0] if found else None


async def test_who_cares_for_the_patient_enters_what_they_found(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        for role in ("nurse", "physician", "crew"):
            async with client(controller, role) as person:
                assert await assess(person) == 204
                told = await get(person, PATH)
            Assessments.model_validate(told)
            assert told["last"]["consciousness"] == {**told["last"]["oxygen"], **CONSCIOUSNESS}
            assert told["last"]["oxygen"]["value"] == {"on": True, "l_min": 2}
            assert told["entries"][0]["by"] == role


async def test_others_see_it_and_change_nothing(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse, client(controller, "engineer") as other:
        await admit(nurse)
        assert await assess(other) == 403
        assert (await get(other, PATH))["entries"] == []
        assert await assess(nurse) == 204
        assert len((await get(other, PATH))["entries"]) == 2


async def test_the_score_is_complete_once_a_person_entered_what_no_device_measures(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        measure(controller)
        before = await score(controller, nurse)
        assert before is not None
        assert before["news2"]["total"] is None
        assert before["news2"]["missing"] == ["oxygen", "consciousness"]
        assert before["news2"]["least"] == 3
        assert await assess(nurse) == 204
        after = await score(controller, nurse)
        assert after is not None
        assert (after["news2"]["total"], after["news2"]["risk"]) == (8, "high")
        Score.model_validate(after)


async def test_everyone_who_watches_gets_the_same_score(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse, client(controller, "viewer") as viewer:
        await admit(nurse)
        measure(controller)
        async with events(nurse) as first, events(viewer) as second:
            await assess(nurse, consciousness="A", oxygen={"on": False}, gcs=GCS)
            controller.hub.tick()
            items = [await complete(stream) for stream in (first, second)]
        assert items[0] == items[1]
        assert items[0]["gcs"]["text"] == "E3 VNT M6"
        assert items[0]["shock_index"]["value"] == 1.06


async def complete(stream: Any) -> dict[str, Any]:
    async for _, kind, data in stream:
        items = data["items"] if kind == "scores" else data.get("scores", [])
        if items and items[0]["news2"]["total"] is not None:
            return items[0]
    raise AssertionError("the stream ended")


async def test_nothing_is_entered_for_a_bed_without_a_patient(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await refusal(nurse, "POST", PATH, json={"patient": "P1", **FOUND}) == (409, "conflict")


async def test_what_was_meant_for_one_patient_is_not_taken_for_the_next(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse, "P2")
        assert await refusal(nurse, "POST", PATH, json={"patient": "P1", **FOUND}) == (409, "conflict")
        assert (await get(nurse, PATH))["entries"] == []
        assert await assess(nurse, "P2") == 204


@pytest.mark.parametrize("following", ["P2", "P1"])
async def test_another_stay_begins_with_nothing_even_of_the_same_patient(
    controller: RunningController, following: str
) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        await assess(nurse, scale=2, consciousness="V", gcs=GCS)
        await admit(nurse, following)
        measure(controller)
        told = await get(nurse, PATH)
        assert told == {"last": {}, "entries": []}
        now = await score(controller, nurse)
        assert now is not None
        assert (now["news2"]["scale"], now["gcs"]) == (1, None)
        assert "consciousness" in now["news2"]["missing"]


async def test_a_new_entry_replaces_the_last_and_the_history_keeps_both(
    controller: RunningController,
) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        for letter in ("V", "A"):
            await assess(nurse, consciousness=letter)
        told = await get(nurse, PATH)
        assert [entry["value"]["acvpu"] for entry in told["entries"]] == ["A", "V"]
        assert told["last"]["consciousness"]["value"] == {"acvpu": "A"}


@pytest.mark.parametrize("change", ["UPDATE assessment SET value = '{}'", "DELETE FROM assessment"])
async def test_what_was_entered_can_not_be_changed_in_the_database(
    controller: RunningController, change: str
) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        await assess(nurse)
        with pytest.raises(StoreError, match="only grow"):
            await controller.store.write(lambda db: db.execute(change))
        assert len((await get(nurse, PATH))["entries"]) == 2


async def test_the_audit_trail_says_who_assessed_whom(controller: RunningController) -> None:
    async with client(controller, "physician") as physician, client(controller, "nurse") as nurse:
        await admit(nurse)
        await assess(physician, scale=2)
    [row] = await controller.store.read("SELECT entry, actor, patient FROM audit WHERE action = 'assess'")
    assert (row["actor"], row["patient"]) == ("physician", "P1")
    assert '"kinds":"scale"' in row["entry"]


NO_CHART_HAS: list[dict[str, Any]] = [
    {},
    {"consciousness": "X"},
    {"oxygen": {"on": False, "l_min": 2}},
    {"oxygen": {"on": True, "l_min": 0}},
    {"oxygen": {"on": "yes"}},
    {"scale": 3},
    {"gcs": {"eye": 5, "verbal": 5, "motor": 6}},
    {"gcs": {"eye": 4, "verbal": 5}},
    {"consciousness": "A", "by": "somebody"},
]


async def test_what_no_chart_has_is_refused(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        for found in NO_CHART_HAS:
            refused = await refusal(nurse, "POST", PATH, json={"patient": "P1", **found})
            assert refused == (400, "bad-request"), found
        assert (await get(nurse, PATH))["entries"] == []


async def test_scores_are_there_again_after_a_restart(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        await admit(nurse)
        await assess(nurse, scale=2, consciousness="A", oxygen={"on": False})
    await controller.stop()
    await controller.start()
    async with client(controller, "nurse") as nurse:
        measure(controller)
        now = await score(controller, nurse)
        assert now is not None
        assert (now["news2"]["scale"], now["news2"]["missing"]) == (2, [])
