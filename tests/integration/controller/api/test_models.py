"""The trial model at a bed: only beside a complete NEWS2, with its label, recorded, and never an alarm."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.models_context import MODELS
from controller.api.models_schemas import BedModel
from controller.config import Config, load
from controller.errors import ConfigError
from controller.models import drift
from controller.models.features import FEATURES
from controller.models.scoring import DAY_MS, Lying, refused
from controller.models.section import ModelsSection
from controller.registry import Patient
from controller.security.permissions import Role
from devices.model.observation import Quality
from devices.model.scores_chart import Parameter
from tests.support import history
from tests.support.controller import RunningController, quick_passwords, running
from tests.support.http import client, get, status
from tests.support.models import model_file, trained
from tests.support.people import add_person
from tests.support.ward_box import WardBox

PATH = "/api/beds/bed-1/model"
HOUR_US = 3_600_000_000
WELL: dict[str, float] = {"spo2": 97, "pr_spo2": 80, "rr": 16, "temp_core": 37.0, "nibp_sys": 120}
ILL = WELL | {"rr": 31, "nibp_sys": 82, "pr_spo2": 128}


@pytest.fixture
async def site(controller: RunningController, tmp_path: Path) -> AsyncIterator[RunningController]:
    """With the model of tests/support/models.py."""
    await controller.stop()
    controller.models = ModelsSection(file=model_file(tmp_path))
    await controller.start()
    await controller.registry.admit("bed-1", Patient("P1", "Li Na"), "test")
    yield controller


async def assess(person: aiohttp.ClientSession, **found: Any) -> None:
    body = {"patient": "P1", "consciousness": "A", "oxygen": {"on": False, "l_min": None}, **found}
    assert await status(person, "POST", "/api/beds/bed-1/assessments", json=body) == 204


async def metrics(person: aiohttp.ClientSession) -> str:
    async with person.get("/metrics") as response:
        assert response.status == 200
        return await response.text()


async def told(site: RunningController, person: aiohttp.ClientSession) -> dict[str, Any]:
    """What is shown after the model has looked once more."""
    site.hub.tick()
    await site.app[MODELS].scoring.look()
    answer = await get(person, PATH)
    BedModel.model_validate(answer)
    return answer


async def test_without_the_section_there_is_none(controller: RunningController) -> None:
    async with client(controller, "nurse") as nurse:
        assert await get(nurse, PATH) == {"model": None, "score": None}
    async with client(controller, "engineer") as engineer:
        assert "wardlink_model" not in await metrics(engineer)


async def test_it_is_scored_of_what_news2_counts_and_says_what_it_is(site: RunningController) -> None:
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **WELL)
        well = await told(site, nurse)
        assert well["model"]["label"] == "trained on simulated data – for trial only"
        assert well["model"]["version"] == trained().model.version
        site.say("ox-1", **ILL)
        ill = await told(site, nurse)
    assert 0 < well["score"]["probability"] < ill["score"]["probability"] < 1
    assert set(ill["score"]["seen_ms"]) == {str(one) for one in Parameter}
    pushes = [abs(one["push"]) for one in ill["score"]["pushes"]]
    assert pushes == sorted(pushes, reverse=True)
    assert {one["parameter"] for one in ill["score"]["pushes"][:3]} & {"respiration", "systolic", "pulse"}


async def test_it_is_shown_only_beside_a_complete_news2_and_never_alarms(site: RunningController) -> None:
    async with client(site, "nurse") as nurse:
        site.say("ox-1", **ILL)
        lacking = await told(site, nurse)
        assert lacking["score"]["probability"] is None
        assert lacking["score"]["why"] == {"oxygen": "missing", "consciousness": "missing"}
        await assess(nurse)
        site.say("ox-1", quality=Quality.ARTIFACT, rr=31)
        assert (await told(site, nurse))["score"]["why"] == {"respiration": "flawed"}
        site.clock.let_pass(200)
        stale = (await told(site, nurse))["score"]
        assert stale["probability"] is None
        assert stale["pushes"] == []
        assert stale["why"]["spo2"] == "stale"
        assert site.hub.snapshot()["alerts"] == []
    rows = await site.store.read("SELECT count(*) AS n FROM alert")
    assert rows[0]["n"] == 0


async def test_trends_are_of_the_metric_that_counts_and_of_this_patient(site: RunningController) -> None:
    now_us = site.clock.now_us()
    begun = now_us - 6 * HOUR_US
    await site.store.write(lambda db: db.execute("UPDATE stay SET from_ms = ?", (begun // 1000,)))
    rows: list[history.Row] = [(1, now_us - hours * HOUR_US, 60.0 + 10 * (3 - hours)) for hours in (3, 2, 1)]
    await site.store.write(history.begin)
    await site.store.write(lambda db: history.arrive(db, 1, rows))
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **WELL, hr=90)
        rising = await told(site, nurse)
    assert rising["score"]["probability"] is not None
    [row] = await site.store.read("SELECT inputs FROM model_score ORDER BY id DESC LIMIT 1")
    found = dict(zip((one.name for one in FEATURES), json.loads(row["inputs"]), strict=True))
    assert found["pulse_per_h"] == pytest.approx(10, abs=0.5)
    assert (found["pulse_no_trend"], found["systolic_no_trend"]) == (0, 1)


async def test_scale_2_and_the_young_are_not_scored(site: RunningController) -> None:
    async with client(site, "nurse") as nurse:
        await assess(nurse, scale=2)
        site.say("ox-1", **WELL)
        assert (await told(site, nurse))["score"]["why"] == {"spo2": "scale"}
    for born, is_young in (("2010-11-28", True), ("2010-11-27", False), ("2010", True), ("2009", False)):
        why = refused(Lying(1, "bed-1", "P1", 0, born), {"scale": 1, "parts": []}, "2026-11-27")
        assert why == ({"age": "young"} if is_young else {})


async def test_whom_the_ward_treats_as_a_child_is_not_scored_whatever_is_known_of_the_age(
    site: RunningController, tmp_path: Path
) -> None:
    await site.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    await WardBox(site.store, site.clock, tmp_path / "box", served={"ox-1": "bed-1"}).tell()
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **WELL)
        assert (await told(site, nurse))["score"]["why"] == {}
        child = {"patient": "P1", "class": "child"}
        assert await status(nurse, "POST", "/api/beds/bed-1/alarms/class", json=child) == 204
        assert (await told(site, nurse))["score"]["why"] == {"class": "child"}


async def test_a_value_such_as_it_was_never_trained_on_is_not_scored(site: RunningController) -> None:
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **WELL | {"temp_core": 45.0})
        assert (await told(site, nurse))["score"]["why"] == {"temperature": "beyond"}


async def test_all_that_was_said_is_kept_with_the_version_and_nothing_of_the_one_before_is_shown(
    site: RunningController,
) -> None:
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **WELL)
        shown = (await told(site, nurse))["score"]
        await site.registry.admit("bed-1", Patient("P2", "Zhao"), "test")
        assert (await get(nurse, PATH))["score"] is None
    row = dict((await site.store.read("SELECT * FROM model_score WHERE probability IS NOT NULL"))[0])
    assert row["probability"] == shown["probability"]
    assert (row["model"], row["version"]) == (trained().model.name, trained().model.version)
    assert trained().model.scored(json.loads(row["inputs"])).probability == shown["probability"]


async def test_who_came_just_now_is_never_scored_by_what_was_measured_of_the_one_before(
    site: RunningController,
) -> None:
    async with client(site, "nurse") as nurse:
        await assess(nurse)
        site.say("ox-1", **ILL)
        assert (await told(site, nurse))["score"]["probability"] is not None
        # The moment between what the store knows and what is shown: the board has still the one before.
        now_ms = site.clock.now_us() // 1000
        row = (2, "bed-1", "P2", "Zhao", now_ms, "test")
        await site.store.write(lambda db: db.execute("UPDATE stay SET to_ms = ?", (now_ms,)))
        added = "INSERT INTO stay (id, bed, identifier, name, from_ms, by) VALUES (?, ?, ?, ?, ?, ?)"
        await site.store.write(lambda db: db.execute(added, row))
        await site.app[MODELS].scoring.look()
    [said] = await site.store.read("SELECT probability, why FROM model_score WHERE stay = 2")
    assert (said["probability"], json.loads(said["why"])) == (None, {"news2": "missing"})


async def test_what_is_older_than_rollups_is_dropped(site: RunningController) -> None:
    await site.app[MODELS].scoring.look()
    site.clock.let_pass(3651 * DAY_MS / 1000)
    await site.app[MODELS].scoring.look()
    assert (await site.store.read("SELECT count(DISTINCT at_ms) AS n FROM model_score"))[0]["n"] == 1


async def test_who_may_not_see_the_bed_learns_nothing_and_a_look_is_in_the_trail(
    site: RunningController,
) -> None:
    await site.registry.add_ward("ward-b", "Ward B")
    await add_person(site, "ben", Role.NURSE, ["ward-b"])
    async with client(site, "nurse") as nurse, client(site, "ben") as ben:
        assert await status(ben, "GET", PATH) == 404
        assert await status(ben, "GET", "/api/beds/bed-none/model") == 404
        await get(nurse, PATH)
    rows = await site.store.read("SELECT entry FROM audit")
    looks = [json.loads(row["entry"]) for row in rows]
    assert any(one["action"] == "bed-model" and one["patient"] == "P1" for one in looks)


async def test_drift_is_a_metric_and_another_version_counts_as_never_checked(site: RunningController) -> None:
    data = site.store.folder
    model = trained().model
    found = drift.Drift(
        model.name, model.version, "2026-11-27T03:00:00.000000Z", 900, 3, 0.02, {"pulse": 0.4}
    )
    async with client(site, "engineer") as engineer:
        assert "wardlink_model_checked_timestamp_seconds 0.0" in await metrics(engineer)
        drift.keep(data, found)
        text = await metrics(engineer)
        assert 'wardlink_model_stability_index{feature="pulse"} 0.4' in text
        assert "\nwardlink_model_calibration_in_the_large " not in text  # nobody listed events
        (data / drift.FILE).write_text("{}")
        assert "wardlink_model_checked_timestamp_seconds 0.0" in await metrics(engineer)


async def test_a_file_that_cannot_be_used_keeps_the_controller_from_starting(tmp_path: Path) -> None:
    config = tmp_path / "controller.toml"
    config.write_text('[models]\nfile = "model.json"\n')
    section = load(config).models
    assert section is not None
    assert section.file == tmp_path / "model.json"
    assert Config().models is None
    with quick_passwords():
        async with running(tmp_path / "data") as started:
            await started.stop()
            started.models = section
            with pytest.raises(ConfigError, match=r"\[models\] file"):
                await started.start()
            started.models = None
            await started.start()
