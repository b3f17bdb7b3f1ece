"""observation and waveform in parts on PostgreSQL: made ahead of need, dropped as a whole and on record."""

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import StoreError
from controller.history import parts, retention, rollup
from controller.history.reading import Steps, find_steps
from controller.store import Store
from controller.store.postgres import parts as tables
from hil import historycheck
from tests.support import history
from tests.support.history import BASE_US
from tests.support.postgres import SERVERS
from tests.unit.controller.history.test_rollup_property import BOOT, QUESTIONS, ROWS, World

pytestmark = pytest.mark.xdist_group("postgresql")
SECOND = 1_000_000
A_PART = 20
ACTS = st.one_of(
    st.tuples(st.just("arrive"), ROWS, BOOT),
    st.tuples(st.just("add")),
    st.tuples(st.just("move"), BOOT, st.integers(-200, 200)),
    st.tuples(st.just("mend")),
    st.tuples(st.just("drop")),
)
_WAVE = """INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset", samples, quality)
VALUES (1, ?, 0, 1, 0, ?, 1, 1000, 1.0, 0.0, x'0000', 0)"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Store]]:
    """A store whose parts are of few ids from the beginning."""
    server = SERVERS.server  # and its template, before parts are small
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for table in tables.FIRST:
            patch.setitem(tables.FIRST, table, A_PART)
        patch.setattr(parts, "MINUTES_AT_ONCE", 1)
        patch.setattr(parts, "ROWS_AT_ONCE", 1)
        url = server.database("small_parts")
        store = runner.run(Store.open(url, folder=tmp_path_factory.mktemp("parts")))
        yield runner, store
        runner.run(store.close())


@pytest.fixture
def empty(small: tuple[asyncio.Runner, Store]) -> tuple[asyncio.Runner, Store]:
    runner, store = small
    runner.run(store.write(lambda db: db.execute(f"DROP TABLE IF EXISTS {parts.LEFT}")))
    runner.run(store.write(history.begin))
    return runner, store


async def named(store: Store, table: str = "observation") -> list[tables.Part]:
    return [tables.Part(*row) for row in await store.read("SELECT * FROM parts(?)", (table,))]


async def filled(store: Store, count: int) -> None:
    """One reading a second, and parts made in time."""
    for first in range(0, count, 5):
        some: list[history.Row] = [(1, BASE_US + n * SECOND, 60.0 + n) for n in range(first, first + 5)]
        await store.write(lambda db, block=first, some=some: history.arrive(db, block, some))
        await parts.make_ahead(store, "observation", 1)


async def rolled_up(store: Store) -> None:
    while await rollup.add_new(store) or await rollup.mend(store):
        pass


async def newest(store: Store) -> int:
    return (await store.read("SELECT max(id) FROM observation"))[0][0]


async def dropped_all(store: Store) -> int:
    total = 0
    while count := await retention.drop_observations(store, 1, 0):
        total += count
    return total


def test_there_is_always_an_empty_part_behind_the_one_that_is_filled(
    empty: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = empty

    async def live() -> None:
        await filled(store, 100)
        *_, last, without_end = await named(store)
        assert last.lower is not None
        assert await newest(store) < last.lower
        assert without_end.below is None
        assert without_end.lower == last.below

    runner.run(live())


def test_rows_that_come_faster_than_parts_are_made_have_their_place_all_the_same(
    empty: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = empty

    async def live() -> None:
        before = len(await named(store))
        rows: list[history.Row] = [(1, BASE_US + n * SECOND, 1.0) for n in range(5 * A_PART)]
        await store.write(lambda db: history.arrive(db, 1, rows))
        for _ in range(3):
            await parts.make_ahead(store, "observation", 1)
        assert len(await named(store)) > before
        assert (await store.read("SELECT count(*) FROM observation"))[0][0] == 5 * A_PART
        assert await newest(store) < ((await named(store))[-2].lower or 0)

    runner.run(live())


def test_an_old_part_goes_as_a_whole_with_its_record_and_trends_keep_its_extremes(
    empty: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = empty

    async def live() -> None:
        await filled(store, 100)
        await rolled_up(store)
        await store.write(history.grow_old)
        before = await named(store)
        steps = Steps(BASE_US // 1000, BASE_US // 1000 + 120_000, 2)
        shown = await find_steps(store, "bed-1", ["hr"], steps, 0)
        total = await retention.drop_observations(store, 1, 0)
        assert total > 1  # a part has left; its minutes are being summed up
        assert await find_steps(store, "bed-1", ["hr"], steps, 0) == shown
        total += await dropped_all(store)
        assert total == 99  # the newest stays
        await rolled_up(store)
        assert [(one.low, one.high) for one in await find_steps(store, "bed-1", ["hr"], steps, 0)] == [
            (60, 119),
            (120, 159),
        ]
        assert not {part.name for part in before[:4]} & {part.name for part in await named(store)}
        told = await store.read("SELECT sum(records), min(from_us), min(first), max(last) FROM dropped")
        assert tuple(told[0]) == (99, BASE_US, 0, 95)

    runner.run(live())
    assert historycheck.problems(store.where) == []


def test_a_part_that_is_nearly_old_waits_and_one_that_never_will_be_loses_its_old_rows(
    empty: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = empty

    async def live() -> list[int]:
        await filled(store, 40)
        await rolled_up(store)
        [oldest] = await store.read("SELECT min(id) FROM observation")
        below = next(part.below for part in await named(store) if part.below and part.below > oldest[0])
        mark = "INSERT INTO hour_run (hour, at_ms, next_observation, next_waveform) VALUES (?, 0, ?, 0)"
        counts: list[int] = []
        for later in (below, below - 5):  # what was next 21 hours ago, and is old in three
            hours = [(0, below - 10), (3, later), (24, below + 5)]
            await store.write(lambda db: db.execute("DELETE FROM hour_run"))
            await store.write(lambda db, hours=hours: db.executemany(mark, hours))
            counts.append(await retention.drop_observations(store, 1, 0))
        return counts

    waits, old = runner.run(live())
    assert waits == 0
    assert old > 0
    assert historycheck.problems(store.where) == []


def test_waveforms_go_by_parts_too(empty: tuple[asyncio.Runner, Store]) -> None:
    runner, store = empty

    async def live() -> list[int]:
        for n in range(3 * A_PART):
            await store.write(lambda db, n=n: db.execute(_WAVE, (n, BASE_US + n * SECOND)))
            await parts.make_ahead(store, "waveform", 1)
        await store.write(history.grow_old)
        counts = [await retention.drop_waveforms(store, 1, 0) for _ in range(6)]
        assert (await store.read("SELECT count(*) FROM waveform"))[0][0] == 1
        [row] = await store.read("SELECT records, first, last FROM dropped WHERE what = 'waveform'")
        assert tuple(row) == (3 * A_PART - 1, 0, 3 * A_PART - 2)
        return counts

    assert A_PART in runner.run(live())


def test_a_part_that_somebody_reads_for_long_is_dropped_later_and_nobody_waits_for_it(
    empty: tuple[asyncio.Runner, Store],
) -> None:
    runner, store = empty

    async def live() -> None:
        await filled(store, 60)
        await rolled_up(store)
        await store.write(history.grow_old)
        with psycopg.connect(str(store.where)) as reader:
            reader.execute("SELECT count(*) FROM observation")  # and holds its locks
            assert await retention.drop_observations(store, 1, 0) == 0
            await store.write(lambda db: history.arrive(db, 100, [(1, BASE_US, 60.0)]))
        assert await store.read("SELECT 1 FROM dropped") == []
        assert await dropped_all(store) >= 59

    runner.run(live())
    assert historycheck.problems(store.where) == []


def test_the_record_and_the_rows_go_together_or_not_at_all(
    empty: tuple[asyncio.Runner, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, store = empty
    leave, fired = parts.leave, []

    def broken(db: sqlite3.Connection, table: str, part: str) -> None:
        leave(db, table, part)
        fired.append(part)
        raise sqlite3.OperationalError("the server is gone")

    async def live() -> None:
        await filled(store, 60)
        await rolled_up(store)
        await store.write(history.grow_old)
        before = await named(store)
        with monkeypatch.context() as patch:
            patch.setattr(parts, "leave", broken)
            with pytest.raises(StoreError):
                await retention.drop_observations(store, 1, 0)
        assert fired
        assert await store.read("SELECT 1 FROM dropped") == []
        assert await named(store) == before
        assert (await store.read("SELECT count(*) FROM observation"))[0][0] == 60

    runner.run(live())


def test_trends_have_the_extremes_of_the_rows_whatever_parts_they_were_in(
    empty: tuple[asyncio.Runner, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, store = empty
    leave, gone = parts.leave, []

    def counted(db: sqlite3.Connection, table: str, part: str) -> None:
        leave(db, table, part)
        gone.append(part)

    @settings(max_examples=20, deadline=None)
    @given(acts=st.lists(st.tuples(ACTS, QUESTIONS), min_size=10, max_size=25))
    def whatever_happens(acts: list[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> None:
        runner.run(live(acts))
        assert historycheck.problems(store.where) == []

    async def live(acts: list[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> None:
        await store.write(history.begin)
        world = World(store)
        for act, question in [*acts, *(((end,), acts[0][1]) for end in ("add", "mend", "drop", "drop"))]:
            await world.act(*act)
            while await store.read(parts._IS_LEFT):
                await world.act("drop")
            await parts.make_ahead(store, "observation", 1)
            await world.check(*question)
        await rolled_up(store)

    monkeypatch.setitem(tables.FIRST, "observation", 3)
    monkeypatch.setattr(parts, "leave", counted)
    whatever_happens()
    assert gone
