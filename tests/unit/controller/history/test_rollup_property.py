"""Whatever arrives, late or twice, moves, is rolled up, mended or dropped: extremes are those of the rows."""

import asyncio
import math
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.history import reading, retention, rollup
from controller.history.reading import Steps, find_steps
from controller.store import Store
from hil import historycheck
from tests.support import history
from tests.support.history import BASE_US, METRICS, MINUTE_US

SECONDS = st.integers(0, 300)
VALUES = st.none() | st.floats(-1e6, 1e6) | st.sampled_from([0.0, -1e300, 1e300])
ROWS = st.lists(st.tuples(st.integers(1, 2), SECONDS, VALUES), min_size=1, max_size=8)
BOOT = st.integers(1, 2)
ACTS = st.one_of(
    st.tuples(st.just("arrive"), ROWS, BOOT),
    st.tuples(st.just("add")),
    st.tuples(st.just("add while moving"), BOOT, st.integers(-200, 200)),
    st.tuples(st.just("move"), BOOT, st.integers(-200, 200)),
    st.tuples(st.just("mend")),
    st.tuples(st.just("drop")),
)
QUESTIONS = st.tuples(SECONDS, SECONDS, st.integers(1, 5), st.none() | SECONDS, st.booleans())


class Interrupted:
    """A store in which something happens between a reader's answer and the next transaction."""

    def __init__(self, store: Store, meanwhile: Callable[[sqlite3.Connection], None]) -> None:
        self._store, self.where = store, store.where
        self._meanwhile = meanwhile

    async def read(self, *args: Any) -> Any:
        return await self._store.read(*args)

    async def read_settled(self, query: str) -> Any:
        return await self._store.read_settled(query)

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        await self._store.write(self._meanwhile)
        return await self._store.write(work)


class World:
    """The store, and in plain lists all that ever arrived."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.blocks = 0
        self.rows: dict[int, list[Any]] = {}
        """By id: [series, time, value, boot, whether it is dropped]."""

    async def act(self, name: str, *about: Any) -> None:
        match name, *about:
            case "arrive", rows, boot:
                await self.arrive(
                    [(series, BASE_US + at * 1_000_000, value) for series, at, value in rows], boot
                )
            case ("add",):
                await rollup.add_new(self.store)
            case "add while moving", boot, seconds:
                meanwhile = Interrupted(self.store, lambda db: history.move(db, boot, seconds * 1_000_000))
                [last] = await self.store.read("SELECT value FROM meta WHERE key = 'rolled-up'")
                if last[0] < max(self.rows, default=0):
                    await rollup.add_new(meanwhile)  # type: ignore[arg-type]
                    self.moved(boot, seconds)
            case "move", boot, seconds:
                await self.store.write(lambda db: history.move(db, boot, seconds * 1_000_000))
                self.moved(boot, seconds)
            case ("mend",):
                await rollup.mend(self.store)
            case ("drop",):
                await self.store.write(history.grow_old)
                await retention.drop_observations(self.store, 1, 0)
                left = {row["id"] for row in await self.store.read("SELECT id FROM observation")}
                for number, row in self.rows.items():
                    row[4] = number not in left
            case _:
                raise AssertionError(name)

    async def arrive(self, rows: list[history.Row], boot: int) -> None:
        self.blocks += 1
        ids = await self.store.write(lambda db: history.arrive(db, self.blocks, rows, boot))
        assert not self.rows.keys() & set(ids)  # an id is never used twice
        self.rows |= {number: [*row, boot, False] for number, row in zip(ids, rows, strict=True)}

    def moved(self, boot: int, seconds: int) -> None:
        for row in self.rows.values():
            if row[3] == boot and not row[4]:
                row[1] += seconds * 1_000_000

    def expected(self, steps: Steps, began_us: int) -> dict[tuple[str, int], list[float]]:
        """The values of each metric and step. A dropped minute counts where the time asked for touches it."""
        first_us = max(steps.from_us, began_us)
        found: dict[tuple[str, int], list[float]] = {}
        for series, at_us, value, _, dropped in self.rows.values():
            begin_us = at_us // MINUTE_US * MINUTE_US
            shown_us = max(first_us, begin_us) if dropped else at_us
            touches = began_us <= begin_us and first_us < begin_us + MINUTE_US and begin_us < steps.to_us
            if value is not None and (touches if dropped else first_us <= at_us < steps.to_us):
                step = (shown_us - steps.start_us) // steps.length_us
                found.setdefault((METRICS[series - 1], step), []).append(value)
        return found

    async def check(self, begin: int, length: int, points: int, began: int | None, by_minute: bool) -> None:
        grain = 60 if by_minute else 1
        from_ms = BASE_US // 1000 + begin // grain * grain * 1000
        steps = Steps(from_ms, from_ms + (length // grain + 1) * grain * 1000, points)
        began_us = 0 if began is None else BASE_US + began * 1_000_000
        steps_found = await find_steps(self.store, "bed-1", METRICS, steps, began_us)
        found = {(one.metric, one.step): one for one in steps_found}
        expected = self.expected(steps, began_us)
        extremes = {spot: (one.low, one.high) for spot, one in found.items()}
        assert extremes == {spot: (min(values), max(values)) for spot, values in expected.items()}
        for spot, values in expected.items():
            mean, tolerance = math.fsum(values) / len(values), 1e-9 * max(map(abs, values))
            assert math.isclose(found[spot].mean, mean, abs_tol=tolerance)


@pytest.fixture
def open_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[asyncio.Runner, Store]]:
    monkeypatch.setattr(rollup, "BATCH", 5)
    monkeypatch.setattr(rollup, "MENDED_AT_ONCE", 2)
    monkeypatch.setattr(retention, "OBSERVATIONS_AT_ONCE", 4)
    with asyncio.Runner() as runner:
        store = runner.run(history.opened(tmp_path))
        yield runner, store
        runner.run(store.close())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(ACTS, QUESTIONS), min_size=8, max_size=25))
def test_trends_always_have_the_extremes_of_the_rows(
    open_store: tuple[asyncio.Runner, Store], acts: list[tuple[tuple[Any, ...], tuple[Any, ...]]]
) -> None:
    runner, store = open_store

    async def live() -> None:
        await store.write(history.begin)
        world = World(store)
        for act, question in acts:
            await world.act(*act)
            await world.check(*question)
        while await rollup.add_new(store) or await rollup.mend(store):
            pass
        await world.check(*acts[-1][1])

    runner.run(live())
    assert historycheck.waiting(store.where) == 0
    assert historycheck.problems(store.where) == []


@given(from_ms=st.integers(0, 10**13), length=st.integers(1, 31 * 86_400_000), points=st.integers(1, 2000))
def test_steps_cover_the_time_asked_for_and_are_never_more_than_asked_for(
    from_ms: int, length: int, points: int
) -> None:
    steps = Steps(from_ms, from_ms + length, points)
    assert 1 <= steps.count <= points
    assert steps.start_us <= steps.from_us < steps.start_us + MINUTE_US
    assert steps.start_us + steps.count * steps.length_us >= steps.to_us
    assert steps.start_us + (steps.count - 1) * steps.length_us < steps.to_us
    assert steps.are_whole_minutes or steps.length_us <= reading.WHOLE_MINUTES_FROM_US
