"""Waveforms and trends of times past over HTTP: true times, gaps as gaps, nothing of another patient."""

import struct
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from controller.api import schemas
from controller.history import rollup
from tests.integration.controller.api.test_ward import client, get, refusal
from tests.support.controller import RunningController

FROM_MS = 1_700_000_000_000
WAVE = """INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset", samples, quality)
VALUES (0, 0, 0, 0, 0, ?, ?, 100000, 0.5, 2.0, ?, 1)"""
STAY = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ('bed-1', ?, 'x', 0, ?, 'test')"
OBSERVATION = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
VALUES (0, 0, 0, 0, 0, ?, 7, ?, 0)"""


async def waved(controller: RunningController, starts_us: Sequence[int], metric: str = "pleth") -> None:
    """Runs of 25 samples at 100 Hz, 0 to 24, so many µs after FROM_MS."""
    number = 8 + len(metric)

    def work(db: Any) -> None:
        db.execute("INSERT INTO series VALUES (?, 'ox-1', 'bed-1', ?)", (number, metric))
        samples = struct.pack("<25h", *range(25))
        for start_us in starts_us:
            db.execute(WAVE, (FROM_MS * 1000 + start_us, number, samples))

    await controller.store.write(work)


async def runs(
    session: aiohttp.ClientSession, begin_ms: int, end_ms: int, **more: Any
) -> list[dict[str, Any]]:
    span = {"from_ms": FROM_MS + begin_ms, "to_ms": FROM_MS + end_ms, **more}
    answer = await get(session, "/api/beds/bed-1/waveforms", **span)
    schemas.Waveforms.model_validate(answer)
    return answer["metrics"]["pleth"]["runs"]


def samples(run: dict[str, Any]) -> list[int]:
    packed = b64decode(run["samples"])
    return list(struct.unpack(f"<{len(packed) // 2}h", packed))


async def test_samples_have_their_true_times_and_a_gap_is_where_no_run_is(
    controller: RunningController,
) -> None:
    await waved(controller, [0, 250_123, 1_000_000])
    async with client(controller, "viewer") as viewer:
        found = await runs(viewer, 0, 60_000, metric="pleth")
    assert [run["at_ms"] for run in found] == [FROM_MS, FROM_MS + 250.123, FROM_MS + 1000]
    assert [samples(run) for run in found] == [list(range(25))] * 3
    about = {name: found[0][name] for name in ("device", "rate_hz", "scale", "offset", "quality")}
    quality = ["artifact"]
    assert about == {"device": "ox-1", "rate_hz": 100, "scale": 0.5, "offset": 2, "quality": quality}


async def test_a_run_that_is_only_partly_in_the_time_is_given_whole(controller: RunningController) -> None:
    await waved(controller, [-250_000, -240_000, 59_990_000, 60_000_000])
    async with client(controller, "viewer") as viewer:
        found = await runs(viewer, 0, 60_000, metric="pleth")
    assert [run["at_ms"] - FROM_MS for run in found] == [-240, 59_990]


async def test_without_names_every_waveform_of_the_bed_is_given(controller: RunningController) -> None:
    await waved(controller, [0])
    await waved(controller, [0], "ecg_ii")
    span = {"from_ms": FROM_MS, "to_ms": FROM_MS + 1000}
    async with client(controller, "viewer") as viewer:
        answer = await get(viewer, "/api/beds/bed-1/waveforms", **span)
    assert {name: len(one["runs"]) for name, one in answer["metrics"].items()} == {"pleth": 1, "ecg_ii": 1}
    assert answer["metrics"]["ecg_ii"]["unit"] == "mV"


async def test_not_one_sample_of_the_patient_before_is_given(controller: RunningController) -> None:
    await waved(controller, [0, 250_000, 500_000])
    await controller.store.write(lambda db: db.execute(STAY, ("P1", FROM_MS + 355)))
    async with client(controller, "viewer") as viewer:
        first, second = await runs(viewer, 0, 1000)
    assert (first["at_ms"] - FROM_MS, samples(first)) == (360, list(range(11, 25)))
    assert second["at_ms"] - FROM_MS == 500


@pytest.mark.parametrize(
    "change", [{"metric": "nonsense"}, {"to_ms": FROM_MS}, {"to_ms": FROM_MS + 600_001}, {"from_ms": "soon"}]
)
async def test_waveforms_of_nonsense_are_refused(
    controller: RunningController, change: dict[str, Any]
) -> None:
    asked = {"metric": "pleth", "from_ms": FROM_MS, "to_ms": FROM_MS + 1000} | change
    async with client(controller, "viewer") as viewer:
        refused = await refusal(viewer, "GET", "/api/beds/bed-1/waveforms", params=asked)
        unknown = await refusal(viewer, "GET", "/api/beds/bed-99/waveforms", params=asked)
    assert refused == (400, "bad-request")
    assert unknown == (404, "not-found")


async def test_long_trends_come_in_whole_minutes_with_every_extreme(controller: RunningController) -> None:
    """Two hours of one reading a second, the newest of them not rolled up yet."""
    begin_us = FROM_MS * 1000

    def work(db: Any) -> None:
        db.execute("INSERT INTO series VALUES (7, 'ox-1', 'bed-1', 'spo2')")
        rows = [(begin_us + n * 1_000_000, 50 if n == 4321 else 90 + n % 10) for n in range(7200)]
        db.executemany(OBSERVATION, rows)

    await controller.store.write(work)
    await rollup.add_new(controller.store)
    late = begin_us + 1_234_000_000, 99.5
    await controller.store.write(lambda db: db.execute(OBSERVATION, late))
    span = {"metric": "spo2", "from_ms": FROM_MS + 7, "to_ms": FROM_MS + 7_200_000, "points": 60}
    async with client(controller, "viewer") as viewer:
        trend = (await get(viewer, "/api/beds/bed-1/trends", **span))["metrics"]["spo2"]
    assert len(trend["t_ms"]) <= 60
    assert trend["t_ms"][1] - trend["t_ms"][0] == 180_000
    assert (min(trend["min"]), max(trend["max"])) == (50, 99.5)
    lowest = trend["min"].index(50)
    assert abs(trend["t_ms"][lowest] - FROM_MS - 4_321_000) <= 90_000
