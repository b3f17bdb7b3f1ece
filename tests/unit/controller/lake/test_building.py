"""The lake has what the store has: never twice, never missing, whatever is late, moves or is cut off."""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import LakeError
from controller.history import retention, rollup
from controller.lake import building
from controller.lake.asking import as_text, opened
from controller.lake.child import bring_up_to_date
from controller.store import Store, connect
from controller.store.where import Where
from tests.support import history
from tests.support.history import BASE_US, Row
from tests.support.killed import killed_before
from tests.support.lake import DAY_US, held, written

SECOND = 1_000_000
ROWS: list[Row] = [(1 + n % 2, BASE_US + n * SECOND, None if n % 9 == 0 else 60.1 + n) for n in range(90)]
ALERT = """INSERT INTO alert (stream, number, place, boot, mono_us, at_us, gateway, device, bed, code,
priority, active, detail) VALUES (1, ?, 0, 1, 0, ?, 'ward-a', 'monitor-1', 'bed-1', 'spo2-low', 2, 1, '{}')"""
WAVE = """INSERT INTO waveform (stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale,
"offset", samples, quality) VALUES (1, ?, 0, 1, 0, ?, 1, 125000, 1.0, 0.0, x'00010203', 0)"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened_ = await history.opened(tmp_path)
    yield opened_
    await opened_.close()


@pytest.mark.on_both
async def test_what_is_new_is_added_once_and_the_check_finds_nothing(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.write(lambda db: (db.execute(ALERT, (5, BASE_US)), db.execute(WAVE, (6, BASE_US))))
    assert (await written(store, tmp_path / "lake")).rows == 92
    assert (await written(store, tmp_path / "lake")).rows == 0
    await store.write(
        lambda db: history.arrive(db, 2, [(1, BASE_US + 3 * SECOND, 7.0)])
    )  # late, of the same day
    assert (await written(store, tmp_path / "lake")).rows == 1
    found = held(store, tmp_path / "lake")
    assert (found.problems, found.rows, found.waiting) == ((), 93, 0)


@pytest.mark.on_both
async def test_a_day_whose_rows_moved_is_written_again(store: Store, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.write(lambda db: history.arrive(db, 2, ROWS, boot=2))
    await written(store, lake)
    await store.write(lambda db: history.move(db, 2, 3 * DAY_US))
    assert held(store, lake).days_waiting == 2
    assert (await written(store, lake)).again == 2
    found = held(store, lake)
    assert (found.problems, found.rows, found.days_waiting) == ((), 180, 0)


async def test_a_day_that_moves_while_it_is_written_again_stays_marked(store: Store, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, lake)
    await store.write(lambda db: history.move(db, 1, SECOND))
    made = building.write(store.where, lake, BASE_US)
    await store.write(lambda db: history.move(db, 1, SECOND))
    await store.write(lambda db: building.settled(db, made, building.By("test"), BASE_US))
    assert held(store, lake).days_waiting == 1
    await written(store, lake)
    assert held(store, lake).problems == ()


@pytest.mark.on_both
async def test_what_the_store_drops_for_its_age_the_lake_keeps(store: Store, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, lake)
    while await rollup.add_new(store) or await rollup.mend(store):
        pass
    await store.write(history.grow_old)
    while await retention.drop_observations(store, 1, 0):
        pass
    await store.write(lambda db: history.arrive(db, 2, ROWS[:3], boot=2))
    await store.write(lambda db: history.move(db, 2, SECOND))  # the same day is written again
    assert (await written(store, lake)).again == 1
    found = held(store, lake)
    assert (found.problems, found.rows) == ((), 93)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(1, 3), st.integers(-3, 3), st.integers(1, 6)),
        st.tuples(st.just("move"), st.integers(1, 3), st.integers(-3, 3), st.just(0)),
        st.tuples(st.just("write"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("cut"), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(STEPS)
def test_whatever_order_things_come_in_the_lake_is_the_store(steps: list[tuple[str, int, int, int]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store, lake = await history.opened(Path(folder)), Path(folder) / "lake"
            for number, (what, boot, days, count) in enumerate(steps):
                at_us = BASE_US + days * DAY_US
                rows: list[Row] = [(1 + n % 2, at_us + n, n / 3) for n in range(count)]
                if what == "arrive":
                    await store.write(lambda db, n=number, r=rows, b=boot: history.arrive(db, n, r, b))
                elif what == "move":
                    await store.write(lambda db, b=boot, d=days: history.move(db, b, d * DAY_US + 1))
                elif what == "write":
                    await written(store, lake)
                else:
                    await store.write(lambda db: building.caught_up(db, lake))
                    building.write(store.where, lake, BASE_US)  # killed before the store was told
            await written(store, lake)
            found = held(store, lake)
            total = (await store.read("SELECT count(*) FROM observation"))[0][0]
            await store.close()
            assert (found.problems, found.rows, found.waiting, found.days_waiting) == ((), total, 0, 0)

    asyncio.run(play())


def test_killed_before_any_of_its_steps_it_leaves_a_lake_that_is_whole(tmp_path: Path) -> None:
    async def filled() -> Where:
        store = await history.opened(tmp_path)
        await store.write(lambda db: history.arrive(db, 1, ROWS))
        await written(store, tmp_path / "lake")
        await store.write(lambda db: history.arrive(db, 2, [(1, BASE_US + 2 * DAY_US, 1.0)]))
        await store.write(lambda db: history.move(db, 1, SECOND))
        await store.write(lambda db: building.caught_up(db, tmp_path / "lake"))
        await store.close()
        return store.where

    path, lake = asyncio.run(filled()), tmp_path / "lake"
    kills = 0
    while killed_before(kills * 25, lambda: building.write(path, lake, BASE_US)):
        with closing(connect(path)) as db:
            building.caught_up(db, lake)
        with opened(lake) as duck:
            [(rows, ids)] = duck.sql("SELECT count(*), count(DISTINCT id) FROM observation").fetchall()
        assert rows == ids
        assert rows in (90, 91)
        kills += 1
    assert kills > 2


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path, _: path.write_bytes(path.read_bytes()[:-1] + b"!"), "expected sha256"),
        (lambda path, _: path.unlink(), "there is none"),
        (lambda path, _: (path.parent / "part-9.parquet").write_bytes(path.read_bytes()), "does not name it"),
        (lambda _, db: "UPDATE observation SET value = value + 1 WHERE id = 2", "the store has"),
        (lambda _, db: "DELETE FROM observation WHERE id = 5", "the store has"),
    ],
)
async def test_the_check_finds_what_is_wrong(store: Store, tmp_path: Path, spoil: object, told: str) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    [path] = (tmp_path / "lake" / "observation").rglob("*.parquet")
    query = spoil(path, store)  # type: ignore[operator]
    if isinstance(query, str):
        await store.write(lambda db: db.execute(query))
    if not path.exists():
        assert any("expected the file" in one for one in held(store, tmp_path / "lake").problems)
    else:
        assert any(told in one for one in held(store, tmp_path / "lake").problems)


async def test_duckdb_reads_it_with_no_code_of_ours(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    query = f"""SELECT day::VARCHAR, metric, unit, count(*), count(value), min(time)::VARCHAR
    FROM '{tmp_path}/lake/observation/day=*/part-*.parquet' GROUP BY ALL ORDER BY metric"""
    found = duckdb.connect().sql(query).fetchall()
    assert found[0] == ("1971-11-26", "hr", "/min", 45, 40, "1971-11-26 10:40:00+00")
    [path] = (tmp_path / "lake" / "observation").rglob("*.parquet")
    assert pq.read_schema(path).metadata[b"wardlink.schema"] == b"1"
    assert json.loads((tmp_path / "lake" / "manifest.json").read_text())["schema"] == 1


async def test_a_question_reads_the_lake_and_no_other_file(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    with opened(tmp_path / "lake") as duck:
        told = list(
            as_text(duck, "SELECT metric, count(*) AS n FROM observation GROUP BY 1 ORDER BY 1", as_csv=True)
        )
    assert told == ["metric,n", "hr,45", "spo2,45"]
    with pytest.raises(LakeError, match="cannot be answered"), opened(tmp_path / "lake") as duck:
        list(as_text(duck, "SELECT * FROM read_text('/etc/passwd')", as_csv=False))


@pytest.mark.on_both
async def test_a_stay_at_home_stays_one_when_the_place_is_no_home_any_more(
    store: Store, tmp_path: Path
) -> None:
    stay = (
        "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ('{}', '4711', 'N', {}, {}, 'x')"
    )
    for one in (
        "INSERT INTO ward VALUES ('w', 'W')",
        "INSERT INTO bed VALUES ('home-4711', 'w', 'H'), ('bed-7', 'w', '7')",
        "INSERT INTO home VALUES ('home-4711', 'x', 0)",
        stay.format("home-4711", 1000, 2000),
        stay.format("bed-7", 3000, 4000),
    ):
        await store.write(lambda db, one=one: db.execute(one))
    await written(store, tmp_path / "lake")
    await store.write(lambda db: db.execute("DELETE FROM home"))
    for _ in range(2):
        await written(store, tmp_path / "lake")
    with opened(tmp_path / "lake") as duck:
        homes = duck.sql("SELECT bed, home FROM stay ORDER BY id").fetchall()
    assert homes == [("home-4711", True), ("bed-7", False)]


async def test_a_restored_backup_is_no_store_of_this_lake(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    for _ in range(2):
        await written(store, tmp_path / "lake")
    await store.write(lambda db: db.execute("UPDATE meta SET value = 0 WHERE key = 'lake-generation'"))
    with pytest.raises(LakeError, match="backup"):
        building.write(store.where, tmp_path / "lake", BASE_US)


async def test_the_backup_of_the_night_before_is_no_store_of_this_lake_either(
    store: Store, tmp_path: Path
) -> None:
    # It is one generation behind, as after a kill; but its ids from there on are of other readings.
    lake, backup = tmp_path / "lake", tmp_path / "backup.sqlite"
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, lake)
    with closing(sqlite3.connect(store.folder / "wardlink.sqlite")) as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    await store.write(lambda db: history.arrive(db, 2, ROWS[:5], boot=2))
    await written(store, lake)
    restored = await Store.open(backup)
    await restored.write(lambda db: history.arrive(db, 3, ROWS, boot=3))
    with pytest.raises(LakeError, match="backup"):
        await written(restored, lake)
    await restored.close()


@pytest.mark.on_both
async def test_each_generation_is_in_the_trail(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await store.close()
    told = await bring_up_to_date(store.where, tmp_path / "lake", building.By("cli:ann"))
    assert told == "generation 1: 90 rows in 6 files"
    again = await Store.open(store.where)
    [row] = await again.read("SELECT entry FROM audit")
    await again.close()
    entry = json.loads(row["entry"])
    assert (entry["action"], entry["actor"], entry["detail"]["rows"]) == ("lake-written", "cli:ann", 90)


async def test_what_does_not_fit_into_memory_lies_where_nobody_else_reads_and_is_gone_at_the_end(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    monkeypatch.chdir(store.folder)
    before = set(store.folder.iterdir())
    spilled_to_disk(tmp_path / "lake")
    assert set(store.folder.iterdir()) == before


def spilled_to_disk(lake: Path) -> None:
    texts = "SELECT md5(i::VARCHAR) AS text FROM range(1200000) AS r(i) ORDER BY 1 OFFSET 7"
    with opened(lake, memory_mb=30) as duck:
        asked = "SELECT value FROM duckdb_settings() WHERE name = 'temp_directory'"
        folder = Path(duck.sql(asked).fetchall()[0][0])
        assert folder.stat().st_mode & 0o777 == 0o700
        assert duck.execute(f"SELECT max(text) FROM ({texts})").fetchone()
        assert list(folder.iterdir())  # it was needed
    assert not folder.exists()
