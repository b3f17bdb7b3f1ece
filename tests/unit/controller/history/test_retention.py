"""Retention: what is old goes, on record; what is not rolled up, or not old, or newest, stays."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.history import keeper as keeper_module
from controller.history import retention, rollup
from controller.history.keeper import HOUR_US, Keeper
from controller.history.reading import Steps, find_steps
from controller.robots.replay import replay
from controller.sections import HistorySection
from controller.store import Store
from hil import historycheck
from tests.support import history
from tests.support.history import BASE_US, MINUTE_US

SECOND = 1_000_000
KEEP = HistorySection(reading_days=1, waveform_days=1, rollup_days=1, robot_days=1)
ROWS: list[history.Row] = [(1, BASE_US + n * SECOND, 60.0 + n) for n in range(100)]
WAVE = """INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset",
samples, quality) VALUES (1, ?, 0, 1, 0, ?, 1, 1000, 1.0, 0.0, x'0000', 0)"""


class HandClock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.at_us = BASE_US

    def now_us(self) -> int:
        return self.at_us

    def utc_us(self) -> int:
        return self.at_us


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await history.opened(tmp_path)
    yield opened
    await opened.close()


async def count(store: Store, table: str) -> int:
    return (await store.read(f"SELECT count(*) FROM {table}"))[0][0]


async def rolled_up(store: Store) -> None:
    while await rollup.add_new(store) or await rollup.mend(store):
        pass


async def drop_all(store: Store) -> int:
    total = 0
    while dropped := await retention.drop_observations(store, 1, 0):
        total += dropped
    return total


async def test_what_is_old_goes_and_trends_keep_its_extremes(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 7, ROWS))
    await rolled_up(store)
    await store.write(history.grow_old)
    assert await drop_all(store) == 99  # the newest stays, for ids must go on growing
    await rolled_up(store)
    found = await find_steps(store, "bed-1", ["hr"], Steps(BASE_US // 1000, BASE_US // 1000 + 120_000, 2), 0)
    assert [(one.low, one.high) for one in found] == [(60, 119), (120, 159)]
    assert historycheck.problems(store.where) == []


async def test_what_was_dropped_is_on_record_with_blocks_times_count_and_reason(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 7, ROWS[:50]))
    await store.write(lambda db: history.arrive(db, 8, ROWS[50:]))
    await rolled_up(store)
    await store.write(history.grow_old)
    await drop_all(store)
    [row] = await store.read("SELECT * FROM dropped")
    assert (row["what"], row["series"], row["stream"], row["records"]) == ("observation", 1, 1, 99)
    assert (row["first"], row["last"]) == (7, 8)
    assert (row["from_us"], row["to_us"]) == (BASE_US, BASE_US + 98 * SECOND)
    assert row["why"] == "older than 1 days (history.reading_days)"
    [told] = await retention.dropped_table(store)
    assert tuple(told)[:3] == ("observation", "monitor-1", "hr")


async def test_nothing_goes_before_it_is_rolled_up(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.write(history.grow_old)
    assert await drop_all(store) == 0
    assert await count(store, "observation") == 100


async def test_what_came_late_is_kept_as_long_as_any_other(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.write(history.grow_old)
    late: list[history.Row] = [(1, BASE_US - 90 * 86_400 * SECOND, 10.0), (1, BASE_US, 11.0)]
    await store.write(lambda db: history.arrive(db, 2, late))
    await rolled_up(store)
    assert await drop_all(store) == 100
    assert [tuple(row) for row in await store.read("SELECT value FROM observation")] == [(10,), (11,)]


async def test_late_readings_of_a_dropped_minute_join_it(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await rolled_up(store)
    await store.write(history.grow_old)
    await drop_all(store)
    await store.write(lambda db: history.arrive(db, 2, [(1, BASE_US + SECOND, 5.0), (1, BASE_US, 300.0)]))
    for _ in range(2):
        found = await find_steps(
            store, "bed-1", ["hr"], Steps(BASE_US // 1000, BASE_US // 1000 + 60_000, 1), 0
        )
        assert [(one.low, one.high) for one in found] == [(5, 300)]
        await rolled_up(store)


async def test_a_dropped_minute_that_two_patients_share_is_shown_to_none(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await rolled_up(store)
    await store.write(history.grow_old)
    await drop_all(store)
    steps = Steps(BASE_US // 1000, BASE_US // 1000 + 120_000, 2)
    found = await find_steps(store, "bed-1", ["hr"], steps, BASE_US + 30 * SECOND)
    assert [one.low for one in found] == [120]


async def test_waveforms_go_by_themselves_but_not_the_newest(store: Store) -> None:
    def work(db: sqlite3.Connection) -> None:
        db.executemany(WAVE, [(n, BASE_US + n * SECOND) for n in range(300)])
        history.grow_old(db)

    await store.write(work)
    dropped = [await retention.drop_waveforms(store, 1, 0) for _ in range(3)]
    assert dropped == [200, 99, 0]
    assert await count(store, "waveform") == 1
    [row] = await store.read("SELECT records, first, last FROM dropped WHERE what = 'waveform'")
    assert tuple(row) == (299, 0, 298)


async def test_old_rollups_go_on_record_and_only_when_their_rows_are_gone(store: Store) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await rolled_up(store)
    await store.write(history.grow_old)
    await store.write(lambda db: db.execute("UPDATE hour_run SET at_ms = ?", (BASE_US // 1000 + 600_000,)))
    assert await retention.drop_rollups(store, 1, 0) == 0
    await drop_all(store)
    await rolled_up(store)
    assert await retention.drop_rollups(store, 1, 0) == 2
    [row] = await store.read("SELECT records, from_us, to_us FROM dropped WHERE what = 'rollup'")
    assert tuple(row) == (99, BASE_US, BASE_US + 2 * MINUTE_US - 1)
    assert historycheck.problems(store.where) == []


async def test_age_is_counted_in_hours_of_running_whatever_the_clock_says(store: Store) -> None:
    clock = HandClock()
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    keeper = Keeper(store, clock, KEEP)
    for _ in range(24):
        clock.at_us += HOUR_US
        await keeper.round()
    clock.at_us += 50 * 365 * 24 * HOUR_US
    await Keeper(store, clock, KEEP).round()  # a start with a clock that is wrong by decades
    assert await count(store, "observation") == 100
    clock.at_us += HOUR_US
    await keeper.round()
    assert await count(store, "observation") == 1


async def test_what_is_not_history_is_dropped_in_the_same_rounds_until_nothing_is_left(store: Store) -> None:
    left = [2, 1, 0, 0]

    async def step() -> int:
        return left.pop(0)

    await Keeper(store, HandClock(), KEEP, {"recordings": step}).round()
    assert left == [0]


async def test_hours_that_no_limit_needs_are_forgotten(store: Store) -> None:
    for hour in range(30):
        await retention.mark_hour(store, hour, KEEP)
    assert await count(store, "hour_run") == 25


async def test_a_store_that_fails_is_said_once_and_tried_again(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "EVERY_S", 0.01)
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.write(lambda db: db.execute("ALTER TABLE rollup RENAME TO gone"))
    running = asyncio.create_task(Keeper(store, HandClock(), KEEP).run())
    while "history stands still" not in caplog.text:  # noqa: ASYNC110 - it is the keeper that says it
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # some rounds more
    assert len([one for one in caplog.messages if "history stands still" in one]) == 1
    await store.write(lambda db: db.execute("ALTER TABLE gone RENAME TO rollup"))
    while await rollup.waiting(store):  # noqa: ASYNC110 - it is the keeper that ends it
        await asyncio.sleep(0.01)
    running.cancel()


_EVENT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (1, 1, 1, 1, 0, ?, 'ward-a', ?, ?, ?)"""


