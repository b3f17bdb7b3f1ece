"""The trends of the last day: over restarts and kill -9, of the patient on board, and of nobody else."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import NoValue, Quality, Reading
from gateway.crew.trends import MOST_STEPS, Trends
from tests.unit.gateway.crew.clock import TurnedClock

ROOT = Path(__file__).parents[4]


def reading(clock: TurnedClock, value: float, quality: Quality = Quality.GOOD, metric: str = "hr") -> Reading:
    return Reading(metric, clock.now(), Decimal(str(value)), None, quality)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def trends(folder: Path, clock: TurnedClock, stay: str = "") -> Trends:
    made = Trends(folder, clock)
    made.of(stay)
    return made


async def steps(held: Trends, metric: str = "hr", minutes: int = 60) -> list[list[float]]:
    return [step for step in (await held.read([metric], minutes))["series"][metric] if step]


async def test_a_step_has_the_low_the_high_and_the_mean(tmp_path: Path, clock: TurnedClock) -> None:
    held = trends(tmp_path, clock)
    for value in (60, 61, 65):
        held.heard(reading(clock, value))
    assert await steps(held) == [[60, 65, 62]]


async def test_each_step_is_at_its_time(tmp_path: Path, clock: TurnedClock) -> None:
    held = trends(tmp_path, clock)
    at_ms = clock.mono_us // 1000
    held.heard(reading(clock, 60))
    clock.turn(300)
    held.heard(reading(clock, 70))
    found = await held.read(["hr"], 60)
    placed = {
        found["from_ms"] + n * found["step_ms"]: step[0]
        for n, step in enumerate(found["series"]["hr"])
        if step
    }
    assert found["step_ms"] == 10_000
    assert len(found["series"]["hr"]) == 360
    assert {at // 10_000: value for at, value in placed.items()} == {
        at_ms // 10_000: 60,
        at_ms // 10_000 + 30: 70,
    }


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 300)), min_size=1, max_size=40),
    st.integers(1, 1440),
)
def test_no_value_is_lost_between_low_and_high(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, int]], minutes: int
) -> None:
    async def run() -> None:
        clock = TurnedClock()
        held = trends(tmp_path_factory.mktemp("trends"), clock)
        values: list[tuple[int, int]] = []
        for gap, value in said:
            clock.turn(gap)
            held.heard(reading(clock, value))
            values.append((clock.mono_us // 1000, value))
            await held.keep()
        found = await held.read(["hr"], minutes)
        series = found["series"]["hr"]
        assert len(series) <= MOST_STEPS
        for at_ms, value in values:
            step = (at_ms // 10_000 * 10_000 - found["from_ms"]) // found["step_ms"]
            if step >= 0:
                low, high, mean = series[step]
                assert low <= value <= high
                assert low <= mean <= high
        await held.close()

    asyncio.run(run())


async def test_what_is_of_another_time_or_of_no_patient_does_not_count(
    tmp_path: Path, clock: TurnedClock
) -> None:
    held = trends(tmp_path, clock)
    held.heard(reading(clock, 200, Quality.STORED))
    held.heard(reading(clock, 201, Quality.TEST_DATA))
    held.heard(Reading("hr", clock.now(), None, NoValue.SENSOR_OFF))
    assert await steps(held) == []


async def test_it_goes_on_after_a_restart_and_in_another_boot_whose_time_is_known(
    tmp_path: Path, clock: TurnedClock
) -> None:
    held = trends(tmp_path, clock)
    held.heard(reading(clock, 60))
    await held.close()
    again = trends(tmp_path, clock)
    again.heard(reading(clock, 80))
    assert await steps(again) == [[60, 80, 70]]
    await again.close()
    later = clock.boots(off_s=600)
    found = await trends(tmp_path, later).read(["hr"], 60)
    [(step, values)] = [(n, one) for n, one in enumerate(found["series"]["hr"]) if one]
    ago_ms = later.mono_us // 1000 - (found["from_ms"] + step * found["step_ms"])
    assert values == [60, 80, 70]
    assert 600_000 - 10_000 <= ago_ms <= 600_000 + 20_000
    assert found["from_ms"] < 0, "an earlier boot is before this one began"


async def test_what_nobody_knows_the_time_of_is_not_shown(tmp_path: Path, clock: TurnedClock) -> None:
    held = trends(tmp_path, clock)
    held.heard(reading(clock, 60))
    await held.close()
    assert await steps(trends(tmp_path, clock.boots(utc=False)), minutes=1440) == []


async def test_after_a_day_it_is_gone(tmp_path: Path, clock: TurnedClock) -> None:
    held = trends(tmp_path, clock)
    held.heard(reading(clock, 60))
    await held.keep()
    clock.turn(24 * 3600 + 20)
    await held.keep()
    await held.close()
    with sqlite3.connect(tmp_path / "trends.sqlite") as db:
        assert db.execute("SELECT count(*) FROM trend").fetchone() == (0,)


async def test_another_patient_begins_with_nothing(tmp_path: Path, clock: TurnedClock) -> None:
    held = trends(tmp_path, clock, "patient-1")
    held.heard(reading(clock, 60))
    await held.keep()
    held.heard(reading(clock, 61))
    held.of("")
    assert await steps(held) == []


async def test_what_was_measured_before_the_patient_was_entered_is_theirs(
    tmp_path: Path, clock: TurnedClock
) -> None:
    held = trends(tmp_path, clock, "")
    held.heard(reading(clock, 60))
    held.of("patient-1")
    assert await steps(held) == [[60, 60, 60]]


async def test_a_patient_who_left_while_the_power_failed_is_forgotten_at_the_next_start(
    tmp_path: Path, clock: TurnedClock
) -> None:
    held = trends(tmp_path, clock, "patient-1")
    held.heard(reading(clock, 60))
    await held.close()
    assert await steps(trends(tmp_path, clock, "patient-2")) == []


@pytest.mark.parametrize("damage", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_damaged_file_is_set_aside_and_begun_anew(
    tmp_path: Path, clock: TurnedClock, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "trends.sqlite").write_bytes(damage)
    held = trends(tmp_path, clock)
    held.heard(reading(clock, 60))
    await held.keep()
    assert "set aside" in caplog.text
    assert (tmp_path / "trends.damaged").read_bytes() == damage
    held.heard(reading(clock, 61))
    assert await steps(held) == [[61, 61, 61]]


async def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path, clock: TurnedClock) -> None:
    (tmp_path / "file").touch()
    held = trends(tmp_path / "file" / "crew", clock)
    held.heard(reading(clock, 60))
    assert await steps(held) == []


WRITER = """
import asyncio, sys
from pathlib import Path
from decimal import Decimal
from devices.model.observation import Reading
from gateway.crew.trends import Trends
from tests.unit.gateway.crew.clock import TurnedClock

async def main():
    clock = TurnedClock()
    held = Trends(Path(sys.argv[1]), clock)
    held.of("")
    for value in range(100_000):
        clock.turn(10)
        held.heard(Reading("hr", clock.now(), Decimal(value)))
        await held.keep()
        print(value, flush=True)

asyncio.run(main())
"""


def test_what_was_kept_before_kill_9_is_there_after_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    kept = -1
    for line in process.stdout:
        kept = int(line)
        if kept >= 30:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with sqlite3.connect(tmp_path / "trends.sqlite") as db:
        rows = [int(high) for (high,) in db.execute("SELECT high FROM trend ORDER BY slot")]
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert rows[: kept + 1] == list(range(kept + 1))