async def test_what_robots_said_goes_after_its_days_but_for_the_last_of_each_kind_and_the_replay_says_so(
    store: Store,
) -> None:
    state, sheet = '{"topic": "state", "json": "{}"}', '{"topic": "factsheet", "json": "{}"}'
    told = [("vehicle", sheet), ("vehicle", state), ("vehicle", state), ("vehicle-at", "{}")]
    rows = [
        (BASE_US + (n - 2000) * SECOND, robot, kind, detail)
        for robot in ("robot-1", "robot-2")
        for n, (kind, detail) in enumerate([*told, *[("vehicle-at", "{}")] * 1500])
    ]
    battery = (BASE_US, "robot-1", "battery", "{}")
    await store.write(lambda db: db.executemany(_EVENT, [*rows, battery]))
    assert await retention.drop_robots(store, 1, 0) == 0, "the controller has not run so long"
    await store.write(history.grow_old)
    total = 0
    while dropped := await retention.drop_robots(store, 1, 0):
        assert dropped <= retention.ROBOTS_AT_ONCE
        total += dropped
    assert total == 2 * (1 + 1500)
    left = await store.read("SELECT device, kind, detail ->> 'topic' AS topic FROM device_event ORDER BY id")
    assert [tuple(row) for row in left[:3]] == [
        ("robot-1", "vehicle", "factsheet"),
        ("robot-1", "vehicle", "state"),
        ("robot-1", "vehicle-at", None),
    ]
    assert len(left) == 7
    assert (await replay(store, 0, 1))["since_ms"] == BASE_US // 1000
